"""No octets make one side see two mails where the other sees one: only CR LF . CR LF ends DATA (RFC 5321 4.1.1.4)."""
import harness
import wire
from client import Client
from harness import TwoSites, sample

SMUGGLED = (b"MAIL FROM:<evil@edge.example>\r\nRCPT TO:<victim@carrier.example>\r\nDATA\r\n"
            b"Subject: smuggled\r\n\r\nsmuggled\r\n.\r\n")
ENDINGS = [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r", b"\r.\r\n", b"\r\n.\r", b"\n.\r", b"\r\n\x00.\r\n", b"\r\n.\x00\r\n",
           b"\r\r\n.\r\r\n", b"\r\n.\r\r\n", b"\n\r\n.\r\r\n", b"\r\n.\n\r\n", b"\r\n..\r\n"]
HARMLESS = {b"\r\n\x00.\r\n", b"\r\n.\x00\r\n", b"\r\n..\r\n"}  # not an end, and every line break is CR LF


class Smuggling(TwoSites):
    def test_false_ends_do_not_end(self):
        for ending in ENDINGS:
            with self.subTest(ending=ending):
                with Client(self.edge.smtp_port) as client:
                    client.envelope("a@edge.example", ["b@carrier.example"])
                    client.expect(354, "DATA")
                    client.send(b"Subject: outer\r\n\r\nouter" + ending + SMUGGLED)
                    answer = client.reply()
                    if ending in HARMLESS:
                        self.assertEqual(answer.code, 250)
                    else:
                        self.assertEqual(answer.code // 100, 5, "a bare CR or LF must be refused")
                with Client(self.edge.smtp_port) as client:  # one that is sure to arrive
                    client.deliver("last@edge.example", ["b@carrier.example"], sample())
                self.carrier.store.wait_for(lambda message: message.sender == "last@edge.example")
                for gateway in (self.edge, self.carrier):  # and what may still be under way beside it
                    gateway.wait_queue(0)
                senders = [message.sender for message in self.carrier.store.messages]
                self.assertNotIn("evil@edge.example", senders)
                self.assertEqual(len(senders), 2 if ending in HARMLESS else 1)
                self.assertEqual(self.carrier.store.violations, [])
                self.carrier.store.clear()

    def test_bare_newlines_by_bdat_are_refused_too(self):
        for content in (b"Subject: x\n\nbody\n", b"Subject: x\r\n\r\na\rb\r\n", b"Subject: x\r\n\r\nends in CR\r"):
            with self.subTest(content=content), Client(self.edge.smtp_port) as client:
                client.envelope("a@edge.example", ["b@carrier.example"])
                self.assertEqual(client.bdat(content, [3]).code // 100, 5)
        self.assertEqual(self.carrier.store.messages, [])

    def test_a_chunk_ends_where_its_count_says(self):
        content = b"Subject: x\r\n\r\n\r\n.\r\n" + SMUGGLED
        with Client(self.edge.smtp_port) as client:
            client.envelope("a@edge.example", ["b@carrier.example"])
            self.assertEqual(client.bdat(content, [13]).code, 250)
        message = self.carrier.store.wait(1)[0]
        self.assert_octets(message, content)
        self.carrier.wait_queue(0)
        self.assertEqual(len(self.carrier.store.messages), 1)

    def test_the_same_content_through_data_at_the_far_end(self):
        """What BDAT carried unharmed must be stuffed when the next hop takes only DATA."""
        content = b"Subject: x\r\n\r\n.\r\n" + SMUGGLED
        self.store_offers(self.carrier, ["8BITMIME"])
        with Client(self.edge.smtp_port) as client:
            client.envelope("a@edge.example", ["b@carrier.example"])
            self.assertEqual(client.bdat(content, []).code, 250)
        message = self.carrier.store.wait(1)[0]
        self.assert_octets(message, content)
        self.carrier.wait_queue(0)
        self.assertEqual(len(self.carrier.store.messages), 1)

    def test_bare_newlines_end_no_command(self):
        for line in (b"NOOP\nMAIL FROM:<evil@edge.example>\r\n", b"NOOP\rRSET\r\n"):
            with self.subTest(line=line), Client(self.edge.smtp_port) as client:
                client.send(line + b"QUIT\r\n")
                answers = []
                try:
                    while True:
                        answers.append(client.reply().code)
                except (wire.Gone, ConnectionResetError):
                    pass
                self.assertNotIn(250, answers)
                self.assertLessEqual(len(answers), 2)

    def test_addresses_smuggle_no_commands(self):
        """What an address may hold inside quotes never becomes a line break or a parameter at the far end."""
        for recipient in ('"a b> NOTIFY=NEVER"@carrier.example', '"\\>"@carrier.example', '"a<b>"@carrier.example'):
            with self.subTest(recipient=recipient), Client(self.edge.smtp_port) as client:
                client.expect(250, "MAIL FROM:<a@edge.example>")
                answer = client.command(f"RCPT TO:<{recipient}>")
                if answer.code != 250:
                    self.assertEqual(answer.code // 100, 5)
                    continue
                self.assertEqual(client.data(sample()).code, 250)
                message = self.carrier.store.wait(1)[0]
                self.assertEqual(message.recipients, [f"<{recipient}>"])
                self.carrier.store.clear()


if __name__ == "__main__":
    harness.main()
