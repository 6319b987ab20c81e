"""Certificates are made, published, verified and renewed by `isthmus cert`, and a running daemon takes new files into use by
itself; broken ones change nothing."""
import json
import os
import shutil
import subprocess

import harness
import nameserver
from client import Client
from harness import TwoSites, isthmus, sample, wait_for


class Renewal(TwoSites):
    def shown(self, site):
        """The digest of the certificate that the site's xproto listener shows."""
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{site.xproto_port}", "-alpn", "xproto/1"]
        said = subprocess.run(command, input=b"", capture_output=True, timeout=20, check=False).stdout
        der = subprocess.run(["openssl", "x509", "-outform", "DER"], input=said, capture_output=True, check=True).stdout
        return subprocess.run(["sha256sum"], input=der, capture_output=True, check=True).stdout.split()[0].decode()

    def host_pem(self, site):
        return os.path.join(site.folder, "state", "host.pem")

    def test_a_renewed_certificate_is_in_use_without_a_signal(self):
        before = self.shown(self.edge)
        self.assertIn("not renewed", self.edge.cli("cert renew").stdout)
        self.assertEqual(self.shown(self.edge), before)
        made = json.loads(self.edge.cli("cert renew", "--force", "--json").stdout)
        self.assertTrue(made["renewed"])
        digest = made["digest"].removeprefix("sha-256:")
        wait_for(lambda: self.shown(self.edge) == digest, 20, "new certificate in use", every=0.5)
        self.assertRegex(self.edge.log(), "certificates_reloaded host_digest=sha-256:" + digest)
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], sample("after renewal"))
        self.carrier.store.wait(1)

    def test_broken_files_change_nothing(self):
        file = self.host_pem(self.carrier)
        before = self.shown(self.carrier)
        shutil.copy(file, file + ".good")
        self.addCleanup(os.replace, file + ".good", file)
        for broken in (b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
                       open(self.host_pem(self.edge), "rb").read()):
            known = self.carrier.log().count("certificates_refused")
            with open(file, "wb") as out:
                out.write(broken)
            wait_for(lambda: self.carrier.log().count("certificates_refused") > known, 20, "refusal in the log", every=0.2)
            self.assertEqual(self.shown(self.carrier), before)
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], sample("meanwhile"))
        self.carrier.store.wait(1)

    def test_a_certificate_that_ends_soon_is_told(self):
        site = self.make_gateway("short.example")
        isthmus("cert", "host", site.host, "--days", "20", "-c", site.file, "-o", self.host_pem(site), "--key",
                os.path.join(site.folder, "state", "host-key.pem"), "--force")
        site.config["route"] = [{"domain": "short.example", "via": "smtp", "to": "127.0.0.1:1"}]
        site.start()
        site.wait_log(r"certificate_expires .*days=(19|20) expired=no")
        self.assertRegex(site.cli("status").stdout, r"certificate +until .*renew it")
        self.assertGreater(site.metrics()["isthmus_certificate_expires_seconds"], 1_700_000_000)
        self.assertTrue(json.loads(site.cli("cert renew", "--json").stdout)["renewed"])
        wait_for(lambda: "renew it" not in site.cli("status").stdout, 20, "status without a warning", every=0.5)


class Commands(harness.IsthmusTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site = os.path.join(cls.folder, "edge")
        isthmus("init", cls.site, "--site", "edge.example")
        cls.config = os.path.join(cls.site, "isthmus.toml")
        cls.host = os.path.join(cls.site, "state", "host.pem")
        cls.ca = os.path.join(cls.site, "ca.pem")

    def test_every_kind_is_made_and_verifies(self):
        for kind, name, address in (("host", "mx2.edge.example", None), ("user", "ann@edge.example", "ann@edge.example"),
                                    ("process", "mx1.edge.example", "process@mx1.edge.example")):
            out = os.path.join(self.folder, kind + ".pem")
            isthmus("cert", kind, name, "-c", self.config, "-o", out, "--key", out + ".key")
            how = ("--address", address) if address else ("--host", name)
            self.assertIn("good until", isthmus("cert", "verify", out, "--ca", self.ca, *how).stdout)
        chain = os.path.join(self.folder, "chain.pem")
        isthmus("cert", "host", "mx3.edge.example", "-c", self.config, "-o", chain, "--key", chain + ".key", "--with-ca")
        self.assertEqual(open(chain, encoding="ascii").read().count("BEGIN CERTIFICATE"), 2)

    def test_what_to_publish(self):
        record = isthmus("cert", "publish", "-c", self.config).stdout.strip()
        self.assertEqual(record, nameserver.tlsa("edge.example", self.ca, 3600))
        digest = isthmus("cert", "publish", "-c", self.config, "--selector", "1", "--matching", "1", "--ttl", "60").stdout.strip()
        self.assertEqual(digest, nameserver.tlsa("edge.example", self.ca, 60, 1, 1))
        self.assertIn("dn: cn=edge.example,cn=inetResources,dc=edge,dc=example\n",
                      isthmus("cert", "publish", "--ca", self.ca, "--site", "edge.example", "--ldif").stdout)

    def test_verification_by_delegation_says_which_step_fails(self):
        zones = nameserver.Zones(os.path.join(self.folder, "dns"))
        self.addCleanup(zones.stop)
        zones.put(isthmus("cert", "publish", "-c", self.config, "--ttl", "2").stdout.strip())
        zones.start()
        config = os.path.join(self.folder, "dns.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f'site = "edge.example"\nhost = "mx1.edge.example"\n[dns]\nservers = ["127.0.0.1:{zones.port}"]\n'
                       f'trust_anchor = "{zones.anchor}"\n')

        def steps(file):
            result = isthmus("cert", "verify", file, "--delegation", "-c", config, "--json", check=False)
            out = json.loads(result.stdout)
            return out, {one["step"]: one["good"] for one in out["steps"]}

        out, seen = steps(self.host)
        self.assertEqual(seen, {"claim": True, "look-up": True, "anchor": True, "path": True}, out)
        self.assertEqual((out["valid"], out["mechanism"], out["issuer"]), (True, "delegation", "edge.example"))

        other = os.path.join(self.folder, "other")
        isthmus("init", other, "--site", "other.example")
        out, seen = steps(os.path.join(other, "state", "host.pem"))
        self.assertEqual(seen, {"claim": True, "look-up": False}, out)
        self.assertIn("no TLSA record", out["reason"])
        suffix = os.path.join(self.folder, "suffix")
        isthmus("init", suffix, "--site", "co.uk")
        out, seen = steps(os.path.join(suffix, "state", "host.pem"))
        self.assertEqual(seen, {"claim": False}, out)
        imitation = os.path.join(self.folder, "imitation")  # the same domain, another CA
        isthmus("init", imitation, "--site", "edge.example")
        out, seen = steps(os.path.join(imitation, "state", "host.pem"))
        self.assertEqual(seen, {"claim": True, "look-up": True, "anchor": True, "path": False}, out)


if __name__ == "__main__":
    harness.main()
