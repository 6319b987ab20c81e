"""Each host of xproto says in its signed hop how it knew the one it had the message from, and `isthmus trace` tells it: trusted by
the configuration, valid by a CA of the local store, or by delegation."""
import json
import os
import subprocess

import harness
import nameserver
import wire
from client import Client
from harness import IsthmusTest, isthmus, sample
from nameserver import tlsa
from three_sites import ThreeSites


def waiting(gateway, folder):
    """The folder with the one message that waits at this gateway, and what `trace show` says of it."""
    message, = gateway.wait_queue(1)
    path = os.path.join(folder, message["id"])
    gateway.cli("queue show", message["id"], "-o", path)
    gateway.cli("queue delete", message["id"])
    return path, json.loads(isthmus("trace", "show", path, "--json").stdout)


def subject(ca):
    done = subprocess.run(["openssl", "x509", "-in", ca, "-noout", "-subject", "-nameopt", "multiline"], capture_output=True,
                          text=True, check=True)
    return [line.split("=", 1)[1].strip() for line in done.stdout.splitlines() if "=" in line[10:]][-1]


def digest_of(certificate):
    done = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-fingerprint", "-sha256"], capture_output=True,
                          text=True, check=True)
    return "sha-256:" + done.stdout.split("=", 1)[1].strip().replace(":", "").lower()


class InTheTrace(ThreeSites):
    @classmethod
    def configure(cls):
        cls.home.config["route"][-1]["to"] = f"127.0.0.1:{wire.reserve_port()}"  # nobody: mail waits at home

    def send(self):
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@home.example"], sample())
        return waiting(self.home, self.folder)

    def test_a_peer_that_is_trusted_by_name(self):
        path, shown = self.send()
        first, second = shown["hops"]
        self.assertIsNone(first["reception"], "an SMTP client has proved nothing")
        self.assertEqual((second["host"], second["reception"]["by"], second["reception"]["standing"]),
                         (self.carrier.host, "trusted", "trusted"))
        self.assertEqual(second["reception"]["certificate"], digest_of(os.path.join(self.edge.folder, "state", "host.pem")))
        arguments = ["trace", "verify", path, "--ca", self.edge.ca, "--ca", self.carrier.ca]
        said = isthmus(*arguments).stdout
        self.assertIn("For mx1.carrier.example the host it came from, mx1.edge.example, was trusted by the configuration itself",
                      said)
        envelope = os.path.join(path, "envelope.xml")
        with open(envelope, encoding="utf-8") as file:
            xml = file.read()
        self.assertEqual(xml.count('by="trusted"'), 1)
        with open(envelope, "w", encoding="utf-8") as file:
            file.write(xml.replace('by="trusted"', 'by="store"'))
        forged = isthmus(*arguments, check=False)
        self.assertEqual(forged.returncode, 1)
        self.assertIn("hop 2 of 2 (mx1.carrier.example): it did not sign what it says of its reception", forged.stdout)

    def test_a_known_peer_is_valid_by_the_local_store(self):
        peer = next(one for one in self.carrier.config["peer"] if one["host"] == self.edge.host)
        peer["trust"] = "known"
        self.carrier.reload()
        self.addCleanup(self.carrier.reload)
        self.addCleanup(peer.update, {"trust": "trusted"})
        self.addCleanup(self.edge.start)
        self.addCleanup(self.edge.stop)
        self.edge.stop()  # its session began under the old configuration
        self.edge.start()
        path, shown = self.send()
        said = shown["hops"][1]["reception"]
        self.assertEqual((said["by"], said["standing"]), ("store", "known"))
        self.assertIn(subject(self.edge.ca), said["authority"])
        self.assertRegex(isthmus("trace", "show", path).stdout, r"which was valid by the CA .* of the local store, known")


class ByDelegation(IsthmusTest):
    def test_a_stranger_is_valid_by_delegation_in_the_dns(self):
        zones = nameserver.Zones(os.path.join(self.folder, "dns"))
        self.addClassCleanup(zones.stop)
        zones.start()
        carrier, home = self.make_gateway("carrier.example"), self.make_gateway("home.example")
        carrier.config["xproto"]["unknown_peers"] = "accept"
        carrier.config["dns"] = {"trust_anchor": zones.anchor, "servers": [f"127.0.0.1:{zones.port}"]}
        carrier.config["route"] = [{"domain": "in.carrier.example", "via": "xproto", "to": f"127.0.0.1:{home.xproto_port}"}]
        carrier.config["peer"] = [{"host": home.host, "ca": home.ca}]
        home.config["route"] = [{"domain": "in.carrier.example", "via": "smtp", "to": f"127.0.0.1:{wire.reserve_port()}"}]
        home.config["peer"] = [{"host": carrier.host, "ca": carrier.ca, "trust": "trusted"}]
        carrier.start()
        home.start()
        stranger = os.path.join(self.folder, "stranger")
        isthmus("init", stranger, "--site", "stranger.example")
        zones.put(tlsa("stranger.example", os.path.join(stranger, "ca.pem")))
        zones.publish()
        mail = os.path.join(self.folder, "mail.eml")
        with open(mail, "wb") as file:
            file.write(sample())
        isthmus("send", "--site", stranger, "--ca", carrier.ca, "--to", f"127.0.0.1:{carrier.xproto_port}", "--peer-host",
                carrier.host, "--from", "a@stranger.example", "--rcpt", "b@in.carrier.example", mail)
        path, shown = waiting(home, self.folder)
        said = shown["hops"][-1]["reception"]
        self.assertEqual((said["by"], said["standing"], said["authority"]), ("dns", "unknown", "stranger.example"))
        self.assertIn("which was valid by delegation of stranger.example in the DNS, unknown otherwise",
                      isthmus("trace", "show", path).stdout)


if __name__ == "__main__":
    harness.main()
