"""What legacy hosts do to a message born in xproto, one kind of damage at a time: what still verifies is restored, what changed is
declared by the host that took it, and `isthmus trace verify` tells it in words."""
import os
import re
import unittest

from carrier_sites import CarrierSites, octets_of

LETTER = ("From: Jürgen Müller <alice@home.example>\r\nTo: bob@carrier.example\r\nSubject: Schöne Grüße\r\n"
          "X-Fold: one\r\n  two\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
          "Content-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\nvon Alice\r\n").encode()

INTACT = "<alice@home.example> signed the message as it was born, and it is still that, octet for octet."
CHANGED = "<alice@home.example> signed the message as it was born, which is not what it is now: see below."
HEADER = "mx1.carrier.example found the header (message/headers) changed when it came: "
BODY = "mx1.carrier.example found the body (message/body) changed when it came: "


def recoded(content):
    header, _, body = content.partition(b"\r\n\r\n")
    return header.replace(b"charset=utf-8", b"charset=iso-8859-1") + b"\r\n\r\n" + body.decode().encode("latin-1")


def cut_off(content):
    """The carrier without the end of its last line."""
    return re.sub(rb"(Xproto-Carrier:(?:[^\r\n]*\r\n(?=[ \t]))*[^\r\n]*)[^\r\n]{8}\r\n", rb"\1\r\n", content, count=1)


# name, what is done to the octets, what is said of it; which of headers.xml and body are those that were sent
DAMAGE = [
    ("a mailing list's footer", lambda c: c + b"-- \r\nthe list\r\n", [CHANGED, BODY + "15 octets appended."], {"headers.xml"}),
    ("a subject tag", lambda c: c.replace(b"\r\nSubject: ", b"\r\nSubject: [list] "),
     [CHANGED, HEADER + "Subject changed."], {"body"}),
    ("a refolded field", lambda c: c.replace(b"X-Fold: one\r\n  two", b"X-Fold: one two"), [INTACT], {"headers.xml", "body"}),
    ("a field in another place", lambda c: b"X-Fold: one\r\n  two\r\n" + c.replace(b"X-Fold: one\r\n  two\r\n", b""),
     [INTACT], {"headers.xml", "body"}),
    ("an added Received", lambda c: b"Received: from x.example by y.example; now\r\n" + c,
     [INTACT, "with 1 Received line of a host between them."], {"headers.xml", "body"}),
    ("another charset", recoded, [CHANGED, HEADER + "Content-Type changed.", BODY + "20 octets became 18 others."], set()),
    ("a field taken out", lambda c: c.replace(b"X-Fold: one\r\n  two\r\n", b""), [CHANGED, HEADER + "X-Fold removed."], {"body"}),
    ("a tag, a field, and a footer", lambda c: c.replace(b"\r\nSubject: ", b"\r\nList-Id: <l.example>\r\nSubject: [l] ") + b"--\r\n",
     [CHANGED, HEADER + "List-Id added, Subject changed.", BODY + "4 octets appended."], set()),
]


class CarrierDamage(CarrierSites):
    def test_is_told_and_the_rest_restored(self):
        for name, change, told, restored in DAMAGE:
            with self.subTest(name):
                self.setUp()
                sent = self.send(LETTER)
                message = self.between.wait(1)[0]
                content = change(message.content)
                self.assertNotEqual(content, message.content)
                self.pass_on(message, content)
                folder = self.wait(1)[0]
                story = self.verify(folder)
                for sentence in told:
                    self.assertIn(sentence, story)
                self.assertEqual(HEADER in story, any(s.startswith(HEADER) for s in told), story)
                self.assertEqual(BODY in story, any(s.startswith(BODY) for s in told), story)
                for file in ("headers.xml", "body"):
                    same = octets_of(os.path.join(folder, file)) == octets_of(os.path.join(sent, file))
                    self.assertEqual(same, file in restored, file)
                if told[0] == CHANGED:
                    self.assertIn("Signatures before this one cover what it was, not what it is.", story)
                    # Unchanged fields are those that were born, not what legacy software was shown.
                    self.assertIn("Jürgen Müller", octets_of(os.path.join(folder, "headers.xml")).decode())

    def test_a_truncated_carrier_shows_no_old_signature(self):
        self.send(LETTER)
        message = self.between.wait(1)[0]
        content = cut_off(message.content)
        self.assertNotEqual(content, message.content)
        self.assertNotEqual(content.partition(b"\r\n\r\n")[0], message.content.partition(b"\r\n\r\n")[0])
        self.pass_on(message, content)
        folder = self.wait(1)[0]
        self.assertNotIn(b"@mx1.home.example</id>", octets_of(os.path.join(folder, "envelope.xml")))
        self.assertIn("carrier_ignored", self.carrier.log())
        story = self.verify(folder)
        self.assertIn("mx1.carrier.example", story)
        self.assertNotIn("mx1.home.example", story)


if __name__ == "__main__":
    unittest.main(verbosity=2)
