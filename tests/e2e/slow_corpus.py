"""Every message of a folder of real mail crosses octet for octet. ISTHMUS_TESTMAIL names the folder; without it, nothing
is tested. The messages themselves are not part of the project: use any collection, the wilder the better."""
import os
import re
import unittest

import harness
from client import Client
from harness import TwoSites, isthmus

FOLDER = os.environ.get("ISTHMUS_TESTMAIL", "")
MOST_HOPS = 64  # limits.hops
ENDINGS = (".eml", ".msg", ".txt", ".mail")


def messages():
    """(path, content with CR LF line ends) of every message below the folder."""
    for where, _, leaves in sorted(os.walk(FOLDER)):
        for leaf in sorted(leaves):
            if leaf.endswith(ENDINGS):
                with open(os.path.join(where, leaf), "rb") as file:
                    content = re.sub(rb"\r\n|\r|\n", b"\r\n", file.read())
                yield os.path.join(where, leaf), content if content.endswith(b"\r\n") else content + b"\r\n"


@unittest.skipUnless(FOLDER, "ISTHMUS_TESTMAIL names no folder")
class Corpus(TwoSites):
    def test_every_message_crosses(self):
        count = 0
        with Client(self.edge.smtp_port, patience=60) as client:
            for path, content in messages():
                count += 1
                with self.subTest(path):
                    client.envelope("a@edge.example", ["b@carrier.example"], "BODY=8BITMIME")
                    answer = client.bdat(content, [])
                    if len(re.findall(rb"(?mi)^Received:", content)) > MOST_HOPS and answer.code != 250:
                        self.assertTrue(answer.text.startswith("5.4.6 "), answer)  # a loop, as far as anybody can tell
                        continue
                    self.assertEqual(answer.code, 250, answer)
                    self.assert_octets(self.carrier.store.wait(1)[0], content)
                    self.carrier.store.clear()
        self.assertGreater(count, 0, f"no messages below {FOLDER}")
        print(f"{count} messages", flush=True)

    def test_the_mapping_holds_its_law_on_the_files_as_they_are(self):
        result = isthmus("map", "verify", FOLDER, seconds=600)
        print(result.stdout.splitlines()[-1], flush=True)


if __name__ == "__main__":
    harness.main()
