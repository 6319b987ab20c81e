"""Kills gateways at random instants under load, and counts what arrived.

What is promised: an acknowledged message arrives. What crossed xproto arrives there once, however often the message
had to be offered, because the receiver remembers what it owns. Only a crash between a store's 250 and our record of it
can make the last, SMTP leg repeat a message (RFC 1047): SMTP has no way to ask.
"""
import itertools
import random
import threading
import time

import wire
from client import Client
from harness import TwoSites, wait_for


def content_of(identity):
    return (f"From: <a@edge.example>\r\nTo: <b@carrier.example>\r\nX-Identity: {identity}\r\n\r\n"
            f"{identity}\r\n.dot\r\n").encode() + b"x" * 70 + b"\r\n"


class Load:
    """Clients that send one message after the other until stopped, and know which were acknowledged. As fast as they can
    up to a number that the recorder gets done with in a minute or two, then at leisure."""
    full_speed = 30000
    _numbers = itertools.count(1)  # so that no message of one load can be taken for that of another

    def __init__(self, port, clients=4):
        self.port = port
        self.number = next(self._numbers)
        self.attempted, self.acknowledged = set(), set()
        self._end = threading.Event()
        self._threads = [threading.Thread(target=self._send, args=(number,), daemon=True) for number in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for thread in self._threads:
            thread.join(60)

    def _send(self, number):
        count = 0
        while not self._end.is_set():
            try:
                with Client(self.port) as client:
                    while not self._end.is_set():
                        count += 1
                        identity = f"{self.number}-{number}-{count}"
                        self.attempted.add(identity)
                        client.deliver("a@edge.example", ["b@carrier.example"], content_of(identity))
                        self.acknowledged.add(identity)
                        if len(self.attempted) > self.full_speed:
                            time.sleep(0.02)
            except (OSError, wire.Gone, AssertionError):
                time.sleep(0.05)


class KillTest(TwoSites):
    """Not a test itself: the rounds that the kill tests are made of."""

    @classmethod
    def configure(cls):
        for gateway in (cls.edge, cls.carrier):
            gateway.config["queue"]["retry"] = ["1s"]

    def kill_rounds(self, rounds, victims, seed):
        """Under load, kills one of the victims after a random time, and starts it again. Returns the load."""
        chooser = random.Random(seed)
        with Load(self.edge.smtp_port) as load:
            for number in range(rounds):
                time.sleep(chooser.uniform(0.02, 0.6))
                victim = victims[number % len(victims)]
                self.assertIsNone(victim.process.poll(), f"{victim.site} died by itself")
                victim.kill()
                victim.start()
        print(f"seed {seed}: {len(load.acknowledged)} of {len(load.attempted)} acknowledged", flush=True)
        self.assertGreater(len(load.acknowledged), rounds, "too little load to prove anything")
        return load

    def messages_in(self, gateway):
        return gateway.json("status")["queue"]["messages"]

    def wait_settled(self, *gateways):
        for gateway in gateways:
            gateway.cli("queue retry", "--all", check=False)
            self.wait_empty(gateway)

    def wait_empty(self, gateway):
        """However many messages there are, it must not stand still for long."""
        left = self.messages_in(gateway)
        while left > 0:
            left = wait_for(lambda: [now] if (now := self.messages_in(gateway)) < left else None, 60,
                            f"shorter queue than {left} at {gateway.site}", every=0.5)[0]

    def assert_all_there(self, load, twice_allowed):
        """What was acknowledged has arrived, whole; nothing arrived that was not sent; once, unless allowed."""
        counts = self.carrier.store.counts("X-Identity")
        self.assertEqual(load.acknowledged - set(counts), set(), "acknowledged mail was lost")
        self.assertEqual(set(counts) - load.attempted, set())
        for message in self.carrier.store.messages:
            identity = message.content.partition(b"X-Identity: ")[2].partition(b"\r\n")[0].decode()
            self.assert_octets(message, content_of(identity))
        repeated = {identity for identity, count in counts.items() if count > 1}
        if not twice_allowed:
            self.assertEqual(repeated, set(), "a message crossed xproto twice")

    def kill_the_sender(self, rounds, seed):
        load = self.kill_rounds(rounds, [self.edge], seed)
        self.wait_settled(self.edge, self.carrier)
        self.assert_all_there(load, twice_allowed=False)

    def kill_the_receiver(self, rounds, seed):
        """With the store away meanwhile: what the receiver owns more than once would leave it more than once."""
        self.carrier.store.close()
        try:
            load = self.kill_rounds(rounds, [self.carrier], seed)
            self.wait_empty(self.edge)
            self.assertGreaterEqual(self.messages_in(self.carrier), len(load.acknowledged))
        finally:
            self.carrier.store.open()
        self.wait_settled(self.carrier)
        self.assert_all_there(load, twice_allowed=False)

    def kill_both(self, rounds, seed):
        load = self.kill_rounds(rounds, [self.edge, self.carrier], seed)
        self.wait_settled(self.edge, self.carrier)
        self.assert_all_there(load, twice_allowed=True)
