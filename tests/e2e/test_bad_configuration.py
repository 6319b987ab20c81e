"""A daemon that cannot run says why, in words that help, exits, and has opened no port."""
import os
import re
import socket
import subprocess

import harness
import wire
from harness import ENVIRONMENT, IsthmusTest, PROGRAM, TwoSites, toml_document


class BadConfiguration(IsthmusTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gateway = cls.make_gateway("edge.example")
        cls.gateway.config["route"] = [{"domain": "edge.example", "via": "smtp", "to": "127.0.0.1:2600"}]

    def run_with(self, text):
        """Runs the daemon with this configuration; it must end by itself."""
        with open(self.gateway.file, "w", encoding="utf-8") as file:
            file.write(text)
        result = subprocess.run([PROGRAM, "run", "-c", self.gateway.file], capture_output=True, text=True, timeout=30,
                                env=ENVIRONMENT, stdin=subprocess.DEVNULL, check=False)
        self.assertNotRegex(result.stderr, r"\bready\b")
        for port in (self.gateway.smtp_port, self.gateway.xproto_port, self.gateway.admin_port):
            with self.assertRaises(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
                pass
        return result

    def good(self):
        return toml_document(self.gateway.config)

    def assert_refused(self, text, key, *said):
        """Exit 78, and a message that names file, line and key."""
        result = self.run_with(text)
        self.assertEqual(result.returncode, 78, result.stderr)
        leaf = key.split(".")[-1]
        line = max(number for number, content in enumerate(text.splitlines(), 1) if content.startswith(leaf + " ="))
        place = re.search(r"isthmus\.toml:(\d+)", result.stderr)
        self.assertIsNotNone(place, result.stderr)
        self.assertEqual(int(place.group(1)), line, result.stderr)
        self.assertIn(key, result.stderr)
        for word in said:
            self.assertIn(word, result.stderr)
        checked = harness.isthmus("check", "-c", self.gateway.file, check=False)
        self.assertEqual(checked.returncode, 78, checked.stderr)
        self.assertIn(key, checked.stdout + checked.stderr)

    def test_unknown_keys_name_the_nearest_known_one(self):
        self.assert_refused(self.good().replace("[smtp]\nlisten", "[smtp]\nlisen"), "smtp.lisen", "listen")

    def test_values_of_the_wrong_kind(self):
        self.assert_refused(self.good().replace('expire = "1h"', 'expire = "soon"'), "queue.expire", "soon")
        self.assert_refused(self.good().replace('expire = "1h"', "expire = [1]"), "queue.expire")

    def test_routes_that_lead_nowhere(self):
        self.assert_refused(self.good().replace('via = "smtp"', 'via = "pigeon"'), "via", "pigeon")
        self.assert_refused(self.good().replace('to = "127.0.0.1:2600"', 'to = "127.0.0.1:99999"'), "to", "99999")

    def test_text_that_is_no_toml(self):
        result = self.run_with(self.good() + "\n[smtp\n")
        self.assertEqual(result.returncode, 78)
        self.assertRegex(result.stderr, r"isthmus\.toml:\d+")

    def test_a_missing_file(self):
        result = harness.isthmus("run", "-c", self.folder + "/no-such.toml", check=False)
        self.assertEqual(result.returncode, 78)
        self.assertIn("no-such.toml", result.stderr)

    def test_everything_wrong_is_told_at_once(self):
        text = self.good().replace('expire = "1h"', 'expire = "soon"').replace("[smtp]\nlisten", "[smtp]\nlisen")
        result = self.run_with(text)
        self.assertIn("smtp.lisen", result.stderr)
        self.assertIn("queue.expire", result.stderr)

    def test_a_certificate_that_is_none(self):
        bad = os.path.join(self.folder, "bad.pem")
        with open(bad, "w", encoding="ascii") as file:
            file.write("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n")
        self.assert_refused(self.good() + f'\n[[peer]]\nhost = "mx1.x.example"\nca = "{bad}"\n', "ca", "bad.pem")

    def test_a_ca_file_that_is_missing(self):
        self.assert_refused(self.good() + '\n[[peer]]\nhost = "mx1.x.example"\nca = "nowhere.pem"\n', "ca", "nowhere.pem")


class CannotStart(IsthmusTest):
    def run_once(self, gateway):
        gateway.write_config()
        return subprocess.run([PROGRAM, "run", "-c", gateway.file], capture_output=True, text=True, timeout=30,
                              env=ENVIRONMENT, stdin=subprocess.DEVNULL, check=False)

    def test_a_port_in_use(self):
        gateway = self.make_gateway("one.example")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            gateway.config["smtp"]["listen"] = [f"127.0.0.1:{port}"]
            result = self.run_once(gateway)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(f"127.0.0.1:{port}", result.stderr)
        self.assertIn("in use", result.stderr)
        self.assertNotRegex(result.stderr, r"\bready\b")

    def test_a_state_folder_that_cannot_be_written(self):
        gateway = self.make_gateway("two.example")
        blocked = os.path.join(self.folder, "a-file")
        with open(blocked, "w", encoding="ascii") as file:
            file.write("not a folder")
        gateway.config["state"] = blocked
        gateway.config["admin"]["socket"] = os.path.join(self.folder, "two.sock")
        result = self.run_once(gateway)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("a-file", result.stderr)
        self.assertNotRegex(result.stderr, r"\bready\b")

    def test_a_second_daemon_on_the_same_state(self):
        gateway = self.make_gateway("three.example")
        gateway.start()
        first = dict(gateway.config["smtp"]), dict(gateway.config["xproto"]), dict(gateway.config["admin"])
        gateway.config["smtp"] = {"listen": [f"127.0.0.1:{wire.reserve_port()}"]}
        gateway.config["xproto"] = {"listen": [f"127.0.0.1:{wire.reserve_port()}"]}
        gateway.config["admin"]["listen"] = [f"127.0.0.1:{wire.reserve_port()}"]
        result = self.run_once(gateway)
        gateway.config["smtp"], gateway.config["xproto"], gateway.config["admin"] = first
        gateway.write_config()
        self.assertNotEqual(result.returncode, 0)
        self.assertNotRegex(result.stderr, r"\bready\b")
        self.assertEqual(gateway.json("status")["pid"], gateway.process.pid)


class UntrustedPeers(TwoSites):
    @classmethod
    def configure(cls):
        stranger = os.path.join(cls.folder, "stranger")
        harness.isthmus("init", stranger, "--site", "stranger.example")
        cls.carrier.config["peer"][0]["ca"] = os.path.join(stranger, "ca.pem")  # not the one that certified edge

    def test_a_peer_that_cannot_prove_itself_gets_nothing_in(self):
        from client import Client
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], harness.sample())
        self.edge.wait_log(r"mx1\.carrier\.example|carrier")
        harness.wait_for(lambda: "attempts" in str(self.edge.queue()) and self.edge.queue()[0]["recipients"][0]["attempts"] > 0,
                         20, "a first attempt")
        self.assertEqual(self.carrier.store.messages, [])
        self.assertEqual(len(self.edge.queue()), 1)


if __name__ == "__main__":
    harness.main()
