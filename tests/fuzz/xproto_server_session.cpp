// The server session against a client that says anything: it ends, whatever was appended belongs to an object that was
// permitted and has room for it, every message ends in exactly one way, and none of it depends on how the octets
// arrive. The first octet chooses how far the session has come, the second how the driver decides and the cut.
#include "xproto/extensions.hpp"
#include "xproto/server_session.hpp"

#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <set>
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

    std::string said; // to the client, and the close
    std::map<std::uint32_t, std::string> arrived;

  private:
    struct object {
        std::string id;
        std::uint64_t octets = 0;
        bool fragments = false;
        bool finishing = false;
    };

    // The same object always meets the same fate.
    bool fate(std::uint32_t tag, unsigned salt) const
    {
        return (how_ & 4) && (tag * 2654435761U + salt * 40503U) % 5 == 0;
    }

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
    void on(server_session::check_object& a)
    {
        const bool skeleton = a.type == object_type::skeleton;
        const bool leaf = a.type == object_type::leaf;
        require(a.octets + a.from <= (skeleton ? 220U : 200U));
        require(a.from == 0 || leaf || a.type == object_type::body);
        require(open_.contains(a.message_id) == (a.type != object_type::envelope));
        const bool here = leaf && fate(a.tag, 5);
        require(objects_.emplace(a.tag, object{a.message_id, a.octets, a.pending != 0 || here, false}).second);
        open_.insert(a.message_id);
        require(open_.size() <= 3);
        if (here) return session_.on_object(a.tag, object_answer::leaf_here(fate(a.tag, 4)));
        if (!fate(a.tag, 1)) return session_.on_object(a.tag, object_answer::permit_leaf(leaf && fate(a.tag, 4)));
        open_.erase(a.message_id);
        session_.on_object(a.tag, object_answer::refuse(codes::busy, "no\r\n[1 OK"));
    }
    void on(server_session::append& a)
    {
        require(!a.octets.empty());
        const auto& o = objects_.at(a.tag);
        require(open_.contains(o.id) && !o.finishing);
        arrived[a.tag] += a.octets;
        require(arrived[a.tag].size() <= (o.fragments ? 220 : o.octets));
    }
    void on(server_session::finish_object& a)
    {
        auto& o = objects_.at(a.tag);
        require(open_.contains(o.id) && o.id == a.message_id && !std::exchange(o.finishing, true));
        require(o.fragments || arrived[a.tag].size() == o.octets);
        auto answer = fate(a.tag, 2) ? finish_answer::refuse(codes::policy) : finish_answer::accept();
        if ((a.type == object_type::envelope || a.type == object_type::skeleton) && fate(a.tag, 3))
            answer = finish_answer::accept_control();
        if (a.last || !answer.ok || answer.complete) open_.erase(o.id);
        session_.on_finished(a.tag, answer);
    }
    void on(server_session::check_held& a)
    {
        require(a.message_id.size() <= 255);
        session_.on_held(a.tag, {fate(a.tag, 6), {{"sha-256:aa", a.tag}}});
    }
    void on(server_session::abort& a) { require(open_.erase(a.message_id) == 1); }
    void on(server_session::close& a)
    {
        require(open_.empty());
        require(!a.text.empty());
        said += "close " + a.code.text();
        closed_ = true;
    }

    server_session session_;
    unsigned how_;
    std::size_t piece_;
    std::string input_;
    std::size_t at_ = 0;
    std::unique_ptr<std::string> buffer_;
    std::size_t actions_ = 0;
    bool eof_ = false;
    bool closed_ = false;
    std::map<std::uint32_t, object> objects_;
    std::set<std::string> open_;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2) return 0;
    const unsigned how = data[1] % 16;
    std::string input;
    if (data[0] % 4 != 0) {
        input = "[1 HELO client.test {2}]\r\nok";
        if (how & 2) input += "[1 TMP 99.0.3.2]\r\n[1 OK 99.0.2.1]\r\n";
        if (data[0] % 16 == 15)
            input += "[2 OPT (PIPE=ON) (NOW=ON) (ZSTD=ON) (SPLIT=ON) (STAT=ON)]\r\n";
        else if (data[0] % 8 == 7)
            input += "[2 OPT (PIPE=ON) (SPLIT=ON) (STAT=ON)]\r\n";
        else if (data[0] % 4 != 1)
            input += "[2 OPT (PIPE=ON)]\r\n";
    }
    input.append(reinterpret_cast<const char*>(data) + 2, size - 2);

    driver whole(how, input.size() + 1, input);
    whole.run();
    driver cut(how, data[1] / 16 + 1U, input);
    cut.run();
    require(cut.said == whole.said);
    require(cut.arrived == whole.arrived);
    return 0;
}
