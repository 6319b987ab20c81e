"""The vectors that every implementation of xproto is held against say what the second implementation reads; the C++ side is
held against them by tests/unit/xproto/conformance_*_test.cpp."""
import glob
import os
import unittest

import harness
import conformance_peer  # noqa: F401  (where `make`, `check` and `peer` are found)
import check
from make import files, lines, objects
from peer import envelopes, messages
from peer.tools import read


class Vectors(unittest.TestCase):
    def test_the_second_implementation_agrees_with_each(self):
        self.assertEqual(list(check.faults()), [])

    def test_they_are_what_their_cases_say(self):
        self.assertEqual(files.load("lines"), lines.vectors())
        self.assertEqual(files.load("objects"), objects.vectors())

    def test_there_are_both_kinds_of_each(self):
        for name, good, bad in (("lines", "request", "refused"), ("objects", "value", "refused"),
                                ("signatures", "signed", "broken")):
            vectors = files.load(name)
            self.assertGreater(sum(good in vector for vector in vectors), 10, name)
            self.assertGreater(sum(bad in vector for vector in vectors), 10, name)

    def test_the_mapping_s_objects_mean_the_messages_they_were_made_from(self):
        """The objects of the golden tests, read by the second implementation, give back the mail octet for octet."""
        mails = glob.glob(os.path.join(harness.ROOT, "tests", "golden", "*", "*.eml"))
        self.assertGreater(len(mails), 10)
        for mail in mails:
            with self.subTest(os.path.relpath(mail, harness.ROOT)):
                content, stem = read(mail), mail.removesuffix(".eml")
                message = messages.Message("", {messages.ENVELOPE: read(stem + ".envelope.xml"),
                                                messages.HEADERS: read(stem + ".headers.xml"), messages.BODY: b""})
                header = message.content()
                self.assertEqual(content[:len(header)], header)
                message.objects[messages.BODY] = content[len(header):]
                announced = {one.type.decode(): one.digest for one in message.envelope.objects}
                self.assertEqual(announced[messages.BODY], envelopes.digest(content[len(header):]))
                self.assertIsNone(message.object_fault())


if __name__ == "__main__":
    unittest.main(verbosity=2)
