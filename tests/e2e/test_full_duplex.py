"""A site that nobody can call gets its mail in the sessions that it opens itself: the edge has no xproto listener at all,
and every connection between the two is its own."""
import os
import re
import threading
import time

import harness
import kill
import wire
from client import Client
from cutting_proxy import CuttingProxy
from harness import IsthmusTest, sample, wait_for
from large import MIB, pieces


class HiddenEdge(IsthmusTest):
    """Not a test itself. edge.example calls carrier.example through a proxy that counts; carrier calls nobody."""
    others = ()
    large_octets = 0
    rate = None

    @classmethod
    def configure(cls):
        """For subclasses: change the configurations before the daemons start."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier, *guests = (cls.make_gateway(site) for site in ("carrier.example", "edge.example", *cls.others))
        cls.edge = guests[0]
        cls.line = CuttingProxy(cls.carrier.xproto_port, rate=cls.rate)
        cls.addClassCleanup(cls.line.close)
        for gateway in (cls.carrier, *guests):
            gateway.store = cls.make_sink()
            gateway.config["log"] = {"level": "debug"}
            gateway.config["route"] = [{"domain": gateway.site, "via": "smtp", "to": f"127.0.0.1:{gateway.store.port}"}]
            if cls.large_octets:
                gateway.config["limits"] = {"message_octets": cls.large_octets + 2 * MIB}
        for guest in guests:
            guest.config["xproto"]["listen"] = []
            guest.config["route"].append({"domain": "carrier.example", "via": "xproto", "host": cls.carrier.host,
                                          "to": f"127.0.0.1:{cls.line.port}"})
            guest.config["peer"] = [{"host": cls.carrier.host, "ca": cls.carrier.ca, "trust": "trusted", "keep": True,
                                     "duplex": True}]
            cls.carrier.config["peer"].append({"host": guest.host, "ca": guest.ca, "trust": "trusted"})
        cls.carrier.config["route"].append({"domain": "edge.example", "via": "xproto", "host": cls.edge.host,
                                            "session": "theirs"})
        cls.configure()
        for gateway in (cls.carrier, *guests):
            gateway.start()

    def setUp(self):
        for gateway in self.gateways:
            gateway.store.clear()

    def ready(self, gateway=None):
        return len(re.findall(r"\bxproto_ready\b.*DUPLEX", (gateway or self.edge).log()))

    def send(self, gateway, to, content):
        with Client(gateway.smtp_port) as client:
            client.deliver(f"a@{gateway.site}", [to], content)

    def assert_octets(self, message, sent):
        self.assertGreaterEqual(len(wire.split_trace(message.content, sent)), 1, "no hop left its trace")


class BothWaysOverOneConnection(HiddenEdge):
    @classmethod
    def configure(cls):
        cls.edge.config["timeouts"]["idle"] = "1s"  # so that it says NOOP, and does not leave
        cls.carrier.config["timeouts"]["idle"] = "3s"

    def test_mail_goes_both_ways(self):
        wait_for(lambda: self.ready() > 0, what="session")
        before = self.line.connections
        self.assertNotIn("xproto", self.edge.json("status")["addresses"], "the edge can be called")
        down, up = sample("down"), sample("up")
        self.send(self.carrier, "b@edge.example", down)
        message, = self.edge.store.wait(1)
        self.assert_octets(message, down)
        self.send(self.edge, "b@carrier.example", up)
        message, = self.carrier.store.wait(1)
        self.assert_octets(message, up)
        time.sleep(4)  # longer than either end's patience with idle sessions
        again = sample("again")
        self.send(self.carrier, "b@edge.example", again)
        wait_for(lambda: len(self.edge.store.messages) == 2, what="second message")
        self.assertEqual(self.line.connections, before, "another connection was made")
        sessions = self.carrier.json("status")["sessions"]["xproto"]
        self.assertEqual((sessions["client"], sessions["server"]), (0, 1), "the carrier called somebody")
        # The hop is signed for the edge, and the mail counts as any other of this peer's.
        self.assertRegex(self.edge.log(), r"accepted .*peer=mx1\.carrier\.example protocol=XPROTO")
        self.assertRegex(self.carrier.log(), r"delivered .*via=xproto:theirs/mx1\.edge\.example")


class WaitsForTheHost(HiddenEdge):
    others = ("other.example",)

    def test_mail_waits_until_its_owner_comes(self):
        other = self.gateways[2]
        wait_for(lambda: self.ready() > 0 and self.ready(other) > 0, what="sessions")
        self.edge.stop()
        for number in range(3):
            self.send(self.carrier, "b@edge.example", sample(f"number {number}"))
        for message in self.carrier.wait_queue(3):
            recipient, = message["recipients"]
            self.assertEqual((recipient["state"], recipient["attempts"]), ("waiting", 0))
        self.assertIn("waits until mx1.edge.example opens a session", self.carrier.cli("queue list").stdout)
        # A host whose mail it is not is there, with a proved name and DUPLEX, and gets nothing.
        time.sleep(4)
        self.carrier.wait_queue(3)
        self.assertNotRegex(other.log(), r"\baccepted ")
        # The owner comes without asking for it.
        self.edge.config["peer"][0]["duplex"] = False
        self.edge.start()
        wait_for(lambda: self.edge.said_since_start(r"xproto_ready"), what="session without DUPLEX")
        self.send(self.edge, "b@carrier.example", sample("up"))
        self.carrier.store.wait(1)
        self.carrier.wait_queue(3)
        self.edge.stop()
        self.carrier.stop()  # it waits over a restart, too
        self.carrier.start()
        self.carrier.wait_queue(3)
        self.edge.config["peer"][0]["duplex"] = True
        self.edge.start()
        self.edge.store.wait(3, 10)
        self.carrier.wait_queue(0)

    def test_mail_expires_while_it_waits(self):
        self.edge.stop()
        self.carrier.config["queue"].update({"expire": "3s", "delay_notice": "0s"})
        self.carrier.reload()
        try:
            self.send(self.carrier, "late@edge.example", sample("late"))
            report, = self.carrier.store.wait(1)
            self.assertIn(b"late@edge.example", report.content)
            self.carrier.wait_queue(0)
        finally:
            self.carrier.config["queue"].update({"expire": "1h", "delay_notice": "30m"})
            self.carrier.reload()
            self.edge.start()


class Blocked(HiddenEdge):
    @classmethod
    def configure(cls):
        cls.edge.config["peer"][0]["trust"] = "known"  # trusted peers are not looked up
        cls.edge.config["list"] = [{"name": "ours", "kind": "block", "by": "host", "file": "blocked.txt"}]
        cls.blocked = os.path.join(cls.edge.folder, "blocked.txt")
        with open(cls.blocked, "w", encoding="ascii") as file:
            file.write("# nobody yet\n")

    def test_whoever_is_blocked_sends_us_nothing_more_and_still_gets_our_mail(self):
        wait_for(lambda: self.ready() > 0, what="session")
        with open(self.blocked, "a", encoding="ascii") as file:
            file.write(self.carrier.host + "\n")
        wait_for(lambda: re.search(r"session_disowned .*side=client", self.edge.log()), what="end of the session")
        self.send(self.edge, "b@carrier.example", sample("up"))
        self.carrier.store.wait(1)
        self.send(self.carrier, "b@edge.example", sample("down"))
        time.sleep(2)
        self.carrier.wait_queue(1)
        self.assertEqual((self.ready(), self.edge.store.messages), (1, []))


class LargeAndSmall(HiddenEdge):
    large_octets = 30 * MIB
    rate = 6 * MIB  # octets a second that the line carries each way

    def test_neither_way_waits_for_the_other(self):
        """A large message travels for seconds; small mail of the other direction overtakes it on the same connection."""
        wait_for(lambda: self.ready() > 0, what="session")
        sent = b"".join(pieces(self.large_octets))
        for large, small in ((self.edge, self.carrier), (self.carrier, self.edge)):
            for gateway in self.gateways:
                gateway.store.clear()
            before = self.line.connections
            with Client(large.smtp_port, patience=120) as client:
                client.envelope(f"a@{large.site}", [f"big@{small.site}"])
                self.assertEqual(client.bdat(sent, []).code, 250)
            for number in range(5):
                self.send(small, f"b@{large.site}", sample(f"small {number}"))
                large.store.wait(number + 1, 10)
            self.assertEqual(small.store.messages, [], "the large message was there first")
            message, = small.store.wait(1, 120)
            self.assert_octets(message, sent)
            self.assertEqual(self.line.connections, before, "another connection was made")


class KilledMidway(HiddenEdge):
    large_octets = 20 * MIB
    rate = 20 * MIB

    @classmethod
    def configure(cls):
        for gateway in (cls.edge, cls.carrier):
            gateway.config["queue"]["retry"] = ["1s"]

    def test_exactly_once(self):
        """Either end is killed while mail comes down. All of it arrives, and the edge takes each message once."""
        wait_for(lambda: self.ready() > 0, what="session")
        sent = b"".join(pieces(self.large_octets))
        self.edge.store.close()  # what the edge owned twice would leave it twice
        rounds = (self.edge, self.carrier) * 2
        for number, victim in enumerate(rounds):
            for count in range(20):
                self.send(self.carrier, "b@edge.example", kill.content_of(f"{number}-{count}"))
            with Client(self.carrier.smtp_port, patience=120) as client:
                client.envelope("a@carrier.example", ["b@edge.example"])
                large = b"X-Identity: large-%d\r\n" % number + sent + b"%d\r\n" % number  # no leaf that is there
                self.assertEqual(client.bdat(large, []).code, 250)
            time.sleep(0.3)
            self.assertGreater(len(self.carrier.queue()), 0, "nothing was under way any more")
            victim.kill()
            victim.start()
            wait_for(lambda: self.carrier.json("status")["queue"]["messages"] == 0, 90, "empty queue", every=0.3)
        self.assertEqual(len(self.edge.queue()), 21 * len(rounds))
        self.edge.store.open()
        self.edge.cli("queue retry", "--all")
        self.edge.store.wait(21 * len(rounds), 60)
        self.edge.wait_queue(0)
        counts = self.edge.store.counts("X-Identity")
        self.assertEqual(len(counts), 21 * len(rounds), "mail was lost")
        self.assertEqual(set(counts.values()), {1}, "a message crossed xproto twice")


class Drains(HiddenEdge):
    def test_both_ends_stop_well_under_load(self):
        wait_for(lambda: self.ready() > 0, what="session")
        end = threading.Event()
        acknowledged = {self.edge: set(), self.carrier: set()}

        def load(gateway, to):
            number = 0
            while not end.is_set():
                number += 1
                try:
                    self.send(gateway, to, kill.content_of(f"{gateway.site}-{number}"))
                    acknowledged[gateway].add(f"{gateway.site}-{number}")
                except (OSError, wire.Gone, AssertionError):
                    time.sleep(0.05)
        threads = [threading.Thread(target=load, args=(self.edge, "b@carrier.example"), daemon=True),
                   threading.Thread(target=load, args=(self.carrier, "b@edge.example"), daemon=True)]
        for thread in threads:
            thread.start()
        for victim in (self.edge, self.carrier, self.edge, self.carrier):
            time.sleep(0.7)
            victim.stop()  # fails unless the daemon ends with 0 in time
            victim.start()
        time.sleep(1)
        end.set()
        for thread in threads:
            thread.join(30)
        for here, there in ((self.edge, self.carrier), (self.carrier, self.edge)):
            self.assertGreater(len(acknowledged[here]), 20, "too little load to prove anything")
            wait_for(lambda one=here: one.json("status")["queue"]["messages"] == 0, 60, "empty queue", every=0.3)
            wait_for(lambda a=acknowledged[here], s=there.store: a <= set(s.counts("X-Identity")), 30, "all mail")
            counts = there.store.counts("X-Identity")
            self.assertEqual({i for i, count in counts.items() if count > 1}, set(), "a message crossed xproto twice")
            self.assertNotRegex(here.log(), r"\b(failed|expired) id=")


del HiddenEdge

if __name__ == "__main__":
    harness.main()
