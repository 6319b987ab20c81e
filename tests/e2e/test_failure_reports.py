"""What cannot be delivered comes back to its sender as a report (RFC 3464), recipient by recipient, never twice round."""
import email
import email.policy

import harness
from client import Client
from harness import TwoSites, sample


def parse_report(content):
    """(the parsed report, the fields of its per-message part, {address: fields} of the recipients)."""
    report = email.message_from_bytes(content, policy=email.policy.default)
    status = next(part for part in report.walk() if part.get_content_type() == "message/delivery-status")
    blocks = status.get_payload()
    recipients = {block["Final-Recipient"].split(";", 1)[1].strip(): block for block in blocks[1:] if block["Final-Recipient"]}
    return report, blocks[0], recipients


class FailureReports(TwoSites):
    def refuse(self, answers):
        """The carrier's store answers RCPT as told: {local part: reply}."""
        def script(verb, argument):
            return answers.get(argument[argument.index("<") + 1:argument.index("@")]) if verb == "RCPT" else None
        self.carrier.store.script = script

    def test_a_refused_recipient_is_reported_to_the_sender(self):
        self.refuse({"nobody": "550 5.1.1 no such person here"})
        content = sample("to nobody")
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["nobody@carrier.example"], content, "ENVID=abc123",
                           "ORCPT=rfc822;alias@carrier.example")
        message = self.edge.store.wait(1)[0]
        self.assertEqual((message.sender, message.addresses), ("", ["a@edge.example"]))
        report, about, recipients = parse_report(message.content)
        self.assertEqual(report.get_content_type(), "multipart/report")
        self.assertEqual(report.get_param("report-type"), "delivery-status")
        self.assertIn("a@edge.example", report["To"])
        self.assertEqual(about["Original-Envelope-Id"], "abc123")
        self.assertIn("mx1.carrier.example", about["Reporting-MTA"])
        fields = recipients["nobody@carrier.example"]
        self.assertEqual(fields["Action"], "failed")
        self.assertEqual(fields["Status"], "5.1.1")
        self.assertEqual(fields["Original-Recipient"], "rfc822;alias@carrier.example")
        self.assertIn("550 5.1.1 no such person here", fields["Diagnostic-Code"])
        human = report.get_body(("plain",)).get_content()
        self.assertIn("nobody@carrier.example", human)
        self.assertIn("no such person here", human)
        self.assertIn(b"Subject: to nobody", message.content)

    def test_only_the_refused_recipients_are_reported(self):
        self.refuse({"no1": "550 5.1.1 no", "no2": "552 5.2.2 full"})
        recipients = [f"{name}@carrier.example" for name in ("yes1", "no1", "yes2", "no2")]
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", recipients, sample())
        message = self.carrier.store.wait(1)[0]
        self.assertEqual(message.addresses, ["yes1@carrier.example", "yes2@carrier.example"])
        reported = {}
        for report in self.edge.store.wait(1):
            reported.update(parse_report(report.content)[2])
        self.assertEqual({address: fields["Status"] for address, fields in reported.items()},
                         {"no1@carrier.example": "5.1.1", "no2@carrier.example": "5.2.2"})

    def test_content_that_is_refused_is_reported(self):
        self.carrier.store.script = lambda verb, _: "554 5.7.1 we do not like it" if verb == "END" else None
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], sample())
        recipients = parse_report(self.edge.store.wait(1)[0].content)[2]
        self.assertEqual(recipients["b@carrier.example"]["Status"], "5.7.1")

    def test_nobody_is_told_who_did_not_ask(self):
        self.refuse({"nobody": "550 5.1.1 no"})
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["nobody@carrier.example"], sample(), "", "NOTIFY=NEVER")
            client.deliver("a@edge.example", ["nobody@carrier.example"], sample(), "", "NOTIFY=SUCCESS")
            client.deliver("", ["nobody@carrier.example"], sample())  # a report about a report would go round for ever
            client.deliver("last@edge.example", ["nobody@carrier.example"], sample())
        self.edge.store.wait_for(lambda message: message.addresses == ["last@edge.example"])
        letter, = self.carrier.wait_queue(1)  # without a sender: the operator sees it
        self.assertEqual((letter["sender"], letter["held"]), ("", True))
        self.carrier.cli("queue delete", "--all")
        self.edge.wait_queue(0)
        self.assertEqual([message.addresses for message in self.edge.store.messages], [["last@edge.example"]])

    def test_the_returned_message_is_as_much_as_was_asked_for(self):
        self.refuse({"nobody": "550 5.1.1 no"})
        for ret, whole in (("RET=FULL", True), ("RET=HDRS", False)):
            with self.subTest(ret), Client(self.edge.smtp_port) as client:
                client.deliver("a@edge.example", ["nobody@carrier.example"], sample(body=b"a secret body\r\n"), ret)
                content = self.edge.store.wait(1)[0].content
                self.assertEqual(b"a secret body" in content, whole)
                self.edge.store.clear()

    def test_a_recipient_unknown_to_the_edge_is_refused_at_once(self):
        """No backscatter: what no route leads to is refused in the session."""
        with Client(self.edge.smtp_port) as client:
            client.expect(250, "MAIL FROM:<a@edge.example>")
            self.assertEqual(client.command("RCPT TO:<b@nowhere.example>").code, 550)


if __name__ == "__main__":
    harness.main()
