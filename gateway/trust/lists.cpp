// Files and what was fetched are looked up at once; lists in the DNS are asked all at the same time.
#include "gateway/trust/lists.hpp"

#include "gateway/trust/dns_list.hpp"

#include <algorithm>
#include <utility>

namespace gateway::trust {

namespace {

using config::list_by;
using opinion = finding::opinion;

constexpr std::chrono::seconds watch_interval{2};

std::string key_of(const config::trust_list& list)
{
    return std::to_string(static_cast<int>(list.by)) + list.file.string();
}

std::string domain_of(std::string_view sender)
{
    const auto at = sender.rfind('@');
    return at == sender.npos ? std::string() : std::string(sender.substr(at + 1));
}

// What a list of this kind is asked about.
std::vector<std::string> questions(list_by by, const subject& about)
{
    std::vector<std::string> all;
    const auto add = [&](std::string what) {
        if (!what.empty()) all.push_back(std::move(what));
    };
    switch (by) {
    case list_by::host: add(about.host); break;
    case list_by::address: add(about.address); break;
    case list_by::issuer: return about.issuers;
    case list_by::sender: add(about.sender); break;
    case list_by::domain:
        add(about.host);
        add(domain_of(about.sender));
        break;
    }
    return all;
}

finding make_finding(opinion what, const config::trust_list& list, std::string entry)
{
    return {what, list.name, std::move(entry)};
}

finding listed(const config::trust_list& list, std::string entry)
{
    return make_finding(list.kind == config::list_kind::block ? opinion::blocked : opinion::vouched, list,
                        std::move(entry));
}

finding failed(const config::trust_list& list, std::string why)
{
    const bool matters = list.on_failure == config::list_failure::defer;
    return make_finding(matters ? opinion::unknown : opinion::none, list, std::move(why));
}

// The more serious of two: blocked, then what is not known, then vouched; of equals the first.
const finding& worse(const finding& a, const finding& b)
{
    constexpr int rank[] = {0, 1, 3, 2}; // of none, vouched, blocked, unknown
    return rank[static_cast<int>(b.what)] > rank[static_cast<int>(a.what)] ? b : a;
}

} // namespace

// The answers about one subject, as they come.
struct lists::inquiry {
    finding worst;
    std::size_t open = 1; // questions, and the asking of them
    handler done;

    void add(const finding& one) { worst = worse(worst, one); }
    void end_one()
    {
        if (--open == 0) done(std::move(worst));
    }
};

lists::lists(boost::asio::io_context& context, net::resolver& dns, web_lists& web, log::logger& log)
    : dns_(dns), web_(web), log_(log), timer_(context)
{
}

void lists::use(std::shared_ptr<const config::settings> settings)
{
    settings_ = std::move(settings);
    web_.use(settings_);
    refresh();
    timer_.cancel();
    const auto& all = settings_->lists;
    if (std::any_of(all.begin(), all.end(), [](const auto& list) { return !list.file.empty(); })) watch();
}

void lists::watch()
{
    timer_.expires_after(watch_interval);
    timer_.async_wait([this](boost::system::error_code cancelled) {
        if (cancelled) return;
        refresh();
        watch();
    });
}

void lists::refresh()
{
    std::map<std::string, source> kept;
    for (const auto& list : settings_->lists) {
        if (list.file.empty()) continue;
        const auto key = key_of(list);
        auto& mine = kept[key];
        if (const auto known = sources_.find(key); known != sources_.end()) mine = std::move(known->second);
        sources_.erase(key);
        read(list, mine);
    }
    sources_ = std::move(kept);
    if (std::exchange(news_, false)) changed_();
}

// A list that cannot be read stays as it was; each new trouble is told once.
void lists::read(const config::trust_list& list, source& into)
{
    std::error_code error;
    const auto changed = std::filesystem::last_write_time(list.file, error);
    const auto octets = error ? 0 : std::filesystem::file_size(list.file, error);
    if (!error && changed == into.changed && octets == into.octets) return;
    into.changed = changed;
    into.octets = octets;
    const config::list_limits limits{settings_->limits.list_octets, settings_->limits.list_entries};
    auto found = config::list_entries::read(list.by, list.file, limits);
    if (found) {
        into.entries = std::move(*found);
        into.problem.clear();
        log_.info("list_read", {{"list", list.name}, {"file", list.file.string()}, {"entries", into.entries->size()}});
        news_ = true;
        return;
    }
    const auto line = found.error().line == 0 ? "" : ":" + std::to_string(found.error().line);
    auto problem = list.file.string() + line + ": " + found.error().what;
    if (problem == into.problem) return;
    into.problem = std::move(problem);
    log_.error("list_unreadable",
               {{"list", list.name}, {"reason", into.problem}, {"old_one_stays", into.entries.has_value()}});
}

web_lists::state lists::read_from_file(const config::trust_list& list) const
{
    web_lists::state said;
    const auto mine = sources_.find(key_of(list));
    if (mine == sources_.end() || !mine->second.entries)
        said.why = "it could not be read";
    else
        said.entries = &*mine->second.entries;
    return said;
}

finding lists::look_up(const config::trust_list& list, const subject& about) const
{
    auto known = list.url.empty() ? read_from_file(list) : web_.find(list);
    if (known.entries == nullptr) return failed(list, std::move(known.why));
    for (const auto& what : questions(list.by, about))
        if (auto entry = known.entries->find(what)) return listed(list, std::move(*entry));
    return {};
}

void lists::ask_dns(const config::trust_list& list, const subject& about, const std::shared_ptr<inquiry>& all)
{
    for (const auto& what : questions(list.by, about))
        for (const auto& name : dns_names(list.by, what, list.dns)) {
            ++all->open;
            dns_.look_up(name, net::dns_type::a, [all, name, list](const net::dns_answer& answer) {
                const auto said = read_dns_list(answer);
                if (said == dns_opinion::listed) all->add(listed(list, name));
                if (said == dns_opinion::no_answer)
                    all->add(failed(list, name + ": " + (answer.why.empty() ? "no answer of a list" : answer.why)));
                all->end_one();
            });
        }
}

void lists::ask(const subject& about, handler done)
{
    const auto all = std::make_shared<inquiry>();
    all->done = std::move(done);
    for (const auto& list : settings_->lists)
        if (list.dns.empty() && !questions(list.by, about).empty()) all->add(look_up(list, about));
    if (all->worst.what != opinion::blocked)
        for (const auto& list : settings_->lists)
            if (!list.dns.empty()) ask_dns(list, about, all);
    all->end_one();
}

void lists::judge_host(const xproto::identity_answer& valid, const subject& host,
                       std::function<void(xproto::identity_answer)> done)
{
    const bool asked = valid.peer == xproto::standing::known || valid.peer == xproto::standing::unknown;
    if (!asked) return done(valid);
    ask(host, [this, valid, address = host.address, done = std::move(done)](const finding& said) {
        auto answer = judge(valid, said);
        if (said.what != opinion::none)
            log_.info("peer_judged", {{"peer", valid.host},
                                      {"peer_address", address},
                                      {"validity", "valid"},
                                      {"trust", to_text(said.what)},
                                      {"list", said.list},
                                      {"entry", said.entry},
                                      {"welcome", answer.peer != xproto::standing::refused}});
        done(std::move(answer));
    });
}

std::string_view to_text(opinion value)
{
    switch (value) {
    case opinion::none: return "none";
    case opinion::vouched: return "vouched";
    case opinion::blocked: return "blocked";
    case opinion::unknown: break;
    }
    return "unknown";
}

xproto::identity_answer judge(xproto::identity_answer valid, const finding& said)
{
    if (valid.peer == xproto::standing::trusted || valid.peer == xproto::standing::refused) return valid;
    if (said.what == opinion::blocked)
        return xproto::identity_answer::refuse(xproto::codes::listed, "listed by " + said.list);
    if (said.what == opinion::unknown)
        return xproto::identity_answer::refuse(xproto::codes::identity_unchecked, said.list + " cannot be asked now");
    if (said.what == opinion::vouched && valid.peer == xproto::standing::unknown) valid.peer = xproto::standing::known;
    return valid;
}

} // namespace gateway::trust
