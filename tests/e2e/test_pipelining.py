"""A pipelining client gets its answers in order, and its messages cross whole."""
import harness
import wire
from client import Client
from harness import TwoSites, sample


class Pipelining(TwoSites):
    def test_envelope_in_one_packet(self):
        content = sample()
        with Client(self.edge.smtp_port) as client:
            for _ in range(3):
                client.send(b"MAIL FROM:<a@edge.example>\r\nRCPT TO:<b@carrier.example>\r\n"
                            b"RCPT TO:<x@elsewhere.example>\r\nRCPT TO:<c@carrier.example>\r\nDATA\r\n")
                self.assertEqual([client.reply().code // 10 for _ in range(5)], [25, 25, 55, 25, 35])
                client.send(wire.stuff(content))
                self.assertEqual(client.reply().code, 250)
        for message in self.carrier.store.wait(3):
            self.assert_octets(message, content)
            self.assertEqual(message.addresses, ["b@carrier.example", "c@carrier.example"])

    def test_the_next_message_may_follow_at_once(self):
        contents = [sample(subject=f"number {number}") for number in range(10)]
        with Client(self.edge.smtp_port) as client:
            for content in contents:
                client.send(b"MAIL FROM:<a@edge.example>\r\nRCPT TO:<b@carrier.example>\r\nDATA\r\n")
                self.assertEqual([client.reply().code for _ in range(3)], [250, 250, 354])
                client.send(wire.stuff(content) + b"NOOP\r\n")
                self.assertEqual([client.reply().code for _ in range(2)], [250, 250])
        arrived = self.carrier.store.wait(10)
        for content in contents:
            self.assertEqual(sum(message.content.endswith(content) for message in arrived), 1)


if __name__ == "__main__":
    harness.main()
