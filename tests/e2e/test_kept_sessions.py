"""A session with a peer that is to be kept is there before any mail, outlives the peer's patience with idle ones, and is
made anew when it breaks."""
import re
import time

import harness
from client import Client
from harness import TwoSites, sample, wait_for


class KeptSessions(TwoSites):
    @classmethod
    def configure(cls):
        cls.edge.config["log"] = {"level": "debug"}
        cls.edge.config["peer"][0]["keep"] = True
        cls.edge.config["timeouts"]["idle"] = "1s"
        cls.carrier.config["timeouts"]["idle"] = "3s"

    def made(self):
        return len(re.findall(r"\bxproto_ready\b", self.edge.log()))

    def test_kept_and_made_anew(self):
        wait_for(lambda: self.made() > 0, what="session without mail")
        before = self.made()
        time.sleep(7)
        self.assertEqual(self.made(), before, "the session was not kept")
        sent = sample()
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], sent)
        message, = self.carrier.store.wait(1)
        self.assert_octets(message, sent)
        self.assertEqual(self.made(), before, "mail did not go over the session that was there")
        for end in (self.carrier.kill, self.carrier.stop):
            before = self.made()
            end()
            time.sleep(1.5)
            self.carrier.start()
            wait_for(lambda count=before: self.made() > count, what="new session")


if __name__ == "__main__":
    harness.main()
