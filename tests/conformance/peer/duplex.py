"""The connecting end as one that takes messages too (docs/xproto.md, "Full duplex")."""
from .lines import Item
from .incoming import LIMITS
from .receiver import Fatal, Receiver
from .server import Answering, Taken


class Guest(Answering):
    """What a client takes in a session that it has opened. From construction on, `client` handles the server's requests
    whenever it reads; `accepted` says whether the server agreed."""

    def __init__(self, client, window=(8, 1 << 20), judge=None):
        self.client, self.connection, self.identity = client, client.connection, client.identity
        self.peer, self.window, self.owned = client.peer_host, window, {}
        self.judge, self.recipients = judge or (lambda *_: None), lambda _: {}
        self.last_tag = 1  # the server's HELO
        self.errors = 0
        self.taken = []
        self.tells, self.working, self.cut, self.last_served = (lambda _: ()), (0, 0), 0, None
        self.now_octets, self.leaves, self.held = 0, {}, {}
        self.receiver = Receiver(self)
        limits = " ".join(f"{name}={number}" for name, number in LIMITS.items())
        tag = client.request("OPT", groups=[[Item("PIPE", "ON")], [Item("DUPLEX", "ON")], [Item("LIMITS", text=limits)],
                                            [Item("WINDOW", "%d;%d" % window)]])
        self.answer = client.answer(tag)
        self.accepted = self.answer.word == "OK"
        if self.accepted:
            client.on |= {"PIPE", "DUPLEX"}
            client.guest = self

    # What a Receiver wants of its session, and that of its server.
    @property
    def server(self):
        return self

    @property
    def on(self):
        return self.client.on

    def keep_message(self, peer, message, trace):
        self.owned[(peer, message.id)] = message
        self.taken.append(Taken(message, peer, trace, message.object_fault() or "sound"))

    def handle(self, line):
        """A request of the server."""
        if line.verb == "DATA":
            return self.receiver.data(line)
        if line.tag is None or line.tag <= self.last_tag:
            raise Fatal("99.0.5.5", "tags must increase")
        self.last_tag = line.tag
        handler = {"XFER": self.receiver.xfer, "ABOR": self.receiver.abor}.get(line.verb)
        if handler is None:
            return self.complain(line.tag, "99.0.5.2", "unknown verb")
        unknown = [item.name for item in line.items()]
        if unknown and line.verb != "XFER":
            groups = [[Item(name, word="ERR", code="99.0.5.9", text="Unknown.")] for name in unknown]
            return self.complain(line.tag, "99.0.5.0", "", groups)
        return handler(line)

    def take(self, count):
        """Reads until so many messages have been taken."""
        while len(self.taken) < count:
            line = self.client.line()
            assert line is None, f"an answer to nothing: {line}"
        return list(self.taken)
