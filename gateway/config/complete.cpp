// What no single key can tell: keys that refer to one another, and those that are worked out from others.
#include "gateway/config/keys.hpp"

#include "gateway/config/quantity.hpp"

#include <algorithm>
#include <set>

namespace gateway::config {
namespace {

constexpr std::size_t max_socket_octets = 107; // of sockaddr_un's sun_path, without the NUL

class completion {
  public:
    completion(settings& value, problems& found) : value_(value), found_(found) {}

    void all()
    {
        follow_state();
        if (value_.smtp.hostname.empty()) value_.smtp.hostname = value_.host;
        retry();
        socket();
        listeners();
        sizes();
        waits();
        peers();
        directories();
        for (std::size_t i = 0; i < value_.routes.size(); ++i)
            route_at(value_.routes[i], "route[" + std::to_string(i + 1) + "]");
        complete_filters(value_, [this](const auto& key, const auto& what) { wrong(key, what); });
    }

  private:
    // At most one problem for a key: what was not read right is not judged further.
    void wrong(const std::string& key, const std::string& what)
    {
        if (std::any_of(found_.begin(), found_.end(), [&](const auto& p) { return p.key == key; })) return;
        auto at = value_.places.find(key);
        if (at == value_.places.end())
            at = value_.places.find(std::string(section_of(key))); // of "route[1].to": the table
        const auto place = at == value_.places.end() ? position{} : at->second;
        found_.push_back(problem::error(value_.file.string(), place, key, what));
    }
    bool in_file(const std::string& key) const { return value_.places.contains(key); }

    // Defaults below "state/" mean the folder that `state` names.
    void follow_state()
    {
        if (!in_file("tls.certificate")) value_.tls.certificate = value_.state / "host.pem";
        if (!in_file("tls.key")) value_.tls.key = value_.state / "host-key.pem";
        if (!in_file("tls.ca_key")) value_.tls.ca_key = value_.state / "ca-key.pem";
        if (!in_file("admin.socket")) value_.admin.socket = value_.state / "admin.sock";
    }

    void retry()
    {
        if (value_.queue.retry.empty()) wrong("queue.retry", R"(wanted at least one duration, such as ["5m"])");
    }

    void socket()
    {
        const auto path = value_.admin.socket.string();
        if (path.size() > max_socket_octets)
            wrong("admin.socket", "wanted a path of at most " + std::to_string(max_socket_octets) +
                                      " octets, which is all that a Unix socket can have; found " +
                                      std::to_string(path.size()) + ": " + path);
    }

    void listeners()
    {
        std::set<std::string> taken;
        const auto check = [&](const std::string& key, const std::vector<endpoint>& all) {
            for (const auto& e : all)
                if (e.port != 0 && !taken.insert(to_text(e)).second) wrong(key, to_text(e) + " is used twice");
        };
        check("smtp.listen", value_.smtp.listen);
        check("xproto.listen", value_.xproto.listen);
        check("xproto.clear_listen", value_.xproto.clear_listen);
        check("admin.listen", value_.admin.listen);
    }

    // Who waits for another that waits itself must wait longer. What is not in the file makes room for what is.
    void waits()
    {
        auto& t = value_.timeouts;
        auto& q = value_.queue;
        if (!in_file("timeouts.data")) t.data = std::max(t.data, t.reply);
        if (!in_file("timeouts.reply")) t.reply = std::min(t.reply, t.data);
        if (t.reply > t.data) wrong("timeouts.reply", "wanted at most timeouts.data (" + to_text(t.data) + ")");
        shorter("timeouts.progress", t.progress, "timeouts.reply", t.reply);
        shorter("timeouts.progress", t.progress, "timeouts.data", t.data);
        shorter("timeouts.dns", t.dns, "timeouts.helo", t.helo);
        shorter("timeouts.dns", t.dns, "timeouts.reply", t.reply);
        if (in_file("queue.delay_notice")) shorter("queue.delay_notice", q.delay_notice, "queue.expire", q.expire);
    }

    void shorter(const std::string& inner, std::chrono::seconds& a, const std::string& outer, std::chrono::seconds b)
    {
        if (!in_file(inner)) a = std::max(std::chrono::seconds(1), std::min(a, b / 2));
        if (in_file(inner) && a >= b) wrong(inner, "wanted less than " + outer + " (" + to_text(b) + ")");
    }

    void sizes()
    {
        const auto& l = value_.limits;
        if (l.header_octets > l.headers_object_octets / 2)
            wrong("limits.header_octets",
                  "wanted at most half of limits.headers_object_octets (" + octets_to_text(l.headers_object_octets) +
                      "), so that every header fits into its object; found " + octets_to_text(l.header_octets));
        if (l.chunk_octets > l.window_octets)
            wrong("limits.chunk_octets", "wanted at most limits.window_octets (" + octets_to_text(l.window_octets) +
                                             "); found " + octets_to_text(l.chunk_octets));
    }

    void peers()
    {
        std::set<std::string> hosts;
        for (std::size_t i = 0; i < value_.peers.size(); ++i) {
            auto& p = value_.peers[i];
            const auto name = "peer[" + std::to_string(i + 1) + "]";
            if (p.host.empty()) continue; // already reported
            if (!hosts.insert(p.host).second) wrong(name + ".host", "there is another [[peer]] " + p.host);
            if (p.host == canonical_domain(value_.host)) wrong(name + ".host", "is this gateway's own name");
            if (std::find(p.domains.begin(), p.domains.end(), "*") != p.domains.end())
                wrong(name + ".domains", R"(wanted domains; a peer that may speak for all is trust = "trusted")");
            if (p.domains.empty() && in_file(name + ".domains")) wrong(name + ".domains", "wanted at least one domain");
            if (p.domains.empty()) p.domains = {parent_domain(p.host)};
            if (!in_file(name + ".extensions")) p.extensions = value_.xproto.extensions;
        }
    }

    void directories()
    {
        for (std::size_t i = 0; i < value_.directories.size(); ++i) {
            const auto& server = value_.directories[i].server;
            const auto name = "directory[" + std::to_string(i + 1) + "]";
            const bool secure = server.starts_with("ldaps://"), plain = server.starts_with("ldap://");
            const auto host = server.substr(std::min(server.size(), server.find("//") + 2));
            if ((!secure && !plain) || host.empty() || host.find_first_of("/ ?") != host.npos)
                wrong(name + ".server", R"(wanted "ldaps://host" or "ldap://host", with a port or without)");
            if (secure && in_file(name + ".tls")) wrong(name + ".tls", "is for ldap://; ldaps:// always has TLS");
        }
    }

    // "carrier.example" of "mx1.carrier.example"; a name of two labels is its own.
    static std::string parent_domain(const std::string& host)
    {
        const auto dot = host.find('.');
        if (dot == host.npos || host.find('.', dot + 1) == host.npos) return host;
        return host.substr(dot + 1);
    }

    void route_at(route& r, const std::string& name)
    {
        if (r.policy == route_policy::by_domain) r.policy = r.domain == "*" ? route_policy::obey : route_policy::ignore;
        const bool implemented = r.via == route_via::xproto || r.via == route_via::smtp;
        if (!in_file(name + ".via")) return; // already reported
        if (!implemented)
            return wrong(name + ".via", "this version does not deliver by \"" + std::string(to_text(r.via)) +
                                            "\" yet; wanted \"xproto\" or \"smtp\"");
        if (r.session == session_by::them) return guest(r, name);
        if (!in_file(name + ".to")) return wrong(name + ".to", R"(is missing. The next hop, such as "127.0.0.1:2600")");
        if (r.via == route_via::xproto) return find_host(r, name);
        if (!r.host.empty()) wrong(name + ".host", "only a route by xproto has it");
    }

    // A host that opens the sessions itself has to be one that is offered to take mail in them.
    void guest(route& r, const std::string& name)
    {
        if (r.via != route_via::xproto) return wrong(name + ".session", "only a route by xproto has it");
        for (const auto* key : {".to", ".start"})
            if (in_file(name + key))
                wrong(name + key, R"(is for sessions of ours; with session = "theirs" there is none)");
        if (!in_file(name + ".host"))
            return wrong(name + ".host", R"(is missing: with session = "theirs", the host that the mail waits for)");
        find_host(r, name);
        const auto* p = value_.peer_by_host(r.host);
        if (p == nullptr) return;
        const auto offered = [p](std::string_view word) {
            return std::any_of(p->extensions.begin(), p->extensions.end(),
                               [word](const auto& one) { return one == "*" || one == word; });
        };
        if (p->trust == trust::unknown)
            wrong(name + ".host", r.host + R"( has trust = "unknown", and such hosts get no mail in their sessions)");
        else if (!offered("PIPE") || !offered("DUPLEX"))
            wrong(name + ".host", r.host +
                                      " is not offered the extensions PIPE and DUPLEX, without which it gets no mail "
                                      "in its sessions");
    }

    // Which peer must the next hop of an xproto route prove to be?
    void find_host(route& r, const std::string& name)
    {
        if (in_file(name + ".host")) {
            if (value_.peer_by_host(r.host) == nullptr && !takes_unknown())
                wrong(name + ".host", "there is no [[peer]] " + r.host +
                                          R"(, and hosts that none names are not believed: xproto.unknown_peers)");
            return;
        }
        const auto named = [&](const peer& p) { return p.host == canonical_domain(r.to.host); };
        const auto addressed = [&](const peer& p) { return p.address == r.to.host; };
        const auto speaks = [&](const peer& p) {
            return std::any_of(p.domains.begin(), p.domains.end(), [&](const auto& d) { return matches(d, r.domain); });
        };
        const auto any = [](const peer&) { return true; };
        for (const auto& candidates : {choose(named), choose(addressed), choose(speaks)}) {
            if (!candidates.empty()) return take_host(r, name, candidates);
        }
        // Where hosts are believed that no [[peer]] names, it may prove the name by which it is reached.
        if (takes_unknown() && !is_address(r.to.host)) {
            r.host = canonical_domain(r.to.host);
            return;
        }
        if (const auto all = choose(any); !all.empty()) return take_host(r, name, all);
        wrong(name, "goes by xproto, but there is no [[peer]] whose certificate could prove who the next hop is");
    }

    void take_host(route& r, const std::string& name, const std::vector<const peer*>& candidates)
    {
        r.host = candidates.front()->host;
        if (candidates.size() > 1)
            wrong(name + ".host", "is missing, and more than one [[peer]] could be meant: " + candidates[0]->host +
                                      ", " + candidates[1]->host + (candidates.size() > 2 ? ", ..." : ""));
    }
    bool takes_unknown() const { return value_.xproto.unknown_peers == unknown_peers::accept; }

    template <class Test> std::vector<const peer*> choose(Test test) const
    {
        std::vector<const peer*> out;
        for (const auto& p : value_.peers)
            if (!p.host.empty() && test(p)) out.push_back(&p);
        return out;
    }

    settings& value_;
    problems& found_;
};

} // namespace

void complete(settings& value, problems& found)
{
    completion(value, found).all();
}

} // namespace gateway::config
