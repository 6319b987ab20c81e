"""A [[peer]] without `ca` says what a host is, not by whose word: that is a CA for all, or delegation."""
import os

import harness
import nameserver
from client import Client
from harness import IsthmusTest, isthmus, sample
from nameserver import tlsa


class WithoutCa(IsthmusTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.zones = nameserver.Zones(os.path.join(cls.folder, "dns"))
        cls.addClassCleanup(cls.zones.stop)
        cls.zones.start()
        cls.edge, cls.carrier = cls.make_gateway("edge.example"), cls.make_gateway("carrier.example")
        for here, there in ((cls.edge, cls.carrier), (cls.carrier, cls.edge)):
            here.store = cls.make_sink()
            here.config["dns"] = {"trust_anchor": cls.zones.anchor, "servers": [f"127.0.0.1:{cls.zones.port}"]}
            here.config["route"] = [
                {"domain": there.site, "via": "xproto", "to": f"127.0.0.1:{there.xproto_port}", "host": there.host},
                {"domain": "*", "via": "smtp", "to": f"127.0.0.1:{here.store.port}"}]
            here.config["peer"] = [{"host": there.host, "trust": "trusted"}]
            here.config["log"] = {"level": "debug"}
        # By delegation one way, by a CA for all the other.
        cls.zones.put(tlsa("edge.example", cls.edge.ca))
        cls.zones.publish()
        cls.edge.config["trust"] = {"known_ca": [cls.carrier.ca]}
        cls.carrier.config["route"].insert(0, {"domain": "carrier.example", "via": "smtp", "to": f"127.0.0.1:{cls.carrier.store.port}"})
        cls.edge.start()
        cls.carrier.start()

    def test_mail_crosses(self):
        sent = sample()
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], sent)
        message, = self.carrier.store.wait(1)
        harness.wire.split_trace(message.content, sent)
        self.carrier.wait_log(r"peer_proved peer=mx1\.edge\.example .*trust=trusted validity=delegation issuer=edge\.example")
        self.edge.wait_log(r"peer_proved peer=mx1\.carrier\.example .*trust=trusted validity=store issuer=\S*carrier\.example")
        self.edge.wait_log(r"xproto_ready peer=mx1\.carrier\.example options=\S*PIPE")

    def test_who_cannot_be_validated_is_refused(self):
        folder = os.path.join(self.folder, "impostor")
        isthmus("init", folder, "--site", "edge.example")
        mail = os.path.join(self.folder, "mail.eml")
        with open(mail, "wb") as file:
            file.write(sample())
        result = isthmus("send", "--site", folder, "--ca", self.carrier.ca, "--to", f"127.0.0.1:{self.carrier.xproto_port}",
                         "--peer-host", self.carrier.host, "--from", "a@edge.example", "--rcpt", "b@carrier.example", mail,
                         check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("unable to get local issuer certificate", result.stdout + result.stderr)
        self.carrier.wait_log(r"peer_refused peer=mx1\.edge\.example .*reason=.*certificate")

    def test_check_says_by_what(self):
        for site, ways in ((self.carrier, "delegation in signed DNS"),
                           (self.edge, f"trust.known_ca {self.carrier.ca}, or delegation in signed DNS")):
            result = site.cli("check")
            other = self.edge if site is self.carrier else self.carrier
            self.assertIn(f"note: peer[1]: {other.host} has no ca, and is validated by {ways}\n", result.stdout + result.stderr)
        self.assertNotIn("has no ca", self.carrier.log(), "the daemon does not repeat it")


if __name__ == "__main__":
    harness.main()
