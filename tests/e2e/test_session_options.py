"""What two gateways use on their sessions follows from trust and configuration, and the mail is the same in any case."""
import re

import harness
from client import Client
from harness import TwoSites, sample

LARGE = b"A line of text that is much like the next one.\r\n" * 8000


class SessionOptions(TwoSites):
    @classmethod
    def configure(cls):
        for site in (cls.edge, cls.carrier):
            site.config["log"] = {"level": "debug"}

    def restart(self, edge=None, carrier=None):
        """Both anew, with these changes to what they say of their peer, and to xproto."""
        for site, changes in ((self.edge, edge or {}), (self.carrier, carrier or {})):
            site.stop()
            peer, = site.config["peer"]
            for key in ("extensions", "trust"):
                peer.pop(key, None)
            peer["trust"] = "trusted"
            peer.update({key: value for key, value in changes.items() if key != "compress"})
            site.config["xproto"]["compress"] = changes.get("compress", False)
            site.start()

    def options_after_sending(self, body=b"Small.\r\n"):
        sent = sample(body=body)
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], sent)
        message, = self.carrier.store.wait(1)
        self.assert_octets(message, sent)
        return re.findall(r'xproto_ready .*options="?([A-Z ]+)', self.edge.log())[-1].split()

    def test_trusted_peers_send_without_permission(self):
        self.restart()
        self.assertEqual(self.options_after_sending(), ["PIPE", "NOW", "SPLIT", "STAT", "TRACE"])

    def test_known_peers_ask_first(self):
        self.restart(carrier={"trust": "known"})
        self.assertEqual(self.options_after_sending(), ["PIPE", "SPLIT", "STAT"])

    def test_the_receiver_may_withhold_extensions(self):
        self.restart(carrier={"extensions": ["PIPE"]})
        self.assertEqual(self.options_after_sending(), ["PIPE"])
        self.carrier.store.clear()
        self.restart(carrier={"extensions": []})
        sent = sample()
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], sent)
        message, = self.carrier.store.wait(1)
        self.assert_octets(message, sent)

    def test_the_sender_may_do_without(self):
        self.restart(edge={"extensions": ["PIPE", "ZSTD"]})
        self.assertEqual(self.options_after_sending(), ["PIPE"])

    def test_compressed_mail_is_the_same_mail(self):
        self.restart(edge={"compress": True})
        self.assertEqual(self.options_after_sending(LARGE), ["PIPE", "NOW", "ZSTD", "SPLIT", "STAT", "TRACE"])

    def test_without_compression_too(self):
        self.restart()
        self.assertEqual(self.options_after_sending(LARGE), ["PIPE", "NOW", "SPLIT", "STAT", "TRACE"])


class Configured(harness.IsthmusTest):
    def check(self, **changes):
        gateway = self.make_gateway("edge.example") if not self.gateways else self.gateways[0]
        gateway.config.update(changes)
        gateway.write_config()
        return gateway.cli("check", check=False)

    def test_unknown_extensions_and_times_that_do_not_nest_are_refused(self):
        refused = self.check(xproto={"extensions": ["PIPE", "TELEPATHY"]})
        self.assertEqual(refused.returncode, 78)
        self.assertIn("xproto.extensions", refused.stdout + refused.stderr)
        refused = self.check(xproto={}, timeouts={"progress": "5m", "reply": "5m"})
        self.assertEqual(refused.returncode, 78)
        self.assertIn("timeouts.progress", refused.stdout + refused.stderr)


if __name__ == "__main__":
    harness.main()
