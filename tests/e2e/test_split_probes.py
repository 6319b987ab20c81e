"""A peer that tries everything with split bodies and broken-off transfers: what is right arrives octet for octet, nothing else
arrives at all."""
import hashlib
import random

import harness
from conformance_peer import PeerAndGateway
from peer import messages
from peer.lines import Item

SKELETON, LEAF = "message/skeleton", "message/leaf"
PERMISSION = "99.0.3.8"


def digest(octets):
    return "sha-256:" + hashlib.sha256(octets).hexdigest()


def lines(octets, seed):
    """Text of exactly so many octets, with line ends in it."""
    text = b"".join(random.Random(seed).randbytes(30).hex().encode() + b"\r\n" for _ in range(octets // 62 + 1))
    return text[:octets - 2] + b"\r\n"


class Parts:
    """A body, and where its leaves are: (offset, octets)."""

    def __init__(self, body, *places):
        self.body, self.places = body, places
        self.leaves = [body[at:at + size] for at, size in places]

    def rest(self):
        kept, at = b"", 0
        for offset, size in self.places:
            kept += self.body[at:offset]
            at = offset + size
        return kept + self.body[at:]

    def table(self, body=None):
        body = self.body if body is None else body
        text = f"xproto-skeleton-v1\nbody {len(body)} {digest(body)}\n"
        for (offset, size), leaf in zip(self.places, self.leaves):
            text += f"leaf {offset} {size} {digest(leaf)}\n"
        return text.encode() + b"\n"

    def skeleton(self):
        return self.table() + self.rest()


class SplitProbes(PeerAndGateway):
    def setUp(self):
        super().setUp()
        self.carrier.config["xproto"]["resume_octets"] = "64KiB"
        self.carrier.reload()

    def session(self):
        session = self.open()
        self.assertEqual(session.option(Item("SPLIT", "ON"), Item("STAT", "ON")).word, "OK")
        return session

    def transfer(self, session, message, type_, octets, pending=0, announced=None, **groups):
        """The last answer. The octets are sent if they are permitted."""
        size = len(octets) if announced is None else announced
        tag = session.request("XFER", message.id, type_, size, pending,
                              groups=[[Item(name, value)] for name, value in groups.items()])
        line = session.answer(tag)
        while line.word == "TMP":
            if line.code != "99.0.3.7":
                session.connection.write(octets)
            line = session.answer(tag)
        return line

    def begin(self, session, message):
        for type_ in (messages.ENVELOPE, messages.HEADERS):
            self.assertEqual(self.transfer(session, message, type_, message.objects[type_]).code, "99.0.2.5")

    def made(self, body):
        content = harness.sample(body=body)
        return content, self.message(content)

    def send(self, session, message, parts, leaves=None, skeleton=None):
        """The answers to skeleton and leaves, up to the first ERR."""
        self.begin(session, message)
        answers = [self.transfer(session, message, SKELETON, parts.skeleton() if skeleton is None else skeleton)]
        for leaf in parts.leaves if leaves is None else leaves:
            if answers[-1].word == "ERR":
                break
            answers.append(self.transfer(session, message, LEAF, leaf, DIGEST=digest(leaf)))
        return answers

    def codes(self, answers):
        return [answer.code for answer in answers]

    def test_a_body_in_pieces_and_leaves_that_are_known(self):
        parts = Parts(lines(400_000, 1), (1000, 100_000), (101_000, 70_000), (300_000, 99_000))
        content, message = self.made(parts.body)
        session = self.session()
        self.assertEqual(self.codes(self.send(session, message, parts)),
                         ["99.0.2.5", "99.0.2.5", "99.0.2.5", "99.0.2.6"])
        self.arrived(content)
        self.carrier.store.clear()
        again = self.message(content)
        self.assertEqual(self.codes(self.send(session, again, parts)),
                         ["99.0.2.5", "99.0.2.7", "99.0.2.7", "99.0.2.6"])
        self.arrived(content)
        self.carrier.store.clear()
        other = Parts(parts.body[:-10] + b"and more\r\n", *parts.places[:2])
        content, message = self.made(other.body)
        self.assertEqual(self.codes(self.send(session, message, other)), ["99.0.2.5", "99.0.2.7", "99.0.2.6"])
        self.arrived(content)

    def test_a_skeleton_that_is_all_and_one_that_is_nothing(self):
        session = self.session()
        content, message = self.made(lines(200_000, 2))
        whole = Parts(content.partition(b"\r\n\r\n")[2])
        self.assertEqual(self.codes(self.send(session, message, whole)), ["99.0.2.6"])
        self.arrived(content)
        self.carrier.store.clear()
        content, message = self.made(lines(200_000, 3))
        body = content.partition(b"\r\n\r\n")[2]
        self.assertEqual(self.codes(self.send(session, message, Parts(body, (0, len(body))))), ["99.0.2.5", "99.0.2.6"])
        self.arrived(content)

    def test_what_is_wrong_is_refused_and_leaves_nothing(self):
        body = lines(300_000, 4)
        parts = Parts(body, (1000, 100_000), (150_000, 100_000))
        wrong = lines(100_000, 5)
        table, rest = parts.table(), parts.rest()
        first_leaf = table.index(b"leaf")
        cases = {
            "no table": dict(skeleton=b"hello\n", code="99.0.5.32"),
            "a table without end": dict(skeleton=table[:-1], code="99.0.5.32"),
            "another body": dict(skeleton=parts.table(wrong + wrong + wrong) + rest, code="99.0.5.34"),
            "leaves out of order": dict(skeleton=table[:first_leaf] + b"\n".join(
                reversed(table[first_leaf:-2].split(b"\n"))) + b"\n\n" + rest, code="99.0.5.32"),
            "a leaf outside": dict(skeleton=table.replace(b"leaf 150000 ", b"leaf 250000 "), code="99.0.5.32"),
            "too few octets": dict(skeleton=table + rest[:-1], code="99.0.5.32"),
            "too many octets": dict(skeleton=table + rest + b"x", code="99.0.5.32"),
            "other octets between": dict(skeleton=table + b"x" + rest[1:], code="99.0.5.34"),
            "another leaf": dict(leaves=[wrong], code="99.0.5.34"),
            "a short leaf": dict(leaves=[parts.leaves[0][:-1]], code="99.0.5.35"),
            "a long leaf": dict(leaves=[parts.leaves[0] + b"x"], code="99.0.5.35"),
        }
        for name, case in cases.items():
            with self.subTest(name):
                code = case.pop("code")
                session = self.session()
                message = self.message(harness.sample(body=body))
                self.assertEqual(self.send(session, message, parts, **case)[-1].code, code)
                after = self.transfer(session, message, LEAF, b"", announced=1)
                self.assertEqual(after.code, "99.0.5.22")
        self.carrier.wait_queue(0)
        self.assertEqual(self.carrier.store.messages, [])

    def test_octets_of_a_leaf_that_are_not_its_own(self):
        """Nor is what was sent in its name remembered."""
        parts = Parts(lines(300_000, 6), (1000, 100_000))
        session = self.session()
        content, message = self.made(parts.body)
        self.begin(session, message)
        self.transfer(session, message, SKELETON, parts.skeleton())
        self.assertEqual(self.transfer(session, message, LEAF, lines(100_000, 7)).code, "99.0.5.34")
        message = self.message(content)
        self.assertEqual(self.codes(self.send(session, message, parts)), ["99.0.2.5", "99.0.2.6"])
        self.arrived(content)

    def test_fragments_that_are_more_than_the_object(self):
        """They are refused before they travel."""
        parts = Parts(lines(300_000, 8), (1000, 100_000))
        for type_ in (LEAF, messages.BODY):
            with self.subTest(type_):
                session = self.session()
                _, message = self.made(parts.body)
                self.begin(session, message)
                if type_ == LEAF:
                    self.transfer(session, message, SKELETON, parts.skeleton())
                size = 100_000 if type_ == LEAF else len(message.objects[messages.BODY])
                self.assertEqual(self.transfer(session, message, type_, b"x" * size, 1).code, "99.0.2.5")
                self.assertEqual(self.transfer(session, message, type_, b"y" * size, 0).code, "99.0.5.35")
        self.assertEqual(self.carrier.store.messages, [])

    def test_a_leaf_too_early(self):
        parts = Parts(lines(300_000, 9), (1000, 100_000))
        session = self.session()
        _, message = self.made(parts.body)
        self.begin(session, message)
        self.assertEqual(self.transfer(session, message, LEAF, parts.leaves[0]).code, "99.0.5.22")
        self.assertEqual(self.transfer(session, message, SKELETON, parts.skeleton()).code, "99.0.2.5")
        session.connection.close()  # the leaf never comes
        self.carrier.wait_queue(0)
        self.assertEqual(self.carrier.store.messages, [])

    # --- going on

    def held(self, session, message):
        answer = session.answer(session.request("STAT", message.id))
        self.assertEqual(answer.word, "OK")
        return answer.code, [item.value for item in answer.items() if item.name == "HELD"]

    def break_off(self, message, octets):
        """The body's first octets, and a connection that breaks."""
        session = self.session()
        self.begin(session, message)
        body = message.objects[messages.BODY]
        answer = self.transfer(session, message, messages.BODY, body[:octets], 1)
        self.assertEqual(answer.code, "99.0.2.5")
        session.connection.close()

    def go_on(self, session, message, start, beginning):
        self.begin(session, message)
        rest = message.objects[messages.BODY][start:]
        return self.transfer(session, message, messages.BODY, rest, FROM=f"{start};{digest(beginning)}").code

    def test_a_body_goes_on(self):
        content, message = self.made(lines(500_000, 10))
        body = message.objects[messages.BODY]
        self.assertEqual(self.held(self.session(), message), ("99.0.2.30", []))
        self.break_off(message, 200_000)
        session = self.session()
        self.assertEqual(self.held(session, message), ("99.0.2.30", [f"{digest(body)};200000"]))
        self.assertEqual(self.go_on(session, message, 150_000, body[:150_000]), "99.0.2.6")
        self.arrived(content)
        self.assertEqual(self.held(session, message), ("99.0.2.7", []))

    def test_a_body_goes_on_after_a_crash(self):
        content, message = self.made(lines(500_000, 11))
        body = message.objects[messages.BODY]
        self.break_off(message, 300_000)
        self.carrier.kill()
        self.carrier.start()
        session = self.session()
        self.assertEqual(self.held(session, message)[1], [f"{digest(body)};300000"])
        self.assertEqual(self.go_on(session, message, 300_000, body[:300_000]), "99.0.2.6")
        self.arrived(content)

    def test_nothing_is_glued_wrongly(self):
        for name, start, beginning in (("another beginning", 200_000, b"x" * 200_000),
                                       ("more than there is", 200_001, None)):
            with self.subTest(name):
                self.carrier.store.clear()
                content, message = self.made(lines(500_000, 12))
                body = message.objects[messages.BODY]
                self.break_off(message, 200_000)
                session = self.session()
                self.assertEqual(self.go_on(session, message, start, beginning or body[:start]), "99.0.4.60")
                self.assertEqual(self.held(session, message), ("99.0.2.30", []))
                self.begin(session, message)
                self.assertEqual(self.transfer(session, message, messages.BODY, body).code, "99.0.2.6")
                self.arrived(content)

    def test_a_beginning_that_was_a_lie(self):
        """The octets are those that came, and their digest is right, but the whole is not the body."""
        content, message = self.made(lines(500_000, 13))
        body = message.objects[messages.BODY]
        lie = b"y" * 200_000
        session = self.session()
        self.begin(session, message)
        self.transfer(session, message, messages.BODY, lie, 1)
        session.connection.close()
        session = self.session()
        self.assertEqual(self.go_on(session, message, 200_000, lie), "99.0.4.3")
        self.assertEqual(self.held(session, message), ("99.0.2.30", []))
        self.begin(session, message)
        self.assertEqual(self.transfer(session, message, messages.BODY, body).code, "99.0.2.6")
        self.arrived(content)

    def test_a_second_session_takes_over(self):
        """The first still has permission, and does not know yet that its connection is of no use any more."""
        content, message = self.made(lines(500_000, 14))
        body = message.objects[messages.BODY]
        first = self.session()
        self.begin(first, message)
        self.assertEqual(self.transfer(first, message, messages.BODY, body[:200_000], 1).code, "99.0.2.5")
        second = self.session()
        self.assertEqual(self.held(second, message)[1], [f"{digest(body)};200000"])
        self.assertEqual(self.go_on(second, message, 200_000, body[:200_000]), "99.0.2.6")
        self.assertEqual(self.transfer(first, message, messages.BODY, body[200_000:]).code, "99.0.2.7")
        self.arrived(content)


class Repeats(PeerAndGateway):
    """What a receiver remembers outlives it."""

    def test_a_repeat_is_known_after_a_crash(self):
        message = self.message(recipients=["b@carrier.example", "x@nowhere.example"])
        first, = self.open().send(message)
        self.carrier.kill()
        self.carrier.start()
        again, = self.open(pipelined=True).send(message)
        for outcome in (first, again):
            self.assertTrue(outcome.accepted, outcome)
            self.assertEqual([(number, item.word) for number, item in outcome.recipients.items()], [(2, "ERR")])
        self.assertEqual((first.code, again.code), ("99.0.2.6", "99.0.2.7"))
        self.carrier.wait_queue(0)
        self.assertEqual(len(self.carrier.store.messages), 1)


if __name__ == "__main__":
    harness.main()
