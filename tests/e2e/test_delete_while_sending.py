"""A message that an operator deletes while it is being sent is given up where that is still possible, and its outcome is told where
it is not. It is never tried again, and nobody is sent a report."""
import os
import threading
import time

import harness
from client import Client
from harness import IsthmusTest, TwoSites, isthmus, sample, wait_for
from test_testing_tools import Tool


class OverSmtp(TwoSites):
    """From carrier to its store, which answers when the test lets it."""

    def setUp(self):
        super().setUp()
        self.reached, self.go_on = threading.Event(), threading.Event()
        self.addCleanup(self.go_on.set)
        self.addCleanup(setattr, self.carrier.store, "script", None)

    def stop_at(self, stage, answer=None):
        def script(verb, _):
            if verb != stage or self.reached.is_set():
                return None
            self.reached.set()
            self.go_on.wait(30)
            return answer
        self.carrier.store.script = script

    def deleted_under_way(self):
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example", "c@carrier.example"], sample("deleted"))
        self.assertTrue(self.reached.wait(20))
        message, = self.carrier.wait_queue(1)
        self.carrier.cli("queue delete", message["id"])
        self.carrier.wait_queue(0)
        self.carrier.wait_log(rf"id={message['id']} .*event=deleted under_way=true")
        return message["id"]

    def assert_nothing_else(self, arrived):
        """Later mail passes, and that is all that comes."""
        self.carrier.cli("queue retry", "--all", check=False)
        with Client(self.edge.smtp_port) as client:
            client.deliver("last@edge.example", ["b@carrier.example"], sample("last"))
        self.carrier.store.wait_for(lambda message: message.sender == "last@edge.example")
        self.carrier.wait_queue(0)
        self.assertEqual(len(self.carrier.store.messages), arrived + 1)
        self.assertEqual(self.edge.store.messages, [], "somebody was sent a report")
        self.carrier.stop()
        self.carrier.start()
        self.assertEqual(self.carrier.queue(), [])

    def test_before_the_content_it_is_given_up(self):
        # With CHUNKING all of a small message is on its way at once, and cannot be taken back.
        self.store_offers(self.carrier, ["PIPELINING", "8BITMIME"])
        for stage in ("MAIL", "RCPT", "DATA"):
            with self.subTest(stage):
                self.reached.clear()
                self.go_on.clear()
                self.carrier.store.clear()
                self.stop_at(stage)
                deleted = self.deleted_under_way()
                self.carrier.wait_log(rf"id={deleted} .*event=deletion_ended .*delivered=false not_known=false")
                self.go_on.set()
                self.assert_nothing_else(0)

    def test_what_was_sent_whole_is_told_of(self):
        self.stop_at("END")
        deleted = self.deleted_under_way()
        self.assertNotIn(f"id={deleted} event=deletion_ended", self.carrier.log())
        self.go_on.set()
        self.carrier.wait_log(rf"id={deleted} .*event=deletion_ended rcpt=b@carrier\.example .*delivered=true")
        self.carrier.wait_log(rf"id={deleted} .*event=delivered rcpt=b@carrier\.example")
        self.assert_nothing_else(1)

    def test_what_was_refused_after_it_is_not_reported(self):
        self.stop_at("END", "550 5.6.0 no")
        deleted = self.deleted_under_way()
        self.go_on.set()
        self.carrier.wait_log(rf"id={deleted} .*event=deletion_ended .*delivered=false")
        self.assert_nothing_else(0)

    def test_what_was_put_off_after_it_is_not_tried_again(self):
        self.stop_at("END", "451 4.3.0 later")
        deleted = self.deleted_under_way()
        self.go_on.set()
        self.carrier.wait_log(rf"id={deleted} .*event=deletion_ended .*delivered=false")
        self.assert_nothing_else(0)


class OverXproto(IsthmusTest):
    """From edge to an xproto sink that takes its time."""

    def deliver_to(self, *options, content=None):
        self.edge = self.make_gateway(f"e{len(self.gateways)}.example")
        folder = os.path.join(self.folder, f"far{len(self.gateways)}")
        isthmus("init", folder, "--site", "far.example")
        self.kept = os.path.join(folder, "kept")
        self.sink = Tool("sink", "--site", folder, "--ca", self.edge.ca, "--seconds", 60, "--listen", "127.0.0.1:0", "--dir",
                         self.kept, "-v", *options)
        self.addCleanup(self.sink.close)
        self.edge.store = self.make_sink()
        self.edge.config["route"] = [
            {"domain": "far.example", "via": "xproto", "to": self.sink.address, "host": "mx1.far.example"},
            {"domain": self.edge.site, "via": "smtp", "to": f"127.0.0.1:{self.edge.store.port}"}]
        self.edge.config["peer"] = [{"host": "mx1.far.example", "ca": os.path.join(folder, "ca.pem"), "trust": "trusted"}]
        self.edge.config["log"] = {"level": "debug"}
        self.edge.start()
        with Client(self.edge.smtp_port) as client:
            client.deliver(f"a@{self.edge.site}", ["b@far.example"], content or sample("deleted", b"x" * 76 + b"\r\n" * 200000))
        self.edge.wait_log("event=xproto_ready")
        message, = self.edge.wait_queue(1)
        wait_for(lambda: any(to["state"] == "active" for one in self.edge.queue() for to in one["recipients"]), 20, "attempt")
        return message["id"]

    def folders(self):
        return os.listdir(self.kept) if os.path.isdir(self.kept) else []

    def test_before_the_body_it_is_given_up(self):
        deleted = self.deliver_to("--delay", "body=3", "--count", 1)
        self.edge.cli("queue delete", deleted)
        self.edge.wait_log(rf"id={deleted} .*event=deletion_ended .*delivered=false not_known=false")
        with Client(self.edge.smtp_port) as client:
            client.deliver(f"a@{self.edge.site}", ["c@far.example"], sample("next"))
        self.edge.wait_log(r"event=delivered rcpt=c@far\.example")
        self.edge.wait_queue(0)
        _, said = self.sink.end()
        self.assertRegex(said, r"ABOR")
        self.assertEqual(len(self.folders()), 1)
        self.assertEqual(self.edge.store.messages, [])

    def test_what_was_sent_whole_is_told_of(self):
        deleted = self.deliver_to("--delay", "end=3", content=sample("small"))
        wait_for(lambda: self.edge.log().count("xproto_ready"), 10, "session")
        time.sleep(1)  # the content is on its way, and its answer is late
        self.edge.cli("queue delete", deleted)
        self.edge.wait_log(rf"id={deleted} .*event=deletion_ended .*delivered=true")
        self.edge.wait_queue(0)
        self.assertEqual(len(self.folders()), 1)


del TwoSites

if __name__ == "__main__":
    harness.main()
