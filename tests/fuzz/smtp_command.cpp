// Command lines: whatever is understood is written back and understood the same.
#include "smtp/bdat.hpp"
#include "smtp/command.hpp"
#include "smtp/extensions.hpp"
#include "smtp/mail_options.hpp"

#include <cstdint>
#include <cstdlib>

namespace {

void require(bool promise)
{
    if (!promise) std::abort();
}

smtp::extensions everything()
{
    smtp::extensions all;
    all.pipelining = all.size = all.eight_bit_mime = all.smtputf8 = all.chunking = all.binarymime = all.dsn = true;
    return all;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view line(reinterpret_cast<const char*>(data), size);
    const auto command = smtp::parse_command(line);
    if (!command) return 0;
    if (const auto mail = smtp::parse_mail(command->argument)) {
        const auto again = smtp::format_mail(mail->reverse_path, mail->parameters);
        require(smtp::parse_mail(std::string_view(again).substr(5)) == mail);
        static_cast<void>(smtp::check_mail_parameters(mail->parameters, everything()));
    }
    if (const auto rcpt = smtp::parse_rcpt(command->argument)) {
        const auto again = smtp::format_rcpt(rcpt->recipient);
        require(smtp::parse_rcpt(std::string_view(again).substr(5)) == rcpt);
        static_cast<void>(smtp::check_rcpt_parameters(rcpt->recipient.parameters, everything(), true));
    }
    if (const auto chunk = smtp::parse_chunk(command->argument)) {
        const auto again = smtp::format(*chunk);
        require(smtp::parse_chunk(std::string_view(again).substr(5)) == chunk);
    }
    return 0;
}
