"""A session that begins in clear changes to TLS before anybody says who he is, and nobody on the way can prevent that
unnoticed, or put anything in."""
import ssl

import harness
import wire
from client import Client as SmtpClient
from conformance_peer import PeerAndGateway
from harness import TwoSites, isthmus, sample
from middle import Middle
from peer import channel
from peer.client import Client, Refused
from peer.lines import Item

OFFER = b" (TLS)"
HANDSHAKE = 0x16  # the first octet of a TLS record that shakes hands


def in_clear(octets):
    """What stands before the first TLS record."""
    lines = octets.split(b"\r\n")
    return b"\r\n".join(lines[:next((i for i, line in enumerate(lines) if line[:1] == bytes([HANDSHAKE])), len(lines))])


class ThroughTheMiddle(TwoSites):
    """edge sends to a port of carrier's where sessions begin in clear, past somebody in the middle."""
    tls = "required"

    @classmethod
    def configure(cls):
        port = wire.reserve_port()
        cls.carrier.config["xproto"]["clear_listen"] = [f"127.0.0.1:{port}"]
        cls.middle = Middle(port)
        cls.addClassCleanup(cls.middle.close)
        cls.edge.config["route"][0] |= {"to": f"127.0.0.1:{cls.middle.port}", "host": cls.carrier.host, "start": "clear"}
        for site in (cls.edge, cls.carrier):
            site.config["peer"][0]["tls"] = cls.tls

    def setUp(self):
        super().setUp()
        self.middle.upward = self.middle.downward = lambda octets: octets
        self.middle.connections.clear()

    def submit(self, subject):
        content = sample(subject)
        with SmtpClient(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], content)
        return content


class Required(ThroughTheMiddle):
    def end_session(self):
        """The next message needs a new session."""
        self.edge.stop()
        self.edge.start()
        self.middle.connections.clear()

    def test_1_nothing_but_the_change_to_tls_is_said_in_clear(self):
        content = self.submit("a secret subject")
        self.assert_octets(self.carrier.store.wait(1)[0], content)
        seen = self.middle.connections[0]
        self.assertRegex(seen["server"].split(b"\r\n")[0], rb"^\[\* TMP 99\.0\.3\.1 .*\(TLS\) Hi there\.\]$")
        self.assertTrue(seen["client"].startswith(b"[1 OPT (TLS=ON)]\r\n\x16"), seen["client"][:40])
        self.assertEqual(seen["server"].split(b"\r\n")[1], b"[1 OK 99.0.2.2 (TLS OK 99.0.2.2) Go ahead.]")
        for octets in seen.values():
            for secret in (b"HELO", b"secret", b"XFER", b"edge.example"):
                self.assertNotIn(secret, in_clear(octets))
                self.assertNotIn(secret, octets)

    def test_2_an_offer_that_was_taken_out_stops_the_client(self):
        self.end_session()
        self.middle.downward = lambda octets: octets.replace(OFFER, b"")
        content = self.submit("stripped")
        self.edge.wait_log("offers no TLS, and must not be talked to in clear")
        self.assertEqual({seen["client"] for seen in self.middle.connections}, {b""}, "it said something in clear")
        self.assertEqual(self.carrier.store.messages, [])
        self.middle.downward = lambda octets: octets
        self.assert_octets(self.carrier.store.wait(1, 30)[0], content)

    def test_3_commands_put_behind_the_request_end_the_session(self):
        self.end_session()
        self.middle.upward = lambda octets: octets.replace(b"(TLS=ON)]\r\n", b"(TLS=ON)]\r\n[2 NOOP]\r\n")
        content = self.submit("injected above")
        self.carrier.wait_log("octets after the request for TLS")
        self.assertIn(b"[* ERR 99.0.5.15 ", self.middle.connections[0]["server"])
        self.middle.upward = lambda octets: octets
        self.assert_octets(self.carrier.store.wait(1, 30)[0], content)

    def test_4_lines_put_behind_the_answer_end_the_session(self):
        self.end_session()
        self.middle.downward = lambda octets: octets.replace(
            b"Go ahead.]\r\n", b"Go ahead.]\r\n[* TMP 99.0.3.1 (VER=1.0) (HOST=mx1.carrier.example) Hi.]\r\n")
        content = self.submit("injected below")
        self.edge.wait_log("octets after the answer to the request for TLS")
        self.assertEqual({seen["client"] for seen in self.middle.connections}, {b"[1 OPT (TLS=ON)]\r\n"})
        self.middle.downward = lambda octets: octets
        self.assert_octets(self.carrier.store.wait(1, 30)[0], content)

    def test_5_what_comes_later_only_breaks_the_handshake(self):
        """The injected line is a packet of its own: it can only be taken for a TLS record, and is none."""
        self.end_session()
        done = []

        def inject(octets):
            if octets[:1] == bytes([HANDSHAKE]) and not done:
                done.append(True)
                return b"[2 NOOP]\r\n" + octets
            return octets
        self.middle.upward = inject
        content = self.submit("injected late")
        self.carrier.wait_log("TLS failed")
        self.assert_octets(self.carrier.store.wait(1, 30)[0], content)

    def test_6_the_send_tool_can_do_it_too(self):
        port = self.middle.port
        shown = isthmus("send", "--site", self.edge.folder, "--to", f"127.0.0.1:{port}", "--peer-host", self.carrier.host,
                        "--clear", "-v")
        self.assertIn("OPT (TLS=ON)", shown.stdout)
        self.assertIn("TLSv1.3", shown.stdout)
        self.middle.downward = lambda octets: octets.replace(OFFER, b"")
        shown = isthmus("send", "--site", self.edge.folder, "--to", f"127.0.0.1:{port}", "--peer-host", self.carrier.host,
                        "--clear", check=False)
        self.assertNotEqual(shown.returncode, 0)
        self.assertIn("offers no TLS", shown.stdout)


class Optional(ThroughTheMiddle):
    """Where both administrators allow it, TLS is used when it is offered, and done without when it is not."""
    tls = "optional"

    def test_1_tls_is_used_when_it_is_offered(self):
        content = self.submit("offered")
        self.assert_octets(self.carrier.store.wait(1)[0], content)
        self.assertNotIn(b"HELO", self.middle.connections[0]["client"])

    def test_2_and_done_without_when_it_is_not(self):
        self.edge.stop()
        self.edge.start()
        self.middle.downward = lambda octets: octets.replace(OFFER, b"")
        content = self.submit("in clear")
        self.assert_octets(self.carrier.store.wait(1)[0], content)
        self.assertIn(b" HELO mx1.edge.example ", self.middle.connections[-1]["client"])

    def test_3_but_not_for_mail_that_demands_it(self):
        self.middle.downward = lambda octets: octets.replace(OFFER, b"")
        context = ssl.create_default_context(cafile=self.edge.ca)
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        with SmtpClient(self.edge.smtp_port) as client:
            client.starttls(context, "mx1.edge.example")
            client.deliver("a@edge.example", ["b@carrier.example"], sample("secret"), mail_parameters="REQUIRETLS")
        report, = self.edge.store.wait(1)
        self.assertIn(b"5.7.10", report.content)
        self.assertEqual(self.carrier.store.messages, [])
        for connection in self.middle.connections:
            self.assertNotIn(b"secret", connection["client"])


class ClearPort(PeerAndGateway):
    """The second implementation at the clear port of a gateway."""

    @classmethod
    def setUpClass(cls):
        cls.port = wire.reserve_port()
        super().setUpClass()

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
        return session


class AForeignClient(ClearPort):
    """All peers must have TLS."""

    def test_a_helo_in_clear_is_refused_before_its_proof_travels(self):
        session = self.open_in_clear()
        self.assertIsNotNone(session.greeting.item("TLS"))
        with self.assertRaises(Refused) as refused:
            session.helo()
        self.assertEqual(refused.exception.response.code, "99.0.5.90")

    def test_tls_begins_a_new_session(self):
        session = self.open_in_clear()
        nonce = session.greeting.value("NONCE")
        self.assertEqual(session.option(Item("TLS", "ON")).code, "99.0.2.2")
        session.connection._secure(channel.context(False, self.identity.certificate, self.identity.key), False,
                                   self.carrier.host)
        session.tag = 0  # tags begin anew
        session.greet()
        self.assertNotEqual(session.greeting.value("NONCE"), nonce)
        self.assertIsNone(session.greeting.item("TLS"), "TLS within TLS")
        session.helo()
        self.assertEqual(session.server_hosts, [self.carrier.host])
        self.assertEqual(session.option(Item("TLS", "ON")).word, "ERR")
        content = sample("changed to TLS")
        self.assertEqual(session.send(self.message(content))[0].code, "99.0.2.6")
        self.arrived(content)

    def test_octets_that_are_no_handshake_end_it(self):
        session = self.open_in_clear()
        session.option(Item("TLS", "ON"))
        session.connection.write(b"[2 NOOP]\r\n" * 10)
        try:
            self.assertNotIn(b"99.0.2.3", session.connection.rest(20))
        except (channel.Gone, ssl.SSLError):
            pass


class AForeignClientInClear(ClearPort):
    """This one may do without."""
    peer_keys = {"tls": "optional"}

    def test_mail_that_demands_tls_is_refused(self):
        session = self.open_in_clear()
        session.helo()
        self.assertEqual(session.send(self.message(mail_parameters="REQUIRETLS"))[0].code, "99.0.5.81")
        content = sample("not so secret")
        self.assertEqual(session.send(self.message(content))[0].code, "99.0.2.6")
        self.arrived(content)


if __name__ == "__main__":
    harness.main()
