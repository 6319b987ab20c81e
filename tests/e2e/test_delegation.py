"""Gateways that do not know each other prove who they are by what their domains publish in signed DNS. Whoever fails a step
of that is refused, and whoever passes may bring mail of its own domains to ours, and nothing else."""
import os
import shutil
import subprocess

import harness
import nameserver
from client import Client
from harness import IsthmusTest, isthmus, sample, wait_for
from nameserver import tlsa

REFUSED, UNCHECKED, UNKNOWN = "99.0.5.41", "99.0.4.6", "99.0.5.12"


class Delegated(IsthmusTest):
    """carrier.example lets strangers in. Sites are made with `site()`, and speak for themselves with `isthmus send`."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.zones = nameserver.Zones(os.path.join(cls.folder, "dns"))
        cls.addClassCleanup(cls.zones.stop)
        cls.zones.start()
        cls.carrier = cls.make_gateway("carrier.example")
        cls.carrier.store = cls.make_sink()
        cls.let_in(cls.carrier)
        cls.carrier.config["route"] = [
            {"domain": "carrier.example", "via": "smtp", "to": f"127.0.0.1:{cls.carrier.store.port}"},
            {"domain": "friend.example", "via": "xproto", "to": "127.0.0.1:1", "host": "mx1.friend.example"},
            {"domain": "*", "via": "smtp", "to": f"127.0.0.1:{cls.carrier.store.port}"}]
        cls.carrier.start()
        cls.mail = os.path.join(cls.folder, "mail.eml")
        with open(cls.mail, "wb") as file:
            file.write(sample())

    @classmethod
    def let_in(cls, gateway):
        gateway.config["xproto"]["unknown_peers"] = "accept"
        gateway.config["dns"] = {"trust_anchor": cls.zones.anchor, "servers": [f"127.0.0.1:{cls.zones.port}"]}
        gateway.config["timeouts"]["dns"] = "4s"

    def setUp(self):
        self.carrier.store.clear()

    def site(self, domain):
        """A folder as `isthmus init` makes it."""
        folder = os.path.join(self.folder, domain)
        if not os.path.exists(folder):
            isthmus("init", folder, "--site", domain)
        return folder

    def publish(self, *records, drop=()):
        for name in drop:
            self.zones.drop(name)
        for record in records:
            self.zones.put(record)
        self.zones.publish()

    def send(self, site, sender, recipient="b@carrier.example", *arguments):
        """(accepted?, what `isthmus send` says)"""
        result = isthmus("send", "--site", site, "--ca", self.carrier.ca, "--to", f"127.0.0.1:{self.carrier.xproto_port}",
                         "--peer-host", self.carrier.host, "--from", sender, "--rcpt", recipient, "-v", *arguments, self.mail,
                         check=False)
        return result.returncode == 0, result.stdout + result.stderr

    def assert_refused(self, code, answer, why="."):
        accepted, said = answer
        self.assertFalse(accepted, said)
        self.assertIn(code, said)
        self.assertRegex(said, why)

    # --- what is valid

    def test_a_site_that_publishes_its_ca_is_let_in(self):
        for selector in (0, 1):
            for matching in (0, 1, 2):
                domain = f"form{selector}{matching}.example"
                folder = self.site(domain)
                self.publish(tlsa(domain, os.path.join(folder, "ca.pem"), selector=selector, matching=matching))
                if (selector, matching) != (0, 0):  # the CA's certificate then comes in the chain
                    with open(os.path.join(folder, "state", "host.pem"), "a", encoding="ascii") as chain, \
                            open(os.path.join(folder, "ca.pem"), encoding="ascii") as ca:
                        chain.write(ca.read())
                accepted, said = self.send(folder, "a@" + domain)
                self.assertTrue(accepted, f"{domain}: {said}")
        self.assertEqual(len(self.carrier.store.wait(6)), 6)
        self.assertRegex(self.carrier.log(), r"peer_proved.* trust=unknown validity=delegation issuer=form00\.example")

    # --- what is not

    def test_nothing_published(self):
        self.assert_refused(REFUSED, self.send(self.site("nothing.example"), "a@nothing.example"), "no TLSA record")

    def test_another_ca_is_published(self):
        self.publish(tlsa("impostor.example", self.carrier.ca))
        self.assert_refused(REFUSED, self.send(self.site("impostor.example"), "a@impostor.example"))

    def test_a_zone_without_signatures(self):
        folder = self.site("a.insecure.example")
        self.publish(tlsa("a.insecure.example", os.path.join(folder, "ca.pem")))
        self.assert_refused(REFUSED, self.send(folder, "a@a.insecure.example"), "not secured by DNSSEC")

    def test_wrong_signatures(self):
        for domain in ("a.bogus.example", "a.expired.example"):
            folder = self.site(domain)
            self.publish(tlsa(domain, os.path.join(folder, "ca.pem")))
            self.assert_refused(UNCHECKED, self.send(folder, "a@" + domain), "bogus by DNSSEC")

    def test_the_certificate_is_over(self):
        folder = self.site("late.example")
        self.publish(tlsa("late.example", os.path.join(folder, "ca.pem")))
        certificate = self.certify(folder, "late", "DNS:mx1.late.example", "DNS:late.example", "-days", "-1")
        self.assert_refused(REFUSED, self.send_as(folder, certificate), "expired")

    def certify(self, folder, name, subject, issuer, *days):
        """A host certificate with any names, from the site's own CA."""
        base = os.path.join(folder, name)
        with open(base + ".ext", "w", encoding="ascii") as file:
            file.write(f"keyUsage=critical,digitalSignature\nsubjectAltName={subject}\nissuerAltName={issuer}\n")
        key = ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
               base + ".key", "-out", base + ".csr", "-subj", "/CN=" + name]
        issue = ["openssl", "x509", "-req", "-in", base + ".csr", "-CA", os.path.join(folder, "ca.pem"), "-CAkey",
                 os.path.join(folder, "state", "ca-key.pem"), "-CAcreateserial", "-extfile", base + ".ext", "-out",
                 base + ".pem", *(days or ("-days", "10"))]
        for command in (key, issue):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
        return base

    def send_as(self, folder, base, host=None, sender="a@ehsco.example"):
        return self.send(folder, sender, "b@carrier.example", "--cert", base + ".pem", "--key", base + ".key",
                         *(("--host", host) if host else ()))

    def test_names_that_are_not_the_domains_own(self):
        """The CA of ehsco.example is published, and signs whatever it likes."""
        folder = self.site("ehsco.example")
        ca = os.path.join(folder, "ca.pem")
        self.publish(tlsa("ehsco.example", ca), tlsa("victim.example", os.path.join(self.site("victim.example"), "ca.pem")))
        table = [
            ("right", "DNS:mail.ehsco.example", "DNS:ehsco.example", None),
            ("look-alike", "DNS:mail.notehsco.example", "DNS:ehsco.example", "does not lie below"),
            ("other", "DNS:mx1.victim.example", "DNS:ehsco.example", "does not lie below"),
            ("claims-other", "DNS:mx1.victim.example", "DNS:victim.example", REFUSED),
            ("tld", "DNS:mail.ehsco.com", "DNS:com", "single label"),
            ("suffix", "DNS:mail.ehsco.co.uk", "DNS:co.uk", "shared by many"),
            ("private-suffix", "DNS:ehsco.github.io", "DNS:github.io", "shared by many|public suffix"),
            ("wildcard", "DNS:mail.ehsco.example,DNS:*.ehsco.example", "DNS:ehsco.example", "not a domain name"),
            ("two", "DNS:mail.ehsco.example", "DNS:ehsco.example,DNS:victim.example", "more than one"),
            ("none", "DNS:mail.ehsco.example", "email:ca@ehsco.example", "names no delegating domain"),
            ("one-outside", "DNS:mail.ehsco.example,DNS:mx1.victim.example", "DNS:ehsco.example", "does not lie below"),
            ("ourselves", "DNS:mx1.carrier.example", "DNS:carrier.example", UNKNOWN),
        ]
        for name, subject, issuer, why in table:
            with self.subTest(name):
                base = self.certify(folder, name, subject, issuer)
                accepted, said = self.send_as(folder, base, subject.split(",")[0].removeprefix("DNS:"))
                self.assertEqual(accepted, why is None, said)
                if why:
                    self.assertRegex(said, why)

    # --- what may be done

    def test_strangers_bring_their_own_mail_to_our_own_recipients(self):
        folder = self.site("guest.example")
        self.publish(tlsa("guest.example", os.path.join(folder, "ca.pem")))
        for sender in ("a@guest.example", "a@sub.guest.example", ""):
            accepted, said = self.send(folder, sender)
            self.assertTrue(accepted, f"{sender}: {said}")
        self.carrier.store.wait(3)
        for sender in ("a@bank.example", "a@carrier.example", "a@notguest.example", "a@example"):
            with self.subTest(sender):
                self.assert_refused("99.0.5.38", self.send(folder, sender))
        self.assert_refused("99.0.5.38", self.send(folder, "a@guest.example", "b@carrier.example", "--unsigned"))
        for recipient in ("b@friend.example", "b@elsewhere.example", "b@guest.example"):
            with self.subTest(recipient):
                accepted, said = self.send(folder, "a@guest.example", recipient)
                self.assertFalse(accepted, said)
                self.assertIn("this domain is not one of ours", said)
        self.assertEqual(len(self.carrier.store.messages), 3)

    def test_strangers_get_no_options(self):
        folder = self.site("plain.example")
        self.publish(tlsa("plain.example", os.path.join(folder, "ca.pem")))
        result = isthmus("send", "--site", folder, "--ca", self.carrier.ca, "--to", f"127.0.0.1:{self.carrier.xproto_port}",
                         "--peer-host", self.carrier.host, "-v")
        welcome = next(line for line in (result.stdout + result.stderr).splitlines() if "OK 99.0.2.1" in line and "[1 " in line)
        self.assertNotIn("PIPE", welcome)

    # --- what changes

    def test_a_ca_is_revoked_by_changing_the_record(self):
        folder = self.site("fungible.example")
        self.publish(tlsa("fungible.example", os.path.join(folder, "ca.pem")))
        self.assertTrue(self.send(folder, "a@fungible.example")[0])
        old = os.path.join(self.folder, "old-ca.pem")
        shutil.copy(os.path.join(folder, "ca.pem"), old)
        self.publish(tlsa("fungible.example", self.carrier.ca), drop=["_xproto-ca.fungible.example."])
        answer = wait_for(lambda: (lambda a: a if not a[0] else None)(self.send(folder, "a@fungible.example")), 15,
                          "refusal once the TTL is over", every=0.5)
        self.assert_refused(REFUSED, answer)
        self.publish(tlsa("fungible.example", old), drop=["_xproto-ca.fungible.example."])
        wait_for(lambda: self.send(folder, "a@fungible.example")[0], 15, "acceptance after a change back", every=0.5)

    def test_a_silent_name_server_is_trouble_for_now(self):
        elsewhere = self.make_gateway("silent.example")
        self.let_in(elsewhere)
        elsewhere.config["dns"]["servers"] = ["127.0.0.1:9"]
        elsewhere.config["timeouts"]["dns"] = "1s"
        elsewhere.start()
        folder = self.site("asker.example")
        result = isthmus("send", "--site", folder, "--ca", elsewhere.ca, "--to", f"127.0.0.1:{elsewhere.xproto_port}",
                         "--peer-host", elsewhere.host, "-v", check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(UNCHECKED, result.stdout + result.stderr)

    # --- both sides are gateways

    def test_two_gateways_that_never_met(self):
        edge = self.make_gateway("edge.example")
        self.let_in(edge)
        edge.config["route"] = [{"domain": "carrier.example", "via": "xproto", "to": f"127.0.0.1:{self.carrier.xproto_port}",
                                 "host": self.carrier.host}]
        edge.start()
        with Client(edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], sample("to a stranger"))
        # Neither has published anything yet: the mail waits.
        edge.wait_log(r"peer_not_proved.*no TLSA record|connect_failed.*99\.0\.5\.41|connect_failed")
        self.assertEqual(self.carrier.store.messages, [])
        self.publish(tlsa("edge.example", edge.ca), tlsa("carrier.example", self.carrier.ca))
        message, = self.carrier.store.wait(1, 30)
        self.assertIn(b"to a stranger", message.content)
        edge.wait_log(r"peer_proved peer=mx1\.carrier\.example peer_address=127\.0\.0\.1 trust=unknown validity=delegation issuer=carrier\.example")
        edge.wait_queue(0)


if __name__ == "__main__":
    harness.main()
