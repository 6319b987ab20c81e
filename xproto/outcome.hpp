// Responses that say what became of a request, and what they say beside the code: `(SMTP 550)`, and one
// `(RCPT=3;550 ERR 99.821.5.1.1 No such user.)` for each recipient that fares differently (docs/xproto.md,
// "Transfers").
#pragma once

#include "xproto/line.hpp"
#include "xproto/session.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace xproto {

struct outcome {
    result_code code;
    std::string text;
    int smtp_code = 0;
    std::vector<recipient_answer> recipients;
};

// `[tag OK code text]`, with the code's own text when `text` is empty.
void write_answer(std::string& out, std::uint32_t tag, word answer, const result_code& code,
                  std::string_view text = {});

// `[* ERR 99.0.4.2 (LAST=12) Shutting down.]`: requests after that with the tag `last` are not served. `host`, if there
// is one: why the peer is not believed any more, in a group of that name.
void write_leaving(std::string& out, std::uint32_t last, const outcome* host, const session_limits& limits);

// As write_answer(), with everything an outcome may have. Recipients that do not fit into one line travel before it in
// lines
// `[tag TMP 99.0.3.9 (RCPT=...) ...]`.
void write_outcome(std::string& out, std::uint32_t tag, word answer, const outcome& what, const session_limits& limits);

// Adds what a response says to `what`: the code, text and SMTP code replace what was there (unless it is a TMP), the
// recipients are added; a recipient that was there already gets the later answer. False when a group cannot be
// understood, or there are more recipients than limits.recipients: then nothing is known about who got the message.
bool read_outcome(const line& response, outcome& what, const session_limits& limits);

} // namespace xproto
