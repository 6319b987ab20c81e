"""A connection cut after each octet of a transfer, one message for each: what is sent again arrives exactly once.
ISTHMUS_CUT_STEP: only at every so many octets (1)."""
import os

import harness
from conformance_peer import PeerAndGateway
from harness import sample
from peer import channel
from peer.client import Refused

STEP = int(os.environ.get("ISTHMUS_CUT_STEP", "1"))


class Cuts(PeerAndGateway):
    def send_cut(self, message, octets):
        """How much more there was to send when the connection closed after so many octets."""
        session = self.open(pipelined=True)
        connection, left = session.connection, octets
        write = connection.write

        def cut_write(data):
            nonlocal left
            write(data[:max(left, 0)])
            left -= len(data)
            if left <= 0:
                connection.flush()
                raise channel.Gone("cut")

        connection.write = cut_write
        try:
            session.send(message)
        except (channel.Gone, Refused):
            pass
        finally:
            connection.close()
        return -left

    def test_after_each_octet(self):
        cut, behind = 1, 0
        sent = {}
        while behind >= 0:
            content = sample(f"cut {cut}")
            message = self.message(content)
            behind = self.send_cut(message, cut)
            session = self.open(pipelined=True)
            outcome, = session.send(message)
            session.connection.close()
            self.assertTrue(outcome.accepted, (cut, outcome))
            sent[f"Subject: cut {cut}\r\n".encode()] = content
            cut += STEP
        self.carrier.wait_queue(0, 60)
        arrived = [message.content for message in self.carrier.store.messages]
        self.assertEqual(len(arrived), len(sent))
        for content in arrived:
            subject = content[content.index(b"Subject: cut "):].partition(b"\n")[0] + b"\n"
            self.assertTrue(content.endswith(sent.pop(subject)), subject)
        print(f"{len(arrived)} messages, cut after each of {cut} octets by {STEP}; each arrived once", flush=True)


if __name__ == "__main__":
    harness.main()
