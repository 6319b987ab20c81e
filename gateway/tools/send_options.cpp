#include "gateway/tools/send_options.hpp"

#include <CLI/CLI.hpp>

namespace gateway::tools {

namespace {

constexpr auto example =
    "Exit: 0 accepted, 1 refused (a message or a recipient), 2 usage, 3 not reached or no answer.\n"
    "Examples:\n"
    "  isthmus send --site edge --rcpt bob@carrier.example --from alice@edge.example mail.eml\n"
    "  isthmus send --site edge --to 127.0.0.1:6526 --peer-host mx1.carrier.example -v     only says hello\n"
    "  isthmus send --site edge --to 127.0.0.1:6526 --peer-host mx1.carrier.example --line '[100 NOOP]'\n"
    "  isthmus send --to 127.0.0.1:6526 --peer-host mx1.carrier.example --cert host.pem --key host-key.pem \\\n"
    "      --ca carrier-ca.pem --as-is objects/00001";

} // namespace

void add_options(CLI::App& command, send_options& o)
{
    command.footer(example);
    command.add_option("files", o.files,
                       "messages as they travel in SMTP, or folders with envelope.xml, headers.xml and "
                       "body; none: open a session and close it again");
    command.add_option("--to", o.to, "where to connect; with --site: taken from the recipient's route")
        ->type_name("HOST:PORT");
    command.add_option("--peer-host", o.peer_host, "the name that the server's certificate must prove");
    add_credential_options(command, o.who, true);
    command.add_flag("--unsigned", o.unsigned_, "do not sign as the originator, whatever CA there is");
    command.add_option("--from", o.from, "the sender of legacy messages; '' is the null sender");
    command.add_option("--rcpt", o.recipients, "a recipient of legacy messages (repeatable)")->allow_extra_args(false);
    command.add_option("--mail-parameter", o.mail_parameters, "of MAIL, e.g. ENVID=x (repeatable)")
        ->allow_extra_args(false);
    command.add_option("--rcpt-parameter", o.recipient_parameters, "of every RCPT, e.g. NOTIFY=NEVER (repeatable)")
        ->allow_extra_args(false);
    command.add_flag("--crlf", o.crlf, "end every line of legacy messages in CRLF first");
    command.add_flag("--as-is", o.as_is, "send the objects of a folder unread, without a hop of our own");
    command.add_option("--id", o.id, "with --as-is: the message id to ask for, whatever the envelope says");
    command.add_option("--count", o.count, "send everything so many times: legacy messages each time under a new id")
        ->check(CLI::PositiveNumber);
    command.add_flag("--sync", o.sync, "do not ask for pipelined mode");
    command.add_option("--window", o.window, "never more messages under way than this")->check(CLI::PositiveNumber);
    command.add_option("--option", o.options, "switch this on, if the server offers it: NOW, SPLIT, ZSTD (repeatable)")
        ->allow_extra_args(false);
    command.add_option("--split", o.split, "send leaves of so many octets by themselves (with --option SPLIT)")
        ->check(CLI::PositiveNumber);
    command.add_option("--fragment", o.fragment, "send bodies in fragments of so many octets")
        ->check(CLI::PositiveNumber);
    command.add_option("--quit-after", o.quit_after, "give the message up when the server has accepted this of it")
        ->check(CLI::IsMember({"envelope", "headers"}));
    command
        .add_option("--drop-after", o.drop_after,
                    "close the connection, without another word, when the octets of this have left")
        ->check(CLI::IsMember({"envelope", "headers", "body"}));
    command.add_flag("--no-server-proof", o.no_proof, "go on when the server does not prove itself by a HELO");
    command.add_flag("--clear", o.clear, "the port is one where sessions begin in clear: change to TLS there");
    command.add_flag("--trace", o.trace, "stay, and show what becomes of the messages later, where the server tells");
    command
        .add_option("--trace-patience", o.trace_patience, "seconds without news after which --trace waits no longer")
        ->check(CLI::PositiveNumber);
    command.add_option("--patience", o.patience, "seconds to wait for each answer")->check(CLI::PositiveNumber);
    command.add_option("--seconds", o.seconds, "seconds for everything")->check(CLI::PositiveNumber);
    command
        .add_option("--line", o.lines,
                    "send this instead of messages, and show what comes (repeatable; with \\r, \\n, \\xHH and \\\\; "
                    "CRLF follows unless it ends in a backslash)")
        ->allow_extra_args(false);
    command.add_flag("--early", o.early, "send the lines at once, not after HELO");
    command.add_option("--silence", o.silence, "seconds without an answer after which the lines have had theirs")
        ->check(CLI::PositiveNumber);
    command.add_flag("--times", o.times, "show when each line passed, in seconds since the start");
    command.add_flag("-v,--verbose", o.verbose, "show TLS and the control lines of the session");
    command.add_flag("--json", o.json, "the results as JSON");
}

} // namespace gateway::tools
