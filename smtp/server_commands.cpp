// The commands of the server session: what each needs, asks and answers.
#include "smtp/server_session.hpp"

#include <algorithm>
#include <utility>

namespace smtp {
namespace {

constexpr std::size_t longest_name = 255;

// Anything without spaces and control characters: names in EHLO are wrong too often to be worth refusing, and are never
// trusted.
bool is_hello_name(std::string_view name)
{
    const auto is_visible = [](char c) { return static_cast<unsigned char>(c) > ' ' && c != 0x7F; };
    return !name.empty() && name.size() <= longest_name && std::all_of(name.begin(), name.end(), is_visible) &&
           is_utf8(name);
}

// What is wrong with a MAIL or RCPT whose argument could not be parsed.
reply bad_argument(boost::system::error_code error, std::string_view form, enhanced_code bad_address)
{
    if (error == errc::bad_argument) return {501, {5, 5, 4}, "expected " + std::string(form)};
    if (error == errc::bad_parameter) return {501, {5, 5, 4}, "malformed or repeated parameter"};
    if (error == errc::bad_path) return {501, bad_address, "expected an address between < and >"};
    return {501, bad_address, error.message()};
}

} // namespace

bool server_session::read_command()
{
    using status = line_reader::status;
    switch (reader_.read(input_)) {
    case status::more: return false;
    case status::line: obey(reader_.text()); break;
    case status::too_long:
        complain({500,
                  {5, 5, 2},
                  "line longer than " + std::to_string(config_.limits.command_line) + " octets (command_line)"});
        break;
    case status::bare_lf: complain({500, {5, 5, 2}, "a line ends with CR LF, not with LF alone"}); break;
    case status::bare_cr: complain({500, {5, 5, 2}, "a CR stands alone in the line"}); break;
    case status::nul: complain({500, {5, 5, 2}, "a NUL stands in the line"}); break;
    }
    return true;
}

void server_session::obey(std::string_view line)
{
    const auto read = parse_command(line);
    if (!read) return complain({500, {5, 5, 2}, "not a command"});
    const auto argument = read->argument;
    const bool alone = read->name == verb::rset || read->name == verb::quit || read->name == verb::data ||
                       read->name == verb::start_tls;
    if (alone && !argument.empty()) return complain({501, {5, 5, 4}, "the command takes no argument"});

    switch (read->name) {
    case verb::helo: return on_hello(argument, false);
    case verb::ehlo: return on_hello(argument, true);
    case verb::mail: return on_mail(argument);
    case verb::rcpt: return on_rcpt(argument);
    case verb::data: return on_data();
    case verb::bdat: return on_bdat(argument);
    case verb::start_tls: return on_start_tls();
    case verb::rset:
        drop_mail();
        just_refused_ = false;
        return say({250, {2, 0, 0}, "reset"});
    case verb::quit: say({221, {2, 0, 0}, config_.host + " says goodbye"}); return end(close_reason::quit);
    case verb::http:
        say({421, {4, 7, 0}, config_.host + " speaks SMTP, not HTTP"});
        return end(close_reason::misbehaviour);
    default: break;
    }

    write_now_ = true;
    switch (read->name) {
    case verb::noop: return say({250, {2, 0, 0}, "done"});
    case verb::help: return say({214, {2, 0, 0}, "HELO EHLO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP QUIT STARTTLS"});
    case verb::vrfy:
        if (argument.empty()) return complain({501, {5, 5, 4}, "expected VRFY address"});
        return say({252, {2, 0, 0}, "not verified; send the mail and see"}); // RFC 5321 3.5.3
    case verb::expn: return complain({502, {5, 5, 1}, "lists are not expanded"});
    default: return complain({500, {5, 5, 1}, "command not known"});
    }
}

void server_session::on_hello(std::string_view name, bool extended)
{
    write_now_ = true;
    if (!is_hello_name(name)) return complain({501, {5, 5, 4}, "expected a host name or address literal"});
    drop_mail();
    just_refused_ = false;
    hello_.name = name;
    hello_.extended = extended;
    if (!extended) return say({250, config_.host});

    auto lines = ehlo_lines(offers());
    lines.insert(lines.begin(), config_.host);
    say({250, {}, std::move(lines)});
}

extensions server_session::offers() const
{
    extensions offered;
    offered.pipelining = true;
    offered.size = true;
    offered.size_limit = config_.limits.message_octets;
    offered.eight_bit_mime = true;
    offered.smtputf8 = config_.smtputf8;
    offered.chunking = config_.chunking;
    offered.binarymime = config_.chunking;
    offered.enhanced_codes = true;
    offered.dsn = true;
    offered.start_tls = config_.offer_start_tls && !hello_.tls;
    offered.require_tls = config_.require_tls && hello_.tls.has_value();
    return offered;
}

void server_session::on_mail(std::string_view argument)
{
    if (hello_.name.empty()) return complain({503, {5, 5, 1}, "EHLO comes first"});
    if (mail_ || content_) return complain({503, {5, 5, 1}, "a transaction is open already"});
    just_refused_ = true; // until it is accepted

    auto read = parse_mail(argument, config_.limits.address);
    if (!read) return complain(bad_argument(read.error(), "MAIL FROM:<address>", {5, 1, 7}));
    const auto options = check_mail_parameters(read->parameters, offers());
    if (!options) return say(options.error());
    if (read->utf8 && !options->smtputf8) return say({553, {5, 6, 7}, "this address needs SMTPUTF8"});

    check_sender question_about{read->reverse_path, read->parameters, hello_};
    asked_.emplace(transaction{std::move(read->reverse_path), std::move(read->parameters), {}}, *options);
    ask(question::sender, std::move(question_about));
}

void server_session::on_rcpt(std::string_view argument)
{
    if (content_) return complain({503, {5, 5, 1}, "the content has begun"});
    if (!mail_) return out_of_sequence({503, {5, 5, 1}, "MAIL comes first"});

    auto read = parse_rcpt(argument, config_.limits.address);
    if (!read) {
        mail_->refused_any = true;
        return complain(bad_argument(read.error(), "RCPT TO:<address>", {5, 1, 3}));
    }
    auto refusal = check_rcpt_parameters(read->recipient.parameters, offers(), mail_->options.smtputf8);
    if (!refusal && read->utf8 && !mail_->options.smtputf8) {
        refusal = reply(553, {5, 6, 7}, "this address needs SMTPUTF8");
    }
    if (!refusal && mail_->mail.recipients.size() >= config_.limits.recipients) {
        refusal = reply(452, {4, 5, 3}, "at most " + std::to_string(config_.limits.recipients) + " recipients");
    }
    if (refusal) {
        mail_->refused_any = true;
        return say(*refusal);
    }
    asked_recipient_ = read->recipient;
    ask(question::recipient, check_recipient{std::move(read->recipient)});
}

// Why DATA or BDAT cannot begin now.
std::optional<reply> server_session::no_content_now() const
{
    if (!mail_) return reply(503, {5, 5, 1}, "MAIL comes first");
    if (!mail_->mail.recipients.empty()) return std::nullopt;
    if (mail_->refused_any) return reply(554, {5, 5, 1}, "no valid recipients");
    return reply(503, {5, 5, 1}, "RCPT comes first");
}

// A command for a transaction that is not there. No error of the client's if it could not know yet that we had refused
// it.
void server_session::out_of_sequence(const reply& r)
{
    if (just_refused_ || r.code == 554) return say(r);
    complain(r);
}

void server_session::on_data()
{
    write_now_ = true;
    if (content_) return complain({503, {5, 5, 1}, "DATA cannot follow BDAT"});
    if (const auto refusal = no_content_now()) return out_of_sequence(*refusal);
    if (mail_->options.body == body_type::binary) return complain({503, {5, 5, 1}, "BINARYMIME needs BDAT"});
    begin_content(question::data);
}

void server_session::on_bdat(std::string_view argument)
{
    const auto size = parse_chunk(argument);
    if (!size) { // nobody knows how many octets to pass over
        say({501, {5, 5, 4}, "expected BDAT octets [LAST]"});
        return end(close_reason::misbehaviour);
    }
    if (content_) { // a further chunk
        content_->left = *size;
        phase_ = phase::chunk;
        return;
    }
    auto refusal = no_content_now();
    if (!config_.chunking) refusal = reply(502, {5, 5, 1}, "CHUNKING was not offered");
    if (!refusal) {
        begin_content(question::chunk);
        content_->left = *size;
        return;
    }
    content_.emplace(newline_policy::carry);
    content_->client_error = !just_refused_ && refusal->code != 554;
    content_->refusal = std::move(refusal);
    content_->left = *size;
    phase_ = phase::chunk;
}

void server_session::begin_content(question q)
{
    const bool binary = mail_->options.body == body_type::binary;
    content_.emplace(binary ? newline_policy::carry : config_.bare_newline);
    begin_data about_to_begin{std::move(mail_->mail)};
    mail_.reset();
    entry_open_ = true;
    ask(q, std::move(about_to_begin));
}

void server_session::on_start_tls()
{
    if (!config_.offer_start_tls) return complain({502, {5, 5, 1}, "TLS is not offered"});
    if (hello_.tls) return complain({503, {5, 5, 1}, "TLS is active already"});
    if (!input_.empty()) { // anyone on the way can have put it there (RFC 3207, section 6)
        say({554, {5, 5, 1}, "nothing may follow STARTTLS before the TLS handshake"});
        return end(close_reason::misbehaviour);
    }
    drop_mail();
    just_refused_ = false;
    hello_ = {};
    reader_.clear();
    say({220, {2, 0, 0}, "ready for TLS"});
    phase_ = phase::start_tls;
}

} // namespace smtp
