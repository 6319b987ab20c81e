"""With URG, a sender in clear and in synchronous mode can give up in the middle of a body, and the session goes on."""
import socket

import harness
import wire
from conformance_peer import PeerAndGateway
from harness import sample
from peer import channel, messages
from peer.client import Client
from peer.lines import Item

BODY_OCTETS = 50 * 1000 * 1000


class Urgent(PeerAndGateway):
    @classmethod
    def setUpClass(cls):
        cls.port = wire.reserve_port()
        super().setUpClass()
        cls.carrier.config["peer"][0]["tls"] = "optional"
        cls.carrier.config["peer"][0]["extensions"] = ["*", "URG"]
        cls.carrier.reload()

    @classmethod
    def make_gateway(cls, site):
        gateway = super().make_gateway(site)
        gateway.config["xproto"]["clear_listen"] = [f"127.0.0.1:{cls.port}"]
        return gateway

    def open_in_clear(self):
        connection = channel.Channel.connect(("127.0.0.1", self.port))
        self.addCleanup(connection.close)
        session = Client(connection, self.identity, self.carrier.host)
        session.greet()
        session.helo()
        return session

    def begin_body(self, session, message):
        """Sends envelope and headers, and gets permission for the body. Its tag."""
        for type_, octets in message.objects.items():
            tag = session.ask(message, type_, len(octets))
            self.assertEqual(session.answer(tag).word, "TMP")
            if type_ == messages.BODY:
                return tag
            session.connection.write(octets)
            self.assertEqual(session.answer(tag).code, "99.0.2.5")
        raise AssertionError("no body")

    def give_up(self, session, tag, sent):
        """Some of the body, and then an ABOR whose first octet is urgent."""
        session.connection.flush()
        sock = session.connection.sock
        sock.settimeout(60)
        sock.sendall(sent)
        session.tag += 1
        sock.send(b"[", socket.MSG_OOB)
        sock.sendall(b"%d ABOR=%d]\r\n" % (session.tag, tag))
        sock.setblocking(False)
        return session.tag

    def test_a_large_body_is_stopped_in_the_middle(self):
        session = self.open_in_clear()
        self.assertIn("URG", session.offered)
        self.assertEqual(session.option(Item("URG", "ON")).word, "OK")
        body = (b"[7 NOOP]\r\n" * (BODY_OCTETS // 10))[:BODY_OCTETS]
        for sent in (BODY_OCTETS // 2, 65536, 1, 0):
            with self.subTest(sent=sent):
                message = self.message(sample("given up", body))
                tag = self.begin_body(session, message)
                abort = self.give_up(session, tag, message.objects[messages.BODY][:sent])
                self.assertEqual(session.answer(abort, 60).code, "108.0.2.1")
                self.assertEqual(session.answer(tag).code, "99.0.5.23")
        content = sample("the session goes on")
        self.assertEqual(session.send(self.message(content))[0].code, "99.0.2.6")
        self.arrived(content)
        self.assertEqual(session.quit().code, "99.0.2.4")

    def test_it_is_not_offered_under_tls_nor_unless_it_is_named(self):
        self.assertNotIn("URG", self.open().offered)
        self.carrier.config["peer"][0]["extensions"] = ["*"]
        self.carrier.reload()
        self.assertNotIn("URG", self.open_in_clear().offered)
        self.carrier.config["peer"][0]["extensions"] = ["*", "URG"]
        self.carrier.reload()


if __name__ == "__main__":
    harness.main()
