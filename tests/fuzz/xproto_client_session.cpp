// The client session against a server that says anything: it ends, every message has exactly one result, none is called
// accepted without a verdict on its last octet, and nothing depends on how the octets arrive. The first octet chooses
// how far the session has come, the second the configuration and the cut.
#include "xproto/client_session.hpp"
#include "xproto/extensions.hpp"

#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

namespace {

using namespace xproto;

void require(bool promise)
{
    if (!promise) std::abort();
}

const extension_table& extensions()
{
    static const auto table = [] {
        extension_table made;
        for (const auto* row : known_transfer_extensions()) made.install(*row);
        return made;
    }();
    return table;
}

client_config configuration(unsigned how)
{
    client_config c;
    c.host = "client.test";
    c.server_host = "mx.test";
    c.nonce = "0123456789abcdef";
    c.limits.line = 300;
    c.limits.chunk = 10;
    c.limits.proof = 20;
    c.limits.recipients = 3;
    c.limits.unsolicited = 5;
    c.limits.output = how & 1 ? 1 : 1000;
    c.extensions = &extensions();
    c.want = option_set{option::pipe, option::now, option::zstd, option::split, option::stat};
    if (how & 2) c.want = {};
    c.want.set(option::trace, true);
    c.require_server_proof = how & 4;
    return c;
}

class driver {
  public:
    driver(unsigned how, std::size_t piece, std::string input)
        : session_(configuration(how)), how_(how), piece_(piece), input_(std::move(input))
    {
    }

    void run()
    {
        while (!closed_) {
            auto action = session_.next();
            require(++actions_ < 100000);
            std::visit([this](auto& a) { on(a); }, action);
        }
    }

    std::string said; // to the server
    std::string told; // to the driver

  private:
    struct message {
        std::map<std::pair<object_type, std::size_t>, std::uint64_t> sent; // by type and leaf
        bool control = false;
        bool split = false;
        bool has_result = false;
    };

    static std::uint64_t size_of(object_type type) { return 5 + 10 * static_cast<std::uint64_t>(type); }

    void on(client_session::read_more&)
    {
        if (at_ == input_.size()) {
            require(!eof_);
            eof_ = true;
            return session_.on_eof();
        }
        buffer_ = std::make_unique<std::string>(input_.substr(at_, piece_));
        at_ += buffer_->size();
        session_.on_bytes(*buffer_);
    }
    void on(client_session::wait&) { require(false); }         // every question is answered at once
    void on(client_session::start_tls&) { require(false); }    // not wanted
    void on(client_session::write_urgent&) { require(false); } // likewise
    void on(client_session::later_hop& a) { told += "later " + a.what.message_id + '\n'; }
    void on(client_session::write& a)
    {
        require(!a.octets.empty() && a.octets.size() < 20000);
        said += a.octets;
    }
    void on(client_session::check_identity& a)
    {
        require(a.proof.size() <= 20 && a.host == "mx.test");
        session_.on_identity(a.proof == "evil" ? identity_answer::refuse(codes::invalid_proof)
                                               : identity_answer::accept(standing::known, a.host));
    }
    void on(client_session::make_proof&) { session_.on_proof("proof"); }
    void on(client_session::ready&) { send(); }
    void send()
    {
        while (messages_.size() < 8 && session_.can_send()) {
            outgoing m;
            m.handle = messages_.size() + 1;
            m.message_id = "m" + std::to_string(m.handle);
            m.envelope_only = m.handle % 4 == 0;
            m.envelope_octets = size_of(object_type::envelope);
            m.headers_octets = size_of(object_type::headers);
            m.body_octets = size_of(object_type::body);
            const auto on = session_.active();
            if (m.handle == 5 && on.has(option::split)) {
                m.skeleton_octets = size_of(object_type::skeleton);
                const auto octets = size_of(object_type::leaf);
                m.leaves = {{octets, "sha-256:aa", "image/png", "a b"}, {octets, {}, {}, {}}};
            }
            if (m.handle % 2 == 1) m.fragment_octets = 10;
            m.ask_held = m.handle >= 6 && on.has(option::stat);
            messages_[m.handle].control = m.envelope_only;
            messages_[m.handle].split = !m.leaves.empty();
            session_.send(m);
        }
        if (messages_.size() == 8) session_.quit();
    }
    void on(client_session::want_content& a)
    {
        auto& m = messages_.at(a.handle);
        auto& sent = m.sent[{a.type, a.leaf}];
        require(!m.has_result && a.offset == sent && a.max >= 1 && a.max <= 10);
        require(sent + a.max <= size_of(a.type));
        if ((how_ & 8) && a.handle == 3) return session_.cancel(a.handle);
        sent += a.max;
        session_.on_content(a.handle, a.type, std::string(a.max, 'x'));
    }
    void on(client_session::held& a)
    {
        require(a.answer.objects.size() <= 64);
        told += "held " + std::to_string(a.handle);
        resumption how;
        for (const auto& one : a.answer.objects) told += one.digest + std::to_string(one.octets);
        if (!a.answer.objects.empty()) how = {4, "sha-256:bb", 0};
        if (how.from != 0) messages_.at(a.handle).sent[{object_type::body, 0}] = how.from;
        session_.resume(a.handle, how);
    }
    void on(client_session::result& a)
    {
        auto& m = messages_.at(a.handle);
        require(!std::exchange(m.has_result, true));
        require(a.recipients.size() <= 3);
        const auto last = m.control ? object_type::envelope : object_type::body;
        // The server may have had the last leaf.
        const bool whole = m.split || m.sent[{last, 0}] == size_of(last);
        if (a.outcome == client_session::outcome::accepted) require(a.already_had || whole);
        if (a.answer_lost) require(whole && a.outcome == client_session::outcome::lost);
        told += "result " + std::to_string(a.handle) + a.code.text() + a.text;
        for (const auto& r : a.recipients) told += std::to_string(r.number) + r.code.text() + r.text;
        send();
    }
    void on(client_session::close& a)
    {
        for (const auto& [handle, m] : messages_) require(m.has_result);
        require(!session_.can_send());
        told += "close " + a.code.text();
        closed_ = true;
    }

    client_session session_;
    unsigned how_;
    std::size_t piece_;
    std::string input_;
    std::size_t at_ = 0;
    std::unique_ptr<std::string> buffer_;
    std::size_t actions_ = 0;
    bool eof_ = false;
    bool closed_ = false;
    std::map<std::uint64_t, message> messages_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2) return 0;
    const unsigned how = data[1] % 16;
    std::string input;
    if (data[0] % 4 != 0) {
        input = "[* TMP 99.0.3.1 (VER=1.0) (HOST=mx.test) (NONCE=00112233445566778899aabbccddeeff)]\r\n[1 TMP "
                "99.0.3.2]\r\n";
        if (how & 4) input += "[1 HELO mx.test {2}]\r\nme";
        const char* const offered = data[0] % 16 == 15 ? "(NOW) (ZSTD) (SPLIT) (STAT) (TRACE) "
                                    : data[0] % 8 == 7 ? "(SPLIT) (STAT) "
                                                       : "";
        input += "[1 OK 99.0.2.1 (PIPE) " + std::string(offered) + "(WINDOW=3;1000)]\r\n";
        if (!(how & 2)) input += data[0] % 4 == 1 ? "[2 ERR 99.0.5.0]\r\n" : "[2 OK 99.0.2.2]\r\n";
    }
    input.append(reinterpret_cast<const char*>(data) + 2, size - 2);

    driver whole(how, input.size() + 1, input);
    whole.run();
    driver cut(how, data[1] / 16 + 1U, input);
    cut.run();
    require(cut.said == whole.said);
    require(cut.told == whole.told);
    return 0;
}
