"""isthmus traceroute shows the hosts on the way of mail, one after the other, and delivers nothing."""
import json

import harness
from three_sites import ThreeSites


class Traceroute(ThreeSites):
    def traceroute(self, address, *options, site=None, check=True):
        site = site or self.edge
        return site.cli("traceroute", address, *options, check=check)

    def test_every_host_answers_for_itself_and_the_last_names_the_way_out(self):
        shown = self.traceroute("bob@home.example").stdout.splitlines()
        self.assertEqual(len(shown), 3, shown)
        self.assertRegex(shown[1], r"^ 1  mx1\.carrier\.example  \d+ ms  sends it on to mx1\.home\.example$")
        self.assertRegex(shown[2], r"^ 2  mx1\.home\.example  \d+ ms  hands it to SMTP at 127\.0\.0\.1; from there on nobody")
        told = json.loads(self.traceroute("bob@home.example", "--json").stdout)
        self.assertEqual([(step["hop"], step["host"], step["next"]) for step in told["steps"]],
                         [(1, "mx1.carrier.example", "mx1.home.example"), (2, "mx1.home.example", "smtp:127.0.0.1")])
        for site in (self.edge, self.carrier, self.home):
            self.assertEqual(site.store.messages, [], "a probe was delivered")
            site.wait_queue(0)

    def test_it_goes_no_further_than_it_is_told(self):
        shown = self.traceroute("bob@home.example", "--hops", "1", check=False)
        self.assertEqual(shown.returncode, 1)
        self.assertEqual(len(shown.stdout.splitlines()), 2)
        self.assertNotIn("mx1.home.example  ", shown.stdout)

    def test_what_goes_out_by_smtp_at_once_is_not_traced(self):
        shown = self.traceroute("bob@edge.example", check=False)
        self.assertEqual(shown.returncode, 1)
        self.assertIn("mx1.edge.example itself hands this mail to SMTP", shown.stderr)
        self.assertIn("no route", self.traceroute("bob@elsewhere.example", check=False).stderr)

    def test_a_host_that_does_not_tell_is_named(self):
        self.home.config["xproto"]["traceroute"] = "off"
        self.home.reload()
        shown = self.traceroute("bob@home.example", check=False)
        self.home.config["xproto"]["traceroute"] = "trusted"
        self.home.reload()
        self.assertEqual(shown.returncode, 1)
        self.assertRegex(shown.stdout, r"(?m)^ 1  mx1\.carrier\.example  ")
        self.assertRegex(shown.stdout, r"(?m)^ 2  came back after \d+ ms: mx1\.carrier\.example: .*does not tell you")

    def test_too_many_probes_are_refused(self):
        self.carrier.config.setdefault("limits", {})["traceroutes_per_minute"] = 0
        self.carrier.reload()
        shown = self.traceroute("bob@home.example", check=False)
        self.carrier.config["limits"]["traceroutes_per_minute"] = 60
        self.carrier.reload()
        self.assertRegex(shown.stdout, r"came back after \d+ ms: mx1\.edge\.example: .*too many probes")

    def test_mail_goes_on_as_before(self):
        from client import Client
        content = harness.sample("not a probe")
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["bob@home.example"], content)
        kept, = self.home.store.wait(1)
        harness.wire.split_trace(kept.content, content)


if __name__ == "__main__":
    harness.main()
