"""What an operator's tools see: status, health and metrics tell the truth about addresses, mail and trouble."""
import socket

import harness
from client import Client
from harness import IsthmusTest, TwoSites, isthmus, sample, wait_for


class Monitoring(TwoSites):
    def test_health_and_metrics_over_http(self):
        status, body = self.edge.get("/health")
        self.assertEqual(status, 200, body)
        before = self.edge.metrics()
        with Client(self.edge.smtp_port) as client:
            for _ in range(5):
                client.deliver("a@edge.example", ["b@carrier.example"], sample())
        self.carrier.store.wait(5)
        self.edge.wait_queue(0)
        after = self.edge.metrics()
        grown = {name: after[name] - before.get(name, 0) for name in after}
        self.assertTrue(any("accepted" in name and value == 5 for name, value in grown.items()), grown)
        self.assertTrue(any("delivered" in name and value == 5 for name, value in grown.items()), grown)
        self.assertTrue(all(name.startswith("isthmus_") for name in after), sorted(after))

    def test_status(self):
        status = self.edge.json("status")
        self.assertEqual((status["site"], status["host"]), ("edge.example", "mx1.edge.example"))
        self.assertEqual(status["pid"], self.edge.process.pid)
        self.assertEqual(status["addresses"]["smtp"], [f"127.0.0.1:{self.edge.smtp_port}"])
        self.assertEqual(status["addresses"]["xproto"], [f"127.0.0.1:{self.edge.xproto_port}"])
        self.assertGreaterEqual(status["uptime"], 0)
        self.assertRegex(status["version"], r"^\d+\.\d+\.\d+$")
        text = self.edge.cli("status").stdout
        self.assertIn("edge.example", text)
        self.assertIn(str(self.edge.smtp_port), text)

    def test_the_tcp_listener_only_looks(self):
        status, _ = self.edge.get("/status")
        self.assertEqual(status, 200)
        for path in ("/queue", "/queue/1", "/reload", "/"):
            self.assertIn(self.edge.get(path)[0], (403, 404, 405), path)

    def test_one_id_from_accept_to_delivery(self):
        """A person can grep one message's whole life."""
        with Client(self.edge.smtp_port) as client:
            answer = client.deliver("a@edge.example", ["b@carrier.example"], sample())
        self.carrier.store.wait(1)
        self.edge.wait_queue(0)

        def life():
            ids = [word for word in answer.text.replace("=", " ").split() if f"id={word}" in self.edge.log()]
            lines = [line for line in self.edge.log().splitlines() if ids and f"id={ids[0]}" in line]
            return lines if len(lines) >= 2 and any("b@carrier.example" in line for line in lines) else None
        wait_for(life, 10, f"log lines with the id that the reply named ({answer!r})")


class NobodyThere(IsthmusTest):
    def test_commands_say_that_the_daemon_is_away(self):
        gateway = self.make_gateway("edge.example")
        gateway.write_config()
        for command in ("status", "queue list"):
            with self.subTest(command):
                result = gateway.cli(command, check=False)
                self.assertEqual(result.returncode, 3, result.stderr)
                self.assertIn("admin.sock", result.stderr)


class PortZero(IsthmusTest):
    def test_the_kernel_chooses_and_status_tells(self):
        gateway = self.make_gateway("edge.example")
        for section in ("smtp", "xproto", "admin"):
            gateway.config[section]["listen"] = ["127.0.0.1:0"]
        gateway.start()
        addresses = gateway.json("status")["addresses"]
        for section in ("smtp", "xproto", "admin"):
            host, _, port = addresses[section][-1].rpartition(":")
            self.assertEqual(host, "127.0.0.1")
            socket.create_connection((host, int(port)), timeout=10).close()


class AsInstalled(IsthmusTest):
    def test_what_init_makes_is_ready_to_run(self):
        folder = self.folder + "/fresh"
        made = isthmus("init", folder, "--site", "fresh.example")
        self.assertIn("ca", made.stdout.lower())
        checked = isthmus("check", "-c", folder + "/isthmus.toml")
        self.assertEqual(checked.returncode, 0)
        again = isthmus("init", folder, "--site", "fresh.example", check=False)
        self.assertNotEqual(again.returncode, 0, "init must not replace a site's keys")

    def test_every_command_has_help_with_an_example(self):
        for command in ("init", "check", "run", "status", "queue", "queue list", "queue show", "queue retry", "queue delete",
                        "map", "map to-xproto", "map to-smtp", "map verify", "trace", "trace show", "trace verify"):
            with self.subTest(command):
                text = isthmus(*command.split(), "--help").stdout
                self.assertIn("isthmus " + command.split()[0], text)
        self.assertRegex(isthmus("--version").stdout, r"\d+\.\d+\.\d+")

    def test_usage_errors_exit_with_2(self):
        for arguments in (["nonsense"], ["queue", "list", "--nonsense"], []):
            with self.subTest(arguments=arguments):
                result = isthmus(*arguments, check=False)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertNotEqual(result.stderr + result.stdout, "")


if __name__ == "__main__":
    harness.main()
