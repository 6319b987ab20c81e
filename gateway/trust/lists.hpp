// What lists say of a peer or a sender. Trust only: whether the peer is who it says it is (validity) has been settled
// before, and is kept apart, here and in the log.
#pragma once

#include "gateway/config/list_entries.hpp"
#include "gateway/log/logger.hpp"
#include "gateway/net/resolver.hpp"
#include "gateway/trust/web_lists.hpp"
#include "xproto/session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gateway::trust {

struct finding {
    enum class opinion {
        none,
        vouched,
        blocked,
        unknown, // a list that blocks could not be asked, and wants those deferred whom it knows nothing about
    };
    opinion what = opinion::none;
    std::string list;  // its name
    std::string entry; // of the list, or why it could not be asked

    bool operator==(const finding&) const = default;
};

// What is asked about. What is empty or missing is not asked about.
struct subject {
    std::string host;                 // proved; a domain list looks at it too
    std::string address;              // IP
    std::string sender;               // a mail address; a domain list looks at its domain, too
    std::vector<std::string> issuers; // the issuerAltNames of the host's certificate
};

class lists {
  public:
    using handler = std::function<void(finding)>;

    // All outlive it.
    lists(boost::asio::io_context& context, net::resolver& dns, web_lists& web, log::logger& log);

    // Takes up the lists of a configuration; files are read, and watched from now on; those of the web are fetched.
    void use(std::shared_ptr<const config::settings> settings);
    void stop() { timer_.cancel(); }
    // What is done when the entries of a file or of a list by HTTPS are others than before.
    void on_change(std::function<void()> act)
    {
        changed_ = act;
        web_.on_change(std::move(act));
    }
    // `done` runs once, at once or later. Who is in a list to block is blocked, whoever vouches.
    void ask(const subject& about, handler done);

    // The same about a host whose identity is valid: what judge() makes of it, which is logged with both.
    void judge_host(const xproto::identity_answer& valid, const subject& host,
                    std::function<void(xproto::identity_answer)> done);
    // No lists, so nothing to ask?
    bool empty() const { return settings_->lists.empty(); }

  private:
    // The entries of a file, and the file as it was when they were read.
    struct source {
        std::optional<config::list_entries> entries; // none: it could not be read yet
        std::filesystem::file_time_type changed{};
        std::uintmax_t octets = 0;
        std::string problem;
    };
    struct inquiry;

    void refresh();
    void read(const config::trust_list& list, source& into);
    void watch();
    web_lists::state read_from_file(const config::trust_list& list) const;
    finding look_up(const config::trust_list& list, const subject& about) const;
    void ask_dns(const config::trust_list& list, const subject& about, const std::shared_ptr<inquiry>& all);

    net::resolver& dns_;
    web_lists& web_;
    log::logger& log_;
    std::function<void()> changed_ = [] {};
    bool news_ = false; // since changed_ was called
    std::shared_ptr<const config::settings> settings_;
    std::map<std::string, source> sources_; // by the file's path and what the list is by
    boost::asio::steady_timer timer_;
};

std::string_view to_text(finding::opinion value);

// What lists make of a host whose identity is valid: one that is blocked is refused, one that is vouched for is known
// instead of unknown. A trusted one stays what it is.
xproto::identity_answer judge(xproto::identity_answer valid, const finding& said);

} // namespace gateway::trust
