"""Nobody gets in with a certificate that is not good, or is not his own: each kind is refused with the code that says why, and
the gateway goes on serving. (Replays and relayed proofs: test_conformance.py.)"""
import os

import harness
from conformance_peer import CARRIER, PeerAndGateway
from harness import isthmus, sample
from make.authority import CA_USE, HOST_USE, USER_USE, Authority, issue, pem_text
from peer import channel, proofs, tools
from peer.client import Client, Identity, Refused

EDGE = "mx1.edge.example"
PROOF, CERTIFICATE, NAME, STRANGER = "99.0.5.42", "99.0.5.41", "99.0.5.43", "99.0.5.12"


class Forged(PeerAndGateway):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # The site's own CA may not have others below it (pathLenConstraint): this one may.
        cls.root = Authority(cls.scratch, "edge.example root")
        with open(os.path.join(cls.edge_folder, "ca.pem"), "a", encoding="ascii") as file:
            file.write(pem_text(cls.root.own.certificate))
        cls.carrier.reload()

    def tearDown(self):
        super().tearDown()
        content = sample("still there")
        self.assertEqual(self.open().send(self.message(content))[0].code, "99.0.2.6")
        self.arrived(content)

    def names(self, *hosts):
        return "subjectAltName=" + ",".join("DNS:" + host for host in hosts)

    def host(self, *extensions, issuer=None, kind="p256", days=7, digest="sha256", name=EDGE):
        return issue(self.scratch, "a host", [*(extensions or HOST_USE), self.names(name)], issuer or self.authority, kind, days,
                     digest)

    def file_of(self, *holders):
        """The certificates of these, leaf first, in one PEM file."""
        return self.scratch.put("".join(pem_text(holder.certificate) for holder in holders).encode())

    def answer(self, holder, *others, name=EDGE, transcript=None):
        """What a HELO with this certificate is answered: a code."""
        context = channel.context(False, self.identity.certificate, self.identity.key)
        session = Client(channel.Channel.connect(("127.0.0.1", self.carrier.xproto_port), context, CARRIER),
                         Identity(name, self.file_of(holder, *others), holder.key, self.identity.anchors), CARRIER)
        self.addCleanup(session.connection.close)
        session.greet()
        session.nonce, session.named = "5c" * 16, name
        signed = transcript(session) if transcript else session.transcript("client")
        proof = proofs.make(session.identity.certificate, holder.key, signed)
        try:
            session.helo(proof, session.nonce)
        except Refused as refused:
            self.assertEqual(session.connection.rest(), b"")
            return refused.response.code
        return "OK"

    def chain(self, length):
        """A host certificate and `length` intermediates above it, the last one issued by the root."""
        issuer, others = self.root.own, []
        for number in range(length):
            issuer = issue(self.scratch, f"intermediate {number}", CA_USE, issuer, "p256", 7)
            others.insert(0, issuer)
        return self.host(issuer=issuer), others

    def test_a_good_one_is_taken(self):
        self.assertEqual(self.answer(self.host()), "OK")
        self.assertEqual(self.answer(self.host(kind="rsa")), "OK")

    def test_certificates_that_are_not_good(self):
        foreign = Authority(self.scratch, "edge.example")  # the same name, another key
        table = {
            "another CA": (self.host(issuer=foreign.own), CERTIFICATE),
            "self-signed": (issue(self.scratch, "edge.example", [*HOST_USE, self.names(EDGE)], None, "p256", 7), CERTIFICATE),
            "expired": (self.host(days=-1), CERTIFICATE),
            "signed with SHA-1": (self.host(digest="sha1"), CERTIFICATE),
            "for code": (self.host("extendedKeyUsage=codeSigning", "keyUsage=digitalSignature"), CERTIFICATE),
            "for mail": (self.host("extendedKeyUsage=emailProtection", "keyUsage=digitalSignature"), CERTIFICATE),
            "not for signatures": (self.host("keyUsage=keyEncipherment"), CERTIFICATE),
            "a CA's": (self.host(*CA_USE), CERTIFICATE),
            "RSA with 1024 bits": (self.host(kind="rsa1024"), PROOF),
            "a user's": (self.user("a@edge.example"), PROOF),
            "another host's": (self.host(name="mx2.edge.example"), NAME),
            "a wildcard": (self.host(name="*.edge.example"), NAME),
        }
        for name, (holder, code) in table.items():
            with self.subTest(name):
                self.assertEqual(self.answer(holder), code)

    def test_chains(self):
        for length, code in ((1, "OK"), (3, "OK"), (4, CERTIFICATE), (5, PROOF)):
            with self.subTest(f"{length} intermediates"):
                leaf, others = self.chain(length)
                self.assertEqual(self.answer(leaf, *others), code)
        leaf, others = self.chain(2)
        self.assertEqual(self.answer(leaf, others[1]), CERTIFICATE)  # the one between is missing
        self.assertEqual(self.answer(leaf, others[1], others[0]), "OK")

    def test_a_chain_with_a_loop(self):
        first = issue(self.scratch, "first", CA_USE, None, "p256", 7)
        second = issue(self.scratch, "second", CA_USE, first, "p256", 7)
        again = self.scratch.path()  # the first, issued by the second
        request = self.scratch.put(tools.openssl("req", "-new", "-key", first.key, "-subj", "/CN=first"))
        config = self.scratch.put("\n".join(["[x]", *CA_USE, ""]).encode())
        tools.openssl("x509", "-req", "-in", request, "-days", "7", "-extfile", config, "-extensions", "x", "-out", again,
                      "-CA", second.certificate, "-CAkey", second.key, "-set_serial", "7")
        looped = type(first)(first.key, again, tools.certificates_of(tools.read(again))[0])
        leaf = self.host(issuer=second)
        self.assertEqual(self.answer(leaf, second, looped), CERTIFICATE)

    def test_huge_ones(self):
        many = [f"x{number}.edge.example" for number in range(300)]
        leaf = issue(self.scratch, "many", [*HOST_USE, self.names(EDGE, *many)], self.authority, "p256", 7)
        self.assertEqual(self.answer(leaf), PROOF)
        long = "1.2.3.4=ASN1:UTF8String:" + "x" * 20_000
        leaf = issue(self.scratch, "large", [*HOST_USE, self.names(EDGE), long], self.authority, "p256", 7)
        self.assertEqual(self.answer(leaf), PROOF)
        session = self.connected()
        with self.assertRaises(Refused) as caught:
            session.helo(proof=b"\x30" * 70_000)
        self.assertEqual(caught.exception.response.code, "99.0.5.20")

    def connected(self):
        context = channel.context(False, self.identity.certificate, self.identity.key)
        session = Client(channel.Channel.connect(("127.0.0.1", self.carrier.xproto_port), context, CARRIER), self.identity, CARRIER)
        self.addCleanup(session.connection.close)
        session.greet()
        return session

    def test_proofs_that_sign_something_else(self):
        holder = self.host()
        for name, change in (
            ("the other role", lambda s: s.transcript("server")),
            ("another session's nonce", lambda s: s.transcript("client").replace(bytes.fromhex(s.greeting.value("NONCE")), b"x" * 20)),
            ("another server", lambda s: s.transcript("client").replace(CARRIER.encode(), b"mx1.bearrer.example"[:len(CARRIER)])),
            ("nothing", lambda s: b"")):
            with self.subTest(name):
                self.assertEqual(self.answer(holder, transcript=change), PROOF)

    def test_a_stranger_is_refused(self):
        folder = os.path.join(self.folder, "stranger")
        isthmus("init", folder, "--site", "stranger.example")
        session = self.connected()
        session.identity = self.identity_of(folder, "mx1.stranger.example", self.carrier.folder)
        with self.assertRaises(Refused) as caught:
            session.helo()
        self.assertEqual(caught.exception.response.code, STRANGER)


if __name__ == "__main__":
    harness.main()
