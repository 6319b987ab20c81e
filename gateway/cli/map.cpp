// isthmus map: messages from SMTP's form to xproto's and back, as files.
#include "gateway/cli/map.hpp"

#include "gateway/cli/commands.hpp"
#include "gateway/cli/map_restore.hpp"
#include "gateway/cli/message_files.hpp"
#include "gateway/cli/text.hpp"
#include "mapping/carrier/departure.hpp"
#include "mapping/carrier/legacy_form.hpp"
#include "mapping/to_xproto.hpp"
#include "xproto/trace.hpp"

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include <fstream>
#include <iostream>
#include <memory>
#include <unistd.h>

namespace gateway::cli {
namespace {

struct options {
    std::vector<std::filesystem::path> files;
    std::filesystem::path out;
    std::string from;
    std::vector<std::string> recipients;
    std::string carrier = "native";
    bool has_from = false;
    bool all_views = false;
    bool force = false;
    bool json = false;
};

// A file that grows piece by piece, and is there only when all of it is.
class draft {
  public:
    explicit draft(std::filesystem::path path) : path_(std::move(path)), hidden_(path_.string() + ".new")
    {
        out_.open(hidden_, std::ios::binary | std::ios::trunc);
    }
    ~draft()
    {
        std::error_code ignored;
        if (!kept_) std::filesystem::remove(hidden_, ignored);
    }
    draft(const draft&) = delete;
    draft& operator=(const draft&) = delete;

    bool write(std::string_view octets)
    {
        return static_cast<bool>(out_.write(octets.data(), static_cast<std::streamsize>(octets.size())));
    }
    attempt<void> keep()
    {
        out_.close();
        std::error_code error;
        if (out_) std::filesystem::rename(hidden_, path_, error);
        kept_ = out_ && !error;
        if (kept_) return {};
        return failure{path_.string() + " cannot be written" + (error ? ": " + error.message() : "")};
    }

  private:
    std::filesystem::path path_, hidden_;
    std::ofstream out_;
    bool kept_ = false;
};

// --- to-xproto ------------------------------------------------------------------------------------------------------

smtp::transaction transaction_of(const options& o)
{
    smtp::transaction t;
    t.reverse_path = o.from;
    for (const auto& r : o.recipients) t.recipients.push_back({r, {}});
    return t;
}

// The same for the same octets, so that mapping a message again gives the same objects.
std::string id_of(const mapping::message_splitter& message)
{
    const auto text = xproto::to_text(message.body_digest()); // "sha-256:..."
    return text.substr(text.find(':') + 1, 32) + "@isthmus.invalid";
}

// The objects as the message's carrier gives them back.
attempt<void> write_restored(const std::filesystem::path& folder, draft& body, const restored_message& made)
{
    if (!made.is_control) {
        if (made.body) {
            draft original(folder / body_name);
            original.write(*made.body);
            if (auto kept = original.keep(); !kept) return kept;
        } else if (auto kept = body.keep(); !kept) {
            return kept;
        }
        if (auto wrote = write_file(folder / headers_name, made.headers_xml, 0644, overwrite::yes); !wrote)
            return wrote;
    }
    return write_file(folder / envelope_name, made.envelope_xml, 0644, overwrite::yes);
}

attempt<void> to_xproto(const std::filesystem::path& file, const std::filesystem::path& folder, const options& o)
{
    if (std::error_code ignored; !o.force && std::filesystem::exists(folder, ignored))
        return failure{folder.string() + " is there already; --force writes into it"};
    if (auto made = make_folder(folder); !made) return made;
    mapping::message_splitter splitter;
    draft body(folder / body_name);
    std::optional<std::string> small = std::string(); // the body, as long as it is
    const auto keep = [&](std::string_view piece) {
        if (small && small->size() + piece.size() > undo_octets) small.reset();
        if (small) *small += piece;
        return body.write(piece);
    };
    const auto store = [&](const mapping::message_splitter::body_pieces& pieces) {
        return keep(pieces.held) && keep(pieces.fresh);
    };
    if (auto read = read_pieces(file, [&](std::string_view octets) { return store(splitter.push(octets)); }); !read)
        return read;
    store(splitter.finish());
    const bool said = o.has_from || !o.recipients.empty();
    const auto back = restore_message(splitter, small, said ? std::optional(transaction_of(o)) : std::nullopt);
    if (!back.note.empty()) std::cerr << printable(file.string()) << ": " << back.note << '\n';
    if (back.message) return write_restored(folder, body, *back.message);
    mapping::mapping_options choice;
    if (o.all_views) choice.views = mapping::view::wanted::all;
    const auto made = mapping::to_xproto(transaction_of(o), splitter, id_of(splitter), unix_now(), {}, choice);
    if (auto kept = body.keep(); !kept) return kept;
    if (auto done_headers = write_file(folder / headers_name, made.headers, 0644, overwrite::yes); !done_headers)
        return done_headers;
    return write_file(folder / envelope_name, xproto::write(made.envelope), 0644, overwrite::yes);
}

int map_to_xproto(const options& o)
{
    boost::json::array made;
    int worst = done;
    for (const auto& file : o.files) {
        const auto name = file == "-" ? "stdin" : file.filename();
        const auto folder = o.out / name;
        const auto mapped = to_xproto(file, folder, o);
        if (!mapped)
            worst = fail(negative, mapped.error().what);
        else if (o.json)
            made.push_back({{"file", file.string()}, {"folder", folder.string()}});
        else if (is_terminal(STDOUT_FILENO))
            std::cout << folder.string() << '\n';
    }
    if (o.json) std::cout << boost::json::serialize(made) << '\n';
    return worst;
}

// --- to-smtp --------------------------------------------------------------------------------------------------------

template <class Parameters> std::string parameter_text(const Parameters& parameters)
{
    std::string out;
    for (const auto& p : parameters) out += " " + p.keyword + (p.value ? "=" + *p.value : "");
    return out;
}

std::string transaction_text(const smtp::transaction& t)
{
    auto out = "MAIL FROM:<" + t.reverse_path + ">" + parameter_text(t.parameters) + "\n";
    for (const auto& r : t.recipients) out += "RCPT TO:<" + r.address + ">" + parameter_text(r.parameters) + "\n";
    return out;
}

template <class Parameters> boost::json::array parameter_list(const Parameters& parameters)
{
    boost::json::array out;
    for (const auto& p : parameters)
        out.push_back(boost::json::string(printable(p.keyword + (p.value ? "=" + *p.value : ""))));
    return out;
}

boost::json::object transaction_json(const smtp::transaction& t)
{
    boost::json::array recipients;
    for (const auto& r : t.recipients)
        recipients.push_back({{"address", printable(r.address)}, {"parameters", parameter_list(r.parameters)}});
    return {{"from", printable(t.reverse_path)},
            {"parameters", parameter_list(t.parameters)},
            {"recipients", std::move(recipients)}};
}

// Hands the body on, held against what the envelope says of it.
attempt<void> read_body(const std::filesystem::path& folder, const xproto::envelope& envelope, const taker& take)
{
    xproto::sha256_stream digest;
    std::uint64_t octets = 0;
    const auto read = read_pieces(folder / body_name, [&](std::string_view piece) {
        digest.update(piece);
        octets += piece.size();
        return take(piece);
    });
    if (!read) return read;
    if (const auto wrong = differs(envelope, "message/body", octets, digest.finish()))
        return failure{(folder / body_name).string() + ": " + *wrong};
    return {};
}

struct message_source {
    std::string envelope_xml, headers_xml;
    xproto::envelope envelope;
    xproto::headers_object headers;
    bool eight_bit = false;
};

attempt<message_source> read_source(const std::filesystem::path& folder)
{
    message_source made;
    auto envelope_xml = read_file(folder / envelope_name, max_object_octets);
    if (!envelope_xml) return envelope_xml.error();
    made.envelope_xml = std::move(*envelope_xml);
    auto envelope = read_envelope_file(folder);
    if (!envelope) return envelope.error();
    made.envelope = std::move(*envelope);
    if (made.envelope.objects.empty()) return {boost::system::in_place_value, std::move(made)};
    auto xml = read_headers_file(folder);
    if (!xml) return xml.error();
    if (const auto wrong = differs(made.envelope, "message/headers", xml->size(), xproto::sha256(*xml)))
        return failure{(folder / headers_name).string() + ": " + *wrong};
    auto headers = xproto::read_headers(*xml);
    if (!headers)
        return failure{(folder / headers_name).string() + ": " + headers.error().where + ": " + headers.error().what};
    made.headers_xml = std::move(*xml);
    made.headers = std::move(*headers);
    const auto read = read_body(folder, made.envelope, [&](std::string_view piece) {
        for (const char c : piece) made.eight_bit = made.eight_bit || static_cast<unsigned char>(c) > 0x7F;
        return true;
    });
    if (!read) return read.error();
    return {boost::system::in_place_value, std::move(made)};
}

struct left {
    smtp::transaction transaction;
    std::vector<std::string> refused_edits;
};

// Header and body, with the trace of the hops before it and the carrier, to `write`.
attempt<left> to_smtp(const std::filesystem::path& folder, const options& o, const taker& write)
{
    const auto from = read_source(folder);
    if (!from) return from.error();
    mapping::carrier::departure_options how;
    const bool is_control = from->envelope.objects.empty();
    const bool native = xproto::is_native(from->envelope);
    how.standard = native;
    how.carrier = o.carrier == "always" || (o.carrier == "native" && (native || is_control));
    how.eight_bit = from->eight_bit;
    how.most = max_object_octets;
    auto leaving =
        mapping::carrier::depart({from->envelope_xml, from->headers_xml, from->envelope, from->headers}, how);
    bool written = write(leaving.trace) && write(leaving.carrier) && write(leaving.header) && write(leaving.text);
    if (!is_control) {
        const auto read = read_body(folder, from->envelope,
                                    [&](std::string_view piece) { return written = written && write(piece); });
        if (!read) return read.error();
    }
    if (!written) return failure{"the message cannot be written"};
    left made;
    made.transaction = std::move(leaving.transaction);
    made.refused_edits = std::move(leaving.refused_edits);
    return {boost::system::in_place_value, std::move(made)};
}

// Edits that changed nothing, because mail has no form for them: the message is written, and yet not what was wanted.
int tell_refused(const std::vector<std::string>& fields)
{
    for (const auto& name : fields)
        std::cerr << "isthmus: the view of " << printable(name)
                  << " cannot be written as such a field; the field is as it was\n";
    return fields.empty() ? done : negative;
}

int map_to_smtp(const options& o)
{
    const auto& folder = o.files.front();
    if (o.out == "-") {
        const auto mapped = to_smtp(folder, o, [](std::string_view octets) {
            return static_cast<bool>(std::cout.write(octets.data(), static_cast<std::streamsize>(octets.size())));
        });
        std::cout.flush();
        return mapped ? tell_refused(mapped->refused_edits) : fail(negative, mapped.error().what);
    }
    if (std::error_code ignored; !o.force && std::filesystem::exists(o.out, ignored))
        return fail(negative, o.out.string() + " is there already; --force replaces it");
    draft file(o.out);
    const auto mapped = to_smtp(folder, o, [&](std::string_view octets) { return file.write(octets); });
    if (!mapped) return fail(negative, mapped.error().what);
    if (const auto kept = file.keep(); !kept) return fail(negative, kept.error().what);
    if (o.json)
        std::cout << boost::json::serialize(transaction_json(mapped->transaction)) << '\n';
    else
        std::cout << transaction_text(mapped->transaction);
    return tell_refused(mapped->refused_edits);
}

} // namespace

void add_map(CLI::App& app, int& result)
{
    auto* map = app.add_subcommand("map", "Map messages between SMTP and xproto, as files");
    map->require_subcommand(1);
    map->footer("Example:\n  isthmus map verify ~/Maildir");
    const auto o = std::make_shared<options>();

    auto* forth = map->add_subcommand("to-xproto", "One folder for each message: envelope.xml, headers.xml, body");
    forth->add_option("FILE", o->files, "Messages, octet for octet as SMTP carried them; - is standard input")
        ->required();
    forth->add_option("-o,--output", o->out, "Folder for the folders, which are named as the files")
        ->required()
        ->type_name("DIR");
    auto* from = forth->add_option("--from", o->from, "Sender, as in MAIL FROM (else the null sender)");
    from->type_name("ADDRESS");
    forth->add_option("--rcpt", o->recipients, "Recipient, as in RCPT TO; may be said again")
        ->type_name("ADDRESS")
        ->allow_extra_args(false);
    forth->add_flag("--all-views", o->all_views, "Add what fields say even where it is no more than their text");
    forth->add_flag("--force", o->force, "Write into folders that are there");
    forth->add_flag("--json", o->json, "Print the folders as JSON");
    forth->footer("Nothing is refused and nothing is lost: any octets are a message. One that carries its objects, "
                  "unchanged,\ngives them back; without --from and --rcpt its sender and recipients too.\n\nExample:\n"
                  "  isthmus map to-xproto a.eml -o objects --from ann@edge.example --rcpt bob@carrier.example");
    forth->callback([o, from, &result] {
        o->has_from = from->count() > 0;
        result = map_to_xproto(*o);
    });

    auto* back = map->add_subcommand("to-smtp", "The message in a folder as SMTP would carry it");
    back->add_option("DIR", o->files, "Folder with envelope.xml, headers.xml and body")->required()->expected(1);
    back->add_option("-o,--output", o->out, "File for the message; - is standard output")
        ->required()
        ->type_name("FILE");
    back->add_option("--carrier", o->carrier, "Which messages take their objects with them, in header fields")
        ->check(CLI::IsMember({"native", "always", "never"}))
        ->capture_default_str();
    back->add_flag("--force", o->force, "Replace a file that is there");
    back->add_flag("--json", o->json, "Print the transaction as JSON");
    back->footer(
        "Prints MAIL and RCPT. The hops of the message's trace become Received lines. A legacy message's other octets "
        "are those\nthat it once had; one that was born in xproto becomes standard mail and carries its "
        "objects.\nA field whose view was edited is written anew; exit 1 when there is no standard form for what a "
        "view "
        "says.\n\nExample:\n  isthmus map to-smtp objects/a.eml -o back.eml && cmp a.eml back.eml");
    back->callback([o, &result] { result = map_to_smtp(*o); });

    add_map_verify(*map, result);
}

} // namespace gateway::cli
