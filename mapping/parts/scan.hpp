// Finds the parts of a MIME entity while its octets stream by, in any pieces, with the same outcome for all of them.
// Holds one header and one line, both bounded, and the list of parts; each octet is looked at once, and each line that
// may be a delimiter is compared with the open boundaries, of which there are no more than limits::depth.
//
// What is a delimiter: a line that begins with two hyphens and a boundary that is open, perhaps two more hyphens, and
// nothing but white space after it. The innermost multipart is asked first. A line ends with LF; a CR before it belongs
// to the line end. Real parsers disagree in such things; this one never decides what becomes of a message.
#pragma once

#include "mapping/parts/structure.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace mapping::parts {

class scanner {
  public:
    // `header` is the header section of the message whose body will be pushed.
    explicit scanner(std::string_view header, const scan_limits& limits = {});

    void push(std::string_view octets);
    // No more octets follow. To be called exactly once.
    void finish();

    // After finish(). Never empty.
    const structure& parts() const { return parts_; }

  private:
    enum class state {
        header,  // of the innermost open part
        content, // or what stands around the parts of a multipart
        over,    // nothing that follows can change the list
    };
    struct open_part {
        std::size_t index = 0;
        std::string boundary; // empty: no multipart, or closed already
        bool makes_messages = false;
    };

    void keep(std::string_view piece);
    void take_line(std::string_view line, std::uint64_t size, std::size_t line_end);
    bool take_delimiter(std::string_view line);
    void take_header_line(std::string_view line, std::uint64_t size);
    void open(std::uint64_t at, bool is_message);
    void end_early();
    void begin_content(std::uint64_t at);
    void look_inside(const content_fields& fields);
    void close_above(std::size_t level, std::uint64_t end);
    void note(std::size_t index, finding what);
    std::size_t most_kept() const;

    scan_limits limits_;
    structure parts_;
    std::vector<open_part> open_; // innermost last
    state state_ = state::content;
    std::string header_;            // the lines of it so far
    bool header_is_long_ = false;   // have lines of it been left out?
    std::string line_;              // the beginning of a line that came in pieces
    std::uint64_t line_octets_ = 0; // how much of that line has come
    char last_ = '\0';              // the last octet of what has come of it
    std::uint64_t at_ = 0;          // where the current line begins
    std::size_t previous_end_ = 0;  // octets of the line end before it
};

// The parts of a body that is all here.
structure scan(std::string_view header, std::string_view body, const scan_limits& limits = {});

} // namespace mapping::parts
