"""Mail for foreign domains is taken only from those whom the configuration lets relay."""
import harness
from client import Client
from harness import TwoSites, sample


class NoOpenRelay(TwoSites):
    @classmethod
    def configure(cls):
        cls.edge.config["route"].append({"domain": "*", "via": "smtp", "to": f"127.0.0.1:{cls.edge.store.port}"})
        cls.carrier.config["route"].append({"domain": "*", "via": "smtp", "to": f"127.0.0.1:{cls.carrier.store.port}"})
        cls.carrier.config["smtp"]["relay_from"] = ["127.0.0.0/8"]

    def test_foreign_domains_are_denied(self):
        with Client(self.edge.smtp_port) as client:
            client.expect(250, "MAIL FROM:<a@elsewhere.example>")
            for recipient in ("b@foreign.example", "b@sub.edge.example", "b@xedge.example", "b@[127.0.0.1]",
                              "b%foreign.example@foreign.example", "b@edge.example.foreign.example"):
                answer = client.command(f"RCPT TO:<{recipient}>")
                self.assertEqual((answer.code, answer.text[:5]), (550, "5.7.1"), f"{recipient}: {answer!r}")
            client.expect(250, "RCPT TO:<b@edge.example>")
            client.expect(250, "RCPT TO:<b@EDGE.Example>")
            client.expect(250, "RCPT TO:<b@carrier.example>")

    def test_a_permitted_network_may_relay(self):
        content = sample()
        with Client(self.carrier.smtp_port) as client:
            client.deliver("a@elsewhere.example", ["b@foreign.example"], content)
        self.assert_octets(self.carrier.store.wait(1)[0], content)

    def test_source_routes_do_not_get_around_it(self):
        with Client(self.edge.smtp_port) as client:
            client.expect(250, "MAIL FROM:<a@elsewhere.example>")
            self.assertEqual(client.command("RCPT TO:<@edge.example:b@foreign.example>").code, 550)


if __name__ == "__main__":
    harness.main()
