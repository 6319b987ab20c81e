"""Servers that use the extensions wrongly, once or always: the gateway does not believe them, and loses and doubles no mail."""
from unittest import mock

import harness
from harness import sample
from test_conformance_extensions import noise
from test_conformance_extensions_sent import MULTIPART, Sends, mime
from peer import options, server
from peer.lines import Item
from peer.receiver import Receiver


class Wrong(Sends):
    def once(self, method, wrong):
        """Replaces a method of the receiver for its first call that `wrong` takes over: wrong(receiver, argument) is not None."""
        right, done = getattr(Receiver, method), []

        def either(receiver, argument, *more):
            if not done and wrong(receiver, argument) is not None:
                done.append(True)
                return None
            return right(receiver, argument, *more)

        return mock.patch.object(Receiver, method, either), done

    def survives(self, method, wrong, content, *offers):
        """The message comes although a server did this to it first."""
        self.offer(*offers)
        patch, done = self.once(method, wrong)
        with patch:
            self.taken(content)
        self.assertEqual(done, [True], "nothing wrong was done")
        self.carrier.wait_queue(0)
        self.assertEqual(len(self.server.taken), 1)

    @staticmethod
    def answering(type_, word, code):
        """Says this in place of permission for an object of this type."""
        def wrong(receiver, part):
            if part.type != type_:
                return None
            part.state = "receiving"
            receiver.session.say(part.tag, word, code)
            return True
        return wrong

    def test_the_last_leaf_is_said_to_be_there(self):
        """Then nobody has said that the message is his."""
        content = sample("had is not stored", mime((b"one.png", noise(90000, 101))), [MULTIPART])
        self.survives("permit", self.answering("message/leaf", "OK", "99.0.2.7"), content, "PIPE", "SPLIT")

    def test_a_message_is_stored_before_it_came(self):
        content = sample("too early", noise(100000, 102))
        for type_ in ("message/headers", "message/body"):
            with self.subTest(type_):
                self.server.taken.clear()
                self.survives("permit", self.answering(type_, "OK", "99.0.2.6"), content, "PIPE")

    def test_permission_for_what_needs_none(self):
        self.survives("permit", self.answering("message/envelope", "TMP", "99.0.3.5"), sample("permission"), "PIPE", "NOW")

    def test_a_permission_that_nobody_knows(self):
        """No octet is sent on a guess: synchronous mode would read it as a line."""
        for offers in ((), ("PIPE",)):
            for type_, code in (("message/headers", "99.0.3.8"), ("message/body", "99.0.3.99"), ("message/envelope", "99.0.3.2")):
                with self.subTest(code, offers=offers):
                    self.server.taken.clear()
                    self.survives("permit", self.answering(type_, "TMP", code), sample("no permission"), *offers)
                    self.assertGreater(len(self.server.sessions), 1)

    def test_an_answer_to_nothing(self):
        def wrong(receiver, part):
            receiver.session.say(part.tag + 1000, "OK", "99.0.2.6")
            return True
        self.survives("permit", wrong, sample("to nothing"), "PIPE", "NOW")

    def test_chunks_are_refused_as_broken(self):
        """That is a fault of this transfer, not of the message: it is tried again."""
        def wrong(receiver, part):
            return receiver.refuse(part, "99.3.3.0.5.1") or True if part.type == "message/body" else None
        self.survives("take", wrong, sample("broken", b"always the same line\r\n" * 5000), "PIPE", "ZSTD")


class Options(Sends):
    def answering(self, answer):
        return mock.patch.object(server.Session, "on_opt", answer)

    def test_options_that_are_offered_and_refused(self):
        for word, code in (("ERR", "99.0.5.0"), ("ERR", "99.0.5.3"), ("ERR", "99.0.4.7")):
            with self.subTest(code):
                self.server.taken.clear()
                self.offer(*options.TRUSTED)
                with self.answering(lambda session, line: session.say(line.tag, word, code)):
                    self.taken(sample("refused options", noise(100000, 103)))
                self.assertNotIn(b"(NOW)", self.lines("<-"))

    def test_one_of_them_is_refused(self):
        """It is all or nothing."""
        self.offer("PIPE", "NOW", "STAT")

        def refuse_stat(session, line):
            if any(item.name == "STAT" for item in line.items()):
                return session.complain(line.tag, "99.0.5.0", "", [[Item("STAT", word="ERR", code="99.0.5.10", text="No.")]])
            return right(session, line)

        right = server.Session.on_opt
        with self.answering(refuse_stat):
            self.taken(sample("one refused"))

    def test_what_needs_another_that_is_not_offered(self):
        self.offer("NOW", "ZSTD", "SPLIT")
        self.taken(sample("without PIPE"))
        for word in (b"NOW=ON", b"ZSTD=ON", b"(NOW)"):
            self.assertNotIn(word, self.lines("<-"))


if __name__ == "__main__":
    harness.main()
