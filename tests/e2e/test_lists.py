"""Lists of the operator's own, and lists in the DNS served by nsd: who is blocked, where, and what vouching is worth."""
import os

import harness
from client import Client
from harness import IsthmusTest, isthmus, sample
from nameserver import PlainZone

ZONE = """\
bad.example 300 IN A 127.0.0.2
1.0.0.127.v4 300 IN A 127.0.0.4
refusing.example 300 IN A 127.255.255.254
"""


class Lists(IsthmusTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier = cls.make_gateway("carrier.example")
        cls.carrier.store = cls.make_sink()
        cls.sites = {}
        for site in ("good.example", "bad.example", "refusing.example", "trusted.example"):
            cls.sites[site] = os.path.join(cls.folder, "site-" + site)
            isthmus("init", cls.sites[site], "--site", site)
            cls.carrier.config["peer"].append(
                {"host": f"mx1.{site}", "ca": os.path.join(cls.sites[site], "ca.pem"),
                 "trust": "trusted" if site == "trusted.example" else "known"})
        cls.carrier.config["route"] = [
            {"domain": "carrier.example", "via": "smtp", "to": f"127.0.0.1:{cls.carrier.store.port}"}]
        cls.carrier.start()
        cls.mail = os.path.join(cls.folder, "mail.eml")
        with open(cls.mail, "wb") as file:
            file.write(sample())

    def send(self, site, sender=None):
        result = isthmus("send", "--site", self.sites[site], "--ca", self.carrier.ca, "--to",
                         f"127.0.0.1:{self.carrier.xproto_port}", "--peer-host", self.carrier.host, "--from",
                         sender or f"a@{site}", "--rcpt", "b@carrier.example", self.mail, check=False)
        return result.returncode == 0, result.stdout + result.stderr

    def use(self, *lists, entries=None):
        for name, text in (entries or {}).items():
            with open(os.path.join(self.carrier.folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        self.carrier.config["list"] = list(lists)
        self.carrier.reload()
        self.addCleanup(self.carrier.store.clear)

    def assert_taken(self, site, sender=None):
        taken, said = self.send(site, sender)
        self.assertTrue(taken, said)

    def assert_refused(self, words, site, sender=None):
        taken, said = self.send(site, sender)
        self.assertFalse(taken, said)
        self.assertIn(words, said)


class FilesAndMail(Lists):
    def test_a_blocked_host_is_refused_at_helo(self):
        for by, entry in (("host", "mx1.bad.example"), ("domain", "bad.example")):
            with self.subTest(by):
                self.use({"name": "ours", "kind": "block", "by": by, "file": "b.txt"}, entries={"b.txt": f"# bad\n{entry}\n"})
                self.assert_refused("listed by ours", "bad.example")
                self.assert_taken("good.example")

    def test_a_blocked_address(self):
        self.use({"kind": "block", "by": "address", "file": "b.txt"}, entries={"b.txt": "127.0.0.0/8\n"})
        self.assert_refused("listed by list[1]", "good.example")
        self.assert_taken("trusted.example")
        with Client(self.carrier.smtp_port) as client:
            answer = client.command("MAIL FROM:<a@elsewhere.example>")
            self.assertEqual((answer.code, answer.text), (550, "5.7.1 listed by list[1]"))

    def test_a_blocked_sender(self):
        self.use({"name": "them", "kind": "block", "by": "sender", "file": "b.txt"},
                 entries={"b.txt": "spammer@good.example\nbad.example\n"})
        self.assert_refused("listed by them", "good.example", "spammer@good.example")
        self.assert_taken("good.example")
        self.assert_refused("listed by them", "bad.example")
        with Client(self.carrier.smtp_port) as client:
            self.assertEqual(client.command("MAIL FROM:<x@sub.bad.example>").code, 550)
            self.assertEqual(client.command("MAIL FROM:<x@elsewhere.example>").code, 250)

    def test_a_list_is_read_again_when_it_changes(self):
        self.use({"name": "ours", "kind": "block", "by": "host", "file": "b.txt"}, entries={"b.txt": "mx1.nobody.example\n"})
        self.assert_taken("bad.example")
        path = os.path.join(self.carrier.folder, "b.txt")
        with open(path, "w", encoding="utf-8") as file:
            file.write("mx1.nobody.example\nmx1.bad.example\n")
        self.carrier.wait_log(r"list_read list=ours .*entries=2")
        self.assert_refused("listed by ours", "bad.example")
        with open(path, "w", encoding="utf-8") as file:
            file.write("mx1.nobody.example\n\nnot a host\n")
        self.carrier.wait_log(r"list_unreadable list=ours .*b\.txt:3: .*old_one_stays=true")
        self.assert_refused("listed by ours", "bad.example")

    def test_check_finds_wrong_lines(self):
        self.use(entries={"b.txt": "mx1.a.example\nx y\n"})
        self.carrier.config["list"] = [{"kind": "block", "by": "host", "file": "b.txt"}]
        self.carrier.write_config()
        result = self.carrier.cli("check", check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertRegex(result.stdout + result.stderr, r'list\[1\]\.file: .*b\.txt:2: "x y" is no entry of such a list')

    def test_the_log_says_validity_and_trust(self):
        self.use({"name": "friends", "kind": "vouch", "by": "domain", "file": "v.txt"}, entries={"v.txt": "good.example\n"})
        self.assert_taken("good.example")
        self.carrier.wait_log(
            r"peer_judged peer=mx1.good.example .*validity=valid trust=vouched list=friends entry=good.example welcome=true")


class InTheDns(Lists):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(lambda: cls.names.close())
        super().setUpClass()

    @classmethod
    def make_gateway(cls, site):
        cls.names = PlainZone(os.path.join(cls.folder, "nsd"), "bl.example", ZONE)
        gateway = super().make_gateway(site)
        gateway.config["dns"] = {"servers": [f"127.0.0.1:{cls.names.port}"], "trust_anchor": "none.key"}
        gateway.config["timeouts"]["dns"] = "2s"
        return gateway

    def test_names(self):
        self.use({"name": "bl", "kind": "block", "by": "domain", "dns": "bl.example"})
        self.assert_refused("listed by bl", "bad.example")
        self.assert_taken("good.example")
        with Client(self.carrier.smtp_port) as client:
            self.assertEqual(client.command("MAIL FROM:<x@a.bad.example>").code, 550)
        with Client(self.carrier.smtp_port) as client:
            self.assertEqual(client.command("MAIL FROM:<x@elsewhere.example>").code, 250)

    def test_addresses(self):
        self.use({"name": "bl", "kind": "block", "by": "address", "dns": "v4.bl.example"})
        self.assert_refused("listed by bl", "good.example")
        self.assert_taken("trusted.example")
        with Client(self.carrier.smtp_port) as client:
            self.assertEqual(client.command("MAIL FROM:<x@elsewhere.example>").code, 550)

    def test_a_list_that_does_not_want_to_be_asked(self):
        self.use({"name": "bl", "kind": "block", "by": "domain", "dns": "bl.example"})
        self.assert_taken("refusing.example")
        self.use({"name": "bl", "kind": "block", "by": "domain", "dns": "bl.example", "on_failure": "defer"})
        self.assert_refused("bl cannot be asked now", "refusing.example")
        self.assert_taken("good.example")

    def test_a_list_that_cannot_be_reached(self):
        self.use({"name": "bl", "kind": "block", "by": "domain", "dns": "elsewhere.invalid-zone.example", "on_failure": "defer"})
        self.assert_refused("bl cannot be asked now", "good.example")
        with Client(self.carrier.smtp_port) as client:
            answer = client.command("MAIL FROM:<x@elsewhere.example>")
            self.assertEqual((answer.code, answer.text), (451, "4.7.1 bl cannot be asked now"))
        self.use({"name": "bl", "kind": "block", "by": "domain", "dns": "elsewhere.invalid-zone.example"})
        self.assert_taken("good.example")


if __name__ == "__main__":
    harness.main()
