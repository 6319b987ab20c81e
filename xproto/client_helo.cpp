// The versions this implementation speaks, and the dialogue up to the welcome.
#include "xproto/client_helo.hpp"

#include "xproto/extensions.hpp"
#include "xproto/helo_transcript.hpp"
#include "xproto/line_writer.hpp"
#include "xproto/outcome.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace xproto {

namespace {

constexpr std::string_view version = "1.0";

} // namespace

client_helo::client_helo(const client_config& config, std::string& out, std::deque<action>& events)
    : config_(config), out_(out), events_(events)
{
    assert(config_.nonce.size() >= 16 && config_.nonce.size() <= 64);
    assert(host_name(config_.host) == config_.host);
}

void client_helo::on_greeting(const line& greeting)
{
    if (greeting.kind == word::err) return fail(greeting.code, unescape(greeting.text));
    if (greeting.kind != word::tmp || !read_announcement(*config_.extensions, greeting.groups, said_))
        return fail(codes::malformed, "the greeting cannot be understood");
    const auto& versions = said_.versions;
    if (std::find(versions.begin(), versions.end(), version) == versions.end())
        return fail(codes::version_refused, "the server does not speak version 1.0");
    if (said_.nonce.empty()) return fail(codes::malformed, "the greeting has no nonce");
    server_ = config_.server_host.empty() ? said_.host : config_.server_host;
    if (server_.empty() || (!said_.host.empty() && said_.host != server_))
        return fail(codes::host_mismatch, "the server calls itself " + said_.host);
    const bool wants_tls = !tls_.active && config_.tls != use_tls::never;
    if (wants_tls && said_.options.has(option::tls)) return ask_for_tls();
    if (wants_tls && config_.tls == use_tls::required)
        return fail(codes::tls_required, server_ + " offers no TLS, and must not be talked to in clear: either it is "
                                                   "not set up for that, or somebody on the way took the offer out");
    now_ = state::signing;
    events_.emplace_back(client_session::make_proof{transcript("client")});
}

void client_helo::ask_for_tls()
{
    now_ = state::tls;
    line_writer(out_, own_tag, "OPT").group(tls_extension.word, "ON").end();
}

std::string client_helo::transcript(std::string_view role) const
{
    return helo_transcript{role, said_.nonce, config_.nonce, config_.host, server_, tls_.exporter}.octets();
}

void client_helo::on_proof(std::string der)
{
    if (now_ != state::signing) return;
    if (der.empty()) return fail(codes::local_error, "no proof of our own identity could be made");
    proof_ = std::move(der);
    now_ = state::offered;
    line_writer(out_, own_tag, "HELO")
        .parameter(config_.host)
        .octets(proof_.size())
        .group("VER", version)
        .group("NONCE", nonce_text(config_.nonce))
        .end();
}

bool client_helo::on_response(const line& response)
{
    if (response.kind == word::err) {
        if (now_ != state::offered && now_ != state::presented) return false;
        fail(response.code, unescape(response.text));
        return true;
    }
    if (now_ == state::offered && response.kind == word::tmp && response.code == codes::prove_yourself) {
        out_ += std::exchange(proof_, {});
        now_ = state::presented;
        return true;
    }
    if (now_ != state::presented || response.kind != word::ok) return false;
    said_.options = {}; // what anybody may use is said again
    if (!read_announcement(*config_.extensions, response.groups, said_))
        fail(codes::malformed, "the server's welcome cannot be understood");
    else if (config_.require_server_proof && !proved_)
        fail(codes::identity_refused, "the server did not prove who it is");
    else
        now_ = state::done;
    return true;
}

// HELO host {octets of the proof}
bool client_helo::on_request(const line& request)
{
    if (now_ != state::presented || proved_) return false;
    const auto host = host_name(request.parameters[0]);
    const auto octets = braced_number(request.parameters[1]);
    const bool sound = request.parameter_count == 2 && host && octets && *octets > 0 && *octets <= config_.limits.proof;
    const auto problem = !sound ? codes::bad_parameter : codes::host_mismatch;
    if (!sound || *host != server_) {
        write_answer(out_, request.tag, word::err, problem);
        fail(problem, "the server's HELO does not name " + server_);
        return true;
    }
    server_tag_ = request.tag;
    proof_octets_ = static_cast<std::size_t>(*octets);
    proof_.reserve(proof_octets_);
    now_ = state::octets;
    write_answer(out_, server_tag_, word::tmp, codes::prove_yourself);
    return true;
}

void client_helo::on_octets(std::string_view octets)
{
    proof_ += octets;
    if (expected() != 0) return;
    now_ = state::checking;
    events_.emplace_back(
        client_session::check_identity{server_tag_, server_, std::exchange(proof_, {}), transcript("server")});
}

void client_helo::on_identity(const identity_answer& answer)
{
    if (now_ != state::checking) return;
    if (answer.peer == standing::refused) {
        write_outcome(out_, server_tag_, word::err, {answer.code, answer.text, 0, {}}, config_.limits);
        return fail(answer.code, answer.text);
    }
    proved_ = true;
    now_ = state::presented;
    write_answer(out_, server_tag_, word::ok, codes::greetings);
}

void client_helo::fail(const result_code& code, std::string text)
{
    if (text.empty()) text = text_of(code);
    failed_ = client_session::close{code, std::move(text)};
}

} // namespace xproto
