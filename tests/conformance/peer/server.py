"""The end that receives: answers as the state tables of docs/xproto.md say, and keeps what it took in memory."""
import dataclasses
import os
import re
import socket
import threading
import time

from . import channel, lines, messages, options, proofs
from .channel import Channel
from .lines import Item, Request, Response
from .incoming import LIMITS
from .receiver import Fatal, Receiver

BEFORE_HELO, ERRORS = 131072, 20
KNOWN_GROUPS = {"HELO": ("VER", "NONCE")}
HOST = re.compile(r"[A-Za-z0-9\-.]+")


@dataclasses.dataclass
class Taken:
    """A message that this server owns, and what it thinks of it."""
    message: messages.Message
    peer: str
    trace: str    # "intact", or the first broken link
    objects: str  # "sound", or the first fault


class Server:
    """Listens on 127.0.0.1 from construction to close(). One thread a session.

    judge(stage, object) may return (code, text[, SMTP code]) to refuse; stages: helo (the host), envelope, headers, body
    skeleton, leaf (before their octets; the Part), end (the Message). recipients(envelope) may give {number: (word, code,
    text)}. offers: the options that peers are offered. tells(message) gives the hops that TRACE tells of once the message is ours.
    working: how often, and how many seconds apart, `TMP 99.0.3.7` is said before permission and before the last answer.
    leaving: the next session to see it says that it leaves. cut: the next object to have so many octets breaks the connection.
    """

    def __init__(self, identity, tls=True, prove=True, trusted=True, judge=None, recipients=None, window=(64, 16777216),
                 offers=("PIPE",)):
        self.identity, self.prove, self.trusted, self.window = identity, prove, trusted, window
        self.judge, self.recipients = judge or (lambda *_: None), recipients or (lambda _: {})
        self.tls = tls
        self.offers = offers
        self.tells, self.working, self.leaving, self.cut = (lambda _: ()), (0, 0), False, 0
        self.now_octets = 1 << 20
        self.owned = {}      # (peer, id): Taken
        self.leaves = {}     # (peer, digest): octets of leaves that came
        self.held = {}       # (peer, id, digest): the beginning of a body or leaf
        self.taken = []
        self.sessions = []
        self.failures = []
        self.changed = threading.Condition()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        session = None
        try:
            context = channel.context(True, self.identity.certificate, self.identity.key) if self.tls else None
            session = Session(self, Channel(sock, context, True))
            self.sessions.append(session)
            session.run()
        except (channel.Gone, channel.Late, OSError):
            pass
        except Exception as error:  # a bug of ours: the test that looks at `failures` shall see it
            self.failures.append(error)
        finally:
            sock.close()

    @property
    def options(self):
        """What peers are offered."""
        return self.offers if self.trusted else ()

    def hang_up(self):
        """Breaks all connections that there are."""
        for session in self.sessions:
            session.connection.hang_up()

    def close(self):
        self.listener.close()

    def keep_message(self, peer, message, trace):
        taken = Taken(message, peer, trace, message.object_fault() or "sound")
        with self.changed:
            self.owned[(taken.peer, taken.message.id)] = taken
            self.taken.append(taken)
            self.changed.notify_all()

    def wait(self, count, seconds=30):
        with self.changed:
            self.changed.wait_for(lambda: len(self.taken) >= count, seconds)
            if len(self.taken) < count:
                raise AssertionError(f"{len(self.taken)} of {count} messages; {self.failures}")
            return list(self.taken)


def helo_parameters(parameters):
    """(host or None, octets) of a HELO; (None, None) when they are wrong."""
    *names, count = parameters or [None]
    is_host = all(type(name) is str and HOST.fullmatch(name) for name in names)  # a quoted one is none
    good = len(names) <= 1 and is_host and isinstance(count, int) and count > 0
    return (names[0] if names else None, count) if good else (None, None)


class Answering:
    """Whoever answers requests on a `connection`, and counts its peer's `errors`."""

    def write(self, line):
        self.connection.write(lines.write(line))

    def say(self, tag, word, code, text="", groups=()):
        self.write(Response(tag, word, code, [list(g) for g in groups], text))

    def complain(self, tag, code, text="", groups=()):
        self.say(tag, "ERR", code, text, groups)
        self.errors += 1
        if self.errors > ERRORS:
            raise Fatal("99.0.5.7", "too many errors")


class Session(Answering):
    """One connection: set-up here, transfers in Receiver."""

    def __init__(self, server, connection):
        self.server, self.connection = server, connection
        self.nonce = os.urandom(16).hex()
        self.peer = None
        self.client_host = None
        self.last_tag = 0
        self.last_served = None  # once we said that we leave
        self.quit = False
        self.on = set()
        self.errors = 0
        self.before_helo = 0
        self.receiver = Receiver(self)

    def run(self):
        try:
            self.greet()
            while True:
                if self.server.leaving and self.peer and self.last_served is None:
                    self.leave()
                line = self.next_line()
                if isinstance(line, Response):
                    raise Fatal("99.0.5.15", "nobody asked for that")
                if self.handle(line) == "close":
                    break
        except lines.Malformed as error:
            self.say(None, "ERR", "99.0.5.1", str(error))
        except Fatal as error:
            self.say(None, "ERR", error.code, error.reason)
        finally:
            self.receiver.hold()
        self.connection.finish()

    def leave(self):
        """Serves what was asked for so far, and nothing after it."""
        self.server.leaving, self.last_served = False, self.last_tag
        self.say(None, "ERR", "99.0.4.2", "Shutting down.", [[Item("LAST", str(self.last_tag))]])

    def next_line(self):
        octets = self.connection.line_octets(60)
        if self.peer is None:
            self.count_before_helo(len(octets))
        line = lines.parse(octets)
        if isinstance(line, Request) and line.verb != "DATA":
            if line.tag is None:
                raise lines.Malformed("a request without a tag")
            if line.tag <= self.last_tag:
                raise Fatal("99.0.5.5", "tags must increase")
            self.last_tag = line.tag
        return line

    def count_before_helo(self, octets):
        self.before_helo += octets
        if self.before_helo > BEFORE_HELO:
            raise Fatal("99.0.5.13", "too much before HELO")

    def limits(self):
        return [Item("LIMITS", text=" ".join(f"{name}={number}" for name, number in LIMITS.items()))]

    def greet(self):
        self.say(None, "TMP", "99.0.3.1", "Hi there.", (
            [Item("VER", "1.0")], [Item("HOST", self.server.identity.host)], [Item("NONCE", self.nonce)], self.limits()))

    def handle(self, line):
        if line.verb == "DATA":
            return self.receiver.data(line)
        unknown = [item.name for item in line.items() if item.name not in KNOWN_GROUPS.get(line.verb, ())]
        handler = getattr(self, "on_" + line.verb.lower(), None)
        if handler is None or line.verb == "STAT" and "STAT" not in self.on:
            return self.complain(line.tag, "99.0.5.2", "unknown verb")
        if self.peer is None and line.verb not in ("NOOP", "QUIT", "HELO", "OPT"):
            return self.complain(line.tag, "99.0.5.3", "HELO first")
        if unknown and line.verb not in ("OPT", "XFER"):
            groups = [[Item(name, word="ERR", code="99.0.5.9", text="Unknown.")] for name in unknown[:options.JUDGED]]
            return self.complain(line.tag, "99.0.5.0", "", groups)
        return handler(line)

    def on_noop(self, line):
        if line.parameters:
            return self.complain(line.tag, "99.0.5.4", "NOOP has no parameters")
        self.say(line.tag, "OK", "99.0.2.3", "Still here.")

    def on_quit(self, line):
        if line.parameters:
            return self.complain(line.tag, "99.0.5.4", "QUIT has no parameters")
        self.receiver.drain()
        self.say(line.tag, "OK", "99.0.2.4", "Goodbye.")
        self.quit = True
        return "close"

    # --- HELO ---

    def on_helo(self, line):
        if self.peer is not None:
            return self.complain(line.tag, "99.0.5.3", "not twice")
        host, count = helo_parameters(line.parameters)
        if count is None:
            return self.complain(line.tag, "99.0.5.4", "HELO [host] {octets}")
        given = {item.name: item.value for item in line.items()}
        if len(given) < len(line.items()):
            return self.complain(line.tag, "99.0.5.4", "a thing twice")
        if given.get("VER", "1.0") != "1.0":
            return self.complain(line.tag, "99.0.5.8", "no such version")
        self.client_nonce = given.get("NONCE") or ""
        if self.client_nonce and not re.fullmatch("(?:[0-9a-f]{2}){16,64}", self.client_nonce):
            return self.complain(line.tag, "99.0.5.4", "not a nonce")
        if count > 65536:
            return self.complain(line.tag, "99.0.5.20", "too large a proof")
        self.say(line.tag, "TMP", "99.0.3.2", "Friend or foe?")
        self.count_before_helo(count)
        return self.judge_proof(line.tag, host, self.connection.exactly(count))

    def transcript(self, role, host):
        return proofs.transcript(role, self.nonce, self.client_nonce, host, self.server.identity.host,
                                 self.connection.exporter)

    def judge_proof(self, tag, host, proof):
        try:
            hosts = proofs.verify(proof, self.transcript("client", host), self.server.identity.anchors, time.time(), host)
        except proofs.Invalid as error:
            self.say(tag, "ERR", "99.0.5.42", str(error))
            return "close"
        if host is None and len(hosts) != 1:
            self.say(tag, "ERR", "99.0.5.41", "which of its names?")
            return "close"
        self.client_host = host
        proved = (host or hosts[0]).lower()
        if refusal := self.server.judge("helo", proved):
            self.say(tag, "ERR", *refusal[:2])
            return "close"
        if self.server.prove and not self.prove_ourselves():
            return "close"
        self.peer = proved
        groups = [[Item(name)] for name in self.server.options]
        if "PIPE" in self.server.options:
            groups.append([Item("WINDOW", "%d;%d" % self.server.window)])
        if "NOW" in self.server.options:
            groups.append([Item("LIMITS", text=f"NOW={self.server.now_octets}")])
        self.say(tag, "OK", "99.0.2.1", "Greetings friend.", groups)

    def prove_ourselves(self):
        identity = self.server.identity
        proof = proofs.make(identity.certificate, identity.key, self.transcript("server", self.client_host))
        self.connection.write(lines.write(Request(1, "HELO", [identity.host, len(proof)])))
        line = self.connection.line()
        if line.tag == 1 and isinstance(line, Response) and (line.word, line.code) == ("TMP", "99.0.3.2"):
            self.connection.write(proof)
            line = self.connection.line()
        return isinstance(line, Response) and (line.tag, line.word) == (1, "OK")

    # --- options ---

    def on_opt(self, line):
        if self.receiver.messages:
            return self.complain(line.tag, "99.0.5.3", "not while messages are under way")
        items = line.items()
        if line.parameters or not items or len(items) > options.JUDGED:
            return self.complain(line.tag, "99.0.5.4", "OPT (NAME=value)")
        refused, groups, on = options.judge(items, self.server.options if self.peer else (), self.on)
        if refused:
            return self.complain(line.tag, "99.0.5.0", "Nothing was changed.", groups)
        self.on = on
        self.say(line.tag, "OK", "99.0.2.2", "Go ahead.", groups)

    # --- transfers ---

    def on_xfer(self, line):
        return self.receiver.xfer(line)

    def on_abor(self, line):
        return self.receiver.abor(line)

    def on_stat(self, line):
        return self.receiver.stat(line)
