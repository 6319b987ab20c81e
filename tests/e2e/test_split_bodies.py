"""Large attachments travel by themselves: once to each peer, not at all where they are refused, and octet for octet."""
import base64
import random
import time

import harness
from client import Client
from cutting_proxy import CuttingProxy
from harness import TwoSites

MIB = 1 << 20


def attachment(octets, seed):
    return base64.encodebytes(random.Random(seed).randbytes(octets)).replace(b"\n", b"\r\n")


def mail(subject, content, media_type="application/octet-stream", name="data.bin"):
    return (f"From: <a@edge.example>\r\nTo: <b@carrier.example>\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: multipart/mixed; boundary=xyz\r\n\r\n").encode() + (
                b"preamble\r\n--xyz\r\nContent-Type: text/plain\r\n\r\nSee the attachment.\r\n--xyz\r\n"
                + f"Content-Type: {media_type}; name={name}\r\nContent-Transfer-Encoding: base64\r\n"
                  f"Content-Disposition: attachment; filename={name}\r\n\r\n".encode()
                + content + b"\r\n--xyz--\r\n")


class SplitBodies(TwoSites):
    @classmethod
    def configure(cls):
        cls.proxy = CuttingProxy(cls.carrier.xproto_port)
        cls.addClassCleanup(cls.proxy.close)
        cls.edge.config["route"][0].update({"to": f"127.0.0.1:{cls.proxy.port}", "host": cls.carrier.host})
        cls.carrier.config["xproto"]["refuse_leaves"] = ["application/x-msdownload", "*.exe"]

    def send(self, message, to="b@carrier.example"):
        before = self.proxy.sent
        with Client(self.edge.smtp_port, patience=60) as client:
            client.deliver("a@edge.example", [to], message)
        self.edge.wait_queue(0, 60)
        return self.proxy.sent - before

    def arrived(self, subject):
        return self.carrier.store.wait_for(lambda message: f"Subject: {subject}\r\n".encode() in message.content)

    def not_needed(self):
        return self.carrier.metrics()['isthmus_octets_not_needed_total{protocol="xproto"}']

    def test_the_same_attachment_crosses_once(self):
        content = attachment(5 * MIB, 1)
        first = mail("first", content)
        second = mail("second", content)
        before = self.not_needed()
        self.assertGreater(self.send(first), len(content))
        self.assertEqual(self.not_needed(), before)
        self.assertLess(self.send(second, "c@carrier.example"), 100_000)
        self.assertEqual(self.not_needed() - before, len(content))
        self.assert_octets(self.arrived("first"), first)
        self.assert_octets(self.arrived("second"), second)

    def test_what_was_sent_before_is_known_after_a_restart(self):
        content = attachment(1 * MIB, 2)
        self.send(mail("before", content))
        self.carrier.kill()
        self.carrier.start()
        self.assertLess(self.send(mail("after", content)), 100_000)
        self.assert_octets(self.arrived("after"), mail("after", content))

    def test_a_damaged_copy_costs_a_repetition_and_nothing_else(self):
        content = attachment(1 * MIB, 3)
        self.send(mail("before", content))
        self.carrier.damage_held("leaf-")
        self.assertGreater(self.send(mail("after", content)), len(content))
        self.assert_octets(self.arrived("after"), mail("after", content))

    def test_a_refused_attachment_never_travels(self):
        for kind in ({"media_type": "application/x-msdownload"}, {"name": "setup.EXE"}):
            with self.subTest(**kind):
                self.edge.store.clear()
                content = attachment(1 * MIB, 4)
                self.assertLess(self.send(mail("refused", content, **kind)), 100_000)
                report, = self.edge.store.wait(1)
                self.assertIn(b"not taken here", report.content)
        self.assertEqual(len(self.carrier.store.messages), 0)

    def test_the_receiver_is_killed_while_it_puts_bodies_together(self):
        chooser = random.Random(9)
        shared = attachment(2 * MIB, 20)
        sent = []
        for n in range(8):
            content = shared if n % 2 else attachment(1 * MIB, 30 + n)
            sent.append(mail(f"number {n}", content))
            with Client(self.edge.smtp_port, patience=60) as client:
                client.deliver("a@edge.example", ["b@carrier.example"], sent[-1])
            time.sleep(chooser.random() * 0.3)  # the instant of a crash, not a wait for anything
            self.carrier.kill()
            self.carrier.start()
        self.edge.wait_queue(0, 120)
        self.carrier.wait_queue(0, 60)
        arrived = self.carrier.store.wait(len(sent), 60)
        for n, message in enumerate(sent):
            copies = [one for one in arrived if f"Subject: number {n}\r\n".encode() in one.content]
            self.assertGreaterEqual(len(copies), 1)  # the leg to the store may repeat one after a crash (RFC 1047)
            for one in copies:
                self.assert_octets(one, message)

    def test_many_attachments_and_what_is_between_them_stay_in_order(self):
        parts = [attachment(random.Random(n).randrange(100_000, 300_000), 10 + n) for n in range(5)]
        body = b"".join(b"--xyz\r\nContent-Type: text/plain\r\n\r\nNumber %d\r\n--xyz\r\n"
                        b"Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" % n + part
                        for n, part in enumerate(parts))
        message = (b"Subject: many\r\nContent-Type: multipart/mixed; boundary=xyz\r\n\r\n" + body + b"--xyz--\r\n"
                   + b"epilogue " * 30_000 + b"\r\n")
        self.send(message)
        self.assert_octets(self.carrier.store.wait(1)[0], message)
        again = message.replace(b"Subject: many", b"Subject: more").replace(b"Number 3", b"Nummer 3")
        self.assertLess(self.send(again), 600_000)
        self.assert_octets(self.carrier.store.wait(2)[1], again)


if __name__ == "__main__":
    harness.main()
