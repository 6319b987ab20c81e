"""Mail for a domain that demands xproto never leaves by SMTP; nor does mail that demands a secure path, insecurely."""
import os
import ssl
import subprocess

import harness
from client import Client
from harness import EXTENSIONS, TwoSites, sample, wait_for
from nameserver import PlainZone

POLICY = '_xproto.{name} 1 IN TXT "v=xproto1; mode={mode}; max_age=600"\n'


class PublishedPolicy(TwoSites):
    """edge sends everything that no route names to a smarthost, by SMTP."""

    @staticmethod
    def zone(*policies):
        return "".join(POLICY.format(name=name, mode=mode) for name, mode in policies)

    @classmethod
    def configure(cls):
        cls.names = PlainZone(os.path.join(cls.folder, "nsd"), "example", cls.zone(
            ("strict", "enforce"), ("carrier", "enforce"), ("trying", "testing"), ("named", "enforce")))
        cls.addClassCleanup(cls.names.close)
        cls.smarthost = cls.make_sink()
        cls.edge.config["dns"] = {"servers": [f"127.0.0.1:{cls.names.port}"], "trust_anchor": "none.key"}
        cls.edge.config["smtp"]["relay_from"] = ["127.0.0.0/8"]
        for name in ("named.example", "*"):
            cls.edge.config["route"].append({"domain": name, "via": "smtp", "to": f"127.0.0.1:{cls.smarthost.port}"})

    def setUp(self):
        super().setUp()
        self.smarthost.clear()

    def send(self, *recipients):
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", recipients, sample())

    def test_mail_is_held_back_instead_of_going_by_smtp(self):
        self.send("b@strict.example", "c@free.example")
        message, = self.smarthost.wait(1)
        self.assertEqual(message.addresses, ["c@free.example"])
        self.edge.wait_queue(1)
        wait_for(lambda: any("takes mail by xproto only" in recipient.get("last_text", "")
                             for recipient in self.edge.queue()[0]["recipients"]))
        self.edge.wait_log(r"event=downgrade_refused domain=strict.example by=policy dnssec=insecure")
        self.assertIn("strict.example", self.edge.cli("pin list").stdout)
        self.edge.cli("queue delete", "--all")

    def test_testing_is_only_logged(self):
        self.send("b@trying.example")
        self.smarthost.wait(1)
        self.edge.wait_log(r"downgrade_testing domain=trying.example")

    def test_a_route_that_names_the_domain_decides(self):
        self.send("b@named.example")
        self.smarthost.wait(1)

    def test_what_was_seen_by_xproto_is_remembered_when_all_else_is_gone(self):
        self.send("b@carrier.example")
        self.carrier.store.wait(1)
        wait_for(lambda: "carrier.example" in {p["domain"] for p in self.edge.json("pin list")["pins"]}, 20, "pin")
        routes = self.edge.config["route"]
        self.names.serve(self.zone())  # somebody makes the policy disappear,
        self.edge.config["route"] = [r for r in routes if r["domain"] != "carrier.example"]  # and the way by xproto
        self.edge.stop()
        self.edge.start()
        self.send("b@carrier.example")
        self.edge.wait_log(r"downgrade_refused domain=carrier.example by=pin")
        self.assertEqual(self.smarthost.messages, [])
        self.edge.cli("pin delete", "carrier.example")
        self.assertEqual(self.edge.cli("pin delete", "carrier.example", check=False).returncode, 1)
        self.edge.cli("queue retry", "--all")
        self.smarthost.wait(1)  # the operator has decided
        self.edge.config["route"] = routes
        self.edge.reload()


class RequireTls(TwoSites):
    """REQUIRETLS from client to store, over xproto between the sites."""

    @classmethod
    def configure(cls):
        cls.carrier.config["smtp"]["ca"] = os.path.join(cls.folder, "store-ca.pem")
        cls.make_store_certificate()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(os.path.join(cls.folder, "store.pem"), os.path.join(cls.folder, "store.key"))
        cls.proved = cls.make_sink(tls=context)
        cls.carrier.config["route"][1]["to"] = f"localhost:{cls.proved.port}"

    @classmethod
    def make_store_certificate(cls):
        """A certificate for `localhost`, which is its own CA."""
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                        "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout",
                        os.path.join(cls.folder, "store.key"), "-out", os.path.join(cls.folder, "store.pem")],
                       check=True, capture_output=True)
        with open(os.path.join(cls.folder, "store.pem"), encoding="ascii") as source, \
                open(os.path.join(cls.folder, "store-ca.pem"), "w", encoding="ascii") as target:
            target.write(source.read())

    def setUp(self):
        super().setUp()
        self.proved.clear()

    def submit(self):
        context = ssl.create_default_context(cafile=self.edge.ca)
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
        with Client(self.edge.smtp_port) as client:
            self.assertNotIn("REQUIRETLS", client.offers)
            self.assertEqual(client.command("MAIL FROM:<a@edge.example> REQUIRETLS").code, 555)
            client.starttls(context, "mx1.edge.example")
            self.assertIn("REQUIRETLS", client.offers)
            client.deliver("a@edge.example", ["b@carrier.example"], sample(), mail_parameters="REQUIRETLS")

    def offer(self, *extensions):
        self.proved.offer(EXTENSIONS + extensions)
        self.addCleanup(self.proved.offer, EXTENSIONS)

    def test_it_goes_to_a_server_that_proves_itself_and_promises_the_same(self):
        self.offer("REQUIRETLS")
        self.submit()
        message, = self.proved.wait(1)
        self.assertIn("REQUIRETLS", message.mail)

    def test_it_is_returned_when_the_server_does_not(self):
        self.submit()
        report, = self.edge.store.wait(1)
        self.assertIn(b"5.7.30", report.content)
        self.assertEqual(self.proved.messages, [])


if __name__ == "__main__":
    harness.main()
