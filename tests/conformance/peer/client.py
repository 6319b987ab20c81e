"""The end that sends: greeting, HELO with proofs both ways, options, synchronous and pipelined transfers."""
import dataclasses
import os
import re
import time

from . import channel, envelopes, lines, options, proofs, tools
from .lines import Item, Request, Response
from .outcomes import HAD, PERMISSIONS, RECEIVED, STORED, MORE, WORKING, Outcome, Violation, decide, note
from .pipeline import Pipeline
from .plans import Plan

VERSION = "1.0"
HELD, LEAVING = "99.0.2.30", "99.0.4.2"
HELD_VALUE = re.compile(f"({envelopes.DIGEST});(0|[1-9][0-9]{{0,17}})")
HELD_GROUPS = 16


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


class Client:
    """One session with a server. The methods are called in their order: greet, helo, options, then transfers, quit."""

    def __init__(self, connection, identity, peer_host):
        self.connection, self.identity, self.peer_host = connection, identity, peer_host
        self.tag = 0
        self.greeting = None
        self.limits = {}
        self.window = (1, 0)
        self.offered = {}
        self.on = set()        # options that are on
        self.leaving = None    # once the server said that it leaves: the last tag that it reads
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

    @property
    def pipelined(self):
        return "PIPE" in self.on

    def receive(self, seconds=channel.PATIENCE):
        """The next line that is not dealt with here."""
        while (line := self.line(seconds)) is None:
            pass
        return line

    def line(self, seconds=channel.PATIENCE):
        """The next line; None when it was a notice, or a request that is dealt with."""
        line = self.connection.line(seconds)
        if isinstance(line, Request) and self.guest:
            self.guest.handle(line)
            return None
        if not isinstance(line, Response) or line.tag is not None:
            return line
        self.notices.append(line)
        if (line.word, line.code) == ("ERR", LEAVING):
            self.leaving = int(line.value("LAST") or 0)
        elif line.word == "ERR":
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
            self.limits |= {name: int(number) for name, _, number in pairs}

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
        """OPT; the answer."""
        line = self.answer(self.request("OPT", groups=[list(items)]))
        if line.word == "OK":
            self.on = options.switched(self.on, items)
        return line

    def stat(self, id_):
        """What the server holds of a message: (does it own the message, {digest of an object: octets})."""
        line = self.answer(self.request("STAT", id_))
        if line.word != "OK" or line.code not in (HELD, HAD):
            raise Refused(line)
        held = [HELD_VALUE.fullmatch(item.value or "") for item in line.items() if item.name == "HELD"]
        if None in held or len(held) > HELD_GROUPS:
            raise Violation(f"nobody can read what is held: {line}")
        return line.code == HAD, {match.group(1): int(match.group(2)) for match in held}

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

    def ask_piece(self, plan, piece, *more):
        return self.request("XFER", plan.id, piece.type, len(piece.octets), piece.pending,
                            groups=[[item] for item in (*piece.claims, *more)])

    def send(self, *sent):
        """Sends messages, or plans of them, and gives their outcomes, in order."""
        plans = [one if isinstance(one, Plan) else Plan(one) for one in sent]
        if self.pipelined:
            return Pipeline(self, plans).run()
        return [self.send_plan(plan) for plan in plans]

    def send_one(self, message, fragments=1):
        return self.send_plan(Plan(message, fragments))

    def send_plan(self, plan):
        """Synchronously: one XFER at a time, octets bare behind their permission."""
        outcome = Outcome()
        for number, pieces in enumerate(plan.objects):
            for piece in pieces:
                line = self.exchange(plan, piece, outcome)
                if line.word == "ERR" or line.code == HAD:
                    break
            if line.word == "ERR" or line.code == HAD and number == 0:
                break
            last = number == len(plan.objects) - 1
            if line.code != STORED if last else line.code not in (RECEIVED, HAD):
                raise Violation(f"{piece.type} answered {line.code}")
        return decide(outcome, line)

    def exchange(self, plan, piece, outcome):
        tag = self.ask_piece(plan, piece)
        permitted = False
        while True:
            line = self.answer(tag)
            outcome.answers.append((tag, line))
            note(outcome, line)
            if line.word != "TMP":
                return line
            if line.code == PERMISSIONS[piece.type] and not permitted:
                permitted = True
                self.connection.write(piece.octets)
            elif line.code not in (WORKING, MORE):
                raise Violation(f"unexpected {line}")
