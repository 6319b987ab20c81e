"""Full duplex, against the second implementation: it takes its mail in sessions that it opens, while it sends."""
import harness
from client import Client as SmtpClient
from conformance_peer import CARRIER, EDGE, PeerAndGateway
from harness import sample
from peer.duplex import Guest
from peer.lines import Item


class TakesInItsOwnSessions(PeerAndGateway):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier.config["route"][0] = {"domain": "edge.example", "via": "xproto", "host": EDGE, "session": "theirs"}
        cls.carrier.reload()

    def send_down(self, subject):
        with SmtpClient(self.carrier.smtp_port) as client:
            client.deliver("b@carrier.example", ["a@edge.example"], sample(subject))

    def test_both_ways(self):
        """What waited comes when the session is there, what is new comes at once, and both with our own under way."""
        self.send_down("waits")
        self.carrier.wait_queue(1)
        session = self.open()
        self.assertIn("DUPLEX", session.offered)
        guest = Guest(session)
        self.assertTrue(guest.accepted, guest.answer)
        first, = guest.take(1)
        self.assertEqual((first.peer, first.trace, first.objects), (CARRIER, "intact", "sound"))
        for number in range(5):
            self.send_down(f"number {number}")
        sent = [self.message(sample(f"up {number}")) for number in range(5)]
        self.assertTrue(all(outcome.accepted for outcome in session.send(*sent)))
        taken = guest.take(6)
        self.assertEqual({(one.trace, one.objects) for one in taken}, {("intact", "sound")})
        self.assertEqual(len({one.message.id for one in taken}), 6)
        self.carrier.store.wait(5)
        self.assertEqual(session.quit().code, "99.0.2.4")
        self.carrier.wait_queue(0)

    def test_a_refusal_is_one(self):
        session = self.open()
        guest = Guest(session, judge=lambda stage, _: ("99.0.5.26", "not today") if stage == "headers" else None)
        self.send_down("refused")
        while not any(b"99.0.5.26" in octets for direction, octets in session.connection.seen if direction == "->"):
            self.assertIsNone(session.line())
        report, = self.carrier.store.wait(1)
        self.assertIn(b"not today", report.content)
        self.assertEqual(guest.taken, [])
        session.quit()

    def test_without_the_option_nothing_comes(self):
        session = self.open(pipelined=True)
        self.send_down("waits")
        self.carrier.wait_queue(1)
        self.assertFalse(session.connection.ready(2), "the server sends what nobody asked for")
        line = session.option(Item("WINDOW", "1;1"))
        self.assertEqual((line.word, line.items()[0].code), ("ERR", "99.0.5.9"))
        session.quit()
        with self.subTest("and goes when somebody asks"):
            late = self.open()
            Guest(late).take(1)
            late.quit()


if __name__ == "__main__":
    harness.main()
