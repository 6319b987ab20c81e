"""When the CA by which a host was believed is taken away, or the host is blocked, its open session ends too: what is under way is
acknowledged first, nothing new begins, and nobody loses mail."""
import os
import re
import shutil

import harness
from client import Client
from conformance_peer import EDGE, PeerAndGateway
from harness import TwoSites, isthmus, sample, wait_for
from peer import messages, traces
from peer.channel import Gone


def other_ca(folder):
    """Of a site that has the same name and nothing else in common."""
    path = os.path.join(folder, "stranger")
    if not os.path.exists(path):
        isthmus("init", path, "--site", "edge.example")
    return os.path.join(path, "ca.pem")


class Withdrawn(PeerAndGateway):
    """The server's side, with a message under way."""

    def setUp(self):
        super().setUp()
        self.own = os.path.join(self.edge_folder, "ca.pem")
        self.used = os.path.join(self.carrier.folder, "edge-ca.pem")
        shutil.copy(self.own, self.used)
        peer = self.carrier.config["peer"][0]
        peer.update({"ca": self.used, "trust": "trusted"})
        self.carrier.config["list"] = []
        self.carrier.reload()

    def signed(self, content):
        """By its originator too, as a peer must have it that is only known."""
        envelope, header, body = self.draft(content)
        alice = self.user("a@edge.example")
        traces.sign_origin(envelope, alice.der, alice.key)
        self.hop(envelope)
        return messages.finish(envelope, header, body)

    def begin_body(self, session, message):
        for type_, octets in message.objects.items():
            tag = session.ask(message, type_, len(octets))
            self.assertEqual(session.answer(tag).word, "TMP")
            if type_ == messages.BODY:
                return tag, octets
            session.connection.write(octets)
            self.assertEqual(session.answer(tag).code, "99.0.2.5")
        raise AssertionError("no body")

    def disowned(self, end, code):
        """`end()` while a message is under way: it arrives, the next is refused, and so is the next HELO."""
        session = self.open()
        content = sample("under way")
        tag, body = self.begin_body(session, self.signed(content))
        before = len(self.carrier.log())
        end()
        wait_for(lambda: re.search(rf"session_disowned peer={re.escape(EDGE)} .*side=server .*code={re.escape(code)}",
                                   self.carrier.log()[before:]), 20, "line in the log")
        session.connection.write(body)
        self.assertEqual(session.answer(tag).code, "99.0.2.6")
        notice = session.notices[-1]
        self.assertEqual((notice.code, session.leaving is not None), ("99.0.4.2", True))
        self.assertIn(code, str(notice))
        self.arrived(content)
        late = self.signed(sample("too late"))
        try:
            refused = session.answer(session.ask(late, messages.ENVELOPE, len(late.objects[messages.ENVELOPE])))
            self.assertEqual(refused.code, "99.0.4.2")
        except (OSError, Gone):
            pass  # it has closed by now
        self.carrier.store.clear()

    def test_the_ca_is_taken_away(self):
        self.disowned(lambda: shutil.copy(other_ca(self.folder), self.used), "99.0.5.41")

    def test_the_ca_is_taken_away_together_with_a_reload(self):
        def end():
            self.carrier.config["peer"][0]["ca"] = other_ca(self.folder)
            self.carrier.reload()
        self.disowned(end, "99.0.5.41")

    def test_the_peer_is_taken_out(self):
        peers = list(self.carrier.config["peer"])
        self.addCleanup(self.carrier.config["peer"].extend, peers)
        routes = list(self.carrier.config["route"])
        self.addCleanup(self.carrier.config.update, {"route": routes})

        def end():
            self.carrier.config["peer"].clear()
            self.carrier.config["route"] = routes[1:]
            self.carrier.reload()
        self.disowned(end, "99.0.5.12")

    def test_it_is_less_trusted_than_before(self):
        def end():
            self.carrier.config["peer"][0]["trust"] = "known"
            self.carrier.reload()
        self.disowned(end, "99.0.5.12")

    def test_its_name_is_blocked(self):
        self.carrier.config["peer"][0]["trust"] = "known"  # trusted peers are not looked up
        path = os.path.join(self.carrier.folder, "blocked.txt")
        with open(path, "w", encoding="ascii") as file:
            file.write("# nobody yet\n")
        self.carrier.config["list"] = [{"name": "ours", "kind": "block", "by": "host", "file": "blocked.txt"}]
        self.carrier.reload()

        def end():
            with open(path, "a", encoding="ascii") as file:
                file.write(EDGE + "\n")
        self.disowned(end, "99.0.5.80")

    def test_who_is_still_believed_goes_on(self):
        session = self.open()
        with open(other_ca(self.folder), encoding="ascii") as more, open(self.used, "a", encoding="ascii") as file:
            file.write(more.read())
        self.carrier.config["peer"][0]["domains"] = ["edge.example"]
        self.carrier.reload()
        content = sample("goes on")
        self.assertEqual(session.send(self.signed(content))[0].code, "99.0.2.6")
        self.arrived(content)
        self.assertEqual(session.notices, [])


class BothSides(TwoSites):
    """Gateways with a session that is kept open: mail waits until the hosts believe each other again."""

    @classmethod
    def configure(cls):
        cls.cas = {}
        for here, there in ((cls.edge, cls.carrier), (cls.carrier, cls.edge)):
            cls.cas[here] = os.path.join(here.folder, "peer-ca.pem")
            shutil.copy(there.ca, cls.cas[here])
            here.config["peer"][0]["ca"] = cls.cas[here]
        cls.edge.config["peer"][0]["keep"] = True
        cls.edge.config["log"] = {"level": "debug"}

    def deliver(self, content):
        with Client(self.edge.smtp_port) as client:
            client.deliver("a@edge.example", ["b@carrier.example"], content)

    def withdraw(self, at, peer, side):
        content = sample("before")
        self.deliver(content)
        self.assert_octets(self.carrier.store.wait(1)[0], content)
        before = len(at.log())
        shutil.copy(other_ca(self.folder), self.cas[at])
        wait_for(lambda: re.search(rf"session_disowned peer={re.escape(peer.host)} .*side={side} .*code=99\.0\.5\.41",
                                   at.log()[before:]), 20, "line in the log")
        wait_for(lambda: self.edge.metrics()['isthmus_sessions_open{protocol="xproto",side="client"}'] == 0, 20, "end of the session")
        waiting = sample("waits")
        self.carrier.store.clear()
        self.deliver(waiting)
        self.edge.wait_queue(1)
        shutil.copy(peer.ca, self.cas[at])
        self.assert_octets(self.carrier.store.wait(1, 60)[0], waiting)
        self.edge.wait_queue(0)
        self.carrier.wait_queue(0)
        self.assertEqual(len(self.carrier.store.messages), 1)

    def test_the_server_does_not_believe_the_client_any_more(self):
        self.withdraw(self.carrier, self.edge, "server")

    def test_the_client_does_not_believe_the_server_any_more(self):
        self.withdraw(self.edge, self.carrier, "client")


del TwoSites, PeerAndGateway

if __name__ == "__main__":
    harness.main()
