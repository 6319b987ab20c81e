// What playing the driver of a server and of a client session has in common: the order in which a script's inputs are
// given. Octets are given when the session reads; the answer to a question when it has been asked (kept back in the
// deferred manner until the session can do nothing else); what the driver does by itself when the session is idle.
#pragma once

#include "tests/unit/xproto/session_script.hpp"

#include "xproto/result_code.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <stdexcept>
#include <variant>

namespace session_script {

template <class Session> class player {
  public:
    player(Session session, const script& s, const manner& how, kind theirs)
        : session_(std::move(session)), how_(how), ours_(theirs == kind::client ? kind::server : kind::client)
    {
        for (const auto& e : s.lines)
            if (e.what == theirs || e.what == kind::answer || e.what == kind::event) inputs_.push_back(e);
    }
    virtual ~player() = default;

    outcome play()
    {
        while (!done_.closed && done_.complaint.empty() && done_.actions < 100000) {
            if (done_.actions == how_.cut_after) {
                cut_ = true;
                session_.on_eof();
            }
            auto action = session_.next();
            ++done_.actions;
            tell(action);
            if (!done_.closed && !how_.deferred && !cut_) give_answers();
        }
        if (done_.complaint.empty() && !done_.closed) done_.complaint = "it never ends";
        return done_;
    }

  protected:
    void ask(const std::string& text) { add(done_.lines, kind::question, text); }
    // From now on, an answer that begins with these words is wanted.
    void expect(const std::string& answer) { outstanding_.insert(answer); }

    void on_write(const std::string& octets) { add(done_.lines, ours_, octets); }
    void on_close(const std::string& text)
    {
        ask(text);
        done_.closed = true;
    }
    void on_idle(bool reads)
    {
        if (reads) buffer_.reset(); // nobody may look at it any more
        if (cut_) return answer_somehow();
        if (give_answers()) return;
        if (next_ == inputs_.size()) {
            done_.complaint = reads ? "nothing left to read" : "no answer left";
            return;
        }
        const auto& e = inputs_[next_];
        if (e.what == kind::answer) {
            while (next_ < inputs_.size() && is_unasked(inputs_[next_])) give();
        } else if (e.what == kind::event) {
            add(done_.lines, kind::event, e.text);
            ++next_;
            happen(e.text);
        } else if (reads) {
            read(e.text);
        } else if (!give_later_answer()) {
            done_.complaint = "waits for an answer, but the script goes on with octets";
        }
    }

    virtual void tell(typename Session::action& action) = 0;
    // Answers as the text says. Takes the words of the question it answers from the outstanding ones.
    virtual void obey(const std::string& text) = 0;
    virtual void happen(const std::string& text) = 0;
    // The connection is gone, and the session still waits: anything will do.
    virtual void answer_somehow() = 0;

    Session session_;
    manner how_;
    std::set<std::string> outstanding_;
    outcome done_;
    bool cut_ = false;

  private:
    // The first two words say which question an answer is for.
    static std::string key(const std::string& text)
    {
        std::string rest;
        const auto first = words(text, 2, rest);
        if (first.size() < 2 || first[0] == "identity" || first[0] == "proof") return first.at(0);
        return first[0] + ' ' + first[1];
    }
    // Is it something that the driver does by itself, now?
    bool is_unasked(const entry& e) const
    {
        return e.what == kind::answer && !wanted(e) && !e.text.starts_with("content ");
    }
    bool wanted(const entry& e) const { return outstanding_.contains(key(e.text)); }

    bool give_answers()
    {
        bool any = false;
        while (next_ < inputs_.size() && inputs_[next_].what == kind::answer && wanted(inputs_[next_])) {
            any = true;
            outstanding_.erase(key(inputs_[next_].text));
            give();
        }
        return any;
    }
    // For a session that reads no further: the answer that comes after the rest of the octets.
    bool give_later_answer()
    {
        for (auto at = next_; at < inputs_.size(); ++at) {
            if (inputs_[at].what != kind::answer || !wanted(inputs_[at])) continue;
            const auto text = inputs_[at].text;
            inputs_.erase(inputs_.begin() + static_cast<std::ptrdiff_t>(at));
            outstanding_.erase(key(text));
            add(done_.lines, kind::answer, text);
            obey(text);
            return true;
        }
        return false;
    }
    void give()
    {
        const auto text = inputs_[next_++].text;
        add(done_.lines, kind::answer, text);
        obey(text);
    }
    void read(const std::string& text)
    {
        const auto size = how_.split == 0 ? text.size() - offset_ : std::min(how_.split, text.size() - offset_);
        buffer_ = std::make_unique<std::string>(text.substr(offset_, size));
        buffer_->shrink_to_fit(); // so that a sanitizer sees a view that outlives it
        add(done_.lines, ours_ == kind::server ? kind::client : kind::server, *buffer_);
        offset_ += size;
        if (offset_ == text.size()) {
            offset_ = 0;
            ++next_;
        }
        session_.on_bytes(*buffer_);
    }
    kind ours_;
    dialogue inputs_;
    std::size_t next_ = 0;
    std::size_t offset_ = 0;
    std::unique_ptr<std::string> buffer_;
};

inline xproto::result_code code_from(const std::string& text)
{
    const auto code = xproto::result_code::from_text(text);
    if (!code) throw std::runtime_error("no code: " + text);
    return *code;
}

} // namespace session_script
