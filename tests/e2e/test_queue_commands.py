"""A person can see what waits, look into it, hurry it and take it away."""
import os
import subprocess

import harness
import wire
from client import Client
from harness import TwoSites, sample


class QueueCommands(TwoSites):
    @classmethod
    def configure(cls):
        cls.carrier.config["queue"]["retry"] = ["1h"]  # so that only a command makes it go

    def setUp(self):
        super().setUp()
        self.carrier.store.script = lambda verb, argument: "450 4.2.1 not now" if verb == "RCPT" else None
        self.content = sample("held", b"held body\r\n")
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example", "c@carrier.example"], self.content)
        self.message, = self.carrier.wait_queue(1)
        harness.wait_for(lambda: all(recipient["attempts"] > 0 for recipient in self.carrier.queue()[0]["recipients"]), 20,
                         "a first attempt")
        self.addCleanup(self.carrier.cli, "queue delete", "--all", check=False)

    def test_list_tells_who_and_why(self):
        message, = self.carrier.queue()
        self.assertEqual(message["sender"], "a@edge.example")
        self.assertEqual([recipient["address"] for recipient in message["recipients"]],
                         ["b@carrier.example", "c@carrier.example"])
        for recipient in message["recipients"]:
            self.assertEqual((recipient["last_code"], recipient["last_text"]), ("4.2.1", "not now"))
        text = self.carrier.cli("queue list").stdout
        for word in (message["id"], "a@edge.example", "b@carrier.example"):
            self.assertIn(word, text)

    def test_show_writes_the_three_objects(self):
        folder = os.path.join(self.folder, "shown")
        self.carrier.cli("queue show", self.message["id"], "-o", folder)
        self.assertEqual(sorted(os.listdir(folder)), ["body", "envelope.xml", "headers.xml"])
        with open(os.path.join(folder, "body"), "rb") as file:
            self.assertTrue(self.content.endswith(file.read()))
        for name in ("envelope.xml", "headers.xml"):
            subprocess.run(["xmllint", "--noout", os.path.join(folder, name)], check=True, capture_output=True)
        back = os.path.join(self.folder, "back.eml")
        harness.isthmus("map", "to-smtp", folder, "-o", back)
        with open(back, "rb") as file:
            wire.split_trace(file.read(), self.content)

    def test_the_trace_verifies_until_someone_touches_it(self):
        folder = os.path.join(self.folder, "traced")
        self.carrier.cli("queue show", self.message["id"], "-o", folder)
        cas = ["--ca", self.edge.ca, "--ca", self.carrier.ca]
        verified = harness.isthmus("trace", "verify", folder, *cas)
        self.assertIn("mx1.edge.example", verified.stdout)
        stranger = harness.isthmus("trace", "verify", folder, "--ca", self.carrier.ca, check=False)
        self.assertEqual(stranger.returncode, 1, "a hop by an unknown CA must not pass")
        for name in ("body", "headers.xml", "envelope.xml"):
            with self.subTest(name):
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    octets = file.read()
                self.assertIn(b"held" if name != "envelope.xml" else b"a@edge.example", octets)
                with open(path, "wb") as file:
                    file.write(octets.replace(b"held", b"hold").replace(b"a@edge.example", b"z@edge.example"))
                tampered = harness.isthmus("trace", "verify", folder, *cas, check=False)
                self.assertEqual(tampered.returncode, 1, tampered.stdout)
                with open(path, "wb") as file:
                    file.write(octets)

    def test_retry_makes_it_go(self):
        self.carrier.store.script = None
        self.carrier.cli("queue retry", self.message["id"])
        self.assert_octets(self.carrier.store.wait(1)[0], self.content)
        self.carrier.wait_queue(0)

    def test_delete_takes_it_away(self):
        self.carrier.cli("queue delete", self.message["id"])
        self.carrier.wait_queue(0)
        gone = self.carrier.cli("queue show", self.message["id"], check=False)
        self.assertEqual(gone.returncode, 1)
        self.carrier.store.script = None
        self.carrier.cli("queue retry", "--all", check=False)
        with Client(self.edge.smtp_port) as client:
            client.deliver("last@edge.example", ["b@carrier.example"], sample())
        self.carrier.store.wait_for(lambda message: message.sender == "last@edge.example")
        self.assertEqual(len(self.carrier.store.messages), 1)
        self.assertEqual(self.edge.store.messages, [])

    def test_what_is_not_there_is_said_so(self):
        for command in ("queue show", "queue retry", "queue delete"):
            with self.subTest(command):
                self.assertEqual(self.carrier.cli(command, "no-such-id", check=False).returncode, 1)


class StoreAway(TwoSites):
    @classmethod
    def configure(cls):
        cls.carrier.config["queue"]["retry"] = ["1h"]

    def test_retry_does_not_wait_for_an_unreachable_hop_to_become_due(self):
        self.carrier.store.close()
        contents = [sample("first"), sample("second")]
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], contents[0])
            harness.wait_for(lambda: [m for m in self.carrier.queue() if m["recipients"][0]["attempts"]], 20, "a first attempt")
            client.deliver("a@edge.example", ["b@carrier.example"], contents[1])
        self.carrier.wait_queue(2)
        self.carrier.store.open()
        self.carrier.cli("queue retry", "--all")
        arrived = [message.content for message in self.carrier.store.wait(2)]
        for content in contents:
            self.assertEqual(sum(octets.endswith(content) for octets in arrived), 1)


if __name__ == "__main__":
    harness.main()
