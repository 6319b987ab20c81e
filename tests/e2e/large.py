"""A message too large for memory, sent and compared piece by piece, while the gateways' memory is watched."""
import hashlib
import random

import wire
from client import Client
from harness import TwoSites

MIB = 1 << 20
PIECE = 1 * MIB


def pieces(octets):
    """The message, in pieces: a header, then lines that do not repeat in step with any buffer."""
    yield b"Subject: large\r\n\r\n"
    chooser = random.Random(7)
    block = b"".join(chooser.randbytes(57).hex().encode() + b"\r\n" for _ in range(3 * PIECE // 116))
    sent = 0
    while sent < octets:
        start = chooser.randrange(0, len(block) - PIECE)
        start -= start % 116  # whole lines
        piece = block[start:start + PIECE - PIECE % 116]
        sent += len(piece)
        yield piece


class LargeMessage(TwoSites):
    """Not a test itself: the journey that the large message tests make."""
    sink_options = {"to_file": True}
    octets = 0

    @classmethod
    def configure(cls):
        for gateway in (cls.edge, cls.carrier):
            gateway.config["limits"] = {"message_octets": cls.octets + 2 * MIB}
            gateway.config["timeouts"].update({"data": "10m", "reply": "10m"})

    def cross(self, memory_bound):
        digest, total = hashlib.sha256(), 0
        with Client(self.edge.smtp_port, patience=600) as client:
            client.envelope("a@edge.example", ["b@carrier.example"])
            for piece in pieces(self.octets):
                digest.update(piece)
                total += len(piece)
                client.send(b"BDAT %d\r\n" % len(piece))
                client.send(piece)
                answer = client.reply()
                self.assertEqual(answer.code, 250, answer)
            client.send(b"BDAT 0 LAST\r\n")
            answer = client.reply()
            self.assertEqual(answer.code, 250, answer)
        message, = self.carrier.store.wait(1, 900)
        with message.file as file:
            size = file.tell()
            file.seek(0)
            head = file.read(4096)
            trace = wire.split_trace(head[:head.index(b"Subject: large\r\n")], b"")
            self.assertEqual(size - sum(map(len, trace)), total)
            file.seek(size - total)
            arrived = hashlib.sha256()
            while piece := file.read(PIECE):
                arrived.update(piece)
        self.assertEqual(arrived.hexdigest(), digest.hexdigest())
        for gateway in (self.edge, self.carrier):
            peak = gateway.peak_memory()
            print(f"{gateway.site}: at most {peak // MIB} MiB resident", flush=True)
            self.assertLess(peak, memory_bound, f"{gateway.site} held too much of the message in memory")
