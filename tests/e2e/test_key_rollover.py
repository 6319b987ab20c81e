"""A host gets a new key and certificate, and its site a new authority, while mail is under way: nothing is lost, and what was
signed before still holds."""
import os
import shutil

import harness
from client import Client
from harness import TwoSites, isthmus, sample


class RollOver(TwoSites):
    def deliver(self, content):
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], content)

    def waiting(self, subject):
        """A message that waits at edge because carrier is down."""
        self.carrier.stop()
        content = sample(subject)
        self.deliver(content)
        self.edge.wait_queue(1)
        return content

    def arrives(self, content):
        self.carrier.start()
        self.assert_octets(self.carrier.store.wait(1, 40)[0], content)

    def test_a_new_host_key_signs_what_waited_under_the_old_one(self):
        content = self.waiting("a new host key")
        state = os.path.join(self.edge.folder, "state")
        isthmus("cert", "host", self.edge.host, "-c", self.edge.file, "-o", os.path.join(state, "host.pem"), "--key",
                os.path.join(state, "host-key.pem"), "--force")
        self.edge.reload()
        self.arrives(content)

    def test_a_new_authority_is_taken_over_while_mail_waits(self):
        """The peer is given the new CA beside the old one: hops and senders of before and after are believed."""
        content = self.waiting("a new authority")
        old = os.path.join(self.folder, "old-ca.pem")
        shutil.copy(self.edge.ca, old)
        state = os.path.join(self.edge.folder, "state")
        isthmus("cert", "ca", "--site", self.edge.site, "-o", self.edge.ca, "--key", os.path.join(state, "ca-key.pem"), "--force")
        isthmus("cert", "host", self.edge.host, "-c", self.edge.file, "-o", os.path.join(state, "host.pem"), "--key",
                os.path.join(state, "host-key.pem"), "--force")
        both = os.path.join(self.folder, "both.pem")
        with open(both, "w", encoding="ascii") as out:
            for name in (old, self.edge.ca):
                with open(name, encoding="ascii") as file:
                    out.write(file.read())
        self.carrier.config["peer"][0]["ca"] = both
        self.edge.reload()
        self.arrives(content)
        self.carrier.store.clear()
        fresh = sample("signed under the new authority")
        self.deliver(fresh)
        self.assert_octets(self.carrier.store.wait(1, 40)[0], fresh)


if __name__ == "__main__":
    harness.main()
