"""A real Postfix hands its mail to one site and takes what arrives at the other; the octets between are the same."""
import os
import unittest

import harness
from client import Client, Tap
from harness import TwoSites, sample
from postfix import Postfix

CONTENTS = [
    sample("ordinary"),
    sample("dots", b".\r\n..\r\n.x\r\n"),
    sample("eight bits", "café\r\n".encode() + b"\xff\xfe\r\n", ["MIME-Version: 1.0", "Content-Transfer-Encoding: 8bit"]),
    sample("folded\r\n  header\r\n\tlines"),
]


@unittest.skipUnless(os.geteuid() == 0, "Postfix has to be started by root")
class PostfixRelays(TwoSites):
    def start_postfix(self, name, next_hop):
        folder = os.path.join(self.folder, name)
        os.makedirs(folder)
        os.chmod(self.folder, 0o755)
        postfix = Postfix(folder, next_hop)
        postfix.start()
        self.addCleanup(postfix.stop)
        return postfix

    def deliver_to(self, port):
        self.carrier.wait_queue(0)
        self.carrier.config["route"][1]["to"] = f"127.0.0.1:{port}"
        self.carrier.reload()

    def test_postfix_to_edge(self):
        tap = Tap(self.edge.smtp_port)
        self.addCleanup(tap.close)
        postfix = self.start_postfix("postfix-in", tap.port)
        with Client(postfix.port) as client:
            for content in CONTENTS:
                client.deliver("a@edge.example", ["b@carrier.example", "c@carrier.example"], content, "BODY=8BITMIME")
        arrived = self.carrier.store.wait(len(CONTENTS), 60)
        sent = tap.contents()
        self.assertEqual(len(sent), len(CONTENTS))
        for content in sent:
            message, = [message for message in arrived if message.content.endswith(content)]
            self.assert_octets(message, content)
            self.assertEqual(message.addresses, ["b@carrier.example", "c@carrier.example"])
            self.assertEqual([recipient.partition(" ")[2] for recipient in message.recipients],
                             ["ORCPT=rfc822;b@carrier.example", "ORCPT=rfc822;c@carrier.example"])

    def test_carrier_to_postfix(self):
        postfix = self.start_postfix("postfix-out", self.carrier.store.port)
        self.deliver_to(postfix.port)
        self.addCleanup(self.deliver_to, self.carrier.store.port)
        with Client(self.edge.smtp_port) as client:
            for content in CONTENTS:
                client.deliver("a@edge.example", ["b@carrier.example"], content, "BODY=8BITMIME")
        arrived = self.carrier.store.wait(len(CONTENTS), 60)
        for content in CONTENTS:
            message, = [message for message in arrived if message.content.endswith(content)]
            self.assert_octets(message, content)


if __name__ == "__main__":
    harness.main()
