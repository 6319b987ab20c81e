"""A DKIM signature over the strictest form of the octets (simple/simple) still verifies at the far end, both ways."""
import os
import subprocess

import dkim

import harness
from client import Client
from harness import TwoSites

CONTENTS = [
    b"From: <a@edge.example>\r\nTo: b@carrier.example\r\nSubject:  two  spaces \r\n folded\t\r\n\r\nHello,\r\n \r\n.\r\n..x\r\n",
    b"from:<a@edge.example>\r\nTO: b@carrier.example\r\nSubject: =?utf-8?q?caf=C3=A9?=\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=\"=_x\"\r\n\r\npreamble\r\n--=_x\r\n\r\n\xc3\xa9 8 bits\r\n--=_x--\r\nepilogue\r\n",
]


class DkimSurvives(TwoSites):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.key_file = os.path.join(cls.folder, "dkim.key")
        subprocess.run(["openssl", "genrsa", "-traditional", "-out", cls.key_file, "2048"], check=True, capture_output=True)
        public = subprocess.run(["openssl", "rsa", "-in", cls.key_file, "-pubout"], check=True, capture_output=True).stdout
        cls.record = b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1])
        with open(cls.key_file, "rb") as file:
            cls.key = file.read()

    def verifies(self, content):
        def dns(name, timeout=5):
            return self.record if name == b"sel._domainkey.edge.example." else None
        return dkim.verify(content, dnsfunc=dns)

    def cross(self, here, there, content):
        self.assertTrue(self.verifies(content), "the test's own signature is wrong")
        with Client(here.smtp_port) as client:
            client.deliver("a@edge.example", [f"b@{there.site}"], content, "BODY=8BITMIME")
        arrived = there.store.wait(1)[0]
        self.assert_octets(arrived, content)
        self.assertTrue(self.verifies(arrived.content))
        self.assertFalse(self.verifies(arrived.content.replace(b"Subject: ", b"Subject:")), "verifying proves nothing")
        there.store.clear()

    def test_simple_simple(self):
        for content in CONTENTS:
            signature = dkim.sign(content, b"sel", b"edge.example", self.key, canonicalize=(b"simple", b"simple"),
                                  include_headers=[b"from", b"to", b"subject"])
            for here, there in ((self.edge, self.carrier), (self.carrier, self.edge)):
                with self.subTest(here=here.site, content=content[:20]):
                    self.cross(here, there, signature + content)


if __name__ == "__main__":
    harness.main()
