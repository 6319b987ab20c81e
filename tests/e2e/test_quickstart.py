"""examples/quickstart shows what the README says it shows, to its end, and leaves nothing behind."""
import os
import subprocess
import tempfile
import unittest

import harness

QUICKSTART = os.path.join(harness.ROOT, "examples", "quickstart")


class Quickstart(unittest.TestCase):
    def test_it_shows_mail_both_ways_and_cleans_up(self):
        with tempfile.TemporaryDirectory() as folder:
            result = subprocess.run([QUICKSTART], capture_output=True, text=True, timeout=150, stdin=subprocess.DEVNULL,
                                    env={**harness.ENVIRONMENT, "ISTHMUS_BIN": harness.PROGRAM, "TMPDIR": folder}, check=False)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertEqual(result.stdout.count("the octets are identical"), 3, result.stdout)
            self.assertNotIn("\x1b", result.stdout)
            self.assertEqual(os.listdir(folder), [])

    def test_it_refuses_what_it_does_not_know(self):
        result = subprocess.run([QUICKSTART, "--nonsense"], capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("--keep", result.stdout)


if __name__ == "__main__":
    harness.main()
