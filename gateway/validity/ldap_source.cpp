// libldap, which only this file includes. Its calls block, so they run in a thread; answers are posted to the event
// loop.
#include "gateway/validity/ldap_source.hpp"

#include <boost/asio/post.hpp>

#include <ldap.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace gateway::validity {

namespace {

namespace asio = boost::asio;

constexpr int most_entries = 4; // that one domain may have
constexpr std::chrono::seconds kept_for{
    60}; // directories tell no TTL: one that changes a CA is believed within a minute
constexpr int most_message_octets = 1 << 20;

struct free_connection {
    void operator()(LDAP* connection) const { ldap_unbind_ext_s(connection, nullptr, nullptr); }
};
using connection = std::unique_ptr<LDAP, free_connection>;
struct free_message {
    void operator()(LDAPMessage* message) const { ldap_msgfree(message); }
};
using message = std::unique_ptr<LDAPMessage, free_message>;

// One question to a directory, from connecting to the answer.
class query {
  public:
    query(const config::directory& directory, std::chrono::seconds timeout) : from_(directory)
    {
        limit_.tv_sec = static_cast<time_t>(timeout.count());
    }
    ca_answer ask(const std::string& domain);

  private:
    int open();
    int set_tls();
    int search(const std::string& domain, message& got);
    ca_answer read(LDAPMessage* got) const;
    ca_answer failed(int error) const;

    const config::directory& from_;
    timeval limit_{};
    connection directory_;
};

ca_answer query::failed(int error) const
{
    std::string what = from_.server + ": " + ldap_err2string(error);
    char* more = nullptr;
    if (directory_ && ldap_get_option(directory_.get(), LDAP_OPT_DIAGNOSTIC_MESSAGE, &more) == 0 && more != nullptr) {
        what += std::string(" (") + more + ")";
        ldap_memfree(more);
    }
    return ca_answer::failed(std::move(what));
}

// The directory's certificate must be good, and for the name it was asked by.
int query::set_tls()
{
    auto* const d = directory_.get();
    const int demand = LDAP_OPT_X_TLS_DEMAND;
    int error = ldap_set_option(d, LDAP_OPT_X_TLS_REQUIRE_CERT, &demand);
    if (error == 0 && !from_.ca.empty()) error = ldap_set_option(d, LDAP_OPT_X_TLS_CACERTFILE, from_.ca.c_str());
    const int client = 0;
    if (error == 0) error = ldap_set_option(d, LDAP_OPT_X_TLS_NEWCTX, &client);
    return error;
}

int query::open()
{
    LDAP* made = nullptr;
    if (const int error = ldap_initialize(&made, from_.server.c_str()); error != LDAP_SUCCESS) return error;
    directory_.reset(made);
    const int version = LDAP_VERSION3;
    ber_len_t longest = most_message_octets;
    ldap_set_option(made, LDAP_OPT_PROTOCOL_VERSION, &version);
    ldap_set_option(made, LDAP_OPT_REFERRALS, LDAP_OPT_OFF); // nobody sends us elsewhere
    ldap_set_option(made, LDAP_OPT_NETWORK_TIMEOUT, &limit_);
    ldap_set_option(made, LDAP_OPT_TIMEOUT, &limit_);
    Sockbuf* socket = nullptr;
    if (ldap_get_option(made, LDAP_OPT_SOCKBUF, &socket) != LDAP_OPT_SUCCESS) return LDAP_LOCAL_ERROR;
    ber_sockbuf_ctrl(socket, LBER_SB_OPT_SET_MAX_INCOMING, &longest);
    const bool secure = from_.server.starts_with("ldaps:");
    if (!secure && from_.tls == config::directory_tls::none) return LDAP_SUCCESS;
    if (const int error = set_tls(); error != LDAP_SUCCESS) return error;
    return secure ? LDAP_SUCCESS : ldap_start_tls_s(made, nullptr, nullptr);
}

int query::search(const std::string& domain, message& got)
{
    const auto base = ldap_base(domain);
    const auto filter = "(&(objectClass=inetDnsDomain)(cn:dn:=" + domain + "))"; // letters, digits, hyphens and dots
    std::string attribute = "cACertificate;binary";
    char* attributes[] = {attribute.data(), nullptr};
    LDAPMessage* found = nullptr;
    const int error = ldap_search_ext_s(directory_.get(), base.c_str(), LDAP_SCOPE_SUBTREE, filter.c_str(), attributes,
                                        0, nullptr, nullptr, &limit_, most_entries, &found);
    got.reset(found);
    return error;
}

ca_answer query::read(LDAPMessage* got) const
{
    std::vector<xproto::certificate_association> records;
    auto* const d = directory_.get();
    for (auto* entry = ldap_first_entry(d, got); entry != nullptr; entry = ldap_next_entry(d, entry)) {
        auto** const values = ldap_get_values_len(d, entry, "cACertificate;binary");
        for (int i = 0; values != nullptr && values[i] != nullptr; ++i) {
            if (records.size() == xproto::most_associations) break;
            xproto::certificate_association one; // the whole certificate
            one.data.assign(values[i]->bv_val, values[i]->bv_len);
            records.push_back(std::move(one));
        }
        if (values != nullptr) ldap_value_free_len(values);
    }
    if (records.empty()) return ca_answer::none(from_.server + " has no cACertificate for it", kept_for);
    return ca_answer::found(std::move(records), kept_for);
}

ca_answer query::ask(const std::string& domain)
{
    if (const int error = open(); error != LDAP_SUCCESS) return failed(error);
    message got;
    const int error = search(domain, got);
    if (error == LDAP_NO_SUCH_OBJECT) return ca_answer::none(from_.server + " has no " + ldap_base(domain), kept_for);
    if (error != LDAP_SUCCESS) return failed(error);
    return read(got.get());
}

class ldap_source final : public ca_source {
  public:
    ldap_source(asio::io_context& context, const config::directory& directory, std::chrono::seconds timeout)
        : context_(context), directory_(directory), timeout_(timeout), thread_([this] { work(); })
    {
    }
    // Waits for the question under way, at most for its timeouts.
    ~ldap_source() override
    {
        {
            const std::lock_guard lock(guard_);
            stopping_ = true;
        }
        wake_.notify_one();
        thread_.join();
    }

    void find(const std::string& domain, ca_receiver receiver) override
    {
        {
            const std::lock_guard lock(guard_);
            questions_.push_back({domain, std::move(receiver)});
        }
        wake_.notify_one();
    }

  private:
    struct question {
        std::string domain;
        ca_receiver receiver;
    };

    void work();

    asio::io_context& context_;
    const config::directory directory_;
    const std::chrono::seconds timeout_;
    std::mutex guard_;
    std::condition_variable wake_;
    std::deque<question> questions_; // as many as dns.lookups lets through
    bool stopping_ = false;
    std::shared_ptr<const bool> alive_ = std::make_shared<bool>(true);
    std::thread thread_;
};

void ldap_source::work()
{
    for (;;) {
        std::unique_lock lock(guard_);
        wake_.wait(lock, [this] { return stopping_ || !questions_.empty(); });
        if (stopping_) return;
        auto next = std::move(questions_.front());
        questions_.pop_front();
        lock.unlock();
        auto found = query(directory_, timeout_).ask(next.domain);
        auto tell = [alive = std::weak_ptr<const bool>(alive_), receiver = std::move(next.receiver),
                     answer = std::move(found)] {
            if (!alive.expired()) receiver(answer);
        };
        asio::post(context_, std::move(tell));
    }
}

} // namespace

std::unique_ptr<ca_source> make_ldap_source(asio::io_context& context, const config::directory& directory,
                                            std::chrono::seconds timeout)
{
    return std::make_unique<ldap_source>(context, directory, timeout);
}

std::string ldap_base(std::string_view domain)
{
    std::string base = "cn=inetResources";
    while (!domain.empty()) {
        const auto label = domain.substr(0, domain.find('.'));
        base.append(",dc=").append(label);
        domain.remove_prefix(std::min(domain.size(), label.size() + 1));
    }
    return base;
}

} // namespace gateway::validity
