"""Split bodies and transfers that go on, used wrongly: the codes of docs/xproto.md, and no mail is lost or damaged."""
import time

import harness
from harness import sample, wait_for
from test_conformance_extensions import noise
from test_conformance_misuse import BODY, ENVELOPE, HEADERS, LEAF, SKELETON, Misuse
from peer import skeletons
from peer.envelopes import digest
from peer.plans import Plan

MODES = ((), ("PIPE",))


class Split(Misuse):
    RANGES = [(7, 90000), (90010, 80000)]

    def split(self, session, table=None):
        """A message of which everything is there up to the skeleton: (message, its leaves' octets)."""
        body = noise(180000, time.monotonic_ns())
        message = self.begun(session, body)
        skeleton, leaves = skeletons.cut(body, self.RANGES)
        if table is None:
            self.give(session, message, SKELETON, octets=skeletons.write(skeleton))
            return message, leaves
        return message, table(skeletons.write(skeleton), skeleton)

    def test_tables(self):
        def leaf_line(place, octets):
            return b"leaf %d %d %s\n" % (place, octets, digest(b"x").encode())

        def table(skeleton, *lines, rest=b""):
            return b"xproto-skeleton-v1\nbody %d %s\n" % (skeleton.octets, skeleton.digest.encode()) + b"".join(lines) + b"\n" + rest

        form, other, limit = "99.0.5.32", "99.0.5.34", "99.0.5.33"
        cases = (
            ("another version", form, lambda o, s: o.replace(b"-v1\n", b"-v2\n")), ("CR LF", form, lambda o, s: o.replace(b"v1\n", b"v1\r\n")),
            ("nothing", form, lambda o, s: b""), ("no end", form, lambda o, s: skeletons.table(s)[:-1]),
            ("two spaces", form, lambda o, s: o.replace(b"body ", b"body  ")),
            ("a second spelling", form, lambda o, s: o.replace(b"leaf 7 ", b"leaf 07 ")),
            ("leaves that overlap", form, lambda o, s: table(s, leaf_line(0, 10), leaf_line(9, 10), rest=b"x" * (s.octets - 20))),
            ("leaves that descend", form, lambda o, s: table(s, leaf_line(20, 10), leaf_line(5, 10), rest=b"x" * (s.octets - 20))),
            ("an empty leaf", form, lambda o, s: table(s, leaf_line(0, 0), rest=b"x" * s.octets)),
            ("a leaf outside", form, lambda o, s: table(s, leaf_line(s.octets - 5, 6), rest=b"x" * (s.octets - 6))),
            ("too little behind it", form, lambda o, s: o[:-1]), ("too much behind it", form, lambda o, s: o + b"x"),
            ("another size", other, lambda o, s: o.replace(b"body %d " % s.octets, b"body %d " % (s.octets + 1)) + b"x"),
            ("another body", other, lambda o, s: o.replace(s.digest.encode(), digest(b"x").encode())),
            ("too many leaves", limit, lambda o, s: table(s, *(leaf_line(i, 1) for i in range(257)), rest=b"x" * (s.octets - 257))),
        )
        for names in MODES:
            session = self.session(*names, "SPLIT")
            for name, code, change in cases:
                with self.subTest(name, names=names):
                    message, octets = self.split(session, change)
                    self.give(session, message, SKELETON, code, octets)

    def test_a_skeleton_larger_than_there_can_be(self):
        session = self.session("PIPE", "SPLIT")
        for octets, code in ((session.limits["BODY"] + 65537, "99.0.5.20"), (1000 + 65537, "99.0.5.35")):
            message = self.begun(session)
            self.answered(session, self.say(session, f"XFER {message.id} {SKELETON} {{{octets}}} {{0}}"), code)

    def test_out_of_turn(self):
        for names in MODES:
            with self.subTest(names):
                session = self.session(*names, "SPLIT")
                message = self.begun(session)
                self.answered(session, self.say(session, f"XFER {message.id} {LEAF} {{90000}} {{0}}"), "99.0.5.22")
                self.give(session, message, BODY, "99.0.2.6")
                message, leaves = self.split(session)
                self.answered(session, self.xfer(session, message, BODY), "99.0.5.24")
                self.answered(session, self.say(session, f"XFER {message.id} {SKELETON} {{5}} {{0}}"), "99.0.5.24")
                self.give(session, message, LEAF, octets=leaves[0])
                self.answered(session, self.say(session, f"XFER {message.id} {LEAF} {{90000}} {{0}}"), "99.0.5.35")
                self.answered(session, self.say(session, f"XFER {message.id} {LEAF} {{80000}} {{0}}"), "99.0.5.22")

    def test_another_leaf_while_one_is_under_way(self):
        session = self.session("PIPE", "SPLIT")
        message, leaves = self.split(session)
        first = self.say(session, f"XFER {message.id} {LEAF} {{90000}} {{0}}")
        self.answered(session, first, "99.0.3.8")
        self.answered(session, self.say(session, f"XFER {message.id} {LEAF} {{80000}} {{0}}"), "99.0.5.24")
        self.put(session, first, leaves[0])
        self.answered(session, first, "99.0.2.5")
        self.give(session, message, LEAF, "99.0.2.6", leaves[1])

    def test_other_octets(self):
        for names in MODES:
            session = self.session(*names, "SPLIT")
            for name, how, code in (("another digest", {"groups": f" (DIGEST={digest(b'x')})"}, "99.0.5.34"),
                                    ("another size", {"octets": 90001}, "99.0.5.35"),
                                    ("a fragment that is too large", {"octets": 90001, "pending": 1}, "99.0.5.35")):
                with self.subTest(name, names=names):
                    message, leaves = self.split(session)
                    self.answered(session, self.xfer(session, message, LEAF, **{"octets": 90000, **how}), code)
            with self.subTest("octets that are others", names=names):
                message, leaves = self.split(session)
                self.give(session, message, LEAF, "99.0.5.34", b"z" * 90000)
            with self.subTest("fragments that make another size", names=names):
                message, leaves = self.split(session)
                self.give(session, message, LEAF, octets=leaves[0][:300], pending=1)
                self.answered(session, self.xfer(session, message, LEAF, 89701), "99.0.5.35")

    def test_wrong_octets_beside_the_leaves(self):
        """Nothing tells before the whole body is together."""
        session = self.session("PIPE", "SPLIT")
        message, octets = self.split(session, lambda o, s: o[:-1] + b"?")
        self.give(session, message, SKELETON, octets=octets)
        body = message.objects[BODY]
        leaves = [body[place:place + octets] for place, octets in self.RANGES]
        self.give(session, message, LEAF, octets=leaves[0])
        self.give(session, message, LEAF, "99.0.5.34", leaves[1])
        self.assertEqual(self.carrier.store.messages, [])

    def test_a_leaf_that_somebody_else_sent_is_asked_for(self):
        """What came in a body that was whole, or as part of another leaf, has not come as this leaf."""
        leaf = noise(90000, 4711)
        content = sample("whole", leaf)
        session = self.session("PIPE", "SPLIT")
        self.accepted(session.send(self.message(content))[0])
        outcome, = session.send(Plan(self.message(sample("split", leaf + b"end\r\n")), leaves=[(0, len(leaf))]))
        self.accepted(outcome)
        self.assertNotIn("99.0.2.7", [line.code for _, line in outcome.answers])

    def test_the_same_message_in_two_sessions(self):
        for split in (False, True):
            with self.subTest(split=split):
                self.carrier.store.clear()
                content = sample("twice", noise(200000, 60 + split))
                message = self.message(content)
                body = message.objects[BODY]
                last, octets = (LEAF, body[5:-5]) if split else (BODY, body)
                sessions = [self.session("PIPE", "SPLIT") for _ in range(2)]
                tags = []
                for session in sessions:
                    self.give(session, message, ENVELOPE)
                    self.give(session, message, HEADERS)
                    if split:
                        self.give(session, message, SKELETON, octets=skeletons.write(skeletons.cut(body, [(5, len(octets))])[0]))
                    tags.append(self.xfer(session, message, last, len(octets)))
                    self.answered(session, tags[-1], "99.0.3.8")
                for session, tag, code in zip(sessions, tags, ("99.0.2.6", "99.0.2.6" if split else "99.0.2.7")):
                    self.put(session, tag, octets)
                    self.answered(session, tag, code)
                self.arrived(content)
                self.carrier.wait_queue(0)
                self.assertEqual(len(self.carrier.store.messages), 1)


class GoingOn(Misuse):
    BODY_OCTETS = 1200000

    def held(self, session, octets=500000):
        """A message of which the gateway holds the beginning of the body. Another session began it, and is gone."""
        body = noise(self.BODY_OCTETS, time.monotonic_ns())
        earlier = self.session("PIPE", "STAT")
        message = self.begun(earlier, body)
        self.answered(earlier, self.xfer(earlier, message, BODY), "99.0.3.8")
        self.put(earlier, earlier.tag, message.objects[BODY][:octets])
        earlier.connection.flush()
        wait_for(lambda: list(session.stat(message.id)[1].values()) == [octets], seconds=5, what="octets held")
        earlier.connection.close()
        self.give(session, message, ENVELOPE)
        self.give(session, message, HEADERS)
        return message

    def go_on(self, session, message, at, named=None, octets=None):
        body = message.objects[BODY]
        groups = f" (FROM={at};{named or digest(body[:at])})"
        return self.xfer(session, message, BODY, len(body) - at if octets is None else octets, groups=groups)

    def test_what_is_not_here(self):
        for names in MODES:
            session = self.session(*names, "STAT")
            for name, at, named in (("others", 5000, digest(b"x")), ("more", 900000, None)):
                with self.subTest(name, names=names):
                    message = self.held(session)
                    self.answered(session, self.go_on(session, message, at, named), "99.0.4.60")
                    self.assertEqual(session.stat(message.id), (False, {}))
                    self.accepted(session.send(message)[0])

    def test_sizes_that_do_not_fit(self):
        session = self.session("PIPE", "STAT")
        for name, at, octets in (("too many", 5000, None), ("too few", 5000, 5), ("beyond the end", 3000000, 0)):
            with self.subTest(name):
                message = self.held(session)
                octets = len(message.objects[BODY]) if octets is None else octets
                self.answered(session, self.go_on(session, message, at, digest(b"x"), octets), "99.0.5.35")
                self.accepted(session.send(message)[0])

    def test_everything_is_here_but_a_little(self):
        for names in MODES:
            with self.subTest(names):
                self.carrier.store.clear()
                session = self.session(*names, "STAT")
                message = self.held(session, self.BODY_OCTETS // 72 * 72 - 1)
                at = len(message.objects[BODY]) - 1
                tag = self.go_on(session, message, at)
                self.answered(session, tag, "99.0.3.8")
                self.put(session, tag, message.objects[BODY][at:])
                self.answered(session, tag, "99.0.2.6")
                kept, = self.carrier.store.wait(1)
                self.assertTrue(kept.content.endswith(message.objects[BODY]))

    def test_not_at_a_later_fragment(self):
        session = self.session("PIPE", "STAT")
        message = self.held(session)
        body = message.objects[BODY]
        self.give(session, message, BODY, octets=body[:500000], pending=1)
        self.answered(session, self.go_on(session, message, 500000), "99.0.5.25")

    def test_what_was_given_up_is_still_of_use(self):
        session = self.session("PIPE", "STAT")
        message = self.begun(session, noise(self.BODY_OCTETS, 5))
        tag = self.xfer(session, message, BODY)
        self.answered(session, tag, "99.0.3.8")
        self.put(session, tag, message.objects[BODY][:300000])
        self.answered(session, self.say(session, f"ABOR={tag}"), "108.0.2.1")
        self.answered(session, tag, "99.0.5.23")
        self.assertEqual(session.stat(message.id), (False, {digest(message.objects[BODY]): 300000}))

    def test_the_earlier_session_is_alive(self):
        """Another takes over what is held; both go on, and the message comes once."""
        self.carrier.store.clear()
        earlier, later = self.session("PIPE", "STAT"), self.session("PIPE", "STAT")
        message = self.begun(earlier, noise(self.BODY_OCTETS, 6))
        body = message.objects[BODY]
        first = self.xfer(earlier, message, BODY)
        self.answered(earlier, first, "99.0.3.8")
        self.put(earlier, first, body[:500000])
        wait_for(lambda: later.stat(message.id)[1], seconds=5, what="octets held")
        self.give(later, message, ENVELOPE)
        self.give(later, message, HEADERS)
        second = self.go_on(later, message, 400000)
        self.answered(later, second, "99.0.3.8")
        self.put(earlier, first, body[500000:])
        self.answered(earlier, first, "99.0.2.6")
        self.put(later, second, body[400000:])
        self.answered(later, second, "99.0.2.7")
        self.carrier.wait_queue(0)
        self.assertEqual(len(self.carrier.store.messages), 1)

    def test_stat(self):
        session = self.session("STAT")
        for parameters, code in (("", "99.0.5.4"), (" a b", "99.0.5.4"), (" {5}", "99.0.5.4"), (' "a"', "99.0.5.4"),
                                 (" " + "x" * 256, "99.0.5.4"), (" a (X)", "99.0.5.0"), ("=a", "99.0.2.30"), (" " + "x" * 255, "99.0.2.30")):
            with self.subTest(parameters):
                self.answered(session, self.say(session, "STAT" + parameters), code)

    def test_octets_that_rotted(self):
        """What is held is compared before it is used."""
        session = self.session("PIPE", "STAT")
        message = self.held(session)
        self.carrier.damage_held("part-")
        self.answered(session, self.go_on(session, message, 400000), "99.0.4.60")
        self.accepted(session.send(message)[0])


if __name__ == "__main__":
    harness.main()
