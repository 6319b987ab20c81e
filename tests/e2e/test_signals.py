"""SIGTERM lets what is under way finish and loses nothing; SIGHUP puts a new configuration to use, or keeps the old."""
import signal

import harness
import wire
from client import Client
from harness import TwoSites, sample, wait_for


class Signals(TwoSites):
    def setUp(self):
        super().setUp()
        for gateway in self.gateways:
            if gateway.process.poll() is not None:
                gateway.start()

    def test_sigterm_lets_a_message_finish(self):
        content = sample()
        with Client(self.edge.smtp_port) as client:
            client.envelope("a@edge.example", ["b@carrier.example"])
            client.expect(354, "DATA")
            client.send(content[:20])
            self.edge.process.send_signal(signal.SIGTERM)
            self.refuses_connections(self.edge)
            client.send(wire.stuff(content)[20:])
            self.assertEqual(client.reply().code, 250)
        self.assertEqual(self.edge.process.wait(30), 0)
        self.edge.start()
        self.assert_octets(self.carrier.store.wait(1)[0], content)

    def refuses_connections(self, gateway):
        def refused():
            try:
                Client(gateway.smtp_port, hello=None, patience=5).close()
                return False
            except (OSError, wire.Gone):
                return True
        wait_for(refused, 10, "refusal of new connections")

    def test_sigterm_with_idle_and_silent_clients(self):
        with Client(self.edge.smtp_port), Client(self.edge.smtp_port, hello=None) as silent:
            self.edge.process.send_signal(signal.SIGTERM)
            self.assertEqual(silent.reply().code, 421)
            self.assertEqual(self.edge.process.wait(30), 0)

    def test_sigterm_keeps_the_queue(self):
        content = sample()
        self.carrier.store.close()
        self.addCleanup(lambda: self.carrier.store._listener or self.carrier.store.open())
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], content)
        before = self.carrier.wait_queue(1)
        self.carrier.stop()
        self.carrier.start()
        after = self.carrier.wait_queue(1)
        self.assertEqual(before[0]["id"], after[0]["id"])
        self.carrier.store.open()
        self.assert_octets(self.carrier.store.wait(1)[0], content)

    def test_sighup_changes_routes(self):
        with Client(self.edge.smtp_port) as client:
            client.expect(250, "MAIL FROM:<a@edge.example>")
            self.assertEqual(client.command("RCPT TO:<b@new.example>").code, 550)
        extra = {"domain": "new.example", "via": "smtp", "to": f"127.0.0.1:{self.edge.store.port}"}
        self.edge.config["route"].append(extra)
        self.edge.reload()
        self.addCleanup(self.edge.config["route"].remove, extra)
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@new.example"], sample())
        self.edge.store.wait(1)

    def test_sighup_with_a_broken_file_changes_nothing(self):
        good, self.edge.config["smtp"] = self.edge.config["smtp"], {**self.edge.config["smtp"], "nonsense": 1}
        try:
            self.edge.reload()
        finally:
            self.edge.config["smtp"] = good
        self.assertIn("nonsense", self.edge.log())
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], sample())
        self.carrier.store.wait(1)
        self.edge.reload()

    def test_sighup_does_not_cut_sessions(self):
        with Client(self.edge.smtp_port) as client:
            client.envelope("a@edge.example", ["b@carrier.example"])
            self.edge.reload()
            self.assertEqual(client.data(sample()).code, 250)
        self.carrier.store.wait(1)


if __name__ == "__main__":
    harness.main()
