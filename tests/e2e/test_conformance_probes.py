"""Traceroute between the gateway and the second implementation: probes and answers, both ways, and what is neither."""
import json
import threading

import harness
from conformance_peer import CARRIER, EDGE, PeerAndGateway
from harness import sample, wait_for
from peer import envelopes, hops, messages, traces

PROBE = b'<probe xmlns="urn:xproto:traceroute:1" hops="%s"/>'


class Probes(PeerAndGateway):
    def control(self, *extensions, to=("bob@carrier.example",), sender="a@edge.example", signed=True, hop=None):
        """A control message, signed by its sender; one of the null sender by the process of its host."""
        user = self.user(sender or f"process@{EDGE}")
        envelope, _, _ = messages.draft(None, sender, list(to), "edge.example")
        envelope.extensions = list(extensions)
        if signed:
            traces.sign_origin(envelope, user.der, user.key)
        self.hop(envelope, **(hop or {}))
        return messages.finish(envelope, None, None)

    def send(self, message):
        outcome, = self.open(pipelined=True).send(message)
        return outcome

    def extension(self, taken, oid):
        found, = [one for one in taken.message.envelope.extensions if one.oid == oid]
        self.assertTrue(found.critical)
        return found.content

    def test_the_gateway_answers_when_a_probe_is_over(self):
        for to, next_ in (("bob@carrier.example", b"smtp:127.0.0.1"), ("x@edge.example", EDGE.encode())):
            with self.subTest(to):
                self.server.taken.clear()
                probe = self.control(hops.probe(1), to=[to])
                self.assertTrue(self.send(probe).accepted)
                taken, = self.server.wait(1)
                envelope = taken.message.envelope
                self.assertEqual((taken.trace, envelope.originator.address, [r.address for r in envelope.recipients], envelope.objects),
                                 ("intact", b"", [b"a@edge.example"], []))
                answer = hops.read_answer(self.extension(taken, hops.ANSWER))
                self.assertEqual((answer.hop, answer.probe, answer.host, answer.next), (1, probe.id.encode(), CARRIER.encode(), next_))
                self.assertEqual(envelope.hops[0].strings["host"], CARRIER.encode())
                process = envelope.certificates[envelope.originator.certificate]
                self.assertTrue(traces.certificates.Certificate(process).names_address(b"process@" + CARRIER.encode()))
        self.assertEqual(self.carrier.store.messages, [], "a probe was delivered")

    def test_a_probe_that_may_go_further_goes_on(self):
        for number in (2, 64):
            with self.subTest(number):
                self.server.taken.clear()
                probe = self.control(hops.probe(number), to=["x@edge.example"])
                self.assertTrue(self.send(probe).accepted)
                taken, = self.server.wait(1)
                self.assertEqual((taken.message.id, taken.trace, len(taken.message.envelope.hops)), (probe.id, "intact", 2))
                self.assertEqual(hops.read_probe(self.extension(taken, hops.PROBE)), number)

    def test_what_is_no_probe(self):
        def raw(content, critical=True):
            return envelopes.Extension(hops.PROBE, critical, content)

        self_answer = hops.answer(hops.Answer(1, b"x@edge.example", EDGE.encode(), traces.stamp(), b""))
        either = ("99.0.5.30", "99.0.5.32")
        for name, message, codes in (
            ("none", self.control(raw(PROBE % b"0")), ["99.0.5.32"]), ("too many", self.control(raw(PROBE % b"65")), ["99.0.5.32"]),
            ("a second spelling", self.control(raw(PROBE % b"01")), ["99.0.5.32"]),
            ("no number", self.control(raw(b'<probe xmlns="urn:xproto:traceroute:1"/>')), ["99.0.5.32"]),
            ("another namespace", self.control(raw(b'<probe xmlns="urn:x" hops="1"/>')), either),
            ("text", self.control(raw(b"hello")), either), ("nothing", self.control(raw(b"")), either),
            ("something long", self.control(raw((PROBE % b"1")[:-2] + b">" + b" " * 5000 + b"</probe>")), ["99.0.5.33"]),
            ("not critical", self.control(raw(PROBE % b"1", False)), ["99.0.5.32"]),
            ("two", self.control(hops.probe(1), hops.probe(2)), ["99.0.5.32"]),
            ("with an answer", self.control(hops.probe(1), self_answer), ["99.0.5.32"]),
            ("two recipients", self.control(hops.probe(1), to=["b@carrier.example", "c@carrier.example"]), ["99.0.5.32"]),
            ("the null sender", self.control(hops.probe(1), sender=""), ["99.0.5.32"]),
            ("not signed", self.control(hops.probe(1), signed=False), ["99.0.5.38"]),
            ("with content", self.with_content(), ["99.0.5.32"]),
        ):
            with self.subTest(name):
                outcome = self.send(message)
                self.assertEqual(outcome.word, "ERR", outcome)
                self.assertIn(outcome.code, codes, outcome)
        self.assertEqual((self.carrier.store.messages, self.server.taken), ([], []))

    def with_content(self):
        user = self.user("a@edge.example")
        envelope, header, body = self.draft(sample("not a probe"))
        envelope.extensions = [hops.probe(1)]
        traces.sign_origin(envelope, user.der, user.key)
        self.hop(envelope)
        return messages.finish(envelope, header, body)

    def test_white_space_around_it(self):
        self.assertTrue(self.send(self.control(envelopes.Extension(hops.PROBE, True, b"\n " + PROBE % b"1" + b"\n"))).accepted)
        self.server.wait(1)

    def test_a_host_that_does_not_tell(self):
        self.carrier.config["xproto"]["traceroute"] = "off"
        self.carrier.reload()
        self.addCleanup(self.carrier.reload)
        self.addCleanup(self.carrier.config["xproto"].pop, "traceroute")
        self.assertEqual(self.send(self.control(hops.probe(1))).code, "99.0.5.91")

    def test_too_many(self):
        limits = self.carrier.config.setdefault("limits", {})
        limits["traceroutes_per_minute"] = 0
        self.carrier.reload()
        self.addCleanup(self.carrier.reload)
        self.addCleanup(limits.pop, "traceroutes_per_minute")
        self.assertEqual(self.send(self.control(hops.probe(1))).code, "99.0.5.92")

    # --- the gateway asks ---

    def ask(self, answers, options=()):
        """isthmus traceroute; answers(probe's envelope) gives the messages that come back. What it printed."""
        told = {}
        thread = threading.Thread(target=lambda: told.update(result=self.carrier.cli(
            "traceroute", "x@edge.example", "--json", *options, check=False)))
        thread.start()
        probe = self.server.wait(1)[0].message
        for message in answers(probe):
            self.assertTrue(self.send(message).accepted)
        thread.join(60)
        self.assertFalse(thread.is_alive())
        return probe, json.loads(told["result"].stdout)

    def answer(self, probe, next_=b"smtp:store.edge.example", host=EDGE, id_=None, **how):
        given = hops.Answer(len(probe.envelope.hops), id_ or probe.id.encode(), host.encode(), traces.stamp(), next_)
        return self.control(hops.answer(given), to=[probe.envelope.originator.address.decode()], sender="", **how)

    def test_the_gateway_asks_and_is_answered(self):
        probe, told = self.ask(lambda probe: [self.answer(probe)])
        self.assertEqual(hops.read_probe(probe.envelope.extensions[0].content), 1)
        self.assertEqual([(step["hop"], step["host"], step["next"]) for step in told["steps"]], [(1, EDGE, "smtp:store.edge.example")])

    def test_answers_that_are_not_to_be_believed(self):
        """Of another host, about another probe: they are passed over, and the right one is still waited for."""
        probe, told = self.ask(lambda probe: [
            self.answer(probe, b"smtp:wrong.example", host="mx1.wrong.example"),
            self.answer(probe, b"smtp:wrong.example", id_=b"other@carrier.example"),
            self.answer(probe, b"smtp:right.example")])
        self.assertEqual([step["next"] for step in told["steps"]], ["smtp:right.example"])
        wait_for(lambda: self.carrier.queue() == [], what="empty queue")
        self.assertEqual(self.carrier.store.messages, [], "an answer was delivered")


if __name__ == "__main__":
    harness.main()
