"""Legacy mail enters by SMTP, crosses xproto and leaves by SMTP: the same envelope, the same octets, both ways."""
import smtplib

import harness
from client import Client
from harness import TwoSites, sample

LONG_LINE = b"x" * 990
CONTENTS = [
    ("an ordinary message", sample()),
    ("dots at every place", sample(body=b".\r\n..\r\n...\r\n.x\r\n")),
    ("no body", b"Subject: x\r\n\r\n"),
    ("no empty line after the header", b"Subject: x\r\n"),
    ("no header", b"\r\njust a body\r\n"),
    ("a first line that is no field", b"this is no header field\r\nSubject: x\r\n\r\nbody\r\n"),
    ("nothing but empty lines", b"\r\n\r\n\r\n"),
    ("a folded header", b"Subject: one\r\n two\r\n\tthree\r\n\r\nbody\r\n"),
    ("white space that folding hides", b"Subject:  two  spaces \t\r\n  \r\n\tlast\r\nX:\r\nY: \r\n\r\nbody\r\n"),
    ("fields twice, in odd spelling", b"SUBJECT: a\r\nsubject: b\r\nsuBJect : c\r\nTo:d\r\n\r\nbody\r\n"),
    ("obsolete dates and routes", b"Date: 1 Jan 70 0:0 EST\r\nReceived: gibberish\r\nFrom: <@a,@b:c@d.example>\r\n\r\nx\r\n"),
    ("encoded words, well and badly made", b"Subject: =?utf-8?q?caf=C3=A9?= =?broken?\r\nTo: =?x?\r\n\r\nbody\r\n"),
    ("eight bits in a header", b"Subject: caf\xe9 \xff\xfe\r\nFrom: caf\xc3\xa9 <a@edge.example>\r\n\r\n\xe9\xff\x80\r\n"),
    ("controls in header and body", b"Subject: a\x00b\x01\x1b\r\n\r\n\x00\x07\x7f\r\n"),
    ("long lines", b"Subject: " + LONG_LINE[:900] + b"\r\n\r\n" + LONG_LINE + b"\r\n"),
    ("white space before the end of lines", sample(body=b"trailing  \r\n\t\r\n \r\n")),
    ("what looks like trace already", b"Received: from x by y; z\r\nReturn-Path: <r@x.example>\r\nSubject: x\r\n\r\nReceived: no\r\n"),
    ("what looks like a carrier", b"Received: from x by y with XPROTO; z\r\nXproto-Envelope: PD94bWw=\r\nSubject: x\r\n\r\nx\r\n"),
    ("markup", b"Subject: </headers><![CDATA[ ]]> &amp; &#0;\r\n\r\n<?xml?>\r\n"),
]


class LegacyMailCrosses(TwoSites):
    def cross(self, here, there, content):
        with Client(here.smtp_port) as client:
            client.deliver(f"a@{here.site}", [f"b@{there.site}"], content, "BODY=8BITMIME")
        message = there.store.wait(1)[0]
        self.assert_octets(message, content)
        self.assertEqual(message.sender, f"a@{here.site}")
        self.assertEqual(message.addresses, [f"b@{there.site}"])
        self.assertEqual(there.store.violations, [])
        there.store.clear()

    def test_from_edge_to_carrier(self):
        for name, content in CONTENTS:
            with self.subTest(name):
                self.cross(self.edge, self.carrier, content)

    def test_from_carrier_to_edge(self):
        for name, content in CONTENTS:
            with self.subTest(name):
                self.cross(self.carrier, self.edge, content)

    def test_each_gateway_says_that_it_had_the_message(self):
        content = sample()
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], content)
        trace = b"".join(self.assert_octets(self.carrier.store.wait(1)[0], content)).decode()
        for host in ("mx1.edge.example", "mx1.carrier.example"):
            self.assertRegex(trace, rf"by {host}\b")
        self.assertRegex(trace, r"(?i)with XPROTO")
        self.assertRegex(trace, r"(?i)with E?SMTP")

    def test_python_smtplib_with_many_recipients(self):
        content = sample()
        recipients = [f"r{number}@carrier.example" for number in range(60)]
        with smtplib.SMTP("127.0.0.1", self.edge.smtp_port, timeout=30) as client:
            self.assertEqual(client.sendmail("a@edge.example", recipients, content), {})
        messages = self.carrier.store.wait(1)
        for message in messages:
            self.assert_octets(message, content)
        self.assertEqual([address for message in messages for address in message.addresses], recipients)

    def test_recipients_on_both_sides_of_one_message(self):
        content = sample()
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["near@edge.example", "far@carrier.example"], content)
        near, far = self.edge.store.wait(1)[0], self.carrier.store.wait(1)[0]
        self.assertEqual((near.addresses, far.addresses), (["near@edge.example"], ["far@carrier.example"]))
        self.assert_octets(near, content)
        self.assert_octets(far, content)

    def test_the_null_sender_and_quoted_local_parts(self):
        content = sample()
        for sender, recipient in (("", "b@carrier.example"), ('"a b"@edge.example', '"c@d"@carrier.example'),
                                  ("A+x=y@edge.example", '"\\"q\\""@carrier.example')):
            with self.subTest(sender=sender), Client(self.edge.smtp_port) as client:
                client.deliver(sender, [recipient], content)
                mail, rcpt = f"<{sender}>", f"<{recipient}>"
                message = self.carrier.store.wait(1)[0]
                self.assertTrue(message.mail.startswith(mail), message.mail)
                self.assertTrue(message.recipients[0].startswith(rcpt), message.recipients)
                self.carrier.store.clear()


if __name__ == "__main__":
    harness.main()
