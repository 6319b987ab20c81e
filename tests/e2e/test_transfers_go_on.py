"""Connections that break while large mail travels: it arrives once, octet for octet, and what has come need not come again."""
import base64
import itertools
import random

import harness
from client import Client
from cutting_proxy import CuttingProxy
from harness import TwoSites

MIB = 1 << 20
FRAGMENT = 4 * MIB


def text(octets, seed):
    """A body without parts: it travels whole."""
    lines = base64.encodebytes(random.Random(seed).randbytes(octets * 56 // 76)).replace(b"\n", b"\r\n")
    return b"Subject: large\r\n\r\n" + lines


def with_attachment(octets, seed):
    return (b"Subject: attached\r\nContent-Type: multipart/mixed; boundary=xyz\r\n\r\n--xyz\r\n"
            b"Content-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + text(octets, seed).partition(b"\r\n\r\n")[2] + b"--xyz--\r\n")


class TransfersGoOn(TwoSites):
    sink_options = {}

    @classmethod
    def configure(cls):
        cls.proxy = CuttingProxy(cls.carrier.xproto_port)
        cls.addClassCleanup(cls.proxy.close)
        cls.edge.config["route"][0].update({"to": f"127.0.0.1:{cls.proxy.port}", "host": cls.carrier.host})
        cls.edge.config["queue"]["retry"] = ["1s"]
        for site in (cls.edge, cls.carrier):
            site.config["limits"] = {"message_octets": 60 * MIB}

    def cross(self, message, cuts, to="b@carrier.example"):
        """The octets that travelled from client to server, and how many connections were cut."""
        cuts = list(cuts)
        # The session of the message before would be used again, and is not to be cut in its middle.
        self.edge.stop()
        self.edge.start()
        self.proxy.cuts, sent, cut = iter(cuts), self.proxy.sent, self.proxy.cut
        with Client(self.edge.smtp_port, patience=120) as client:
            client.deliver("a@edge.example", [to], message)
        self.edge.wait_queue(0, 120)
        arrived = self.carrier.store.wait(1, 120)
        self.carrier.wait_queue(0, 60)
        self.assertEqual(len(self.carrier.store.messages), 1)
        self.assert_octets(arrived[0], message)
        return self.proxy.sent - sent, self.proxy.cut - cut

    def test_fifty_megabytes_and_many_cuts(self):
        message = text(50 * MIB, 1)
        chooser = random.Random(5)
        sent, cut = self.cross(message, [chooser.randrange(5 * MIB, 12 * MIB) for _ in range(5)])
        self.assertEqual(cut, 5)
        self.assertLess(sent, len(message) * 1.02 + cut * FRAGMENT)
        print(f"{len(message)} octets, {cut} cuts, {sent} octets travelled", flush=True)

    def test_a_split_body_goes_on_within_its_leaf(self):
        message = with_attachment(20 * MIB, 2)
        sent, cut = self.cross(message, [6 * MIB, 7 * MIB, 5 * MIB])
        self.assertEqual(cut, 3)
        self.assertLess(sent, len(message) * 1.02 + cut * FRAGMENT)

    def test_the_receiver_is_killed_meanwhile(self):
        message = text(30 * MIB, 3)

        sent = self.proxy.sent
        self.edge.stop()
        self.edge.start()
        self.proxy.cuts = iter([12 * MIB, None])
        with Client(self.edge.smtp_port, patience=120) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], message)
        harness.wait_for(lambda: self.proxy.sent - sent >= 12 * MIB, 60, "cut")
        self.carrier.kill()
        self.carrier.start()
        self.edge.wait_queue(0, 120)
        arrived, = self.carrier.store.wait(1, 120)
        self.assert_octets(arrived, message)
        self.assertLess(self.proxy.sent - sent, len(message) * 1.02 + FRAGMENT)

    def test_a_damaged_beginning_costs_a_repetition_and_nothing_else(self):
        message = text(20 * MIB, 4)
        self.edge.stop()
        self.edge.start()
        self.edge.config["queue"]["retry"] = ["4s", "1s"]
        self.edge.reload()
        sent = self.proxy.sent
        self.proxy.cuts = iter([10 * MIB, None])
        with Client(self.edge.smtp_port, patience=120) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], message)
        harness.wait_for(lambda: self.proxy.sent - sent >= 10 * MIB, 60, "cut")
        self.edge.wait_log("status=deferred|deferred", 20)
        self.carrier.damage_held("part-")
        self.edge.wait_queue(0, 120)
        arrived, = self.carrier.store.wait(1, 120)
        self.assert_octets(arrived, message)

    def test_cut_everywhere(self):
        """Cuts at many places of a small transfer, each once: what is delivered is delivered once."""
        message = text(100_000, 5)
        places = itertools.chain(range(200, 9000, 400), range(9000, 120_000, 7000))
        sent, cut = self.cross(message, places)
        print(f"{cut} cuts, {sent} octets travelled", flush=True)


if __name__ == "__main__":
    harness.main()
