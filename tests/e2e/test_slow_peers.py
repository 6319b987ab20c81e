"""Peers that drip, stall or vanish are cut off in time, and nobody else waits for them meanwhile."""
import contextlib
import socket
import time

import harness
import wire
from client import Client
from harness import TwoSites, sample


class SlowPeers(TwoSites):
    @classmethod
    def configure(cls):
        for gateway in (cls.edge, cls.carrier):
            gateway.config["timeouts"].update({"reply": "3s", "data": "3s", "idle": "3s", "helo": "3s"})

    def test_silence_is_ended_with_421(self):
        began = time.monotonic()
        with Client(self.edge.smtp_port) as client:
            self.assertEqual(client.reply().code, 421)
            with self.assertRaises(wire.Gone):
                client.reply()
        self.assertLess(time.monotonic() - began, 20)

    def test_others_are_served_while_many_stall(self):
        with contextlib.ExitStack() as stack:
            stalled = []
            for number in range(40):
                client = stack.enter_context(Client(self.edge.smtp_port, hello=None))
                if number % 2:
                    client.ehlo()
                    client.envelope("slow@edge.example", ["b@carrier.example"])
                    client.expect(354, "DATA")
                    client.send(b"Subject: half a mess")
                stalled.append(client)
            for sock_port in (self.carrier.xproto_port, self.edge.xproto_port):
                for _ in range(10):  # half a TLS handshake is all they ever get
                    stack.enter_context(socket.create_connection(("127.0.0.1", sock_port), timeout=10)).sendall(b"\x16\x03\x01")
            began = time.monotonic()
            with Client(self.edge.smtp_port) as client:
                for _ in range(10):
                    client.deliver("quick@edge.example", ["b@carrier.example"], sample())
            self.carrier.store.wait(10)
            self.assertLess(time.monotonic() - began, 20)
        self.assertEqual({message.sender for message in self.carrier.store.messages}, {"quick@edge.example"})

    def test_a_dripping_sender_is_cut_off(self):
        with Client(self.edge.smtp_port, patience=5) as client:
            client.envelope("slow@edge.example", ["b@carrier.example"])
            client.expect(354, "DATA")
            deadline = time.monotonic() + 60
            with self.assertRaises((OSError, wire.Gone)):
                while time.monotonic() < deadline:
                    client.send(b"x")
                    client.sock.settimeout(0.2)
                    with contextlib.suppress(TimeoutError):
                        if not client.sock.recv(1000):
                            raise wire.Gone
                self.fail("one octet every 0.2 s was taken for a minute")

    def test_a_reader_that_never_reads(self):
        """A client that asks and never takes the answers must not grow the daemon or block it."""
        with socket.create_connection(("127.0.0.1", self.edge.smtp_port), timeout=1) as greedy:
            with contextlib.suppress(OSError):
                for _ in range(2000):
                    greedy.sendall(b"NOOP\r\n" * 1000)
            with Client(self.edge.smtp_port) as client:
                client.deliver("quick@edge.example", ["b@carrier.example"], sample())
        self.carrier.store.wait(1)

    def test_a_store_that_stalls_delays_only_its_own_mail(self):
        def script(verb, argument):
            if verb == "RCPT" and "stall" in argument:
                time.sleep(10)
            return None
        self.carrier.store.script = script
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["stall@carrier.example"], sample())
        with Client(self.carrier.smtp_port) as client:
            client.deliver("b@carrier.example", ["c@edge.example"], sample())
        began = time.monotonic()
        self.edge.store.wait(1)
        self.assertLess(time.monotonic() - began, 8)
        self.carrier.cli("queue delete", "--all", check=False)


if __name__ == "__main__":
    harness.main()
