"""The end that sends: greeting, HELO with proofs both ways, options, synchronous and pipelined transfers."""
import dataclasses
import os
import re
import time

from . import channel, envelopes, lines, messages, proofs, tools
from .lines import Item, Request, Response

VERSION = "1.0"
PERMISSIONS = {messages.ENVELOPE: "99.0.3.5", messages.HEADERS: "99.0.3.6", messages.BODY: "99.0.3.8"}
STORED, HAD, RECEIVED, WORKING, MORE = "99.0.2.6", "99.0.2.7", "99.0.2.5", "99.0.3.7", "99.0.3.9"
RECIPIENT = re.compile(r"([1-9][0-9]*)(?:;([0-9]{3}))?")


class Violation(Exception):
    """The other end broke the protocol."""


class Refused(Exception):
    """The other end said ERR where the session cannot go on."""

    def __init__(self, response):
        super().__init__(f"{response.code} {response.text}")
        self.response = response


@dataclasses.dataclass
class Identity:
    """Files of one site's host, and the CA (DER) that its peers' certificates come from."""
    host: str
    certificate: str
    key: str
    anchors: list = dataclasses.field(default_factory=list)

    def chain(self):
        return tools.certificates_of(tools.read(self.certificate))


@dataclasses.dataclass
class Outcome:
    """What became of one message: word and code of the deciding answer, and recipients that fared differently."""
    word: str = "lost"
    code: str = ""
    text: str = ""
    smtp: str | None = None
    recipients: dict = dataclasses.field(default_factory=dict)  # number: Item
    answers: list = dataclasses.field(default_factory=list)     # (tag, Response) in order

    @property
    def accepted(self):
        return self.word == "OK" and self.code in (STORED, HAD)


class Client:
    """One session with a server. The methods are called in their order: greet, helo, options, then transfers, quit."""

    def __init__(self, connection, identity, peer_host):
        self.connection, self.identity, self.peer_host = connection, identity, peer_host
        self.tag = 0
        self.greeting = None
        self.limits = {}
        self.window = (1, 0)
        self.offered = {}
        self.pipelined = False
        self.nonce, self.named = "", identity.host
        self.server_hosts = None  # what the server proved
        self.notices = []
        self.guest = None  # with DUPLEX: who deals with the server's requests

    @classmethod
    def open(cls, address, identity, peer_host, tls=True):
        """Connects and comes as far as the session goes without options."""
        context = None
        if tls:
            context = channel.context(False, identity.certificate, identity.key)
        made = cls(channel.Channel.connect(address, context, peer_host), identity, peer_host)
        try:
            made.greet()
            made.helo()
        except Exception:
            made.connection.close()
            raise
        return made

    # --- lines ---

    def request(self, verb, *parameters, groups=()):
        self.tag += 1
        self.connection.write(lines.write(Request(self.tag, verb, list(parameters), [list(g) for g in groups])))
        return self.tag

    def receive(self, seconds=channel.PATIENCE):
        """The next line that is not dealt with here."""
        while (line := self.next(seconds)) is None:
            pass
        return line

    def next(self, seconds=channel.PATIENCE):
        """The next line; None when it was a notice, or a request that is dealt with."""
        line = self.connection.line(seconds)
        if isinstance(line, Request) and self.guest:
            self.guest.handle(line)
            return None
        if not isinstance(line, Response) or line.tag is not None:
            return line
        self.notices.append(line)
        if line.word == "ERR":
            raise Refused(line)
        return None

    def answer(self, tag, seconds=channel.PATIENCE):
        line = self.receive(seconds)
        if not isinstance(line, Response) or line.tag != tag:
            raise Violation(f"wanted the answer to {tag}, got {line}")
        return line

    # --- set-up ---

    def greet(self):
        line = self.connection.line()
        if not isinstance(line, Response) or line.tag is not None:
            raise Violation(f"not a greeting: {line}")
        if line.word == "ERR":
            raise Refused(line)
        if (line.word, line.code) != ("TMP", "99.0.3.1"):
            raise Violation(f"not a greeting: {line}")
        if VERSION not in (line.value("VER") or "").split(";"):
            raise Violation("no common version")
        if not re.fullmatch("(?:[0-9a-f]{2}){16,64}", line.value("NONCE") or ""):
            raise Violation("no nonce")
        if (line.value("HOST") or "").lower() != self.peer_host.lower():
            raise Violation(f"greeted by {line.value('HOST')}")
        self.greeting = line
        self.read_limits(line)

    def read_limits(self, line):
        item = line.item("LIMITS")
        if item and item.text:
            pairs = [word.partition("=") for word in item.text.split(" ")]
            self.limits = {name: int(number) for name, _, number in pairs}

    def transcript(self, role):
        return proofs.transcript(role, self.greeting.value("NONCE"), self.nonce, self.named, self.peer_host,
                                 self.connection.exporter)

    def helo(self, proof=None, nonce=None, named=True):
        """HELO with our proof; answers the server's own. Refused when the server does not want us. Without being named, the
        one name of our certificate is meant."""
        self.nonce = os.urandom(16).hex() if nonce is None else nonce
        self.named = self.identity.host if named else None
        proof = proof or proofs.make(self.identity.certificate, self.identity.key, self.transcript("client"))
        groups = [[Item("VER", VERSION)]] + ([[Item("NONCE", self.nonce)]] if self.nonce else [])
        tag = self.request("HELO", *([self.named] if named else []), len(proof), groups=groups)
        line = self.answer(tag)
        if line.word == "ERR":
            raise Refused(line)
        if (line.word, line.code) != ("TMP", "99.0.3.2"):
            raise Violation(f"not a call for the proof: {line}")
        self.connection.write(proof)
        line = self.receive()
        if isinstance(line, Request):
            self.check_server(line)
            line = self.receive()
        if not isinstance(line, Response) or line.tag != tag or line.word == "TMP":
            raise Violation(f"wanted the answer to HELO, got {line}")
        if line.word == "ERR":
            raise Refused(line)
        self.welcome(line)

    def check_server(self, request):
        if request.verb != "HELO" or len(request.parameters) != 2 or not isinstance(request.parameters[1], int):
            raise Violation(f"not the server's HELO: {request}")
        host, count = request.parameters
        if host.lower() != self.peer_host.lower():
            raise Violation(f"HELO of {host}")
        self.connection.write(lines.write(Response(request.tag, "TMP", "99.0.3.2", text="Friend or foe?")))
        proof = self.connection.exactly(count)
        try:
            self.server_hosts = proofs.verify(proof, self.transcript("server"), self.identity.anchors, time.time(), host)
        except proofs.Invalid as error:
            self.connection.write(lines.write(Response(request.tag, "ERR", "99.0.5.42", text=str(error))))
            self.connection.finish()
            raise Violation(f"the server's proof: {error}") from None
        self.connection.write(lines.write(Response(request.tag, "OK", "99.0.2.1", text="Greetings friend.")))

    def welcome(self, line):
        self.read_limits(line)
        for item in line.items():
            if item.name == "WINDOW" and item.value:
                count, octets = item.value.split(";")
                self.window = (int(count), int(octets))
            elif item.name not in ("LIMITS", "VER", "HOST", "NONCE"):
                self.offered[item.name] = item.value

    def option(self, *items):
        """OPT; the answer. PIPE is remembered."""
        line = self.answer(self.request("OPT", groups=[list(items)]))
        if line.word == "OK":
            for item in items:
                if item.name == "PIPE":
                    self.pipelined = item.value == "ON"
        return line

    def noop(self):
        return self.answer(self.request("NOOP"))

    def quit(self):
        line = self.answer(self.request("QUIT"))
        self.connection.finish()
        return line

    # --- transfers ---

    def ask(self, message, type_, octets, pending=0, digest=True):
        groups = [[Item("DIGEST", envelopes.digest(message.objects[type_]))]] if digest else []
        return self.request("XFER", message.id, type_, octets, pending, groups=groups)

    def send(self, *sent):
        """Sends messages and gives their outcomes, in order."""
        if self.pipelined:
            return Pipeline(self, sent).run()
        return [self.send_one(message) for message in sent]

    def send_one(self, message, fragments=1):
        """Synchronously: one XFER at a time, octets bare behind their permission."""
        outcome = Outcome()
        for type_, octets in message.objects.items():
            for piece, pending in split(octets, fragments):
                line = self.exchange(message, type_, piece, pending, outcome)
                if line.word == "ERR" or line.code == HAD:
                    return decide(outcome, line)
            wanted = STORED if type_ == list(message.objects)[-1] else RECEIVED
            if line.code != wanted:
                raise Violation(f"{type_} answered {line.code}")
        return decide(outcome, line)

    def exchange(self, message, type_, piece, pending, outcome):
        tag = self.ask(message, type_, len(piece), pending)
        permitted = False
        while True:
            line = self.answer(tag)
            outcome.answers.append((tag, line))
            note(outcome, line)
            if line.word != "TMP":
                return line
            if line.code == PERMISSIONS[type_] and not permitted:
                permitted = True
                self.connection.write(piece)
            elif line.code not in (WORKING, MORE):
                raise Violation(f"unexpected {line}")


def split(octets, count):
    """(piece, how many follow) of an object that travels in fragments."""
    size = max(1, -(-len(octets) // count))
    pieces = [octets[i:i + size] for i in range(0, len(octets), size)] or [b""]
    return [(piece, len(pieces) - 1 - index) for index, piece in enumerate(pieces)]


def note(outcome, line):
    """Remembers what an answer says about single recipients."""
    for item in line.items():
        if item.name == "RCPT":
            match = RECIPIENT.fullmatch(item.value or "")
            if not match or item.word not in ("OK", "ERR"):
                raise Violation(f"a recipient that nobody can read: {item}")
            outcome.recipients[int(match.group(1))] = item
        elif item.name == "SMTP":
            outcome.smtp = item.text


def decide(outcome, line):
    outcome.word, outcome.code, outcome.text = line.word, line.code, line.text
    return outcome


class Transfer:
    """One object of one message under way."""

    def __init__(self, number, message, type_):
        self.number, self.message, self.type = number, message, type_
        self.octets = message.objects[type_]
        self.at = 0
        self.permitted = self.answered = False


class Pipeline:
    """Sends messages interleaved: all XFERs of a message at once, chunks in turns with the smallest rest first."""

    def __init__(self, client, sent):
        self.client = client
        self.waiting = list(enumerate(sent))
        self.outcomes = [Outcome() for _ in sent]
        self.open = {}  # tag: Transfer
        self.chunk = min(client.limits.get("CHUNK", 65536), 65536)

    def run(self):
        while self.waiting or self.open:
            self.begin()
            self.write_chunks()
            while True:
                line = self.client.next()
                if line is not None:
                    self.take(line)
                if not self.client.connection.incoming:
                    break
        return self.outcomes

    def begin(self):
        while self.waiting and len({t.number for t in self.open.values()}) < self.client.window[0]:
            number, message = self.waiting.pop(0)
            for type_, octets in message.objects.items():
                self.open[self.client.ask(message, type_, len(octets))] = Transfer(number, message, type_)

    def write_chunks(self):
        """Everything that has permission, one chunk a turn; answers that come meanwhile are read first."""
        while True:
            ready = [(len(t.octets) - t.at, tag) for tag, t in self.open.items() if t.permitted and t.at < len(t.octets)]
            if not ready or self.client.connection.incoming:
                return
            for _, tag in sorted(ready):
                transfer = self.open[tag]
                piece = transfer.octets[transfer.at:transfer.at + self.chunk]
                transfer.at += len(piece)
                self.client.connection.write(b"[%d DATA {%d}]\r\n" % (tag, len(piece)) + piece)
            while self.client.connection.backlog() > 1 << 20 and not self.client.connection.incoming:
                self.client.connection.pump(time.monotonic() + channel.PATIENCE)

    def take(self, line):
        if not isinstance(line, Response) or line.tag not in self.open:
            raise Violation(f"an answer to nothing: {line}")
        transfer = self.open[line.tag]
        outcome = self.outcomes[transfer.number]
        outcome.answers.append((line.tag, line))
        note(outcome, line)
        if line.word == "TMP":
            if line.code == PERMISSIONS[transfer.type] and not transfer.permitted:
                transfer.permitted = True
            elif line.code not in (WORKING, MORE):
                raise Violation(f"unexpected {line}")
            return
        del self.open[line.tag]
        if line.word == "OK" and line.code == RECEIVED:
            return
        if outcome.word == "lost" or outcome.word == "ERR" and line.code not in ("99.0.5.22", "99.0.5.23"):
            decide(outcome, line)
