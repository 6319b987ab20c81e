// The client session against a server that answers anything: it ends, every transaction gets exactly one result, and no
// content is sent over DATA without a 354. The first two octets choose configuration and content; the rest are the
// server's.
#include "smtp/client_session.hpp"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

void require(bool promise)
{
    if (!promise) std::abort();
}

class driver {
  public:
    driver(const smtp::client_config& config, std::string content, std::string_view replies, std::size_t piece)
        : session_(config), content_(std::move(content)), replies_(replies), piece_(piece)
    {
        smtp::content_scan scan;
        scan.push(content_);
        facts_ = scan.facts();
    }

    void run()
    {
        while (!closed_) {
            auto action = session_.next();
            require(++actions_ < 1000000);
            std::visit([this](auto& a) { on(a); }, action);
        }
        require(begun_ == results_);
    }

  private:
    // A line at a time, as a server that waits for its turn; sometimes two, as one that does not.
    void read()
    {
        const auto end = replies_.find('\n');
        auto size = end == replies_.npos ? replies_.size() : end + 1;
        if (actions_ % 5 == 0) size = replies_.size() < 2 * size ? replies_.size() : 2 * size;
        if (size == 0) return actions_ % 2 == 0 ? session_.on_eof() : session_.on_timeout();
        given_ = std::make_unique<std::string>(replies_.substr(0, size));
        replies_.remove_prefix(size);
        session_.on_bytes(*given_);
    }

    void on(smtp::read_more&) { read(); }
    void on(smtp::write& w)
    {
        require(!w.octets.empty());
        written_ += w.octets;
    }
    void on(smtp::start_tls&)
    {
        require(written_.ends_with("STARTTLS\r\n"));
        if (content_.size() % 2 == 0) return session_.on_error("no handshake");
        session_.on_tls({});
    }
    void on(smtp::ready&)
    {
        require(begun_ == results_);
        if (begun_ == 3) return session_.quit();
        ++begun_;
        at_ = 0;
        session_.begin({"ann@a.test",
                        {{"BODY", "8BITMIME"}, {"ENVID", "x"}},
                        {{"bob@b.test", {{"NOTIFY", "NEVER"}}}, {"用户@b.test", {}}, {"<", {}}}},
                       facts_);
    }
    void on(smtp::want_content&)
    {
        const auto part = content_.substr(at_, piece_);
        at_ += part.size();
        session_.on_content(part, at_ == content_.size());
    }
    void on(smtp::result& r)
    {
        require(++results_ == begun_ && r.recipients.size() == 3);
        for (const auto& one : r.recipients) {
            require(one.answer.code >= 200 && one.answer.code < 600 && !one.answer.intermediate());
            // A success is the server's word about content that it was given.
            if (one.answer.positive())
                require(one.stage == smtp::delivery_stage::content && one.from_peer && at_ == content_.size());
            if (r.content_sent_answer_lost) require(at_ == content_.size());
        }
        require(r.recipients[2].stage == smtp::delivery_stage::not_sent);
    }
    void on(smtp::close&) { closed_ = true; }

    smtp::client_session session_;
    std::string content_;
    smtp::content_facts facts_;
    std::string_view replies_;
    std::size_t piece_;
    std::size_t at_ = 0;
    std::string written_;
    std::unique_ptr<std::string> given_;
    std::size_t begun_ = 0;
    std::size_t results_ = 0;
    std::size_t actions_ = 0;
    bool closed_ = false;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    if (size < 2) return 0;
    smtp::client_config config;
    config.tls = static_cast<smtp::tls_use>(data[0] % 3);
    config.sending.pipelining = (data[0] & 4) == 0;
    config.sending.chunking = (data[0] & 8) == 0;
    config.sending.eager_octets = data[0] & 16 ? 0 : 65536;
    config.limits.commands_in_flight = data[0] & 32 ? 2 : 250;
    config.limits.chunks_in_flight = 2;
    static const char* const contents[] = {
        "", "x", "line\r\n.line\r\n", "bare\nnewline", "\xE9\r\n", "a\r\nb\r\nc\r\nd\r\n"};
    const std::string_view replies(reinterpret_cast<const char*>(data) + 2, size - 2);
    driver(config, contents[data[1] % 6], replies, 1 + data[1] / 32).run();
    return 0;
}
