"""What a second implementer could get wrong about the extensions, or do on purpose: the gateway gives the code that docs/xproto.md
names, and goes on. After each story the same session or a new one brings mail."""
import random
import subprocess
import time

import harness
from conformance_peer import CARRIER
from harness import sample
from peer import channel, compression, lines, messages, skeletons
from peer.envelopes import digest
from peer.lines import Item, Response
from peer.plans import Plan
from test_conformance_extensions import Extended, noise

ENVELOPE, HEADERS, BODY, SKELETON, LEAF = messages.ENVELOPE, messages.HEADERS, messages.BODY, messages.SKELETON, messages.LEAF
FORM, GROUP = "99.0.5.4", "99.0.5.0"


def chunk(tag, octets, claim=None):
    group = b"" if claim is None else b" (ZSTD=%s)" % str(claim).encode()
    return b"[%d DATA {%d}%s]\r\n" % (tag, len(octets), group) + octets


class Misuse(Extended):
    def tearDown(self):
        super().tearDown()
        self.carrier.wait_queue(0)
        self.carrier.store.clear()
        content = sample("still there")
        self.accepted(self.session("PIPE").send(self.message(content))[0])
        self.arrived(content)

    def say(self, session, text, octets=b""):
        """A request, its verb first. Its tag."""
        session.tag += 1
        session.connection.write(f"[{session.tag} {text}]\r\n".encode() + octets)
        return session.tag

    def xfer(self, session, message, type_, octets=None, pending=0, groups=""):
        octets = len(message.objects[type_]) if octets is None else octets
        return self.say(session, f"XFER {message.id} {type_} {{{octets}}} {{{pending}}}{groups}")

    def answered(self, session, tag, code):
        answer = session.answer(tag)
        self.assertEqual(answer.code, code, answer)
        return answer

    def closed(self, session, code):
        """The session ends with this, and nothing else is said."""
        line = session.connection.line()
        self.assertEqual((line.tag, line.word, line.code), (None, "ERR", code), line)
        self.assertEqual(session.connection.rest(), b"")
        session.connection.close()

    def put(self, session, tag, octets):
        """All of one object that has permission."""
        if session.pipelined:
            octets = b"".join(chunk(tag, octets[at:at + 65536]) for at in range(0, len(octets), 65536))
        session.connection.write(octets)

    def give(self, session, message, type_, code="99.0.2.5", octets=None, **how):
        """Asks for one object and sends it when permitted. Its tag."""
        octets = message.objects[type_] if octets is None else octets
        tag = self.xfer(session, message, type_, len(octets), **how)
        self.assertEqual(session.answer(tag).word, "TMP")
        self.put(session, tag, octets)
        self.answered(session, tag, code)
        return tag

    def begun(self, session, body=b"x" * 1000):
        """A message of which envelope and headers are there."""
        message = self.message(b"Subject: begun\r\n\r\n" + body)
        self.give(session, message, ENVELOPE)
        self.give(session, message, HEADERS)
        return message


class Forms(Misuse):
    def test_a_request_that_is_refused_for_its_form_asks_for_nothing(self):
        session = self.session("PIPE", "NOW", "STAT", "SPLIT")
        count = 0
        message = self.begun(session)
        for groups, code in (
            (" (DIGEST)", FORM), (" (DIGEST x)", FORM), (" (DIGEST OK 99.0.2.2)", FORM), (" (DIGEST=%s)" % ("d" * 256), FORM),
            (" (TYPE)", FORM), (' (TYPE="")', FORM), (" (TYPE=a/b) (TYPE=a/b)", FORM), (" (NAME=x)", GROUP), (" (WHAT)", GROUP),
            (" (NOW=1)", FORM), (" (NOW ON)", FORM), (" (NOW, NOW)", FORM), (" (FROM)", FORM), (" (FROM=5)", FORM),
            (" (FROM=0;%s)" % digest(b""), FORM), (" (FROM=05;%s)" % digest(b"x"), FORM), (' (FROM="5;%s")' % digest(b"x"), FORM),
            (" (FROM=5;sha-256:00)", FORM), (" (FROM=5;%s) (FROM=5;%s)" % (digest(b"x"), digest(b"x")), FORM),
        ):
            with self.subTest(groups):
                answer = self.answered(session, self.xfer(session, message, BODY, groups=groups), code)
                if code == GROUP:
                    self.assertEqual([(i.word, i.code) for i in answer.items()], [("ERR", "99.0.5.9")])
                count += 1
        self.assertLess(count, 20, "the limit of errors")
        self.give(session, message, BODY, "99.0.2.6")

    def test_groups_have_their_objects(self):
        session = self.session("PIPE", "NOW", "STAT", "SPLIT")
        for type_, groups in ((ENVELOPE, "TYPE=a/b"), (ENVELOPE, "FROM=5;" + digest(b"x")), (HEADERS, "FROM=5;" + digest(b"x")),
                              (HEADERS, "TYPE=a/b"), (SKELETON, "TYPE=a/b"), (SKELETON, "NAME=x"), (SKELETON, "FROM=5;" + digest(b"x"))):
            with self.subTest(type_, groups=groups):
                self.answered(session, self.say(session, f"XFER x@edge.example {type_} {{5}} {{0}} ({groups})"), GROUP)

    def test_what_is_off_is_not_known(self):
        for names in ((), ("PIPE",)):
            with self.subTest(names):
                session = self.session(*names)
                message = self.begun(session)
                for groups in (" (NOW)", " (FROM=5;%s)" % digest(b"x")):
                    self.answered(session, self.xfer(session, message, BODY, groups=groups), GROUP)
                for type_ in (SKELETON, LEAF):
                    self.answered(session, self.say(session, f"XFER {message.id} {type_} {{5}} {{0}}"), FORM)
                self.answered(session, self.say(session, f"STAT {message.id}"), "99.0.5.2")
                tag = self.xfer(session, message, BODY)
                self.assertEqual(session.answer(tag).word, "TMP")
                if names:
                    session.connection.write(chunk(tag, compression.run(500), 500))
                    self.closed(session, FORM)

    def test_options_stay_while_messages_are_under_way(self):
        session = self.session("PIPE")
        message = self.begun(session)
        self.assertEqual(session.option(Item("STAT", "ON")).code, "99.0.5.3")
        self.give(session, message, BODY, "99.0.2.6")
        self.assertEqual(session.option(Item("STAT", "ON")).word, "OK")

    def test_fragments_that_make_another_size(self):
        for names in ((), ("PIPE",)):
            session = self.session(*names)
            for first, then, pending, code in ((500, 501, 0, "99.0.5.35"), (500, 499, 0, "99.0.5.35"), (500, 40000000, 3, "99.0.5.25"),
                                               (500, 501, 1, "99.0.5.35"), (500, 60000000, 0, "99.0.5.20")):
                with self.subTest(names=names, first=first, then=then):
                    message = self.begun(session)
                    self.give(session, message, BODY, octets=b"x" * first, pending=pending + 1 if pending < 3 else 2)
                    self.answered(session, self.xfer(session, message, BODY, then, pending), code)
            message = self.begun(session)
            self.answered(session, self.xfer(session, message, BODY, 1001, 1), "99.0.5.35")
            message = self.begun(session)
            self.answered(session, self.xfer(session, message, BODY, 500, 10000), "99.0.5.25")
            message = self.begun(session)
            self.give(session, message, BODY, pending=1)
            self.give(session, message, BODY, "99.0.2.6", octets=b"") if not session.pipelined else None


class WithoutPermission(Misuse):
    def now(self, session, message, type_, octets=None, pending=0):
        return self.xfer(session, message, type_, octets, pending, " (NOW)")

    def test_only_small_whole_objects(self):
        session = self.session("PIPE", "NOW", "SPLIT")
        for type_, octets, pending in ((ENVELOPE, 65537, 0), (ENVELOPE, 100, 1)):
            with self.subTest(type_, octets=octets):
                tag = self.now(session, self.message(), type_, octets, pending)
                session.connection.write(chunk(tag, b"x" * 100))
                self.answered(session, tag, "99.3.2.0.5.1")
                self.assertEqual(session.noop().word, "OK")
        message = self.begun(session)
        self.answered(session, self.say(session, f"XFER {message.id} {SKELETON} {{5}} {{0}} (NOW)"), "99.3.2.0.5.1")
        self.answered(session, self.xfer(session, message, BODY), "99.0.5.22")

    def test_order_of_chunks_does_not_matter(self):
        session = self.session("PIPE", "NOW")
        content = sample("the other way round")
        message = self.message(content)
        tags = {type_: self.now(session, message, type_) for type_ in message.objects}
        for type_ in (BODY, HEADERS, ENVELOPE):
            session.connection.write(chunk(tags[type_], message.objects[type_][:10]))
        for type_ in (HEADERS, ENVELOPE, BODY):
            session.connection.write(chunk(tags[type_], message.objects[type_][10:]))
        for type_, code in ((ENVELOPE, "99.0.2.5"), (HEADERS, "99.0.2.5"), (BODY, "99.0.2.6")):
            self.answered(session, tags[type_], code)
        self.arrived(content)

    def test_what_comes_after_a_refusal_is_swallowed(self):
        session = self.session("PIPE", "NOW")
        message = self.message()
        first = self.now(session, message, ENVELOPE)
        second = self.now(session, message, HEADERS, 7)
        third = self.now(session, message, BODY)
        session.connection.write(chunk(first, message.objects[ENVELOPE]))
        for tag, code in ((first, "99.0.2.5"), (second, "99.0.5.35"), (third, "99.0.5.22")):
            self.answered(session, tag, code)
        session.connection.write(chunk(third, message.objects[BODY]) + chunk(second, b"1234567"))
        self.assertEqual(session.noop().word, "OK")
        session.connection.write(chunk(second, b"8"))
        self.closed(session, "99.0.5.13")

    def test_headers_of_nothing(self):
        session = self.session("PIPE", "NOW")
        message = self.message()
        tag = self.now(session, message, HEADERS)
        session.connection.write(chunk(tag, message.objects[HEADERS]))
        self.answered(session, tag, "99.0.5.22")
        self.assertEqual(session.noop().word, "OK")

    def test_given_up_before_it_came(self):
        session = self.session("PIPE", "NOW")
        message = self.message()
        first, second = self.now(session, message, ENVELOPE), self.now(session, message, HEADERS)
        session.connection.write(chunk(second, message.objects[HEADERS][:20]))
        self.answered(session, self.say(session, f"ABOR={second}"), "108.0.2.1")
        self.answered(session, second, "99.0.5.23")
        self.answered(session, first, "99.0.5.23")
        session.connection.write(chunk(first, message.objects[ENVELOPE]))
        content = sample("after it")
        self.accepted(session.send(self.message(content))[0])
        self.arrived(content)

    def test_one_octet_too_many(self):
        session = self.session("PIPE", "NOW")
        message = self.message()
        session.connection.write(chunk(self.now(session, message, ENVELOPE), message.objects[ENVELOPE] + b"x"))
        self.closed(session, "99.0.5.13")

    def test_more_than_there_is_room_for(self):
        session = self.session("PIPE", "NOW")
        sent = [self.message(sample(str(n), noise(65000, n))) for n in range(session.limits["NOW"] // 60000 + 2)]
        tags = []
        for message in sent:
            self.answered(session, self.xfer(session, message, ENVELOPE), "99.0.3.5")
            self.xfer(session, message, HEADERS)
            tags.append(self.now(session, message, BODY))
        for tag, message in zip(tags, sent):
            session.connection.write(chunk(tag, message.objects[BODY]))
        self.closed(session, "99.0.5.13")


class Compressed(Misuse):
    SIZE = 5000

    def frames(self):
        """(what it shows, frame, size that DATA tells, None or the code)."""
        size, by_hand = self.SIZE, compression
        run, block = by_hand.run, by_hand.block
        checked = subprocess.run(["zstd", "-q", "--check", f"--stream-size={size}"], input=b"x" * size, capture_output=True, check=True)
        broken, wrong, much = "99.3.3.0.5.1", FORM, "99.0.5.13"
        return (
            ("a run", run(size), size, None), ("by the library", by_hand.pack(b"x" * size), size, None),
            ("with a checksum, by the zstd command", checked.stdout, size, None),
            ("a raw block and a run", by_hand.header(size) + block(by_hand.RAW, b"x" * 10, last=False) + block(by_hand.RLE, b"x", size - 10),
             size, None),
            ("a whole chunk", run(65536), 65536, None),
            ("another size", run(size, size - 1), size, broken),
            ("no size", by_hand.header(size, False) + block(by_hand.RLE, b"x", size), size, broken),
            ("two frames", run(size // 2) + run(size // 2), size, broken), ("something behind it", run(size) + b"x", size, broken),
            ("a piece of one", run(size)[:-1], size, broken),
            ("a skippable frame", bytes.fromhex("502a4d1804000000") + b"abcd", size, broken), ("no frame", b"abcd", size, broken),
            ("with a dictionary", by_hand.MAGIC + bytes([0b10100001, 7]) + size.to_bytes(4, "little") + block(by_hand.RLE, b"x", size),
             size, broken),
            ("holds less", by_hand.header(size) + block(by_hand.RLE, b"x", size - 1), size, broken),
            ("holds more", by_hand.header(size) + block(by_hand.RLE, b"x", size + 1), size, broken),
            ("not larger", b"x" * 50, 50, wrong), ("smaller", b"x" * 50, 49, wrong), ("nothing", run(size), 0, wrong),
            ("larger than a chunk", run(65537), 65537, much), ("very large", run(size), 999999999999999999, much),
            ("a word", run(size), "abc", wrong), ("a second spelling", run(size), "05000", wrong), ("quoted", run(size), '"5000"', wrong),
        )

    def test_frames(self):
        for name, frame, size, code in self.frames():
            with self.subTest(name):
                session = self.session("PIPE", "ZSTD")
                body = b"x" * 100000
                message = self.begun(session, body)
                tag = self.xfer(session, message, BODY)
                self.answered(session, tag, "99.0.3.8")
                session.connection.write(chunk(tag, frame, size))
                if code is None:
                    self.put(session, tag, body[size:])
                    self.answered(session, tag, "99.0.2.6")
                elif code == "99.3.3.0.5.1":
                    self.answered(session, tag, code)
                    session.connection.write(chunk(tag, compression.run(65536), 65536))  # was on its way
                    self.assertEqual(session.noop().word, "OK")
                else:
                    self.closed(session, code)

    def test_groups_of_data(self):
        frame = compression.run(self.SIZE)
        for groups in (b"(ZSTD)", b"(ZSTD ON)", b"(ZSTD=5000) (ZSTD=5000)", b"(ZSTD=5000, X)", b"(X=1)"):
            with self.subTest(groups):
                session = self.session("PIPE", "ZSTD")
                tag = self.xfer(session, self.begun(session, b"x" * 100000), BODY)
                self.answered(session, tag, "99.0.3.8")
                session.connection.write(b"[%d DATA {%d} %s]\r\n" % (tag, len(frame), groups) + frame)
                self.closed(session, FORM)

    def test_more_than_the_object_has_left(self):
        session = self.session("PIPE", "ZSTD")
        tag = self.xfer(session, self.begun(session, b"x" * 100000), BODY)
        self.answered(session, tag, "99.0.3.8")
        session.connection.write(chunk(tag, compression.run(60000), 60000) + chunk(tag, compression.run(40001), 40001))
        self.closed(session, "99.0.5.13")

    def test_frames_with_octets_changed(self):
        """Either the message is refused, or the session ends in order."""
        chance = random.Random(5)
        body = noise(30000)
        good = compression.pack(body)
        for number in range(40):
            frame = bytearray(good)
            for _ in range(chance.randrange(1, 4)):
                frame[chance.randrange(len(frame))] = chance.randrange(256)
            with self.subTest(number):
                session = self.session("PIPE", "ZSTD")
                tag = self.xfer(session, self.begun(session, body), BODY)
                self.answered(session, tag, "99.0.3.8")
                session.connection.write(chunk(tag, bytes(frame), len(body)))
                answer = session.answer(tag)
                self.assertIn(answer.code, ("99.3.3.0.5.1", "99.0.5.34") + (("99.0.2.6",) if bytes(frame) == good else ()))
                session.connection.close()


if __name__ == "__main__":
    harness.main()
