"""Mail that swaks and Postfix's smtp-source send crosses octet for octet. A tap tells what they really sent."""
import os
import subprocess

import harness
from client import Client, Tap
from harness import TwoSites, sample, wait_for


def run(*command, seconds=60):
    result = subprocess.run(command, capture_output=True, text=True, timeout=seconds, stdin=subprocess.DEVNULL, check=False)
    if result.returncode != 0:
        raise AssertionError(f"{command[0]}: exit {result.returncode}\n{result.stdout[-3000:]}{result.stderr[-3000:]}")
    return result


class StockClients(TwoSites):
    def tapped(self, gateway):
        tap = Tap(gateway.smtp_port)
        self.addCleanup(tap.close)
        return tap

    def assert_all_crossed(self, tap, store, count):
        arrived = store.wait(count, 60)
        sent = wait_for(lambda: len(tap.contents()) == count and tap.contents(), 5, "what the client sent")
        self.assertEqual(len(arrived), count)
        for content in sent:  # each has a message-id of its own
            self.assertEqual(sum(message.content.endswith(content) for message in arrived), 1)
        for message in arrived:
            self.assert_octets(message, next(content for content in sent if message.content.endswith(content)))

    def test_swaks(self):
        for here, there in ((self.edge, self.carrier), (self.carrier, self.edge)):
            with self.subTest(here=here.site):
                tap = self.tapped(here)
                run("swaks", "--server", "127.0.0.1", "--port", str(tap.port), "--from", f"a@{here.site}",
                    "--to", f"b@{there.site},c@{there.site}", "--ehlo", "client.example",
                    "--header", "Subject: by swaks", "--body", "first\n.dot\n..dots\nlast",
                    "--attach", f"@{os.path.abspath(__file__)}")
                self.assert_all_crossed(tap, there.store, 1)
                self.assertEqual(there.store.messages[0].addresses, [f"b@{there.site}", f"c@{there.site}"])

    def test_swaks_with_starttls(self):
        run("swaks", "--server", "127.0.0.1", "--port", str(self.edge.smtp_port), "--from", "a@edge.example",
            "--to", "b@carrier.example", "--ehlo", "client.example", "-tls")
        self.assertIn(b"ESMTPS", self.carrier.store.wait(1)[0].content)

    def test_smtp_source(self):
        count = 100
        for here, there in ((self.edge, self.carrier), (self.carrier, self.edge)):
            with self.subTest(here=here.site):
                tap = self.tapped(here)
                run("/usr/sbin/smtp-source", "-s", "5", "-m", str(count), "-l", "4000", "-d", "-N",
                    "-f", f"a@{here.site}", "-t", f"b@{there.site}", f"inet:127.0.0.1:{tap.port}")
                self.assert_all_crossed(tap, there.store, count)

    def test_both_directions_at_once(self):
        clients = [subprocess.Popen(["/usr/sbin/smtp-source", "-s", "3", "-m", "60", "-l", "2000", "-d", "-N",
                                     "-f", f"a@{here.site}", "-t", f"b@{there.site}", f"inet:127.0.0.1:{here.smtp_port}"],
                                    stdin=subprocess.DEVNULL)
                   for here, there in ((self.edge, self.carrier), (self.carrier, self.edge))]
        self.assertEqual([client.wait(60) for client in clients], [0, 0])
        for site in (self.edge, self.carrier):
            self.assertEqual(len(site.store.wait(60, 60)), 60)
            self.assertEqual(set(site.store.counts("Message-Id").values()), {1})


if __name__ == "__main__":
    harness.main()
