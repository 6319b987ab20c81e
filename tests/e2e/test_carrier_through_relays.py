"""Carriers pass Postfix, Exim and OpenSMTPD, and the message is itself again behind them."""
import os
import unittest

from carrier_sites import CarrierSites, carried, octets_of
from postfix import Postfix
from relays import Exim, OpenSmtpd
from sink import EXTENSIONS
from test_carrier_returns_messages import LETTER

NO_EIGHT_BITS = [name for name in EXTENSIONS if name not in ("8BITMIME", "SMTPUTF8", "CHUNKING", "BINARYMIME")]

PARTS = ("From: <alice@home.example>\r\nTo: bob@carrier.example\r\nSubject: parts\r\nMIME-Version: 1.0\r\n"
         "Content-Type: multipart/mixed;\r\n boundary=\"=_b\"\r\n\r\nA preamble.\r\n--=_b\r\n"
         "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n=20 .\r\n"
         "--=_b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\nAAECAw==\r\n"
         "--=_b--\r\n").encode()


@unittest.skipUnless(os.geteuid() == 0, "mail systems have to be started by root")
class CarrierThroughRelays(CarrierSites):
    def start_relay(self, kind):
        folder = os.path.join(self.folder, kind.__name__)
        if os.path.exists(folder):
            folder += str(len(os.listdir(self.folder)))
        os.makedirs(folder)
        os.chmod(self.folder, 0o755)
        relay = kind(folder, self.between.port)
        relay.start()
        self.addCleanup(relay.stop)
        self.edge.wait_queue(0)
        for route in self.edge.config["route"]:
            route["to"] = f"127.0.0.1:{relay.port}"
        self.edge.reload()
        return relay

    def through(self, relay, content):
        """Sends a message through the relay. (Objects as sent, what came out of the relay, what carrier made of it)"""
        sent = self.send(content)
        try:
            message, = self.between.wait(1, 60)
        except AssertionError:
            print(relay.log())
            raise
        self.assertIn(b"Received: ", message.content.partition(b"Xproto-Carrier")[0])
        self.pass_on(message)
        return sent, message, self.wait(1)[0]

    def check(self, kind, received):
        relay = self.start_relay(kind)
        sent, message, folder = self.through(relay, LETTER)
        self.assert_same_objects(folder, sent, message.content)
        self.assertIn(received, octets_of(os.path.join(folder, "envelope.xml")))

    def test_postfix(self):
        self.check(Postfix, b"<by>postfix.edge.example</by>")

    def test_exim(self):
        self.check(Exim, b"<by>exim.edge.example</by>")

    def test_opensmtpd(self):
        self.check(OpenSmtpd, b"<by>opensmtpd.edge.example</by>")

    def test_postfix_encodes_a_body_anew(self):
        relay = self.start_relay(Postfix)
        self.between.offer(NO_EIGHT_BITS)
        self.addCleanup(self.between.offer, EXTENSIONS)
        for content in (LETTER, PARTS):
            self.setUp()
            sent, message, folder = self.through(relay, content)
            self.assertIn(b"quoted-printable", message.content)
            self.assertTrue(message.content.isascii())
            self.assert_same_objects(folder, sent, message.content)
            self.assertIsNotNone(carried(message.content))


if __name__ == "__main__":
    unittest.main(verbosity=2)
