"""SMTP can be secured by STARTTLS, and what was sent in clear before it is forgotten."""
import ssl

import harness
import wire
from client import Client
from harness import TwoSites, sample


class StartTls(TwoSites):
    def context(self):
        context = ssl.create_default_context(cafile=self.edge.ca)
        # A site's own CA is a plain root; OpenSSL's strict profile for web servers is not its concern.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        return context

    def test_the_host_proves_itself_and_mail_crosses(self):
        content = sample()
        with Client(self.edge.smtp_port) as client:
            self.assertIn("STARTTLS", client.offers)
            client.starttls(self.context(), "mx1.edge.example")
            self.assertNotIn("STARTTLS", client.offers)
            client.deliver("a@edge.example", ["b@carrier.example"], content)
        trace = self.assert_octets(self.carrier.store.wait(1)[0], content)
        self.assertRegex(b"".join(trace).decode(), r"with ESMTPS\b")

    def test_commands_before_tls_are_forgotten(self):
        with Client(self.edge.smtp_port) as client:
            client.expect(250, "MAIL FROM:<a@edge.example>")
            client.expect(250, "RCPT TO:<b@carrier.example>")
            client.starttls(self.context(), "mx1.edge.example")
            self.assertEqual(client.command("DATA").code // 100, 5)

    def test_commands_injected_behind_starttls_never_run(self):
        """Octets in the same packet as STARTTLS were not protected, so they may not be answered inside TLS."""
        with Client(self.edge.smtp_port) as client:
            client.send(b"STARTTLS\r\nMAIL FROM:<evil@edge.example>\r\nRCPT TO:<b@carrier.example>\r\n")
            try:
                answer = client.reply()
                if answer.code == 220:
                    client.sock = self.context().wrap_socket(client.sock, server_hostname="mx1.edge.example")
                    client.reader = wire.Reader(client.sock)
                    client.ehlo()  # the first answer inside TLS is the one to the first command inside TLS
                    self.assertEqual(client.command("DATA").code // 100, 5)
                else:
                    self.assertEqual(answer.code // 100, 5)
            except (wire.Gone, ssl.SSLError, ConnectionResetError):
                pass  # closing the connection is as good
        self.assertEqual(self.carrier.store.messages, [])

    def test_a_broken_handshake_hurts_nobody_else(self):
        with Client(self.edge.smtp_port) as client:
            client.expect(220, "STARTTLS")
            client.send(b"this is not TLS\r\n" * 100)
            with self.assertRaises((wire.Gone, OSError)):
                while True:
                    client.reader.line()
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], sample())
        self.carrier.store.wait(1)


class TlsToTheNextHop(TwoSites):
    """A next hop that offers STARTTLS gets its mail through it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        state_tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        state_tls.load_cert_chain(*make_certificate(cls.folder))
        cls.carrier.store.tls = state_tls

    def test_it_is_used(self):
        content = sample()
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], content)
        self.assert_octets(self.carrier.store.wait(1)[0], content)
        self.assertIn("STARTTLS", self.carrier.store.commands)


def make_certificate(folder):
    """A self-signed certificate for sink.example: (certificate, key)."""
    import os
    import subprocess
    certificate, key = os.path.join(folder, "sink.pem"), os.path.join(folder, "sink.key")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=sink.example",
                    "-addext", "subjectAltName=DNS:sink.example", "-keyout", key, "-out", certificate],
                   check=True, capture_output=True)
    return certificate, key


if __name__ == "__main__":
    harness.main()
