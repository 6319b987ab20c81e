"""A message that goes in a circle is stopped after a bounded number of hops, and its sender is told."""
import harness
from client import Client
from harness import TwoSites, sample


class LoopsEnd(TwoSites):
    @classmethod
    def configure(cls):
        for here, there in ((cls.edge, cls.carrier), (cls.carrier, cls.edge)):
            here.config["limits"] = {"hops": 10}
            here.config["route"].append({"domain": "loop.example", "via": "xproto", "to": f"127.0.0.1:{there.xproto_port}",
                                         "host": there.host})

    def test_two_routes_that_point_at_each_other(self):
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@loop.example"], sample())
        report = self.edge.store.wait(1, 60)[0]
        self.assertIn(b"Status: 5.4.6", report.content)
        self.assertEqual(report.addresses, ["a@edge.example"])
        self.edge.wait_queue(0)
        self.carrier.wait_queue(0)

    def test_received_fields_count_as_hops(self):
        content = b"Received: from a by b; Sat, 22 Nov 2025 10:00:00 +0000\r\n" * 40 + sample()
        with Client(self.edge.smtp_port) as client:
            client.envelope("a@edge.example", ["b@carrier.example"])
            answer = client.data(content)
        self.assertEqual((answer.code, answer.text[:5]), (554, "5.4.6"))


if __name__ == "__main__":
    harness.main()
