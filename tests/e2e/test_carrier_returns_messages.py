"""A message born in xproto goes through SMTP and is the same message again: object for object, octet for octet. What
legacy hosts changed is said to have changed, and what does not verify is the legacy mail that it is."""
import email
import email.policy
import os
import re
import unittest

import harness
from carrier_sites import CarrierSites, carried, octets_of

LETTER = ("From: Jürgen Müller <alice@home.example>\r\nTo: bob@carrier.example, Carol <carol@carrier.example>\r\n"
          "Subject: Schöne Grüße aus Zürich\r\nX-Fold: one\r\n  two\r\n\r\nGrüße\r\n.von Alice\r\n").encode()


class CarrierReturnsMessages(CarrierSites):
    def sent_letter(self, recipients=("bob@carrier.example",)):
        folder = self.send(LETTER, recipients)
        return folder, self.between.wait(1)[0]

    def came(self):
        return self.wait(1)[0]

    def test_untouched(self):
        sent, message = self.sent_letter()
        self.pass_on(message)
        self.assert_same_objects(self.came(), sent, message.content)

    def test_legacy_software_reads_it(self):
        _, message = self.sent_letter()
        header, _, body = message.content.partition(b"\r\n\r\n")
        header += b"\r\n"
        self.assertEqual(body, LETTER.partition(b"\r\n\r\n")[2])
        self.assertTrue(header.isascii())
        for line in (rb"From: =\?(?i:utf-8\?[bq])\?[^?]*\?= <alice@home.example>", rb"Subject: =\?(?i:utf-8)\?", rb"MIME-Version: 1.0",
                     rb"Content-Transfer-Encoding: 8bit", rb"Date: ", rb"Message-ID: <", rb"X-Fold: one\r\n  two\r\n"):
            self.assertRegex(header, rb"(?m)^" + line)
        self.assertLessEqual(max(map(len, header.split(b"\r\n"))), 78)
        self.assertTrue(header.startswith(b"Received: "))

    def test_what_changes_nothing_is_undone(self):
        for name, change in (
                ("a Received line", lambda c: b"Received: from x by y; now\r\n" + c),
                ("folds", lambda c: c.replace(b"\r\n\t", b" ")),
                ("another order", lambda c: re.sub(rb"(X-Fold: one\r\n  two\r\n)", b"", c).replace(
                    b"Date: ", b"X-Fold: one two\r\nDate: ", 1)),
        ):
            with self.subTest(name):
                self.setUp()
                sent, message = self.sent_letter()
                self.pass_on(message, change(message.content))
                self.assert_same_objects(self.came(), sent, message.content)

    def test_other_hosts_trace_is_kept(self):
        _, message = self.sent_letter()
        self.pass_on(message, b"Received: from x.example by y.example; now\r\n" + message.content)
        folder = self.came()
        self.assertIn(b'from x.example by y.example; now"/>', octets_of(os.path.join(folder, "envelope.xml")))
        self.assertIn("1 Received line", self.verify(folder))

    def test_a_tag_and_a_footer_are_declared(self):
        sent, message = self.sent_letter()
        content = message.content.replace(b"Subject: ", b"Subject: [list] ") + b"-- \r\nfooter\r\n"
        self.pass_on(message, content)
        folder = self.came()
        self.assertEqual(octets_of(os.path.join(folder, "body")),
                         octets_of(os.path.join(sent, "body")) + b"-- \r\nfooter\r\n")
        headers = octets_of(os.path.join(folder, "headers.xml")).decode()
        self.assertIn("[list]", headers)
        self.assertIn("Jürgen Müller", headers)  # unchanged fields are those that were born
        story = self.verify(folder)
        self.assertIn("mx1.carrier.example found the header (message/headers) changed when it came: Subject changed",
                      story)
        self.assertIn("found the body (message/body) changed when it came: 13 octets appended", story)

    def assert_legacy(self, folder, message):
        """Taken as the legacy message that it is, carrier and all."""
        envelope = octets_of(os.path.join(folder, "envelope.xml"))
        self.assertEqual(envelope.count(b"<hop "), 1)
        self.assertIn(b'n="Xproto-Carrier"', octets_of(os.path.join(folder, "headers.xml")))
        self.assertNotIn(re.search(rb"<id>(.*?)</id>", carried(message.content)["envelope"]).group(0), envelope)

    def test_a_damaged_carrier_is_ignored(self):
        for name, change in (("cut off", lambda c: re.sub(rb"(Xproto-Carrier:.*?d=\r\n)\t[^\r\n]+\r\n", rb"\1", c, count=1,
                                                           flags=re.DOTALL)),
                             ("an octet", lambda c: re.sub(rb"(d=\r\n\t....).", rb"\1A", c, count=1))):
            with self.subTest(name):
                self.setUp()
                _, message = self.sent_letter()
                changed = change(message.content)
                self.assertNotEqual(changed, message.content)
                self.pass_on(message, changed)
                folder, = self.wait(1)
                envelope = octets_of(os.path.join(folder, "envelope.xml"))
                self.assertEqual(envelope.count(b"<hop "), 1)

    def test_another_sender_does_not_get_the_signature(self):
        _, message = self.sent_letter()
        self.pass_on(message, sender="bounces@list.example")
        self.assert_legacy(self.came(), message)

    def test_a_second_copy_does_not_vanish(self):
        sent, message = self.sent_letter()
        self.pass_on(message)
        self.assert_same_objects(self.came(), sent, message.content)
        self.seen = len(self.folders())
        self.pass_on(message, message.content + b"-- \r\nthe list's copy\r\n")
        self.assert_legacy(self.came(), message)

    def test_blind_copies_are_sent_alone(self):
        self.send(LETTER, ["bob@carrier.example", "blind@carrier.example", "carol@carrier.example"])
        first, second = sorted(self.between.wait(2), key=lambda message: -len(message.recipients))
        self.assertEqual(first.addresses, ["bob@carrier.example", "carol@carrier.example"])
        self.assertEqual(second.addresses, ["blind@carrier.example"])
        self.assertNotIn(b"blind", carried(first.content)["envelope"])
        self.assertNotIn(b"<address>bob@", carried(second.content)["envelope"])
        for message in (first, second):
            self.pass_on(message)
        folders = self.wait(2)
        recipients = [sorted(re.findall(rb"<recipient [^>]*><address>([^<]*)", octets_of(f + "/envelope.xml")))
                      for f in folders]
        self.assertEqual(sorted(recipients), [[b"blind@carrier.example"], [b"bob@carrier.example", b"carol@carrier.example"]])

    def test_recipients_that_a_relay_adds(self):
        _, message = self.sent_letter()
        self.pass_on(message, recipients=["new@carrier.example"])
        folder = self.came()
        self.assertIn(b"<address>new@carrier.example</address>", octets_of(os.path.join(folder, "envelope.xml")))
        self.verify(folder)

    def test_a_control_message_is_one_again(self):
        """A report that edge makes for a native sender leaves by SMTP as RFC 3464 mail, and is nothing but an envelope at the
        far end."""
        self.between.script = lambda verb, argument: "550 5.1.1 nobody" if verb == "RCPT" and "nobody@" in argument else None
        self.addCleanup(setattr, self.between, "script", None)
        self.send(LETTER, ["nobody@carrier.example"], sender="alice@carrier.example")
        message = self.between.wait(1)[0]
        self.assertEqual((message.sender, message.addresses), ("", ["alice@carrier.example"]))
        report = email.message_from_bytes(message.content, policy=email.policy.default)
        self.assertEqual(report.get_content_type(), "multipart/report")
        before = set(os.listdir(self.arrived)) if os.path.isdir(self.arrived) else set()
        self.pass_on(message)
        fresh = harness.wait_for(lambda: set(os.listdir(self.arrived)) - before, 30, "the report")
        folder = os.path.join(self.arrived, fresh.pop())
        self.carrier.wait_queue(0)
        self.assertEqual(os.listdir(folder), ["envelope.xml"])
        envelope = octets_of(os.path.join(folder, "envelope.xml"))
        self.assertEqual(self.without_last_hop(envelope), carried(message.content)["envelope"])
        self.assertIn(b'<extension oid="99.2.1" critical="true"><report xmlns="urn:xproto:report:1" kind="delivery">', envelope)
        self.assertIn(b"550 5.1.1 nobody", envelope)
        self.verify(folder)

    def test_the_files_go_there_and_back(self):
        _, message = self.sent_letter()
        self.pass_on(message)
        folder = self.came()
        self.assertIn("1 message", harness.isthmus("map", "verify", folder).stdout)
        path = os.path.join(self.folder, "back.eml")
        harness.isthmus("map", "to-smtp", folder, "-o", path, "--force")
        harness.isthmus("map", "to-xproto", path, "-o", os.path.join(self.folder, "back"), "--force")
        for name in ("envelope.xml", "headers.xml", "body"):
            self.assertEqual(octets_of(os.path.join(self.folder, "back", "back.eml", name)),
                             octets_of(os.path.join(folder, name)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
