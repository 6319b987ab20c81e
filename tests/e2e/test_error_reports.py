"""What cannot be delivered is told to a sender who lives in xproto there, as a control message of nothing but an envelope; and to
one who lives in mail as mail, whatever form the report had on its way."""
import email
import email.policy
import os
import subprocess
import xml.etree.ElementTree as ElementTree

import harness
import wire
from client import Client
from harness import ENVIRONMENT, PROGRAM, TwoSites, isthmus, sample, wait_for
from sink import EXTENSIONS

ENVELOPE = "{urn:xproto:envelope:1}"
REPORT = "{urn:xproto:report:1}"

DSN = b"""\
From: MAILER-DAEMON@mx.elsewhere.example\r
To: alice@home.example\r
Subject: Undelivered Mail\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r
\r
--b\r
Content-Type: text/plain\r
\r
It was not to be.\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.elsewhere.example\r
\r
Original-Recipient: rfc822;Bob+x@elsewhere.example\r
Final-Recipient: rfc822;bob@elsewhere.example\r
Action: failed\r
Status: 5.1.1 (no such mailbox)\r
Diagnostic-Code: smtp; 550 5.1.1 no\r
 such user\r
\r
--b--\r
"""


class Home:
    """home.example: `isthmus sink` in place of a host that speaks xproto, keeping what it gets."""

    def __init__(self, site, port, folder, *cas):
        self.folder = folder
        with open(folder + ".log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", PROGRAM, "sink", "--site", site, "--listen", f"127.0.0.1:{port}", "--dir",
                 folder, "--seconds", "170", *(word for ca in cas for word in ("--ca", ca))],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, env=ENVIRONMENT)
        wait_for(lambda: "listening" in self.said(), 20, "sink")

    def said(self):
        with open(self.folder + ".log", encoding="utf-8") as file:
            return file.read()

    def kept(self, number):
        """The files of the message with this number, when it is there."""
        folder = os.path.join(self.folder, f"{number:05}")
        wait_for(lambda: os.path.isdir(folder), 20, f"message {number} at home")
        files = {}
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as file:
                files[name] = file.read()
        return files

    def count(self):
        return len([name for name in os.listdir(self.folder) if name.isdigit()]) if os.path.isdir(self.folder) else 0

    def next(self, before):
        return self.kept(before + 1)

    def close(self):
        self.process.terminate()
        self.process.wait(30)


def report_in(envelope):
    """(the extension, its report) of an envelope."""
    root = ElementTree.fromstring(envelope)
    extension = next(e for e in root.iter(ENVELOPE + "extension") if e.get("oid") == "99.2.1")
    return extension, extension.find(REPORT + "report")


def told(report, *path):
    found = report.find("/".join(REPORT + step for step in path))
    return None if found is None else found.text


class ErrorReports(TwoSites):
    """home.example is behind edge; what it sends to carrier, and what comes back, passes through edge."""

    @classmethod
    def configure(cls):
        cls.home_site = os.path.join(cls.folder, "home")
        isthmus("init", cls.home_site, "--site", "home.example")
        port = wire.reserve_port()
        cls.edge.config["route"].append({"domain": "home.example", "via": "xproto", "to": f"127.0.0.1:{port}"})
        cls.edge.config["peer"].append({"host": "mx1.home.example", "ca": os.path.join(cls.home_site, "ca.pem"), "trust": "trusted"})
        cls.carrier.config["route"] += [
            {"domain": "home.example", "via": "xproto", "to": f"127.0.0.1:{cls.edge.xproto_port}", "host": cls.edge.host},
            {"domain": "legacy.example", "via": "smtp", "to": f"127.0.0.1:{cls.carrier.store.port}"},
        ]
        cls.carrier.config["queue"]["delay_notice"] = "1s"
        cls.home = Home(cls.home_site, port, os.path.join(cls.folder, "kept"), cls.edge.ca, cls.carrier.ca)
        cls.addClassCleanup(cls.home.close)

    def setUp(self):
        super().setUp()
        self.before = self.home.count()

    def answer(self, answers):
        """The carrier's store answers RCPT as told: {local part: list of replies, the last one for ever}."""
        def script(verb, argument):
            if verb != "RCPT":
                return None
            replies = answers.get(argument[argument.index("<") + 1:argument.index("@")])
            return replies and (replies.pop(0) if len(replies) > 1 else replies[0])
        self.carrier.store.script = script
        self.addCleanup(setattr, self.carrier.store, "script", None)

    def send(self, *arguments, sender="alice@home.example", to="nobody@carrier.example", content=None):
        path = os.path.join(self.folder, "mail.eml")
        with open(path, "wb") as file:
            file.write(content or sample("to nobody"))
        isthmus("send", "--site", self.home_site, "--ca", self.edge.ca, "--to", f"127.0.0.1:{self.edge.xproto_port}",
                "--peer-host", self.edge.host, "--from", sender, "--rcpt", to, *arguments, path)

    def native_report(self):
        files = self.home.next(self.before)
        self.assertEqual(list(files), ["envelope.xml"])
        root = ElementTree.fromstring(files["envelope.xml"])
        self.assertEqual(len(root.find(ENVELOPE + "objects")), 0)
        self.assertEqual(root.findtext(f"{ENVELOPE}originator/{ENVELOPE}address") or "", "")
        self.assertEqual([e.text for e in root.iter(ENVELOPE + "host")], [self.carrier.host, self.edge.host])
        extension, report = report_in(files["envelope.xml"])
        self.assertEqual(extension.get("critical"), "true")
        self.assertEqual(report.get("kind"), "delivery")
        self.assertIn("trace=valid objects=sound", self.home.said())
        return report

    def test_a_native_sender_hears_of_a_failure_natively(self):
        self.answer({"nobody": ["550 5.1.1 no such person here"]})
        self.send("--mail-parameter", "ENVID=abc123", "--rcpt-parameter", "ORCPT=rfc822;alias@carrier.example")
        report = self.native_report()
        self.assertEqual(told(report, "envelope-id"), "abc123")
        self.assertEqual(told(report, "reporter"), self.carrier.host)
        self.assertTrue(told(report, "message").endswith("@mx1.home.example"))
        self.assertTrue(told(report, "original-message-id").endswith("@edge.example>"))
        self.assertEqual(told(report, "recipient", "original"), "alias@carrier.example")
        self.assertEqual(told(report, "recipient", "final"), "nobody@carrier.example")
        self.assertEqual(told(report, "recipient", "action"), "failed")
        self.assertEqual(told(report, "recipient", "status"), "5.1.1")
        self.assertEqual(told(report, "recipient", "diagnostic"), "550 5.1.1 no such person here")
        self.assertEqual(report.find(f"{REPORT}recipient/{REPORT}diagnostic").get("type"), "smtp")
        self.assertIsNotNone(told(report, "arrival"))
        self.assertIsNotNone(told(report, "recipient", "last-attempt"))

    def test_a_delay_is_told_and_then_nothing_more(self):
        self.answer({"slow": ["451 4.2.1 not now"] * 4 + ["250 2.1.5 now"]})
        self.send(to="slow@carrier.example")
        report = self.native_report()
        self.assertEqual(told(report, "recipient", "action"), "delayed")
        self.assertEqual(told(report, "recipient", "status"), "4.4.7")
        self.assertIsNotNone(told(report, "recipient", "retry-until"))
        self.assertEqual(self.carrier.store.wait(1)[0].addresses, ["slow@carrier.example"])
        self.carrier.wait_queue(0)
        self.edge.wait_queue(0)
        self.assertEqual(self.home.count(), self.before + 1)

    def test_success_that_nobody_will_tell_of_is_told_as_relayed(self):
        self.store_offers(self.carrier, [word for word in EXTENSIONS if word != "DSN"])
        self.send("--rcpt-parameter", "NOTIFY=SUCCESS", to="b@carrier.example")
        report = self.native_report()
        self.assertEqual(told(report, "recipient", "action"), "relayed")
        self.assertTrue(told(report, "recipient", "status").startswith("2."))

    def test_nobody_is_told_who_did_not_ask(self):
        self.answer({"nobody": ["550 5.1.1 no"]})
        self.send("--rcpt-parameter", "NOTIFY=NEVER")
        self.edge.wait_queue(0)
        self.carrier.wait_queue(0)
        self.assertEqual(self.home.count(), self.before)

    def dead_letter(self):
        """The only message in carrier's queue, when it is held."""
        return wait_for(lambda: [message for message in self.carrier.wait_queue(1) if message["held"]], 20, "a dead letter")[0]

    def test_a_refused_report_is_kept_for_the_operator(self):
        self.answer({"nobody": ["550 5.1.1 no", "550 5.1.1 still no", "250 2.1.5 now"]})
        self.send(sender="", content=DSN)
        self.edge.wait_queue(0)
        dead = self.dead_letter()
        recipient, = dead["recipients"]
        self.assertEqual((recipient["state"], recipient["last_code"], recipient["last_text"]), ("waiting", "5.1.1", "no"))
        text = self.carrier.cli("queue list").stdout
        self.assertIn("<> (held)", text)
        self.assertIn("5.1.1 no", text)
        # It survives a restart, and a retry that fails; one that does not delivers it.
        self.carrier.stop()
        self.carrier.start()
        self.assertTrue(self.carrier.wait_queue(1)[0]["held"])
        self.carrier.cli("queue retry", dead["id"])
        wait_for(lambda: "still no" in self.carrier.cli("queue list").stdout, 20, "a second refusal")
        self.assertEqual(self.dead_letter()["id"], dead["id"])
        self.carrier.cli("queue retry", dead["id"])
        kept = self.carrier.store.wait(1)[0]
        self.assertEqual((kept.sender, kept.addresses), ("", ["nobody@carrier.example"]))
        self.carrier.wait_queue(0)
        self.assertEqual(self.home.count(), self.before)

    def test_a_refused_control_message_is_kept_and_can_be_deleted(self):
        """The report about alice's mail leaves by SMTP, and her store refuses it."""
        self.answer({"nobody": ["550 5.1.1 no"], "alice": ["550 5.1.1 gone"]})
        self.send(sender="alice@legacy.example")
        dead = self.dead_letter()
        self.assertEqual([to["address"] for to in dead["recipients"]], ["alice@legacy.example"])
        self.carrier.cli("queue delete", dead["id"])
        self.carrier.wait_queue(0)

    def test_dead_letters_are_forgotten_in_the_end(self):
        self.answer({"nobody": ["550 5.1.1 no"]})
        self.addCleanup(self.carrier.reload)
        self.addCleanup(self.carrier.config["queue"].pop, "dead_letters")
        for kept, count in (("2s", 1), ("0s", 0)):
            with self.subTest(kept):
                self.carrier.config["queue"]["dead_letters"] = kept
                self.carrier.reload()
                before = self.carrier.log().count("event=failed"), self.carrier.log().count("event=dead_letter")
                self.send(sender="")
                wait_for(lambda: self.carrier.log().count("event=failed") > before[0], 20, "a refusal")
                self.assertEqual(self.carrier.log().count("event=dead_letter"), before[1] + count)
                self.carrier.wait_queue(0)

    def test_a_report_to_a_mailbox_becomes_mail(self):
        """The sender's xproto host is not where its domain's mail goes: that is an SMTP store."""
        self.answer({"nobody": ["550 5.1.1 no such person here"]})
        self.send("--mail-parameter", "ENVID=abc123", sender="alice@legacy.example")
        kept = self.carrier.store.wait(1)[0]
        self.assertEqual((kept.sender, kept.addresses), ("", ["alice@legacy.example"]))
        report = email.message_from_bytes(kept.content, policy=email.policy.default)
        self.assertEqual(report.get_content_type(), "multipart/report")
        self.assertEqual(report.get_param("report-type"), "delivery-status")
        self.assertEqual(report.defects, [])
        self.assertIn("alice@legacy.example", report["To"])
        human, status, returned = report.iter_parts()
        self.assertIn("no such person here", human.get_content())
        about, recipient = status.get_payload()[:2]
        self.assertEqual(about["Original-Envelope-Id"], "abc123")
        self.assertEqual(about["Reporting-MTA"], "dns; " + self.carrier.host)
        self.assertEqual(about["DSN-Gateway"], "dns; " + self.carrier.host)
        self.assertEqual(recipient["Final-Recipient"], "rfc822;nobody@carrier.example")
        self.assertEqual(recipient["Action"], "failed")
        self.assertEqual(recipient["Status"], "5.1.1")
        self.assertEqual(recipient["Diagnostic-Code"], "smtp; 550 5.1.1 no such person here")
        self.assertIn("@edge.example>", returned.get_content())

    def test_a_report_in_mail_stays_mail_and_says_it_in_its_envelope_too(self):
        with Client(self.edge.smtp_port) as client:
            client.deliver("", ["alice@home.example"], DSN)
        files = self.home.next(self.before)
        self.assertEqual(set(files), {"envelope.xml", "headers.xml", "body"})
        self.assertEqual(files["body"], DSN[DSN.index(b"\r\n\r\n") + 4:])
        back = os.path.join(self.folder, "back.eml")
        isthmus("map", "to-smtp", os.path.join(self.home.folder, f"{self.before + 1:05}"), "-o", back)
        with open(back, "rb") as file:
            self.assertTrue(file.read().endswith(DSN))
        extension, report = report_in(files["envelope.xml"])
        self.assertIn(extension.get("critical"), (None, "false"))
        self.assertEqual(told(report, "reporter"), "mx.elsewhere.example")
        self.assertEqual(told(report, "recipient", "original"), "Bob+x@elsewhere.example")
        self.assertEqual(told(report, "recipient", "final"), "bob@elsewhere.example")
        self.assertEqual(told(report, "recipient", "status-comment"), "(no such mailbox)")
        self.assertEqual(told(report, "recipient", "diagnostic"), "550 5.1.1 no such user")
        self.assertIsNone(told(report, "flaw"))


if __name__ == "__main__":
    harness.main()
