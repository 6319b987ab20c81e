// Messages in a map.
#include "gateway/spool/memory.hpp"

#include "gateway/spool/duplicates.hpp"

#include <cassert>
#include <map>
#include <utility>

namespace gateway::spool {
namespace {

struct stored {
    record facts;
    std::string envelope, headers, body;
};

struct shelf {
    poster post;
    std::map<entry_id, std::shared_ptr<stored>> messages;
    std::map<std::string, std::vector<std::string>> duplicates;
    std::uint64_t last_id = 0;
};

class memory_writer : public writer {
  public:
    memory_writer(std::shared_ptr<shelf> on, entry_id id) : on_(std::move(on)), id_(id) {}

    entry_id id() const override { return id_; }
    void append(std::string_view octets) override { body_ += octets; }
    bool congested() const override { return false; }
    void on_drained(std::function<void()> handler) override { on_->post(std::move(handler)); }

    void commit(record facts, std::string envelope, std::string headers, commit_handler handler) override
    {
        auto message = std::make_shared<stored>();
        message->facts = std::move(facts);
        message->facts.id = id_;
        message->facts.place.body_octets = body_.size();
        message->facts.place.envelope_octets = envelope.size();
        message->facts.place.headers_octets = headers.size();
        message->body = std::move(body_);
        message->envelope = std::move(envelope);
        message->headers = std::move(headers);
        on_->post(
            [on = on_, message = std::move(message), handler = std::move(handler)] { handler(store(*on, message)); });
    }

  private:
    static result<record> store(shelf& on, const std::shared_ptr<stored>& message)
    {
        auto& facts = message->facts;
        if (!facts.peer_identity.empty()) {
            const auto key = duplicate_key(facts.peer_identity, facts.message_id);
            const auto known = on.duplicates.find(key);
            if (known != on.duplicates.end() && !mark_repeated(facts.recipients, known->second))
                return errc::already_have;
            auto& addresses = on.duplicates[key];
            addresses = remember(addresses, facts.recipients, 0).addresses;
        }
        on.messages[facts.id] = message;
        return facts;
    }

    std::shared_ptr<shelf> on_;
    entry_id id_;
    std::string body_;
};

class memory_reader : public reader {
  public:
    explicit memory_reader(std::shared_ptr<stored> message) : message_(std::move(message)) {}

    result<std::string> envelope() override { return message_->envelope; }
    result<std::string> headers() override { return message_->headers; }
    result<std::string_view> body(std::uint64_t offset) override
    {
        const std::string_view body = message_->body;
        return offset >= body.size() ? std::string_view() : body.substr(offset, placement::check_octets);
    }

  private:
    std::shared_ptr<stored> message_;
};

class memory_spool : public spool {
  public:
    explicit memory_spool(poster post) { shelf_->post = std::move(post); }

    std::unique_ptr<writer> begin() override
    {
        return std::make_unique<memory_writer>(shelf_, entry_id(++shelf_->last_id));
    }

    void update(const record& message) override
    {
        const auto found = shelf_->messages.find(message.id);
        if (found == shelf_->messages.end()) return;
        auto place = std::move(found->second->facts.place);
        found->second->facts = message;
        found->second->facts.place = std::move(place);
    }

    void settle(entry_id id) override { shelf_->messages.erase(id); }

    result<record> find(entry_id id) override
    {
        const auto found = shelf_->messages.find(id);
        if (found == shelf_->messages.end()) return errc::not_found;
        return found->second->facts;
    }

    void for_each(const std::function<bool(const record&)>& visit, entry_id after) override
    {
        const auto messages = shelf_->messages; // a visitor may change them
        for (auto at = messages.upper_bound(after); at != messages.end(); ++at)
            if (shelf_->messages.contains(at->first) && !visit(at->second->facts)) return;
    }

    result<std::unique_ptr<reader>> open(const record& message) override
    {
        const auto found = shelf_->messages.find(message.id);
        if (found == shelf_->messages.end()) return errc::not_found;
        return std::unique_ptr<reader>(std::make_unique<memory_reader>(found->second));
    }

    std::vector<std::string> already_have(std::string_view peer_identity, std::string_view message_id) override
    {
        const auto found = shelf_->duplicates.find(duplicate_key(peer_identity, message_id));
        return found == shelf_->duplicates.end() ? std::vector<std::string>{} : found->second;
    }

    health_report health() const override { return {}; }

    usage_report usage() const override
    {
        usage_report sizes;
        sizes.messages = shelf_->messages.size();
        for (const auto& [id, message] : shelf_->messages) sizes.octets += message->facts.place.octets();
        sizes.memory_octets = sizes.octets;
        return sizes;
    }

  private:
    std::shared_ptr<shelf> shelf_ = std::make_shared<shelf>();
};

} // namespace

std::unique_ptr<spool> make_memory_spool(poster post)
{
    return std::make_unique<memory_spool>(std::move(post));
}

} // namespace gateway::spool
