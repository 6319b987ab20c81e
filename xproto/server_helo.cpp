// Who are you? And, for those who may ask back, who are we?
#include "xproto/server_helo.hpp"

#include "xproto/announcement.hpp"
#include "xproto/extensions.hpp"
#include "xproto/helo_transcript.hpp"
#include "xproto/line_writer.hpp"
#include "xproto/outcome.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace xproto {

server_helo::server_helo(const server_config& config, std::string& out, std::deque<action>& questions)
    : config_(config), out_(out), questions_(questions)
{
    assert(config_.nonce.size() >= 16 && config_.nonce.size() <= 64);
    assert(host_name(config_.host) == config_.host);
}

void server_helo::greet()
{
    announcement own;
    own.versions = config_.versions;
    own.host = config_.host;
    own.nonce = config_.nonce;
    own.chunk = config_.limits.chunk;
    own.objects[0] = config_.limits.envelope;
    own.objects[1] = config_.limits.headers;
    own.objects[2] = config_.limits.body;
    own.recipients = config_.limits.recipients;
    own.options = offered();
    line_writer line(out_, 0, word::tmp, codes::welcome);
    write_announcement(*config_.extensions, line, own);
    line.text(text_of(codes::welcome), config_.limits.text).end();
}

// HELO [host] {octets of the proof} (VER=version) (NONCE=hexadecimal)
std::optional<result_code> server_helo::on_request(const line& request, std::string_view& unknown_extension)
{
    if (now_ != state::none) return codes::bad_sequence;
    if (!tls_.active && !config_.helo_in_clear) return codes::tls_required;
    const bool named = request.parameter_count == 2;
    const auto host = named ? host_name(request.parameters[0]) : std::optional<std::string>("");
    const auto octets = braced_number(request.parameters[named ? 1 : 0]);
    if (!host || !octets || *octets == 0) return codes::bad_parameter;
    if (*octets > config_.limits.proof) return codes::object_too_large;

    std::optional<std::string> nonce("");
    bool version = false;
    group_reader groups(request.groups);
    while (const auto item = groups.next()) {
        const auto value = item->value.value_or("");
        if (item->name == "NONCE") {
            const bool twice = !nonce->empty();
            nonce = nonce_from_text(value);
            if (!nonce || twice) return codes::bad_parameter;
        } else if (item->name == "VER") {
            if (std::exchange(version, true)) return codes::bad_parameter;
            const auto& ours = config_.versions;
            if (std::find(ours.begin(), ours.end(), value) == ours.end()) return codes::version_refused;
        } else {
            unknown_extension = item->name;
            return codes::options_refused;
        }
    }
    now_ = state::octets;
    tag_ = request.tag;
    client_host_ = *host;
    client_nonce_ = *nonce;
    proof_octets_ = static_cast<std::size_t>(*octets);
    proof_.reserve(proof_octets_);
    write_answer(out_, tag_, word::tmp, codes::prove_yourself);
    return std::nullopt;
}

void server_helo::on_octets(std::string_view octets)
{
    proof_ += octets;
    if (expected() != 0) return;
    now_ = state::checking;
    questions_.emplace_back(
        server_session::check_identity{tag_, client_host_, std::exchange(proof_, {}), transcript("client")});
}

std::string server_helo::transcript(std::string_view role) const
{
    return helo_transcript{role, config_.nonce, client_nonce_, client_host_, config_.host, tls_.exporter}.octets();
}

void server_helo::on_identity(identity_answer answer)
{
    if (now_ != state::checking) return;
    standing_ = answer.peer;
    allowed_ = answer.options;
    if (answer.peer == standing::refused) {
        write_outcome(out_, tag_, word::err, {answer.code, answer.text, 0, {}}, config_.limits);
        fail(answer.code, std::move(answer.text));
        return;
    }
    peer_ = std::move(answer.host);
    const bool known = answer.peer != standing::unknown;
    const bool proves = config_.prove == prove_self::always || (config_.prove == prove_self::to_known && known);
    if (!proves) {
        welcome();
        return;
    }
    now_ = state::signing;
    questions_.emplace_back(server_session::make_proof{transcript("server")});
}

void server_helo::on_proof(std::string der)
{
    if (now_ != state::signing) return;
    if (der.empty()) {
        write_answer(out_, tag_, word::err, codes::local_error);
        fail(codes::local_error, "no proof of our own identity could be made");
        return;
    }
    proof_ = std::move(der);
    now_ = state::offered;
    line_writer(out_, own_tag, "HELO").parameter(config_.host).octets(proof_.size()).end();
}

bool server_helo::on_response(const line& response)
{
    const bool waits = now_ == state::offered || now_ == state::presented;
    if (!waits || response.tag != own_tag) return false;
    if (response.kind == word::err) {
        fail(codes::identity_refused, "the client refused our proof: " + unescape(response.text));
        return true;
    }
    if (now_ == state::offered && response.kind == word::tmp && response.code == codes::prove_yourself) {
        out_ += std::exchange(proof_, {});
        now_ = state::presented;
        return true;
    }
    if (now_ == state::presented && response.kind == word::ok) {
        proved_ = true;
        welcome();
        return true;
    }
    return false;
}

void server_helo::welcome()
{
    now_ = state::done;
    announcement own;
    own.options = offered();
    if (own.options.has(option::pipe)) own.window = granted();
    if (own.options.has(option::now)) own.unasked = config_.limits.unasked;
    line_writer line(out_, tag_, word::ok, codes::greetings);
    write_announcement(*config_.extensions, line, own);
    line.text(text_of(codes::greetings), config_.limits.text).end();
}

const window& server_helo::granted() const
{
    const bool more = standing_ == standing::trusted && config_.trusted_window;
    return more ? *config_.trusted_window : config_.window;
}

option_set server_helo::offered() const
{
    const auto& table = *config_.extensions;
    auto options = (done() ? table.offered_to(standing_) & allowed_ : table.open_to_anybody()) & config_.options;
    if (tls_.active || done()) options.set(option::tls, false);
    if (tls_.active) options.set(option::urg, false);
    // Whoever takes mail knows whose it is, and nobody on the way can ask for it in another's name.
    if (!tls_.active || !proved_) options.set(option::duplex, false);
    return options;
}

void server_helo::fail(const result_code& code, std::string text)
{
    if (text.empty()) text = text_of(code);
    failed_ = server_session::close{code, std::move(text)};
}

} // namespace xproto
