"""The vectors that every implementation of xproto is held against say what the second implementation reads; the C++ side is
held against them by tests/unit/xproto/conformance_*_test.cpp."""
import unittest

import conformance_peer  # noqa: F401  (where `make`, `check` and `peer` are found)
import check
from make import files, lines, objects


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


if __name__ == "__main__":
    unittest.main(verbosity=2)
