"""A second implementation, written from docs/xproto.md alone, and the gateway understand each other: both ways, in every mode,
in what they accept and in what they refuse."""
import os

import harness
from client import Client as SmtpClient
from conformance_peer import CARRIER, EDGE, PeerAndGateway
from harness import isthmus, sample
from peer import certificates, channel, messages, proofs, traces
from peer.client import Client, Identity, Refused
from peer.lines import Item


class TheGatewayReceives(PeerAndGateway):
    def test_both_ends_prove_who_they_are(self):
        session = self.open()
        self.assertEqual(session.server_hosts, [CARRIER])
        self.assertEqual(session.noop().code, "99.0.2.3")
        self.assertEqual(session.quit().code, "99.0.2.4")

    def test_a_message_in_each_mode(self):
        for mode, pipelined, fragments in (("synchronous", False, 1), ("in fragments", False, 3), ("pipelined", True, 1)):
            with self.subTest(mode):
                content = sample(mode)
                session = self.open(pipelined)
                message = self.message(content)
                outcome = session.send(message)[0] if fragments == 1 else session.send_one(message, fragments)
                self.assertEqual((outcome.word, outcome.code), ("OK", "99.0.2.6"))
                self.assertEqual(self.arrived(content).addresses, ["b@carrier.example"])
                self.carrier.store.clear()

    def test_a_signed_originator(self):
        content = sample("signed")
        envelope, header, body = self.draft(content, mail_parameters="RET=HDRS ENVID=x")
        alice = self.user("a@edge.example")
        traces.sign_origin(envelope, alice.der, alice.key)
        self.hop(envelope)
        outcome, = self.open().send(messages.finish(envelope, header, body))
        self.assertTrue(outcome.accepted, outcome)
        self.assertIn("ENVID=x", self.arrived(content).mail)

    def test_many_messages_interleave_with_a_large_one(self):
        sent = [self.message(sample("large", b"x" * 76 + b"\r\n" * 50000)), *(self.message(sample(str(i))) for i in range(20))]
        outcomes = self.open(pipelined=True).send(*sent)
        self.assertEqual({outcome.code for outcome in outcomes}, {"99.0.2.6"})
        self.assertEqual(len(self.carrier.store.wait(21)), 21)

    def test_a_repeat_is_not_taken_again(self):
        message = self.message()
        self.assertEqual([outcome.code for outcome in self.open().send(message, message)], ["99.0.2.6", "99.0.2.7"])
        self.assertEqual(self.open(pipelined=True).send(message)[0].code, "99.0.2.7")
        self.assertEqual(len(self.carrier.store.wait(1)), 1)

    def test_changed_objects_are_refused(self):
        sessions = [self.open(pipelined) for pipelined in (False, True)]
        for name, change, code in (
            ("the body", lambda m: m.objects.update({messages.BODY: m.objects[messages.BODY][:-1] + b"x"}), "99.0.5.34"),
            ("the size of the body", lambda m: m.objects.update({messages.BODY: m.objects[messages.BODY] + b"x"}), "99.0.5.35"),
            ("the headers", lambda m: m.objects.update({messages.HEADERS: m.objects[messages.HEADERS].replace(b"hello", b"hallo")}),
             "99.0.5.34"),
            ("the sender", lambda m: self.edit(m, b"<address>a@", b"<address>x@"), "99.0.5.37"),
            ("a recipient", lambda m: self.edit(m, b"<address>b@", b"<address>c@"), "99.0.5.37"),
            ("the next hop", lambda m: self.edit(m, b"<next>mx1.", b"<next>mx2."), "99.0.5.37"),
            ("the XML", lambda m: self.edit(m, b"</trace>", b""), "99.0.5.30"),
            ("a document type", lambda m: self.edit(m, b"<envelope", b"<!DOCTYPE x><envelope"), "99.0.5.31"),
            ("an element", lambda m: self.edit(m, b"<objects>", b"<what/><objects>"), "99.0.5.32"),
        ):
            for session in sessions:
                with self.subTest(name, pipelined=session.pipelined):
                    message = self.message()
                    change(message)
                    outcome, = session.send(message)
                    self.assertEqual((outcome.word, outcome.code), ("ERR", code), outcome)
        self.assertEqual(self.carrier.store.messages, [])

    @staticmethod
    def edit(message, old, new):
        octets = message.objects[messages.ENVELOPE]
        assert old in octets
        message.objects[messages.ENVELOPE] = octets.replace(old, new, 1)

    def test_a_claimed_digest_is_refused_before_its_octets_travel(self):
        session = self.open(pipelined=True)
        message = self.message()
        tags = [session.ask(message, messages.ENVELOPE, len(message.objects[messages.ENVELOPE]))]
        claim = [[Item("DIGEST", messages.envelopes.digest(b"other octets"))]]
        tags.append(session.request("XFER", message.id, messages.HEADERS, len(message.objects[messages.HEADERS]), 0, groups=claim))
        self.assertEqual(session.answer(tags[0]).word, "TMP")
        octets = message.objects[messages.ENVELOPE]
        session.connection.write(b"[%d DATA {%d}]\r\n" % (tags[0], len(octets)) + octets)
        self.assertEqual(session.answer(tags[0]).code, "99.0.2.5")
        answer = session.answer(tags[1])
        self.assertEqual((answer.word, answer.code), ("ERR", "99.0.5.34"))

    def test_an_envelope_of_another_message_is_refused(self):
        message = self.message()
        message.id = "other@edge.example"
        self.assertEqual(self.open().send(message)[0].code, "99.0.5.32")

    def test_a_critical_extension_refuses_the_message(self):
        envelope, header, body = self.draft(sample())
        envelope.extensions = [messages.envelopes.Extension("1.2.3.4", True, b"")]
        self.hop(envelope)
        outcome, = self.open().send(messages.finish(envelope, header, body))
        self.assertEqual(outcome.code, "99.0.5.36")

    def test_a_message_can_be_given_up_in_the_middle(self):
        session = self.open(pipelined=True)
        message = self.message(sample("given up", b"x" * 300000))
        tags = [session.ask(message, type_, len(octets)) for type_, octets in message.objects.items()]
        for tag, octets in list(zip(tags, message.objects.values()))[:2]:
            self.assertEqual(session.answer(tag).word, "TMP")
            session.connection.write(b"[%d DATA {%d}]\r\n" % (tag, len(octets)) + octets)
            self.assertEqual(session.answer(tag).code, "99.0.2.5")
        self.assertEqual(session.answer(tags[2]).code, "99.0.3.8")
        session.connection.write(b"[%d DATA {60000}]\r\n" % tags[2] + b"x" * 60000)
        abort = session.request("ABOR", str(tags[2]))
        self.assertEqual(session.answer(abort).code, "108.0.2.1")
        self.assertEqual(session.answer(tags[2]).code, "99.0.5.23")
        self.assertEqual(session.answer(session.request("ABOR", str(tags[2]))).code, "99.0.5.6")
        content = sample("after it")
        self.assertEqual(session.send(self.message(content))[0].code, "99.0.2.6")
        self.arrived(content)

    def test_options_are_all_or_nothing(self):
        session = self.open()
        for items, codes in (
            ([Item("WHAT")], ["99.0.5.9"]), ([Item("PIPE", "MAYBE")], ["99.0.5.11"]),
            ([Item("PIPE", "ON"), Item("WHAT", "1")], ["99.0.5.9"]), ([Item("PIPE", "ON"), Item("PIPE", "OFF")], ["99.0.5.11"]),
        ):
            line = session.option(*items)
            self.assertEqual((line.word, line.code), ("ERR", "99.0.5.0"))
            self.assertTrue(set(codes) <= {item.code for item in line.items()}, line)
        self.assertEqual(session.option(Item("PIPE", "ON")).item("PIPE").word, "OK")

    def test_recipients_nobody_here_has_are_refused(self):
        outcome, = self.open().send(self.message(recipients=["b@carrier.example", "x@nowhere.example"]))
        if outcome.accepted:
            self.assertEqual(outcome.recipients[2].word, "ERR")
        else:
            self.assertEqual(outcome.word, "ERR")

    def test_a_control_message_is_over_with_its_envelope(self):
        envelope, *_ = self.draft(None, ["process@" + CARRIER])
        self.hop(envelope)
        outcome, = self.open().send(messages.finish(envelope, None, None))
        self.assertIn(outcome.word, ("OK", "ERR"))
        self.assertEqual(len({tag for tag, _ in outcome.answers}), 1)


class IdentitiesAreProved(PeerAndGateway):
    def connect(self):
        context = channel.context(False, self.identity.certificate, self.identity.key)
        session = Client(channel.Channel.connect(("127.0.0.1", self.carrier.xproto_port), context, CARRIER), self.identity, CARRIER)
        self.addCleanup(session.connection.close)
        session.greet()
        return session

    def refused(self, session, code, **options):
        with self.assertRaises(Refused) as caught:
            session.helo(**options)
        self.assertEqual(caught.exception.response.code, code)
        self.assertEqual(session.connection.rest(), b"")

    def test_a_proof_cannot_be_replayed(self):
        first = self.connect()
        first.nonce = "5c" * 16
        proof = proofs.make(self.identity.certificate, self.identity.key, first.transcript("client"))
        first.helo(proof, first.nonce)
        self.refused(self.connect(), "99.0.5.42", proof=proof, nonce=first.nonce)

    def test_a_proof_is_bound_to_the_channel(self):
        session = self.connect()
        session.connection.exporter = b""
        self.refused(session, "99.0.5.42")

    def test_a_proof_for_another_server_is_none(self):
        session = self.connect()
        session.peer_host = "mx1.other.example"
        self.refused(session, "99.0.5.42")

    def test_a_name_that_is_not_in_the_certificate(self):
        session = self.connect()
        session.identity = Identity("mx2.edge.example", self.identity.certificate, self.identity.key, self.identity.anchors)
        with self.assertRaises(Refused):
            session.helo()

    def test_octets_that_are_no_proof(self):
        self.refused(self.connect(), "99.0.5.42", proof=b"not a proof")

    def test_a_client_need_not_send_a_nonce(self):
        session = self.connect()
        session.helo(nonce="")
        self.assertEqual(session.noop().word, "OK")

    def test_a_client_need_not_say_its_name(self):
        session = self.connect()
        session.helo(named=False)
        self.assertEqual(session.send(self.message())[0].code, "99.0.2.6")

    def test_a_stranger_gets_no_options_if_he_is_let_in_at_all(self):
        folder = os.path.join(self.folder, "stranger")
        isthmus("init", folder, "--site", "stranger.example")
        identity = self.identity_of(folder, "mx1.stranger.example", self.carrier.folder)
        try:
            session = self.open(identity=identity)
        except Refused as refused:
            self.assertIn(refused.response.code, ("99.0.5.12", "99.0.5.41"))
        else:
            self.assertEqual(session.offered, {})


class TheGatewaySends(PeerAndGateway):
    def taken(self, content, **options):
        with SmtpClient(self.carrier.smtp_port) as smtp:
            smtp.deliver("b@carrier.example", ["a@edge.example"], content, **options)
        return self.server.wait(1)[0]

    def test_what_arrives_is_what_was_sent_and_everybody_signed(self):
        content = sample("from the other side", headers=["Received: from x by y; Sat, 22 Nov 2025 10:00:00 +0000", "X-Folded: a\r\n b"])
        taken = self.taken(content)
        self.assertEqual((taken.peer, taken.trace, taken.objects), (CARRIER, "intact", "sound"))
        self.assertEqual(taken.message.content(), content)
        envelope = taken.message.envelope
        self.assertEqual(envelope.originator.address, b"b@carrier.example")
        self.assertEqual([r.address for r in envelope.recipients], [b"a@edge.example"])
        sender = envelope.certificates[envelope.originator.certificate]
        host = envelope.certificates[envelope.hops[0].certificate]
        at = traces.seconds(envelope.hops[0].time)
        self.assertIsNone(certificates.fault(sender, [], self.identity.anchors, at, "user"))
        self.assertIsNone(certificates.fault(host, [], self.identity.anchors, at, "host"))
        self.assertEqual(envelope.hops[0].strings["next"].decode(), EDGE)

    def test_octets_of_every_kind(self):
        for name, content in (
            ("all octets", b"Subject: x\r\n\r\n" + bytes(o for o in range(256) if o not in (10, 13)) + b"\r\n"),
            ("raw fields", b"Subject: caf\xe9\r\nX : y\r\n\x01: \x02\r\n\r\nbody\r\n"),
            ("no header", b"\r\nbody\r\n"), ("nothing but a header", b"Subject: x\r\n"),
            ("a large body", b"Subject: large\r\n\r\n" + (b"0123456789abcdef" * 4 + b"\r\n") * 30000)):
            with self.subTest(name):
                self.assertEqual(self.taken(content).message.content(), content)
                self.server.taken.clear()

    def test_a_refusal_becomes_a_report(self):
        self.server.judge = lambda stage, _: ("99.821.5.1.1", "no such user", 550) if stage == "envelope" else None
        self.addCleanup(setattr, self.server, "judge", lambda *_: None)
        with SmtpClient(self.carrier.smtp_port) as smtp:
            smtp.deliver("b@carrier.example", ["a@edge.example"], sample())
        report, = self.carrier.store.wait(1)
        self.assertEqual((report.sender, report.addresses), ("", ["b@carrier.example"]))
        self.assertIn(b"5.1.1", report.content)

    def test_a_refusal_for_now_is_tried_again(self):
        refusals = [("99.0.4.1", "busy")] * 2
        self.server.judge = lambda stage, _: refusals.pop() if stage == "end" and refusals else None
        self.addCleanup(setattr, self.server, "judge", lambda *_: None)
        content = sample("later")
        self.assertEqual(self.taken(content).message.content(), content)
        self.assertEqual(refusals, [])


class TheGatewaySendsSynchronously(PeerAndGateway):
    def test_to_a_peer_that_offers_nothing(self):
        self.server.trusted = False
        for number in range(3):
            content = sample(str(number))
            with SmtpClient(self.carrier.smtp_port) as smtp:
                smtp.deliver("b@carrier.example", ["a@edge.example"], content)
            taken = self.server.wait(number + 1)[-1]
            self.assertEqual((taken.message.content(), taken.trace), (content, "intact"))
        self.assertFalse(any(session.receiver.pipelined for session in self.server.sessions))


if __name__ == "__main__":
    harness.main()
