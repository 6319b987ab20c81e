"""A known peer speaks for its own domains and nobody else's, whatever it certifies; only one that is trusted to vouch may."""
import os

import harness
from harness import IsthmusTest, isthmus, sample


class Peers(IsthmusTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier = cls.make_gateway("carrier.example")
        cls.carrier.store = cls.make_sink()
        cls.sites = {}
        for name, trust in (("known", "known"), ("voucher", "trusted"), ("stranger", None)):
            cls.sites[name] = os.path.join(cls.folder, name)
            isthmus("init", cls.sites[name], "--site", name + ".example")
            if trust:
                cls.carrier.config["peer"].append(
                    {"host": f"mx1.{name}.example", "ca": os.path.join(cls.sites[name], "ca.pem"), "trust": trust})
        cls.carrier.config["route"] = [
            {"domain": "carrier.example", "via": "smtp", "to": f"127.0.0.1:{cls.carrier.store.port}"}]
        cls.carrier.start()
        cls.mail = os.path.join(cls.folder, "mail.eml")
        with open(cls.mail, "wb") as file:
            file.write(sample())

    def send(self, site, sender, *arguments):
        """(accepted?, what `isthmus send` says)"""
        result = isthmus("send", "--site", self.sites[site], "--ca", self.carrier.ca, "--to",
                         f"127.0.0.1:{self.carrier.xproto_port}", "--peer-host", self.carrier.host, "--from", sender, "--rcpt",
                         "b@carrier.example", *arguments, self.mail, check=False)
        return result.returncode == 0, result.stdout + result.stderr

    def test_a_known_peer_speaks_for_its_own(self):
        for sender in ("a@known.example", "A@KNOWN.example", "\"a b\"@known.example", ""):
            with self.subTest(sender):
                accepted, said = self.send("known", sender)
                self.assertTrue(accepted, said)
        self.assertEqual(len(self.carrier.store.wait(4)), 4)
        self.carrier.store.clear()

    def test_a_known_peer_speaks_for_nobody_else(self):
        for sender in ("a@bank.example", "a@carrier.example", "a@voucher.example", "a@sub.known.example", "a@notknown.example",
                       "a@bank.example@known.example", "a@[127.0.0.1]"):
            with self.subTest(sender):
                accepted, said = self.send("known", sender)
                self.assertFalse(accepted, said)
                self.assertIn("99.0.5.38", said)
        accepted, said = self.send("known", "a@known.example", "--unsigned")
        self.assertFalse(accepted, said)
        self.assertEqual(self.carrier.store.messages, [])

    def test_another_sites_authority_does_not_help(self):
        """known.example's host brings a sender whom voucher.example's CA has certified."""
        voucher = self.sites["voucher"]
        accepted, said = self.send("known", "a@known.example", "--user-ca", os.path.join(voucher, "ca.pem"), "--user-ca-key",
                                   os.path.join(voucher, "state", "ca-key.pem"))
        self.assertFalse(accepted, said)
        self.assertIn("99.0.5.38", said)

    def test_one_that_is_trusted_vouches(self):
        accepted, said = self.send("voucher", "a@bank.example")
        self.assertTrue(accepted, said)
        self.carrier.store.wait(1)
        self.carrier.store.clear()

    def test_a_stranger_says_nothing(self):
        accepted, said = self.send("stranger", "a@stranger.example")
        self.assertFalse(accepted, said)


if __name__ == "__main__":
    harness.main()
