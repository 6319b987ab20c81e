"""With TRACE, whoever brought a message hears of each later hop for as long as his session lives."""
import json
import os

import harness
from harness import isthmus, sample
from three_sites import ThreeSites


class LiveTrace(ThreeSites):
    def send(self, recipients, *options, check=True):
        file = os.path.join(self.folder, "mail.eml")
        with open(file, "wb") as out:
            out.write(sample("followed"))
        to = [word for one in recipients for word in ("--rcpt", one)]
        return isthmus("send", "--site", self.edge.folder, "--to", f"127.0.0.1:{self.carrier.xproto_port}", "--peer-host",
                       self.carrier.host, "--from", "a@edge.example", *to, *options, file, check=check)

    def hops(self, recipients, *options):
        told = json.loads(self.send(recipients, "--trace", "--json", *options, check=False).stdout)
        return [(hop["hop"], hop["host"], hop["next"], hop["outcome"], hop["recipients"]) for hop in told["hops"]]

    def test_each_later_hop_is_told(self):
        shown = self.send(["b@home.example"], "--trace").stdout
        self.assertRegex(shown, r"(?m)^hop 1 \S+ .* mx1\.home\.example took it from mx1\.carrier\.example for recipient 1: ")
        self.assertRegex(shown, r"(?m)^hop 2 \S+ .* smtp:127\.0\.0\.1 took it from mx1\.home\.example for recipient 1: ")
        self.assertEqual(len(self.home.store.wait(1)), 1)

    def test_in_synchronous_mode_too(self):
        self.assertEqual([hop[0] for hop in self.hops(["b@home.example"], "--sync")], [1, 2])

    def test_branches_are_told_apart(self):
        told = sorted(self.hops(["b@carrier.example", "c@home.example"]))
        self.assertEqual(told, [
            (1, "mx1.carrier.example", "mx1.home.example", "took", [2]),
            (1, "mx1.carrier.example", "smtp:127.0.0.1", "took", [1]),
            (2, "mx1.home.example", "smtp:127.0.0.1", "took", [2])])

    def test_a_refusal_at_the_end_of_the_way_is_told(self):
        self.home.store.script = lambda verb, argument: "550 5.1.1 No such user" if verb == "RCPT" else None
        self.addCleanup(setattr, self.home.store, "script", None)
        told = self.hops(["nobody@home.example"])
        self.assertEqual([hop[2:4] for hop in told], [("mx1.home.example", "took"), ("smtp:127.0.0.1", "refused")])

    def test_it_is_offered_only_to_those_whom_the_configuration_names(self):
        self.carrier.config["xproto"]["trace"] = "off"
        self.carrier.reload()
        shown = self.send(["b@home.example"], "--trace", "-v").stdout
        self.carrier.config["xproto"]["trace"] = "trusted"
        self.carrier.reload()
        self.assertNotIn("(TRACE)", shown)
        self.assertNotIn("hop 1", shown)


if __name__ == "__main__":
    harness.main()
