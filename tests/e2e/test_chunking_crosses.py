"""Content that came by BDAT, in whatever chunks, arrives with the same octets: binary, 8-bit, without a last CRLF."""
import random

import harness
from client import Client
from harness import TwoSites, sample

BINARY = b"Subject: binary\r\nContent-Type: application/octet-stream\r\n\r\n" + bytes(range(256)) * 300 + b"\n\r\n\r.\r"


class ChunkingCrosses(TwoSites):
    def test_chunks_of_every_size_join(self):
        content = sample(body=b"line\r\n.dot\r\n" * 50)
        chooser = random.Random(1)
        sizes_tried = [[1] * 60, [0, 0, 5], [len(content)], [len(content) - 1], []]
        sizes_tried += [[chooser.randrange(1, 40) for _ in range(20)] for _ in range(5)]
        with Client(self.edge.smtp_port) as client:
            for sizes in sizes_tried:
                with self.subTest(sizes=sizes):
                    client.envelope("a@edge.example", ["b@carrier.example"])
                    self.assertEqual(client.bdat(content, sizes).code, 250)
                    self.assert_octets(self.carrier.store.wait(1)[0], content)
                    self.carrier.store.clear()

    def test_binary_mime_stays_binary(self):
        with Client(self.edge.smtp_port) as client:
            client.envelope("a@edge.example", ["b@carrier.example"], "BODY=BINARYMIME")
            self.assertEqual(client.bdat(BINARY, [1000, 1, 70000]).code, 250)
        message = self.carrier.store.wait(1)[0]
        self.assert_octets(message, BINARY)
        self.assertIn("BODY=BINARYMIME", message.mail.upper())
        self.assertTrue(all(command.startswith("BDAT") for command in message.commands), message.commands)

    def test_binary_mime_is_never_forced_through_data(self):
        """A next hop without BINARYMIME cannot take it: the sender gets it back, the octets are not bent."""
        self.store_offers(self.carrier, ["8BITMIME"])
        with Client(self.edge.smtp_port) as client:
            client.envelope("a@edge.example", ["b@carrier.example"], "BODY=BINARYMIME")
            self.assertEqual(client.bdat(BINARY, []).code, 250)
        report = self.edge.store.wait(1)[0]
        self.assertEqual((report.sender, report.addresses), ("", ["a@edge.example"]))
        self.assertIn(b"Action: failed", report.content)
        self.assertEqual(self.carrier.store.messages, [])
        self.assertEqual(self.carrier.store.violations, [])

    def test_the_next_hop_may_have_no_chunking(self):
        content = sample(body=b"\xe9\r\n.\r\n..\r\n" * 10)
        self.store_offers(self.carrier, ["8BITMIME"])
        with Client(self.edge.smtp_port) as client:
            client.envelope("a@edge.example", ["b@carrier.example"], "BODY=8BITMIME")
            self.assertEqual(client.bdat(content, [3, 3, 100]).code, 250)
        message = self.carrier.store.wait(1)[0]
        self.assert_octets(message, content)
        self.assertEqual(message.commands, ["DATA"])

    def test_pipelined_chunks(self):
        content = sample(body=b"x" * 5000 + b"\r\n")
        with Client(self.edge.smtp_port) as client:
            client.send(b"MAIL FROM:<a@edge.example>\r\nRCPT TO:<b@carrier.example>\r\n"
                        b"BDAT 100\r\n" + content[:100] + b"BDAT %d LAST\r\n" % (len(content) - 100) + content[100:] +
                        b"QUIT\r\n")
            self.assertEqual([client.reply().code for _ in range(5)], [250, 250, 250, 250, 221])
        self.assert_octets(self.carrier.store.wait(1)[0], content)




if __name__ == "__main__":
    harness.main()
