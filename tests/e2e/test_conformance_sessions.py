"""The session vectors, whole dialogues in exact octets: the gateway answers as they say, and so does the second implementation."""
import harness
from conformance_peer import CARRIER, PeerAndGateway
import play
from make import files, sessions
from peer.server import Server


class Sessions(PeerAndGateway):
    def player(self, port):
        return play.Player(("127.0.0.1", port), self.identity, CARRIER, "a@edge.example", "b@carrier.example")

    def hold(self, port):
        player = self.player(port)
        for vector in files.load("sessions"):
            with self.subTest(vector["name"]):
                self.assertIsNone(player.fault(vector))

    def test_the_gateway(self):
        self.hold(self.carrier.xproto_port)

    def test_the_second_implementation(self):
        server = Server(self.identity_of(self.carrier.folder, CARRIER, self.edge_folder))
        self.addCleanup(server.close)
        self.hold(server.port)
        self.assertEqual(server.failures, [])

    def test_the_vectors_are_what_their_cases_say(self):
        self.assertEqual(files.load("sessions"), sessions.vectors())


if __name__ == "__main__":
    harness.main()
