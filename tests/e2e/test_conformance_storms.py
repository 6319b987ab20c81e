"""Whatever arrives on the xproto port, in whatever pieces: each session ends as docs/xproto.md says, no message is taken twice
or by halves, and the gateway goes on serving."""
import random

import harness
from conformance_peer import CARRIER, PeerAndGateway
from harness import sample, wait_for
from make import files
from peer import channel, lines, messages
from peer.client import Client, Refused

MALFORMED = "99.0.5.1"


class Storms(PeerAndGateway):
    def tearDown(self):
        super().tearDown()
        content = sample("still there")
        self.carrier.store.clear()
        self.assertTrue(self.open(pipelined=True).send(self.message(content))[0].accepted)
        self.arrived(content)

    def greeted(self):
        """A session that has been greeted, and no more."""
        context = channel.context(False, self.identity.certificate, self.identity.key)
        session = Client(channel.Channel.connect(("127.0.0.1", self.carrier.xproto_port), context, CARRIER), self.identity, CARRIER)
        self.addCleanup(session.connection.close)
        session.greet()
        return session

    def answers(self, session, seconds=channel.PATIENCE):
        """Everything the server still says before it closes. We close then, too: sessions of one address are counted."""
        try:
            said = session.connection.rest(seconds)
        finally:
            session.connection.close()
        found = []
        while said:
            end = lines.line_end(said)
            self.assertTrue(end, said)
            found.append(lines.parse(said[:end]))
            said = said[end:]
        return found

    def assert_refused_once(self, session, code=MALFORMED):
        said = self.answers(session)
        self.assertEqual([(line.tag, line.word, line.code) for line in said], [(None, "ERR", code)], said)

    def test_what_is_no_line_ends_the_session_at_once(self):
        refused = [vector for vector in files.load("lines") if "refused" in vector]
        for vector in refused:
            with self.subTest(vector["name"]):
                session = self.greeted()
                # A second line behind it must not be read.
                session.connection.write(files.octets_of(vector, "octets") + b"[7 NOOP]\r\n")
                self.assert_refused_once(session)

    def test_the_same_after_helo(self):
        refused = [vector for vector in files.load("lines") if "refused" in vector]
        for vector in random.Random(1).sample(refused, 12):
            with self.subTest(vector["name"]):
                session = self.open(pipelined=True)
                session.connection.write(files.octets_of(vector, "octets") + b"[99 NOOP]\r\n")
                self.assert_refused_once(session)

    def test_lines_may_arrive_in_any_pieces(self):
        session = self.open()
        line = b'[%d OPT (WHAT="a b", X) (Y)]\r\n'
        for cut in range(1, len(line) + 6):
            octets = line % (1000 + cut)
            session.connection.write(octets[:cut])
            session.connection.flush()
            session.connection.write(octets[cut:])
            answer = session.answer(1000 + cut)
            self.assertEqual((answer.word, answer.code), ("ERR", "99.0.5.0"))
            if cut % 15 == 0:  # before the limit of errors
                session = self.open()

    def test_a_whole_session_octet_by_octet(self):
        content = sample("octet by octet")
        session = self.open(pipelined=True)
        write = session.connection.write
        session.connection.write = lambda octets: [write(octets[i:i + 1]) for i in range(len(octets))]
        self.assertEqual(session.send(self.message(content))[0].code, "99.0.2.6")
        self.arrived(content)

    def test_garbage(self):
        chance = random.Random(2)
        for number in range(60):
            with self.subTest(number):
                session = self.greeted()
                octets = chance.randbytes(chance.randrange(1, 3000))
                if number % 2:
                    octets = b"[" + octets
                session.connection.write(octets.replace(b"\r\n", b"\n\r") + b"\r\n")
                self.assert_refused_once(session)

    def test_lines_with_one_octet_changed(self):
        """Never anything but an orderly answer, and the session goes on or ends."""
        chance = random.Random(3)
        good = [files.octets_of(vector, "octets") for vector in files.load("lines") if "request" in vector]
        for number in range(60):
            with self.subTest(number):
                session = self.greeted()
                octets = bytearray(chance.choice(good))
                octets[chance.randrange(len(octets) - 2)] = chance.randrange(256)
                session.connection.write(bytes(octets) + b"[4294967295 QUIT]\r\n")
                try:
                    for line in self.answers(session, 3):
                        self.assertIsInstance(line, lines.Response)
                        self.assertIn(line.word, ("ERR", "OK", "TMP"))
                except channel.Late:
                    self.assertIn(b"HELO", octets)  # it waits for the proof

    def test_floods_end(self):
        for name, octets, code in (
            ("errors", b"".join(b"[%d WHAT]\r\n" % i for i in range(1, 100)), "99.0.5.7"),
            ("octets before HELO", b"".join(b"[%d OPT (X)]\r\n[%d NOOP]\r\n" % (2 * i, 2 * i + 1) for i in range(1, 20000)), None),
            ("tags that do not increase", b"[5 NOOP]\r\n[5 NOOP]\r\n", "99.0.5.5"),
            ("answers to nothing", b"[1 OK 99.0.2.1]\r\n", "99.0.5.15"),
        ):
            with self.subTest(name):
                session = self.greeted()
                session.connection.write(octets)
                *_, last = self.answers(session)
                self.assertEqual((last.tag, last.word), (None, "ERR"))
                self.assertIn(last.code, [code] if code else ["99.0.5.7", "99.0.5.13"])

    def test_chunks_that_nobody_permitted_end_the_session(self):
        for name, octets, codes in (
            ("no such transfer", b"[77 DATA {5}]\r\nhello", ["99.0.5.15"]),
            ("no octets", b"[%(tag)d DATA {0}]\r\n", ["99.0.5.4"]),
            ("too many", b"[%(tag)d DATA {60000}]\r\n" + b"x" * 60000, ["99.0.5.13"]),
            ("over the limit", b"[%(tag)d DATA {65537}]\r\n" + b"x" * 65537, ["99.0.5.13"]),
        ):
            with self.subTest(name):
                session = self.open(pipelined=True)
                message = self.message()
                tag = session.ask(message, messages.ENVELOPE, len(message.objects[messages.ENVELOPE]))
                self.assertEqual(session.answer(tag).word, "TMP")
                session.connection.write(octets.replace(b"%(tag)d", b"%d" % tag))
                last = self.answers(session)[-1]
                self.assertEqual((last.tag, last.word), (None, "ERR"))
                self.assertIn(last.code, codes)

    def test_a_connection_cut_anywhere_delivers_once(self):
        content = sample("cut")
        message = self.message(content)
        total = sum(map(len, message.objects.values())) + 400
        for cut in [*range(0, total, total // 12), total - 1]:
            with self.subTest(cut):
                self.send_cut(message, cut)
        outcome, = self.open(pipelined=True).send(message)
        self.assertTrue(outcome.accepted, outcome)
        self.carrier.wait_queue(0)
        self.assertEqual(len(self.carrier.store.messages), 1)
        self.arrived(content)

    def send_cut(self, message, cut):
        """Sends a message and closes after so many octets, whatever they were."""
        session = self.open(pipelined=True)
        left = cut
        write = session.connection.write

        def cut_write(octets):
            nonlocal left
            write(octets[:left])
            left -= len(octets)
            if left <= 0:
                session.connection.flush()
                session.connection.close()
                raise channel.Gone("cut")

        session.connection.write = cut_write
        try:
            session.send(message)
        except (channel.Gone, Refused):
            pass

    def test_connections_that_say_nothing_do_no_harm(self):
        silent = [self.greeted() for _ in range(20)]
        self.assertTrue(self.open().send(self.message())[0].accepted)
        for session in silent:
            session.connection.close()
        wait_for(lambda: self.carrier.store.messages, what="message")


if __name__ == "__main__":
    harness.main()
