// The cheapest SMTP server there can be, for load tests: says yes to everything and counts messages. As a pure object:
// octets in, replies out. It trusts its client to be a mail server under test: no limits but one on lines, no checks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace gateway::tools {

class smtp_counter {
  public:
    static constexpr std::size_t max_line = 4096; // of a command; a longer one ends the session

    // What to say first.
    static std::string_view greeting();
    // Takes octets of the client's; appends what is to be answered.
    void take(std::string_view octets, std::string& replies);

    std::uint64_t messages() const { return messages_; }
    std::uint64_t octets() const { return octets_; } // of content, as it travelled
    // Has the client said QUIT, or something that no client says?
    bool over() const { return over_; }

  private:
    void take_line(std::string_view line, std::string& replies);
    std::string_view take_data(std::string_view octets, std::string& replies);
    void begin_chunk(std::string_view argument, std::string& replies);
    void end_chunk(std::string& replies);

    std::string held_;        // the beginning of a line; in DATA: the last octets, up to four
    bool in_data_ = false;    // between DATA and its end?
    std::uint64_t chunk_ = 0; // of BDAT: octets still to come
    bool last_chunk_ = false;
    std::uint64_t messages_ = 0, octets_ = 0;
    bool over_ = false;
};

} // namespace gateway::tools
