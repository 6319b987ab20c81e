"""The gateway sends to the second implementation, which offers it the extensions of docs/xproto.md, and misuses some."""
import os
from unittest import mock

import harness
from client import Client as SmtpClient
from conformance_peer import CARRIER, EDGE, PeerAndGateway
from harness import isthmus, sample, wait_for
from peer import hops, incoming, options, traces
from peer.envelopes import digest
from peer.lines import Item
from test_conformance_extensions import noise


def mime(*attachments, text=b"See the attachments.\r\n"):
    """The body of a multipart message, and its header field."""
    parts = [b"Content-Type: text/plain\r\n\r\n" + text]
    parts += [b'Content-Type: image/png; name="%s"\r\nContent-Disposition: attachment; filename="%s"\r\n\r\n' % (name, name) + octets
              for name, octets in attachments]
    return b"".join(b"--frontier\r\n" + part + b"\r\n" for part in parts) + b"--frontier--\r\n"


MULTIPART = 'Content-Type: multipart/mixed; boundary="frontier"'


class Sends(PeerAndGateway):
    """Each test offers what it is about; sessions that are open are closed first, so that the next one hears of it."""
    offers = ("PIPE",)

    @classmethod
    def make_gateway(cls, site):
        gateway = super().make_gateway(site)
        gateway.config["xproto"] |= {"compress": True, "split_octets": 50000, "fragment_octets": 400000, "resume_octets": 100000}
        gateway.config["timeouts"] |= {"reply": "3s", "data": "3s", "idle": "30s"}
        return gateway

    def offer(self, *names):
        self.server.offers = names
        self.server.hang_up()
        self.server.sessions.clear()

    def setUp(self):
        super().setUp()
        self.server.taken.clear()
        self.addCleanup(self.offer, "PIPE")

    def submit(self, content, recipient="a@edge.example"):
        with SmtpClient(self.carrier.smtp_port) as smtp:
            smtp.deliver("b@carrier.example", [recipient], content)

    def taken(self, content, count=1):
        self.submit(content)
        taken = self.server.wait(count)[count - 1]
        self.assertEqual((taken.message.content(), taken.trace, taken.objects), (content, "intact", "sound"))
        return taken

    def lines(self, way):
        """What the gateway ("<-") or the server ("->") said in the sessions of this test."""
        return b"".join(octets for session in self.server.sessions for direction, octets in session.connection.seen
                        if direction == way)

    def set_server(self, **values):
        for name, value in values.items():
            self.addCleanup(setattr, self.server, name, getattr(self.server, name))
            setattr(self.server, name, value)


class Transfers(Sends):
    def test_nothing_is_used_that_was_not_offered(self):
        self.offer("PIPE")
        self.taken(sample("plain", noise(200000)))
        for word in (b"(NOW)", b"ZSTD", b"skeleton", b"STAT", b"TRACE"):
            self.assertNotIn(word, self.lines("<-"))

    def test_options_nobody_knows_are_passed_over(self):
        self.offer("PIPE", "BAZ", "STAT", "QUX")
        self.taken(sample("unknown options"))
        self.assertNotIn(b"BAZ", self.lines("<-"))

    def test_small_mail_needs_no_permission(self):
        self.offer("PIPE", "NOW")
        self.taken(sample("at once"))
        self.assertEqual(self.lines("<-").count(b"(NOW)"), 3)
        self.assertNotIn(b"TMP 99.0.3.5", self.lines("->"))

    def test_no_more_than_there_is_room_for_goes_without_permission(self):
        self.offer("PIPE", "NOW")
        self.set_server(now_octets=1000)
        self.taken(sample("no room"))
        self.assertIn(b"TMP 99.0.3.5", self.lines("->"))

    def test_limits_of_the_greeting_hold_when_the_welcome_names_others(self):
        self.offer("PIPE", "NOW")
        with mock.patch.dict(incoming.LIMITS, {"CHUNK": 5000}):
            self.taken(sample("small chunks", noise(40000)))

    def test_refused_without_permission(self):
        self.offer("PIPE", "NOW")
        refusals = [("99.0.4.1", "busy")]
        self.set_server(judge=lambda stage, _: refusals.pop() if stage == "headers" and refusals else None)
        self.taken(sample("refused first"))
        self.assertEqual(refusals, [])

    def test_compressed_chunks(self):
        self.offer("PIPE", "ZSTD")
        self.taken(sample("compressed", b"always the same line\r\n" * 40000 + noise(100000)))
        self.assertIn(b" (ZSTD=65536)]", self.lines("<-"))
        self.assertLess(len(self.lines("<-")), 300000)

    def test_attachments_travel_once(self):
        for names in (("SPLIT",), ("PIPE", "SPLIT"), options.TRUSTED):
            with self.subTest(names):
                self.server.taken.clear()
                self.offer(*names)
                one, two = noise(90000, len(names)), noise(80000, 9 + len(names))
                self.taken(sample("first", mime((b"one.png", one), (b"two.png", two)), [MULTIPART]))
                self.assertEqual(self.lines("<-").count(b"message/leaf"), 2)
                self.assertIn(b"(TYPE=image/png)", self.lines("<-"))
                self.assertIn(b"(NAME=one.png)", self.lines("<-"))
                self.taken(sample("second", mime((b"uno.png", one), (b"due.png", two), text=b"Again.\r\n"), [MULTIPART]), 2)
                self.assertIn(b"99.0.2.7", self.lines("->"))
                self.assertEqual(self.lines("<-").count(one[1000:2000]) + ("ZSTD" in names), 1)

    def test_a_refused_attachment_refuses_the_message(self):
        self.offer("PIPE", "SPLIT")
        self.set_server(judge=lambda stage, part: ("99.0.5.26", "no pictures") if stage == "leaf" else None)
        self.submit(sample("refused", mime((b"one.png", noise(90000, 77))), [MULTIPART]))
        report, = self.carrier.store.wait(1)
        self.assertEqual((report.sender, report.addresses), ("", ["b@carrier.example"]))
        self.assertEqual(self.server.taken, [])

    def test_already_there_and_yet_lost(self):
        """A receiver that says of a leaf that it is there, and then cannot store the message: sent again as if nothing was said."""
        self.offer("PIPE", "SPLIT")
        leaf = noise(90000, 78)
        self.taken(sample("first", mime((b"one.png", leaf)), [MULTIPART]))
        content = sample("second", mime((b"one.png", leaf), text=b"Other.\r\n"), [MULTIPART])

        def forget(stage, part):
            if stage == "leaf" and self.server.leaves:
                self.server.leaves.clear()
                return "99.0.4.3", "lost it"
            return None

        self.set_server(judge=forget)
        self.taken(content, 2)

    def test_fragments(self):
        self.offer("PIPE", "STAT")
        self.taken(sample("fragments", noise(1500000, 5)))
        self.assertGreaterEqual(self.lines("<-").count(b" message/body {"), 4)

    def test_a_broken_body_goes_on(self):
        for names in (("STAT",), ("PIPE", "STAT"), options.TRUSTED):
            with self.subTest(names):
                self.server.taken.clear()
                self.offer(*names)
                self.server.cut = 800000
                body = noise(1500000, 20 + len(names))
                self.taken(sample("goes on", body))
                self.assertEqual(self.server.cut, 0)
                self.assertIn(b" (FROM=", self.lines("<-"))
                self.assertEqual(self.lines("<-").count(body[1000:2000]) + ("ZSTD" in names), 1)

    def test_what_was_held_is_lost(self):
        self.offer("PIPE", "STAT")
        self.server.cut = 800000
        broken = []

        def break_it(stage, part):
            if stage == "headers" and self.server.held and not broken:
                broken.append(self.server.held.copy())
                for key, octets in self.server.held.items():
                    self.server.held[key] = octets[:100] + b"?" + octets[101:]
            return None

        self.set_server(judge=break_it)
        self.taken(sample("begins anew", noise(1500000, 40)))
        self.assertEqual(len(broken), 1)
        self.assertIn(b"ERR 99.0.4.60", self.lines("->"))

    def test_held_that_is_nonsense(self):
        """More octets than there are, another object, no digest at all: mail goes on, whole."""
        for value in ("sha-256:" + "0" * 64 + ";5", "x", "{0};999999999999", "{0};0", "{0};x"):
            with self.subTest(value):
                self.server.taken.clear()
                self.offer("PIPE", "STAT")
                body = noise(150000, 60)
                said = value.format(digest(body))
                with mock.patch("peer.receiver.Receiver.stat", lambda receiver, line: receiver.session.say(
                        line.tag, "OK", "99.0.2.30", "", [[Item("HELD", said)]])):
                    self.taken(sample("nonsense", body))

    def test_stat_that_is_refused(self):
        self.offer("PIPE", "STAT")
        with mock.patch("peer.receiver.Receiver.stat", lambda receiver, line: receiver.session.say(line.tag, "ERR", "99.0.5.2")):
            self.taken(sample("no stat", noise(150000)))


class Patience(Sends):
    def test_whoever_says_that_he_works_is_waited_for(self):
        for names in ((), ("PIPE",)):
            with self.subTest(names):
                self.server.taken.clear()
                self.offer(*names)
                self.set_server(working=(3, 1.5))
                self.taken(sample("patience"))
                self.assertGreaterEqual(self.lines("->").count(b"TMP 99.0.3.7"), 12)
                self.assertEqual(len(self.server.sessions), 1)

    def test_a_server_that_leaves(self):
        """Served is what it had read; the rest goes to the next session, and the old one ends with QUIT."""
        self.offer("PIPE")
        left = []

        def leave(stage, _):
            if stage == "body" and not left:
                left.append(True)
                self.server.leaving = True
            return None

        self.set_server(judge=leave)
        contents = [sample(f"leaving {number}", noise(100000, number)) for number in range(5)]
        for content in contents:
            self.submit(content)
        taken = self.server.wait(5)
        self.assertEqual(sorted(one.message.content() for one in taken), sorted(contents))
        self.assertIn(b"[* ERR 99.0.4.2 (LAST=", self.lines("->"))
        wait_for(lambda: any(session.quit for session in self.server.sessions), what="QUIT")


class GivesUp(Sends):
    """isthmus send, which stops on request, in place of the daemon."""

    def send(self, *arguments):
        file = os.path.join(self.folder, "given-up.eml")
        with open(file, "wb") as out:
            out.write(sample("given up", noise(200000)))
        return isthmus("send", "--site", self.carrier.folder, "--to", f"127.0.0.1:{self.server.port}", "--peer-host", EDGE, "--from",
                       "b@carrier.example", "--rcpt", "a@edge.example", *arguments, file, check=False).stdout

    def test_a_message_is_given_up_and_the_session_goes_on(self):
        for part in ("envelope", "headers"):
            with self.subTest(part):
                self.offer("PIPE")
                self.assertIn("1 stopped", self.send("--quit-after", part))
                self.assertRegex(self.lines("<-"), rb"ABOR=[0-9]+\]")
                self.assertIn(b"OK 108.0.2.1", self.lines("->"))
                self.assertIn(b"OK 99.0.2.4", self.lines("->"))
                self.assertNotIn(noise(200000)[:5000], self.lines("<-"))
        self.assertEqual(self.server.taken, [])


class Kept(Sends):
    peer_keys = {"keep": True}

    def opened(self):
        """The session that the gateway opened by itself."""
        return wait_for(lambda: [s for s in self.server.sessions if s.peer == CARRIER and s.on], what="session that is kept")[0]

    def test_a_session_is_there_before_there_is_mail_and_again_when_it_broke(self):
        self.offer("PIPE")
        first = self.opened()
        self.server.hang_up()
        wait_for(lambda: first.connection.ended, what="end of the session")
        self.server.sessions.clear()
        self.opened()
        self.taken(sample("by the session that was there"))
        self.assertEqual(len(self.server.sessions), 1)


class WayOn(Sends):
    """TRACE: what the next hop tells is passed on to those who brought the mail."""

    def bring(self, count=1):
        session = self.open()
        self.assertEqual(session.option(Item("PIPE", "ON"), Item("TRACE", "ON")).word, "OK")
        sent = [self.message(recipients=["a@edge.example"]) for _ in range(count)]
        for outcome in session.send(*sent):
            self.assertTrue(outcome.accepted, outcome)
        return session, sent

    def told(self, session, count, seconds=10):
        def enough():
            if session.connection.ready(0.2):
                session.line()
            return len(session.notices) >= count
        wait_for(enough, seconds, f"{count} hops")
        return [hops.read(line) for line in session.notices]

    def beyond(self, **facts):
        """What the server tells of a message, as if it had sent it on at once."""
        def tells(message):
            return [hops.Told(message.id, **{"hop": 1, "host": EDGE, "at": traces.stamp(), "next": "mx1.far.example", "word": "OK",
                                             "code": "99.0.2.6", "text": "taken", **facts})]
        self.set_server(tells=tells)

    def test_hops_beyond_are_counted_up(self):
        self.offer("PIPE", "TRACE")
        self.beyond(recipients=[1])
        session, (message,) = self.bring()
        told = self.told(session, 2)
        self.assertEqual([(t.message, t.hop, t.host, t.next, t.word, t.recipients) for t in told], [
            (message.id, 1, CARRIER, EDGE, "OK", [1]), (message.id, 2, EDGE, "mx1.far.example", "OK", [1])])

    def test_what_cannot_be_understood_is_not_passed_on(self):
        self.offer("PIPE", "TRACE")
        for facts in ({"hop": 0}, {"hop": 65}, {"at": "yesterday"}, {"recipients": list(range(1, 102))}, {"recipients": [0]}):
            with self.subTest(facts):
                self.beyond(**facts)
                session, _ = self.bring()
                self.assertEqual(len(self.told(session, 1)), 1)
                self.assertFalse(session.connection.ready(0.5), session.notices)
                self.assertEqual(session.noop().word, "OK")

    def test_of_a_message_that_nobody_brought_nothing_is_passed_on(self):
        self.offer("PIPE", "TRACE")
        self.set_server(tells=lambda message: [hops.Told("other@edge.example", 1, EDGE, traces.stamp(), "x.example", "OK", "99.0.2.6")])
        session, _ = self.bring()
        self.assertEqual(len(self.told(session, 1)), 1)
        self.assertFalse(session.connection.ready(0.5), session.notices)

    def test_who_tells_too_much_is_left(self):
        self.offer("PIPE", "TRACE")
        self.set_server(tells=lambda message: [hops.Told(message.id, 1, EDGE, traces.stamp(), "x.example", "TMP", "99.0.4.1")] * 100)
        content = sample("too much")
        self.taken(content)
        wait_for(lambda: any(session.connection.ended for session in self.server.sessions), what="end of the session")
        self.set_server(tells=lambda _: ())
        self.taken(sample("after it"), 2)
        self.carrier.wait_queue(0)


class Grants(Sends):
    """What the gateway lets a server have that may send mail back."""
    peer_keys = {"duplex": True}

    def test_the_window_is_that_of_such_a_peer(self):
        peer, = self.carrier.config["peer"]
        limits = {"window_transfers": 7, "window_transfers_trusted": 9, "window_octets": "1MiB"}
        self.carrier.config["limits"] = limits
        for trust, window in (("known", b"(WINDOW=7;1048576)"), ("trusted", b"(WINDOW=9;1048576)")):
            with self.subTest(trust):
                peer["trust"] = trust
                self.carrier.reload()
                self.offer("PIPE", options.BOTH_WAYS)
                self.server.taken.clear()
                self.taken(sample(trust))
                self.assertIn(b"(DUPLEX=ON)", self.lines("<-"))
                self.assertIn(window, self.lines("<-"))


if __name__ == "__main__":
    harness.main()
