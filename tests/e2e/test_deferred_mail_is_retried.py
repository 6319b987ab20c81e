"""A message waits while the next hop is away, busy or broken, and goes when the hop is well again: once."""
import harness
from client import Client
from harness import TwoSites, sample
from sink import DROP


class DeferredMailIsRetried(TwoSites):
    def send(self, recipients=("b@carrier.example",)):
        content = sample()
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", recipients, content)
        return content

    def test_the_store_is_down(self):
        self.carrier.store.close()
        self.addCleanup(lambda: self.carrier.store._listener or self.carrier.store.open())
        content = self.send()
        waiting, = self.carrier.wait_queue(1)
        self.assertIn("b@carrier.example", str(waiting))
        self.edge.wait_queue(0)  # the edge has handed it over and forgotten it
        self.carrier.store.open()
        self.assert_octets(self.carrier.store.wait(1)[0], content)
        self.carrier.wait_queue(0)
        self.assertEqual(len(self.carrier.store.messages), 1)

    def test_the_other_gateway_is_down(self):
        self.carrier.stop()
        content = self.send()
        self.edge.wait_queue(1)
        self.carrier.start()
        self.assert_octets(self.carrier.store.wait(1)[0], content)
        self.edge.wait_queue(0)

    def test_a_greylisting_store_gets_only_the_deferred_recipients_again(self):
        seen = set()

        def script(verb, argument):
            if verb == "RCPT" and "slow" in argument and argument not in seen:
                seen.add(argument)
                return "450 4.7.1 come again"
            return None
        self.carrier.store.script = script
        content = self.send(["fast@carrier.example", "slow@carrier.example"])
        first, second = self.carrier.store.wait(2)
        self.assertEqual((first.addresses, second.addresses), (["fast@carrier.example"], ["slow@carrier.example"]))
        for message in (first, second):
            self.assert_octets(message, content)
        self.carrier.wait_queue(0)
        self.assertEqual(self.edge.store.messages, [])

    def test_a_deferred_content_is_tried_again(self):
        answers = iter(["451 4.3.0 not now", "421 4.3.2 going away"])
        self.carrier.store.script = lambda verb, _: next(answers, None) if verb == "END" else None
        content = self.send()
        self.assert_octets(self.carrier.store.wait(1)[0], content)
        self.assertEqual(len(self.carrier.store.refused), 2)

    def test_a_connection_lost_before_the_answer_means_again(self):
        drops = iter([DROP, DROP])
        self.carrier.store.script = lambda verb, _: next(drops, None) if verb == "END" else None
        content = self.send()
        self.assert_octets(self.carrier.store.wait(1)[0], content)

    def test_a_store_that_greets_badly(self):
        answers = iter(["421 4.3.2 full house", "554 5.3.2 no service", DROP])
        self.carrier.store.script = lambda verb, _: next(answers, None) if verb == "CONNECT" else None
        content = self.send()
        self.assert_octets(self.carrier.store.wait(1)[0], content)


class TimeRunsOut(TwoSites):
    @classmethod
    def configure(cls):
        cls.carrier.config["queue"].update({"expire": "4s", "delay_notice": "1s"})
        cls.carrier.config["route"][1]["to"] = "127.0.0.1:1"  # nobody listens there

    def test_the_sender_is_warned_and_then_told(self):
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], sample(), "", "NOTIFY=FAILURE,DELAY")
        self.edge.store.wait_for(lambda message: b"Action: delayed" in message.content)
        failed = self.edge.store.wait_for(lambda message: b"Action: failed" in message.content)
        self.assertRegex(failed.content.decode(), r"Status: [45]\.4\.\d+")
        self.carrier.wait_queue(0)


if __name__ == "__main__":
    harness.main()
