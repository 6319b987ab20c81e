"""What MAIL and RCPT said beside the addresses (DSN, SMTPUTF8, BODY) arrives at the far end as it was said."""
import harness
from client import Client
from harness import TwoSites, sample


def words(argument):
    """The parameters of MAIL or RCPT, without SIZE, which each hop counts for itself."""
    return sorted(word for word in argument.split(" ")[1:] if not word.upper().startswith("SIZE="))


class ParametersArrive(TwoSites):
    def test_dsn(self):
        for mail, rcpt in (
            ("RET=HDRS ENVID=QQ314159", "NOTIFY=SUCCESS,DELAY,FAILURE ORCPT=rfc822;Old+2BName@old.example"),
            ("RET=FULL", "NOTIFY=NEVER"),
            ("ENVID=x+2By", "ORCPT=x-other;a+20b"),
        ):
            with self.subTest(mail=mail, rcpt=rcpt), Client(self.edge.smtp_port) as client:
                client.deliver("a@edge.example", ["b@carrier.example"], sample(), mail, rcpt)
                message = self.carrier.store.wait(1)[0]
                self.assertEqual(words(message.mail), sorted(mail.split()))
                self.assertEqual(words(message.recipients[0]), sorted(rcpt.split()))
                self.carrier.store.clear()

    def test_each_recipient_keeps_its_own(self):
        with Client(self.edge.smtp_port) as client:
            client.expect(250, "MAIL FROM:<a@edge.example>")
            client.expect(250, "RCPT TO:<b@carrier.example> NOTIFY=NEVER")
            client.expect(250, "RCPT TO:<c@carrier.example>")
            client.expect(250, "RCPT TO:<d@carrier.example> NOTIFY=FAILURE ORCPT=rfc822;x@y.example")
            self.assertEqual(client.data(sample()).code, 250)
        arrived = self.carrier.store.wait(1)
        got = {line.split(" ")[0]: words(line) for message in arrived for line in message.recipients}
        self.assertEqual(got, {"<b@carrier.example>": ["NOTIFY=NEVER"], "<c@carrier.example>": [],
                               "<d@carrier.example>": ["NOTIFY=FAILURE", "ORCPT=rfc822;x@y.example"]})

    def test_body_types(self):
        for body in ("7BIT", "8BITMIME"):
            with self.subTest(body), Client(self.edge.smtp_port) as client:
                client.deliver("a@edge.example", ["b@carrier.example"], sample(), f"BODY={body}")
                self.assertIn(f"BODY={body}", self.carrier.store.wait(1)[0].mail)
                self.carrier.store.clear()

    def test_utf8_addresses(self):
        content = sample("grüße", "Grüße\r\n".encode())
        for here, there in ((self.edge, self.carrier), (self.carrier, self.edge)):
            sender, recipient = f"jörg@{here.site}", f"用户@{there.site}"
            with self.subTest(here=here.site), Client(here.smtp_port) as client:
                self.assertIn("SMTPUTF8", client.offers)
                client.deliver(sender, [recipient], content, "SMTPUTF8 BODY=8BITMIME")
                message = there.store.wait(1)[0]
                self.assertEqual((message.sender, message.addresses), (sender, [recipient]))
                self.assertIn("SMTPUTF8", words(message.mail))
                self.assert_octets(message, content)

    def test_utf8_is_refused_where_it_was_not_announced(self):
        with Client(self.edge.smtp_port) as client:
            self.assertEqual(client.command("MAIL FROM:<jörg@edge.example>").code // 100, 5)

    def test_utf8_is_returned_when_the_next_hop_cannot_take_it(self):
        self.store_offers(self.carrier, ["8BITMIME", "DSN"])
        with Client(self.edge.smtp_port) as client:
            client.deliver("jörg@edge.example", ["用户@carrier.example"], sample("grüße"), "SMTPUTF8")
        report = self.edge.store.wait(1)[0]
        self.assertEqual((report.sender, report.addresses), ("", ["jörg@edge.example"]))
        self.assertRegex(report.content.decode(), r"Status: 5\.6\.7")
        self.assertEqual(self.carrier.store.messages, [])

    def test_a_message_larger_than_it_may_be_is_refused_at_mail(self):
        with Client(self.edge.smtp_port) as client:
            offered = next(offer for offer in client.offers if offer.startswith("SIZE "))
            limit = int(offered.split()[1])
            self.assertGreater(limit, 0)
            self.assertEqual(client.command(f"MAIL FROM:<a@edge.example> SIZE={limit + 1}").code, 552)
            client.expect(250, f"MAIL FROM:<a@edge.example> SIZE={limit}")

    def test_unknown_parameters_are_refused(self):
        with Client(self.edge.smtp_port) as client:
            self.assertEqual(client.command("MAIL FROM:<a@edge.example> NONSENSE=1").code, 555)
            client.expect(250, "MAIL FROM:<a@edge.example>")
            self.assertEqual(client.command("RCPT TO:<b@carrier.example> NONSENSE").code, 555)


if __name__ == "__main__":
    harness.main()
