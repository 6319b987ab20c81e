"""A gateway refuses mail whose signed trace was tampered with, before its headers and body travel, and `isthmus trace verify`
tells an operator what happened."""
import copy
import json
import os

import harness
from conformance_peer import CARRIER, EDGE, PeerAndGateway
from harness import isthmus, sample
from make.authority import HOST_USE, issue
from peer import messages, traces
from peer.envelopes import Change, Recipient, digest

HUB = "mx1.hub.example"
SEND_HEADERS, SEND_BODY = "99.0.3.6", "99.0.3.8"


class Tampering(PeerAndGateway):
    def travelled(self):
        """A message that was at edge and hub; edge's host brings it. Its content is large enough to be worth refusing."""
        envelope, header, body = self.draft(sample("tampered", b"x" * 76 + b"\r\n" * 20000))
        alice = self.user("a@edge.example")
        traces.sign_origin(envelope, alice.der, alice.key)
        hub = self.hub()
        self.hop(envelope, next=HUB)
        strings = {"host": HUB, "peer": EDGE, "peer-address": "192.0.2.1", "protocol": "XPROTO", "id": "h1", "next": EDGE}
        traces.add_hop(envelope, hub.chain(), hub.key, {k: v.encode() for k, v in strings.items()})
        # The same host again, on the way to us.
        self.hop(envelope, peer=HUB, protocol="XPROTO")
        return envelope, header, body

    def hub(self):
        """A host that the sender's authority certified."""
        return issue(self.scratch, "a host", [*HOST_USE, "subjectAltName = DNS:" + HUB], self.authority, "p256", 7)

    def send(self, envelope, header, body, pipelined):
        return self.open(pipelined).send(messages.finish(envelope, header, body))[0]

    def test_an_honest_journey_is_taken(self):
        outcome = self.send(*self.travelled(), pipelined=True)
        self.assertEqual(outcome.code, "99.0.2.6", outcome)

    def test_whatever_was_tampered_with_is_refused_before_the_content_travels(self):
        envelope, header, body = self.travelled()
        other, _, _ = self.travelled()
        for name, change, link in (
            ("a hop taken out", lambda e: e.hops.pop(1), "hop 1 of 2"),
            ("hops exchanged", lambda e: e.hops.insert(0, e.hops.pop(1)), "hop 1 of 3"),
            ("a hop's time", lambda e: setattr(e.hops[1], "time", traces.stamp(traces.seconds(e.hops[1].time) + 1)), "hop 2 of 3"),
            ("a hop's address", lambda e: e.hops[0].strings.update({"peer-address": b"203.0.113.9"}), "hop 1 of 3"),
            ("a hop of another message", lambda e: e.hops.__setitem__(1, other.hops[1]), "hop 2 of 3"),
            ("the sender", lambda e: setattr(e.originator, "address", b"boss@edge.example"), "the originator"),
            ("a recipient put in", lambda e: e.recipients.append(Recipient(9, b"eve@carrier.example")), "hop 3 of 3"),
            ("a change made up", lambda e: e.hops[1].changes.append(
                Change(b"message/body", digest(b"x"), digest(body), b"footer")), "hop 2 of 3|the originator"),
        ):
            for pipelined in (False, True):
                with self.subTest(name, pipelined=pipelined):
                    forged = copy.deepcopy(envelope)
                    change(forged)
                    outcome = self.send(forged, header, body, pipelined)
                    self.assertEqual((outcome.word, outcome.code), ("ERR", "99.0.5.37"), outcome)
                    self.assertRegex(outcome.text, link)
                    permissions = {answer.code for _, answer in outcome.answers}
                    self.assertFalse(permissions & {SEND_HEADERS, SEND_BODY}, "the content was asked for")
        self.assertEqual(self.carrier.store.messages, [])

    def test_a_replay_to_other_recipients_or_by_another_way_is_refused(self):
        envelope, header, body = self.travelled()
        for name, change in (("recipient", lambda e: setattr(e.recipients[0], "address", b"c@carrier.example")),
                             ("next host", lambda e: e.hops[-1].strings.update({"next": b"mx2.carrier.example"}))):
            with self.subTest(name):
                forged = copy.deepcopy(envelope)
                change(forged)
                self.assertEqual(self.send(forged, header, body, True).code, "99.0.5.37")

    def test_an_operator_is_told_in_words(self):
        envelope, _, _ = self.travelled()
        envelope.hops[1].strings["id"] = b"forged"
        file = os.path.join(self.folder, "forged.xml")
        with open(file, "wb") as out:
            out.write(messages.envelopes.build(envelope))
        ca = os.path.join(self.edge_folder, "ca.pem")
        shown = isthmus("trace", "verify", file, "--ca", ca, check=False)
        self.assertEqual(shown.returncode, 1)
        self.assertIn(f"The first broken link: hop 2 of 3 ({HUB}): its signature does not fit", shown.stdout)
        self.assertIn(f"What was signed before hop 2 ({HUB}) was not changed since.", shown.stdout)
        self.assertIn(f"Either hop 2 ({HUB}) never signed what stands here in its name, or somebody changed it later: "
                      f"hop 3 ({EDGE}), or whoever the message comes from now.", shown.stdout)
        told = json.loads(isthmus("trace", "verify", file, "--ca", ca, "--json", check=False).stdout)
        self.assertFalse(told["intact"])
        self.assertEqual(len(told["meaning"]), 3)


if __name__ == "__main__":
    harness.main()
