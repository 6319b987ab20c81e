"""A gateway and, at the other end, the second implementation of tests/conformance (docs/conformance.md)."""
import os
import sys

import harness
from harness import IsthmusTest, isthmus, sample

FOLDER = os.path.join(harness.ROOT, "tests", "conformance")
sys.path.insert(0, FOLDER)

from make.authority import USER_USE, Holder, issue  # noqa: E402
from peer import messages, tools, traces  # noqa: E402
from peer.client import Client, Identity  # noqa: E402
from peer.lines import Item  # noqa: E402
from peer.server import Server  # noqa: E402

EDGE, CARRIER = "mx1.edge.example", "mx1.carrier.example"


class PeerAndGateway(IsthmusTest):
    """carrier.example is a gateway; edge.example has the certificates of one, and Python for everything else."""
    trust = "trusted"
    peer_keys = {}  # of [[peer]], besides

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.edge_folder = os.path.join(cls.folder, "edge")
        isthmus("init", cls.edge_folder, "--site", "edge.example")
        cls.carrier = cls.make_gateway("carrier.example")
        cls.identity = cls.identity_of(cls.edge_folder, EDGE, cls.carrier.folder)
        cls.carrier.store = cls.make_sink()
        cls.server = Server(cls.identity)
        cls.addClassCleanup(cls.server.close)
        cls.carrier.config["route"] = [
            {"domain": "edge.example", "via": "xproto", "to": f"127.0.0.1:{cls.server.port}"},
            {"domain": "carrier.example", "via": "smtp", "to": f"127.0.0.1:{cls.carrier.store.port}"},
        ]
        cls.carrier.config["peer"] = [{"host": EDGE, "ca": os.path.join(cls.edge_folder, "ca.pem"), "trust": cls.trust,
                                       **cls.peer_keys}]
        cls.carrier.start()
        cls.scratch = tools.Scratch()
        cls.addClassCleanup(cls.scratch.__exit__)
        ca = os.path.join(cls.edge_folder, "ca.pem")
        cls.authority = Holder(os.path.join(cls.edge_folder, "state", "ca-key.pem"), ca,
                               tools.certificates_of(tools.read(ca))[0])

    @staticmethod
    def identity_of(folder, host, peer_folder):
        anchors = tools.certificates_of(tools.read(os.path.join(peer_folder, "ca.pem")))
        return Identity(host, os.path.join(folder, "state", "host.pem"), os.path.join(folder, "state", "host-key.pem"), anchors)

    def setUp(self):
        self.carrier.store.clear()
        self.server.taken.clear()

    def tearDown(self):
        self.assertEqual(self.server.failures, [])

    def open(self, pipelined=False, identity=None):
        session = Client.open(("127.0.0.1", self.carrier.xproto_port), identity or self.identity, CARRIER)
        self.addCleanup(session.connection.close)
        if pipelined:
            self.assertEqual(session.option(Item("PIPE", "ON")).word, "OK")
        return session

    def user(self, address):
        return issue(self.scratch, "a user", [*USER_USE, "subjectAltName = email:" + address], self.authority, "p256", 7)

    def draft(self, content, recipients=("b@carrier.example",), sender="a@edge.example", **options):
        return messages.draft(content, sender, list(recipients), "edge.example", **options)

    def hop(self, envelope, **facts):
        strings = {"host": EDGE, "peer": "pc.edge.example", "peer-address": "192.0.2.1", "protocol": "ESMTPS", "id": "4f2a",
                   "next": CARRIER, **facts}
        traces.add_hop(envelope, self.identity.chain(), self.identity.key, {k: v.encode() for k, v in strings.items()})

    def message(self, content=None, **options):
        envelope, header, body = self.draft(sample() if content is None else content, **options)
        self.hop(envelope)
        return messages.finish(envelope, header, body)

    def arrived(self, content):
        """The one message at the store: what is below the trace fields must be what was sent."""
        kept, = self.carrier.store.wait(1)
        trace = harness.wire.split_trace(kept.content, content)
        self.assertGreaterEqual(len(trace), 1)
        return kept
