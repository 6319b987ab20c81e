"""Octets on sockets: ports, a reader that loses nothing, and what SMTP's DATA does to content.

Everything here has a time limit, and every socket belongs to the test that opened it.
"""
import random
import re
import socket

PATIENCE = 30  # seconds that a read or a connect may take before the test fails


class Gone(Exception):
    """The other side closed the connection."""


def reserve_port():
    """A free port on 127.0.0.1 that nobody else gets for the next minute.

    Taken below the range the kernel hands out by itself, and left in TIME_WAIT: a server that sets SO_REUSEADDR can
    bind it, again and again, while a plain bind (another test's reservation) finds it taken.
    """
    low, high = 20000, 32000
    for _ in range(200):
        port = random.randrange(low, high)
        with socket.socket() as probe, socket.socket() as listener:
            try:
                probe.bind(("127.0.0.1", port))  # fails where another reservation stands
                probe.close()
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(("127.0.0.1", port))
                listener.listen(1)
            except OSError:
                continue
            with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as outgoing:
                incoming, _ = listener.accept()
                incoming.close()  # closed first: this side, the port's, keeps the TIME_WAIT
                outgoing.recv(1)
            return port
    raise RuntimeError("no free port found")


class Reader:
    """Reads a socket by lines and by counts, keeping the octets exactly."""

    def __init__(self, sock):
        self.sock = sock
        self.buffer = bytearray()

    def _more(self):
        octets = self.sock.recv(65536)
        if not octets:
            raise Gone(bytes(self.buffer))
        self.buffer += octets

    def _take(self, count):
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def line(self):
        """Up to and including the next CRLF."""
        start = 0
        while (end := self.buffer.find(b"\r\n", start)) < 0:
            start = max(0, len(self.buffer) - 1)
            self._more()
        return self._take(end + 2)

    def pieces(self, count):
        """Exactly `count` octets, in pieces as they come."""
        while count > 0:
            if not self.buffer:
                self._more()
            piece = self._take(min(count, len(self.buffer)))
            count -= len(piece)
            yield piece

    def exactly(self, count):
        return b"".join(self.pieces(count))

    def data(self):
        """The content of DATA up to the line of the final dot, unstuffed (RFC 5321 4.5.2), in pieces of whole lines."""
        while True:
            while (end := self.buffer.rfind(b"\r\n")) < 0:
                self._more()
            lines = b"\r\n" + self.buffer[:end + 2]
            last = lines.find(b"\r\n.\r\n")
            piece = lines[2:] if last < 0 else lines[2:last + 2]
            self._take(len(piece) + (0 if last < 0 else 3))
            yield (b"\r\n" + piece).replace(b"\r\n.", b"\r\n")[2:]
            if last >= 0:
                return
            if not self.buffer.endswith(b"\r\n"):
                self._more()


def stuff(content):
    """Content as DATA carries it (RFC 5321 4.5.2), with the final dot."""
    stuffed = (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:]
    return stuffed + (b"" if stuffed.endswith(b"\r\n") or not stuffed else b"\r\n") + b".\r\n"


RECEIVED = re.compile(rb"Received:[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*")


def split_trace(received, sent):
    """(the trace fields that stand before `sent` in `received`), or a failure that says where the octets differ."""
    trace, rest = [], received
    while len(rest) > len(sent) and (match := RECEIVED.match(rest)):
        trace.append(match.group(0))
        rest = rest[match.end():]
    if rest == sent:
        return trace
    at = next((i for i, (a, b) in enumerate(zip(rest, sent)) if a != b), min(len(rest), len(sent)))
    raise AssertionError(
        f"octets differ at {at} of {len(sent)}, after {len(trace)} trace fields:\n"
        f"  sent     ...{sent[max(0, at - 40):at + 60]!r}\n  received ...{rest[max(0, at - 40):at + 60]!r}")
