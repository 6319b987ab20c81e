// The server session against a client that says anything: it ends, whatever was appended belongs to an object that was
// permitted and has room for it, every message ends in exactly one way, and none of it depends on how the octets
// arrive. The first octet chooses how far the session has come, the second how the driver decides and the cut.
#include "tests/fuzz/xproto_halves.hpp"
#include "xproto/server_session.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace {

using namespace xproto;
using namespace fuzz;

server_config configuration(unsigned how)
{
    server_config c;
    c.host = "mx.test";
    c.nonce = "0123456789abcdef";
    c.limits.line = 300;
    c.limits.chunk = 50;
    c.limits.proof = 20;
    c.limits.envelope = c.limits.headers = c.limits.body = 200;
    c.limits.skeleton_table = 20;
    c.limits.octets_before_helo = 1000;
    c.extensions = &extensions();
    c.limits.errors = 3;
    c.limits.text = 40;
    c.limits.output = how & 1 ? 1 : 1000;
    c.window = {3, 120};
    c.prove = how & 2 ? prove_self::always : prove_self::never;
    return c;
}

class driver {
  public:
    driver(unsigned how, bool duplex, std::size_t piece, std::string input)
        : session_(configuration(how)), taker_(session_, how), giver_(session_, how), how_(how), piece_(piece),
          input_(std::move(input))
    {
        if (duplex) session_.on_tls({true, "exporter"});
    }

    void run()
    {
        while (!closed_) {
            auto action = session_.next();
            require(++actions_ < 100000);
            std::visit([this](auto& a) { pass(a); }, action);
        }
    }

    std::string said; // to the client, and the close
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
    void on(server_session::ready&) { giver_.send(); }
    void on(server_session::later_hop&) { require(false); } // not switched on
    void on(server_session::start_tls&) { require(false); } // not offered
    void on(server_session::read_more&)
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
    void on(server_session::wait&) { require(false); } // every question is answered at once
    void on(server_session::write& a)
    {
        require(!a.octets.empty() && a.octets.size() < 20000);
        said += a.octets;
    }
    void on(server_session::check_identity& a)
    {
        require(a.proof.size() <= 20);
        const auto as = how_ & 8 ? standing::unknown : standing::trusted;
        session_.on_identity(a.proof == "evil" ? identity_answer::refuse(codes::invalid_proof)
                                               : identity_answer::accept(as, "client.test"));
    }
    void on(server_session::make_proof&) { session_.on_proof("me"); }
    void on(server_session::close& a)
    {
        taker_.closed();
        giver_.closed();
        require(!a.text.empty());
        said += "close " + a.code.text();
        closed_ = true;
    }

    server_session session_;
    taker taker_;
    giver giver_;
    unsigned how_;
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
    const unsigned how = data[1] % 16 | (duplex ? 2 : 0);
    std::string input;
    if (data[0] % 4 != 0) {
        input = "[1 HELO client.test {2}]\r\nok";
        if (how & 2) input += "[1 TMP 99.0.3.2]\r\n[1 OK 99.0.2.1]\r\n";
        if (duplex)
            input +=
                "[2 OPT (PIPE=ON) (NOW=ON) (ZSTD=ON) (DUPLEX=ON) (SPLIT=ON) (STAT=ON) (WINDOW=3;1000) (LIMITS CHUNK=10 "
                "NOW=30)]\r\n";
        else if (data[0] % 16 == 15)
            input += "[2 OPT (PIPE=ON) (NOW=ON) (ZSTD=ON) (SPLIT=ON) (STAT=ON)]\r\n";
        else if (data[0] % 8 == 7)
            input += "[2 OPT (PIPE=ON) (SPLIT=ON) (STAT=ON)]\r\n";
        else if (data[0] % 4 != 1)
            input += "[2 OPT (PIPE=ON)]\r\n";
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
