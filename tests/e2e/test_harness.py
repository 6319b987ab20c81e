"""The harness itself is exact: what its client sends, its tap sees and its sink keeps, octet for octet."""
import threading
import unittest

import wire
from client import Client, Tap, contents_of
from harness import sample, toml_document
from sink import DROP, Sink

CONTENTS = [
    b"",
    b".\r\n",
    b"..\r\n.\r\n...\r\n",
    b"Subject: x\r\n\r\n.leading\r\nmiddle.\r\n.\r\n",
    b"\r\n" * 5,
    bytes(range(14, 256)) + b"\r\n",
]


class Harness(unittest.TestCase):
    def setUp(self):
        self.sink = Sink()
        self.addCleanup(self.sink.close)
        self.tap = Tap(self.sink.port)
        self.addCleanup(self.tap.close)

    def test_data_arrives_as_sent(self):
        with Client(self.tap.port) as client:
            for content in CONTENTS:
                client.deliver("a@x.example", ["b@y.example"], content)
            client.command("QUIT")
        self.assertEqual([message.content for message in self.sink.wait(len(CONTENTS))], CONTENTS)
        self.assertEqual(self.tap.contents(), CONTENTS)
        self.assertEqual(self.sink.violations, [])

    def test_bdat_arrives_as_sent(self):
        content = bytes(range(256)) * 40 + b"no newline"
        with Client(self.tap.port) as client:
            client.envelope("a@x.example", ["b@y.example", "c@y.example"], "BODY=BINARYMIME")
            self.assertEqual(client.bdat(content, [1, 0, 7, 4096]).code, 250)
        message, = self.sink.wait(1)
        self.assertEqual(message.content, content)
        self.assertEqual(message.addresses, ["b@y.example", "c@y.example"])
        self.assertEqual(message.mail, "<a@x.example> BODY=BINARYMIME")
        self.assertEqual(self.tap.contents(), [content])

    def test_octets_may_come_one_by_one(self):
        content = b"Subject: x\r\n\r\n.\r\n..\r\n"
        with Client(self.sink.port) as client:
            client.envelope("a@x.example", ["b@y.example"])
            client.expect(354, "DATA")
            for octet in wire.stuff(content):
                client.send(bytes([octet]))
            self.assertEqual(client.reply().code, 250)
        self.assertEqual(self.sink.wait(1)[0].content, content)

    def test_a_script_refuses_defers_and_drops(self):
        answers = {"RCPT": {"TO:<no@y.example>": "550 5.1.1 no"}, "END": DROP}
        self.sink.script = lambda verb, argument: (
            answers["RCPT"].get(argument) if verb == "RCPT" else answers["END"] if verb == "END" else None)
        with Client(self.sink.port) as client:
            client.expect(250, "MAIL FROM:<a@x.example>")
            client.expect(550, "RCPT TO:<no@y.example>")
            client.expect(250, "RCPT TO:<yes@y.example>")
            with self.assertRaises(wire.Gone):
                client.data(b"x\r\n")
        self.assertEqual(self.sink.messages, [])
        self.assertEqual(self.sink.refused[0].addresses, ["yes@y.example"])

    def test_a_sink_comes_back_on_its_port(self):
        self.sink.close()
        with self.assertRaises(OSError):
            Client(self.sink.port)
        self.sink.open()
        with Client(self.sink.port) as client:
            client.deliver("a@x.example", ["b@y.example"], b"x\r\n")
        self.sink.wait(1)

    def test_added_trace_is_told_from_changed_octets(self):
        sent = b"Received: from old\r\nSubject: x\r\n\r\nbody\r\n"
        added = b"Received: from c by s\r\n\twith SMTP; date\r\n"
        self.assertEqual(wire.split_trace(added + sent, sent), [added])
        self.assertEqual(wire.split_trace(sent, sent), [])
        for damaged in (added + sent[:-1], added + b"X-New: y\r\n" + sent, sent + b"\r\n",
                        (added + sent).replace(b"Subject: x", b"Subject:  x"), added + sent.replace(b"from old", b"from new")):
            with self.assertRaises(AssertionError, msg=damaged):
                wire.split_trace(damaged, sent)

    def test_bare_newlines_are_noticed(self):
        with Client(self.sink.port) as client:
            client.deliver("a@x.example", ["b@y.example"], b"one\ntwo\r\n")
        self.assertEqual(self.sink.violations, ["a bare CR or LF in DATA"])

    def test_many_clients_at_once(self):
        def one(number):
            with Client(self.sink.port) as client:
                client.deliver("a@x.example", ["b@y.example"], sample(headers=[f"X-Number: {number}"]))
        threads = [threading.Thread(target=one, args=(number,)) for number in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(dict(self.sink.counts("X-Number")), {str(number): 1 for number in range(20)})

    def test_contents_of_a_pipelined_stream(self):
        stream = (b"EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\nData\r\n..\r\n.\r\n"
                  b"BDAT 3\r\n.\r\nBDAT 2 LAST\r\nokQUIT\r\n")
        self.assertEqual(contents_of(stream), [b"Data\r\n.\r\n", b".\r\nok"])

    def test_reserved_ports_are_distinct_and_can_be_bound(self):
        ports = [wire.reserve_port() for _ in range(20)]
        self.assertEqual(len(set(ports)), 20)
        sink = Sink(port=ports[0])
        sink.close()

    def test_configuration_is_written_as_toml(self):
        import tomllib
        config = {"site": 'a "b"', "smtp": {"listen": ["x:1"], "n": 3, "on": True}, "route": [{"domain": "*"}], "peer": []}
        self.assertEqual(tomllib.loads(toml_document(config)), {key: value for key, value in config.items() if value})


if __name__ == "__main__":
    unittest.main(verbosity=2)
