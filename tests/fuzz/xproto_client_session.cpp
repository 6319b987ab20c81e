// The client session against a server that says anything: it ends, every message has exactly one result, none is called
// accepted without a verdict on its last octet, and nothing depends on how the octets arrive. The first octet chooses
// how far the session has come, the second the configuration and the cut.
#include "tests/fuzz/xproto_halves.hpp"
#include "xproto/client_session.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace {

using namespace xproto;
using namespace fuzz;

client_config configuration(unsigned how, bool duplex)
{
    client_config c;
    c.host = "client.test";
    c.server_host = "mx.test";
    c.nonce = "0123456789abcdef";
    c.limits.line = 300;
    c.limits.chunk = 10;
    c.limits.proof = 20;
    c.limits.envelope = c.limits.headers = c.limits.body = 200;
    c.limits.skeleton_table = 20;
    c.limits.errors = 3;
    c.window = {3, 120};
    c.takes_unasked = true;
    c.limits.recipients = 3;
    c.limits.unsolicited = 5;
    c.limits.output = how & 1 ? 1 : 1000;
    c.extensions = &extensions();
    c.want = option_set{option::pipe, option::now, option::zstd, option::split, option::stat};
    if (how & 2) c.want = {};
    c.want.set(option::trace, true);
    c.want.set(option::duplex, duplex);
    c.require_server_proof = how & 4;
    return c;
}

class driver {
  public:
    driver(unsigned how, bool duplex, std::size_t piece, std::string input)
        : session_(configuration(how, duplex)), taker_(session_, how), giver_(session_, how), piece_(piece),
          input_(std::move(input))
    {
    }

    void run()
    {
        while (!closed_) {
            auto action = session_.next();
            require(++actions_ < 100000);
            std::visit([this](auto& a) { pass(a); }, action);
            if (ready_ && giver_.all_sent()) session_.quit();
        }
    }

    std::string said; // to the server
    const std::string& told() const { return giver_.told; }
    const auto& arrived() const { return taker_.arrived; }

  private:
    template <class Action> void pass(Action& a)
    {
        if constexpr (requires { taker_.on(a); })
            taker_.on(a);
        else if constexpr (requires { giver_.on(a); })
            giver_.on(a);
        else
            on(a);
    }
    void on(client_session::ready&)
    {
        ready_ = true;
        giver_.send();
    }
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
    void on(client_session::later_hop& a) { giver_.told += "later " + a.what.message_id + '\n'; }
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
    void on(client_session::close& a)
    {
        taker_.closed();
        giver_.closed();
        giver_.told += "close " + a.code.text();
        closed_ = true;
    }

    client_session session_;
    taker taker_;
    giver giver_;
    bool ready_ = false;
    std::size_t piece_;
    std::string input_;
    std::size_t at_ = 0;
    std::unique_ptr<std::string> buffer_;
    std::size_t actions_ = 0;
    bool eof_ = false;
    bool closed_ = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2) return 0;
    const bool duplex = data[0] % 32 == 31;
    const unsigned how = duplex ? (data[1] % 16 | 4) & ~2U : data[1] % 16;
    std::string input;
    if (data[0] % 4 != 0) {
        input = "[* TMP 99.0.3.1 (VER=1.0) (HOST=mx.test) (NONCE=00112233445566778899aabbccddeeff)]\r\n[1 TMP "
                "99.0.3.2]\r\n";
        if (how & 4) input += "[1 HELO mx.test {2}]\r\nme";
        const char* const offered = duplex               ? "(NOW) (ZSTD) (DUPLEX) (SPLIT) (STAT) (TRACE) "
                                    : data[0] % 16 == 15 ? "(NOW) (ZSTD) (SPLIT) (STAT) (TRACE) "
                                    : data[0] % 8 == 7   ? "(SPLIT) (STAT) "
                                                         : "";
        input += "[1 OK 99.0.2.1 (PIPE) " + std::string(offered) + "(WINDOW=3;1000)]\r\n";
        if (!(how & 2)) input += data[0] % 4 == 1 ? "[2 ERR 99.0.5.0]\r\n" : "[2 OK 99.0.2.2]\r\n";
    }
    input.append(reinterpret_cast<const char*>(data) + 2, size - 2);

    driver whole(how, duplex, input.size() + 1, input);
    whole.run();
    driver cut(how, duplex, data[1] / 16 + 1U, input);
    cut.run();
    require(cut.said == whole.said);
    require(cut.told() == whole.told());
    require(cut.arrived() == whole.arrived());
    return 0;
}
