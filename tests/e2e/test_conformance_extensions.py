"""The second implementation and the gateway use the extensions of docs/xproto.md with each other, both ways."""
import os
import random
import time

import harness
from conformance_peer import CARRIER, PeerAndGateway
from harness import sample
from peer import hops, messages, options, traces
from peer.envelopes import digest
from peer.lines import Item, Quoted
from peer.plans import Plan

CHUNK = 65536


def noise(octets, seed=1):
    """A body that does not get smaller, in lines."""
    chance = random.Random(seed)
    return b"\r\n".join(chance.randbytes(35).hex().encode() for _ in range(octets // 72)) + b"\r\n"


class Extended(PeerAndGateway):
    def session(self, *names):
        session = self.open()
        if names:
            answer = session.option(*(Item(name, "ON") for name in names))
            self.assertEqual(answer.word, "OK", answer)
        return session

    def accepted(self, outcome, code="99.0.2.6"):
        self.assertEqual((outcome.word, outcome.code), ("OK", code), outcome)


class TheGatewayReceives(Extended):
    def test_every_extension_is_offered_to_a_trusted_peer(self):
        session = self.session()
        self.assertEqual(set(session.offered), {*options.TRUSTED, options.BOTH_WAYS})
        self.assertGreater(session.limits["NOW"], 0)
        self.assertEqual(session.limits["CHUNK"], CHUNK)

    def test_what_opt_answers(self):
        """The same as the second implementation's table."""
        session = self.session()
        for asked in (
            [("NOW", "ON")], [("NOW", "ON"), ("PIPE", "ON")], [("PIPE", "OFF")], [("NOW", "OFF")], [("PIPE", "OFF"), ("NOW", "ON")],
            [(name, "ON") for name in options.TRUSTED], [("PIPE", "OFF")], [("ZSTD", "ON")], [("TRACE", None)], [("STAT", "on")],
            [("STAT", Quoted("ON"))], [("URG", "ON")], [("VER", "1.0")], [("SPLIT", "ON"), ("SPLIT", "OFF")],
        ):
            with self.subTest(asked):
                items = [Item(*one) for one in asked]
                refused, groups, after = options.judge(items, session.offered, session.on)
                line = session.answer(session.request("OPT", groups=[[item] for item in items]))
                self.assertEqual((line.word, line.code), ("ERR", options.REFUSED) if refused else ("OK", options.SET))
                self.assertEqual([(i.name, i.word, i.code) for i in line.items()],
                                 [(i.name, i.word, i.code) for (i,) in groups])
                session.on = after

    def test_an_opt_with_too_many_items_is_no_opt(self):
        session = self.session()
        line = session.option(*(Item(f"X{n}", "ON") for n in range(options.JUDGED + 1)))
        self.assertEqual((line.word, line.code, line.groups), ("ERR", "99.0.5.4", []))

    def test_small_mail_without_permission(self):
        session = self.session("PIPE", "NOW")
        sent = [self.message(sample(str(n))) for n in range(30)]
        for outcome in session.send(*sent):
            self.accepted(outcome)
            self.assertEqual([line.code for _, line in outcome.answers], ["99.0.2.5", "99.0.2.5", "99.0.2.6"])
        self.assertEqual(len(self.carrier.store.wait(30)), 30)
        again, = session.send(sent[0])
        self.assertEqual([line.code for _, line in again.answers], ["99.0.2.7", "99.0.5.22", "99.0.5.22"])

    def test_a_large_body_asks_as_ever(self):
        content = sample("large", noise(200000))
        outcome, = self.session("PIPE", "NOW").send(self.message(content))
        self.assertEqual([line.code for _, line in outcome.answers], ["99.0.2.5", "99.0.2.5", "99.0.3.8", "99.0.2.6"])
        self.arrived(content)

    def test_compressed_chunks(self):
        content = sample("compressed", b"always the same line\r\n" * 40000 + noise(100000))
        session = self.session("PIPE", "ZSTD", "NOW")
        self.accepted(session.send(self.message(content))[0])
        self.arrived(content)
        travelled = sum(len(octets) for way, octets in session.connection.seen if way == "->")
        self.assertLess(travelled, len(content) // 3)

    def test_a_split_body(self):
        for names in (("SPLIT",), ("PIPE", "SPLIT"), ("PIPE", "SPLIT", "ZSTD", "NOW")):
            with self.subTest(names):
                self.carrier.store.clear()
                one, two = noise(100000, len(names)), noise(90000, 50 + len(names))
                ranges = [(3, len(one), "text/plain", "a name.txt"), (3 + len(one) + 5, len(two))]
                content = sample("split", b"a\r\n" + one + b"mid\r\n" + two + b"end\r\n")
                session = self.session(*names)
                first, = session.send(Plan(self.message(content), leaves=ranges))
                self.accepted(first)
                self.arrived(content)
                self.carrier.store.clear()
                again = sample("split again", b"A\r\n" + one + b"MID\r\n" + two + b"END\r\n")
                outcome, = session.send(Plan(self.message(again), leaves=ranges))
                self.accepted(outcome)
                self.assertIn("99.0.2.7", [line.code for _, line in outcome.answers])
                self.arrived(again)

    def test_a_skeleton_without_leaves_is_the_last_object(self):
        content = sample("no leaves")
        self.accepted(self.session("SPLIT").send(Plan(self.message(content), leaves=[]))[0])
        self.arrived(content)

    def test_fragments_of_every_object(self):
        for names in ((), ("PIPE",), ("PIPE", "SPLIT", "ZSTD")):
            with self.subTest(names):
                content = sample("fragments", noise(150000, 7))
                leaves = [(0, 150000 // 72 * 72)] if "SPLIT" in names else None
                self.accepted(self.session(*names).send(Plan(self.message(content), 4, leaves))[0])
                self.arrived(content)
                self.carrier.store.clear()

    def test_a_broken_body_goes_on(self):
        for names in (("STAT",), ("PIPE", "STAT"), ("PIPE", "STAT", "SPLIT")):
            with self.subTest(names):
                self.carrier.store.clear()
                body = noise(3000000, len(names))
                content = sample("goes on", body)
                message = self.message(content)
                leaves = [(10, len(body) - 20)] if "SPLIT" in names else None
                self.break_off(names, Plan(message, leaves=leaves), 1500000)
                session = self.session(*names)
                owned, held = session.stat(message.id)
                self.assertFalse(owned)
                self.assertEqual(list(held), [digest(body[10:-10] if leaves else body)])
                self.assertGreater(min(held.values()), 1000000)
                self.accepted(session.send(Plan(message, 1 if leaves else 3, leaves, held))[0])
                self.arrived(content)
                travelled = sum(len(octets) for way, octets in session.connection.seen if way == "->")
                self.assertLess(travelled, 2200000)
                self.assertEqual(session.stat(message.id), (True, {}))

    def break_off(self, names, plan, octets):
        """Sends so much of a message and closes; waits until the gateway has noticed."""
        session = self.session(*names)
        write, left = session.connection.write, octets

        def some(piece):
            nonlocal left
            write(piece[:left])
            left -= len(piece)
            if left <= 0:
                session.connection.flush()
                session.connection.close()
                raise ConnectionError("broken off")

        session.connection.write = some
        with self.assertRaises((ConnectionError, OSError)):
            session.send(plan)
        time.sleep(0.5)

    def test_nothing_is_held_of_what_never_came(self):
        self.assertEqual(self.session("STAT").stat("nobody@edge.example"), (False, {}))

    def test_the_way_on_is_told(self):
        session = self.session("PIPE", "TRACE")
        message = self.message(recipients=("b@carrier.example", "c@edge.example"))
        self.accepted(session.send(message)[0])
        self.server.wait(1)
        told = self.told(session, 2)
        self.assertEqual({(t.message, t.hop, t.host, t.next, t.word, tuple(t.recipients)) for t in told}, {
            (message.id, 1, CARRIER, "smtp:127.0.0.1", "OK", (1,)), (message.id, 1, CARRIER, "mx1.edge.example", "OK", (2,))})
        self.assertEqual(session.noop().word, "OK")

    def told(self, session, count):
        deadline = time.monotonic() + 20
        while len(session.notices) < count and time.monotonic() < deadline:
            if session.connection.ready(0.2):
                session.notices.append(session.connection.line())
        return [hops.read(line) for line in session.notices]

    def test_a_session_that_is_asked_to_leave(self):
        """What was asked for before the notice is served, what comes later is refused, and goes elsewhere."""
        session = self.session("PIPE")
        content = sample("before", noise(200000))
        before = self.message(content)
        tag = session.ask(before, "message/envelope", len(before.objects["message/envelope"]))
        self.assertEqual(session.answer(tag).word, "TMP")
        process = self.carrier.process
        process.send_signal(harness.signal.SIGTERM)
        try:
            notice = session.connection.line()
            self.assertEqual((notice.tag, notice.word, notice.code, notice.value("LAST")), (None, "ERR", "99.0.4.2", str(tag)))
            late = session.ask(self.message(), "message/envelope", 2000)
            answer = session.answer(late)
            self.assertEqual((answer.word, answer.code), ("ERR", "99.0.4.2"))
            self.finish(session, before, tag)
            self.assertEqual(session.connection.rest(), b"", "it closes when everything is answered")
            self.assertEqual(process.wait(30), 0)
        finally:
            self.carrier.stop()
            self.carrier.start()
        self.arrived(content)

    def finish(self, session, message, tag):
        for type_, octets in message.objects.items():
            if type_ != "message/envelope":
                tag = session.ask(message, type_, len(octets))
                self.assertEqual(session.answer(tag).word, "TMP")
            for at in range(0, len(octets), CHUNK):
                piece = octets[at:at + CHUNK]
                session.connection.write(b"[%d DATA {%d}]\r\n" % (tag, len(piece)) + piece)
            line = session.answer(tag)
            self.assertEqual(line.word, "OK", line)
        self.assertEqual(line.code, "99.0.2.6")


class Standing(Extended):
    """What a peer is offered follows from what it is here; nothing else can be switched on or used."""
    offers, also = (), ()

    def message(self, content=None, **how):
        """Who is not trusted to vouch brings signed originators only."""
        user = self.user("a@edge.example")  # no certificate may be younger than the message
        envelope, header, body = self.draft(sample() if content is None else content, **how)
        traces.sign_origin(envelope, user.der, user.key)
        self.hop(envelope)
        return messages.finish(envelope, header, body)

    def nothing_else(self):
        session = self.session()
        self.assertEqual(set(session.offered), {*self.offers, *self.also})
        self.assertEqual(session.greeting.item("PIPE"), None)
        for name in options.TRUSTED:
            with self.subTest(name):
                line = session.option(Item(name, "ON"), *([Item("PIPE", "ON")] if name in ("NOW", "ZSTD") else []))
                if name in self.offers:
                    self.assertEqual(line.word, "OK", line)
                else:
                    self.assertEqual((line.item(name).word, line.item(name).code), ("ERR", "99.0.5.10"), line)
        content = sample("by standing")
        self.accepted(self.session(*self.offers).send(self.message(content))[0])
        self.arrived(content)


class Known(Standing):
    trust, offers = "known", ("PIPE", "ZSTD", "SPLIT", "STAT")  # TRACE, when xproto.trace says so
    also = (options.BOTH_WAYS,)

    def test_what_is_offered(self):
        self.nothing_else()

    def test_the_way_on_is_told_to_known_peers_where_the_configuration_says_so(self):
        self.carrier.config["xproto"]["trace"] = "known"
        self.carrier.reload()
        self.addCleanup(self.carrier.reload)
        self.addCleanup(self.carrier.config["xproto"].pop, "trace")
        self.assertEqual(set(self.session().offered), {*self.offers, *self.also, "TRACE"})


class Chosen(Standing):
    peer_keys, offers = {"extensions": ["PIPE", "STAT"]}, ("PIPE", "STAT")

    def test_what_is_offered(self):
        self.nothing_else()


class Unknown(Standing):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier.config["peer"] = []
        del cls.carrier.config["route"][0]
        cls.carrier.config["xproto"]["unknown_peers"] = "accept"
        cls.carrier.config["trust"] = {"known_ca": [os.path.join(cls.edge_folder, "ca.pem")]}
        cls.carrier.reload()

    def test_what_is_offered(self):
        self.nothing_else()
        session = self.session()
        self.assertEqual(session.answer(session.request("STAT", "x@edge.example")).code, "99.0.5.2")


if __name__ == "__main__":
    harness.main()
