"""Transfers at the end that receives: the states of objects and messages (docs/xproto.md, section 4)."""
from . import documents, envelopes, headers, messages, traces
from .lines import Item

TYPES = (messages.ENVELOPE, messages.HEADERS, messages.BODY)
PERMISSIONS = dict(zip(TYPES, ("99.0.3.5", "99.0.3.6", "99.0.3.8")))
LIMITS = {"CHUNK": 65536, "ENVELOPE": 1 << 20, "HEADERS": 4 << 20, "BODY": 50 << 20, "RCPTMAX": 1000}
LIMIT_OF = dict(zip(TYPES, ("ENVELOPE", "HEADERS", "BODY")))
FRAGMENTS, ID_OCTETS = 10000, 255


class Fatal(Exception):
    """The session ends with [* ERR code reason]."""

    def __init__(self, code, reason):
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class Part:
    """One object of a message under way. `state`: waiting, queued, receiving, between, done."""

    def __init__(self, message, tag, type_, octets, pending):
        self.message, self.tag, self.type = message, tag, type_
        self.left, self.size, self.pending = octets, octets, pending
        self.state = "waiting"
        self.content = bytearray()
        self.fragments = 1

    def next_fragment(self, tag, octets, pending):
        self.tag, self.left, self.pending = tag, octets, pending
        self.size = octets
        self.fragments += 1
        self.state = "waiting"


class Incoming:
    """One message under way."""

    def __init__(self, id_):
        self.id = id_
        self.parts = {}       # type: Part
        self.announced = None  # types that follow the envelope, once it is here


class Receiver:
    """The messages of one session."""

    def __init__(self, session):
        self.session = session
        self.pipelined = False
        self.messages = {}  # id: Incoming
        self.tags = {}      # tag of an open XFER: Part
        self.queue = []     # parts that wait for room in the window
        self.swallow = {}   # tag of a refused XFER: octets that its sender may have sent before it knew

    @property
    def server(self):
        return self.session.server

    # --- XFER ---

    def xfer(self, line):
        parameters = line.parameters
        if [type(p) for p in parameters] != [str, str, int, int] or parameters[1] not in TYPES \
                or len(parameters[0].encode()) > ID_OCTETS:
            return self.session.complain(line.tag, "99.0.5.4", "XFER message-id type {octets} {pending}")
        id_, type_, octets, pending = parameters
        message = self.messages.get(id_)
        part = message.parts.get(type_) if message else None
        if part is not None and part.state != "between":
            return self.session.complain(line.tag, "99.0.5.24", "already under way")
        if part is not None:
            return self.fragment(part, line.tag, octets, pending)
        if type_ != TYPES[0] and (message is None or TYPES[TYPES.index(type_) - 1] not in message.parts):
            return self.session.say(line.tag, "ERR", "99.0.5.22", "the part before was not asked for, or refused")
        if message is None:
            if len(self.messages) >= (self.server.window[0] if self.pipelined else 1):
                return self.session.complain(line.tag, "99.0.5.21", "too many messages at once")
            message = self.messages[id_] = Incoming(id_)
        part = message.parts[type_] = Part(message, line.tag, type_, octets, pending)
        self.tags[line.tag] = part
        if octets > LIMITS[LIMIT_OF[type_]]:
            return self.refuse(part, "99.0.5.20", "too large")
        if pending >= FRAGMENTS:
            return self.refuse(part, "99.0.5.25", "too many fragments")
        return self.advance(message)

    def fragment(self, part, tag, octets, pending):
        wanted = part.pending - 1
        part.next_fragment(tag, octets, pending)
        self.tags[tag] = part
        if pending != wanted:
            return self.refuse(part, "99.0.5.25", "not the fragment that comes next")
        if len(part.content) + octets > LIMITS[LIMIT_OF[part.type]]:
            return self.refuse(part, "99.0.5.20", "too large")
        return self.advance(part.message)

    def advance(self, message):
        """Asks for the first part that waits and whose turn it is."""
        for type_ in TYPES:
            part = message.parts.get(type_)
            if part is None or part.state in ("receiving", "queued", "between"):
                return
            if part.state == "waiting":
                if part.type != TYPES[0] and part.type not in message.announced:
                    return self.refuse(part, "99.0.5.35", "the envelope announces no such object")
                if self.must_queue(part):
                    part.state = "queued"
                    self.queue.append(part)
                    return
                return self.permit(part)

    def must_queue(self, part):
        permitted = [p.size for p in self.tags.values() if p.state == "receiving" and p.size > LIMITS["CHUNK"]]
        return part.size > LIMITS["CHUNK"] and bool(permitted) and sum(permitted) + part.size > self.server.window[1]

    def permit(self, part):
        if part.type == TYPES[0] and (self.session.peer, part.message.id) in self.server.owned:
            return self.already_had(part)
        if part.fragments == 1 and (refusal := self.server.judge(part.type.partition("/")[2], part)):
            return self.refuse(part, *refusal)
        part.state = "receiving"
        self.session.say(part.tag, "TMP", PERMISSIONS[part.type], "Go ahead.")
        if not self.pipelined:
            self.take(part, self.session.connection.exactly(part.left))
        elif part.left == 0:
            self.take(part, b"")

    def already_had(self, part):
        self.session.say(part.tag, "OK", "99.0.2.7", "We already have it.")
        del self.tags[part.tag]
        self.end(part.message, part)

    # --- octets ---

    def data(self, line):
        if len(line.parameters) != 1 or not isinstance(line.parameters[0], int) or line.parameters[0] == 0 \
                or line.groups or line.tag is None:
            raise Fatal("99.0.5.4", "[tag DATA {octets}]")
        count = line.parameters[0]
        part = self.tags.get(line.tag)
        allowed = self.swallow.get(line.tag, 0) if part is None else part.left if part.state == "receiving" else 0
        if not self.pipelined or not allowed:
            raise Fatal("99.0.5.15", "octets that nobody asked for")
        if count > min(allowed, LIMITS["CHUNK"]):
            raise Fatal("99.0.5.13", "a chunk that is too large")
        octets = self.session.connection.exactly(count)
        if part is None:
            self.swallow[line.tag] -= count
        else:
            self.take(part, octets)
        return None

    def take(self, part, octets):
        part.content += octets
        part.left -= len(octets)
        if part.left:
            return
        del self.tags[part.tag]
        if part.pending:
            part.state = "between"
            self.session.say(part.tag, "OK", "99.0.2.5", "Received.")
        elif refusal := self.finish(part):
            self.refuse(part, *refusal)
        else:
            self.answer(part)
        self.serve_queue()

    def finish(self, part):
        """(code, text) when the object that has arrived is refused."""
        message, octets = part.message, bytes(part.content)
        try:
            if part.type == messages.ENVELOPE:
                return self.finish_envelope(message, octets)
            if part.type == messages.HEADERS:
                headers.parse(octets)
        except documents.Refused as refused:
            return refused.code, refused.reason
        announced = message.announced[part.type]
        if (len(octets), envelopes.digest(octets)) != (announced.octets, announced.digest):
            return "99.0.5.34", "not the octets that the envelope names"
        return None

    def finish_envelope(self, message, octets):
        envelope = message.envelope = envelopes.parse(octets)
        if envelope.id.decode("utf-8", "replace") != message.id:
            return "99.0.5.32", "not the id that XFER named"
        if any(extension.critical for extension in envelope.extensions):
            return "99.0.5.36", "an unknown critical extension"
        message.announced = {one.type.decode("utf-8", "replace"): one for one in envelope.objects}
        message.recipients = self.server.recipients(envelope)
        return None

    def answer(self, part):
        message = part.message
        part.state = "done"
        last = all(type_ in message.parts and message.parts[type_].state == "done" for type_ in message.announced)
        groups = [[Item("RCPT", str(number), word, code, text)] for number, (word, code, text) in
                  message.recipients.items()] if part.type == messages.ENVELOPE else []
        if not last:
            self.session.say(part.tag, "OK", "99.0.2.5", "Received.", groups)
            self.advance(message)
            return
        whole = messages.Message(message.id, {t: bytes(message.parts[t].content) for t in TYPES if t in message.parts})
        if refusal := self.server.judge("end", whole):
            self.refuse(part, *refusal)
            return
        self.server.keep_message(self.session.peer, whole, self.judge_trace(message.envelope))
        self.session.say(part.tag, "OK", "99.0.2.6", "Stored; the message is ours now.", groups)
        self.end(message, part)

    def judge_trace(self, envelope):
        try:
            traces.verify(envelope, self.session.peer, self.server.identity.host)
        except traces.Broken as broken:
            return str(broken)
        return "intact"

    def serve_queue(self):
        while self.queue and not self.must_queue(self.queue[0]):
            self.permit(self.queue.pop(0))

    # --- ends ---

    def refuse(self, part, code, text="", smtp=None):
        """ERR to one object ends its message."""
        self.tags.pop(part.tag, None)
        self.keep_swallowing(part)
        self.session.say(part.tag, "ERR", code, text, [[Item("SMTP", text=str(smtp))]] if smtp else ())
        self.end(part.message, part)

    def keep_swallowing(self, part):
        if self.pipelined and part.state == "receiving" and part.left:
            self.swallow[part.tag] = part.left

    def end(self, message, ended_by):
        """The message is over: its other open XFERs are answered."""
        self.messages.pop(message.id, None)
        order = TYPES.index(ended_by.type)
        for type_, part in message.parts.items():
            if part in self.queue:
                self.queue.remove(part)
            if part is ended_by or self.tags.pop(part.tag, None) is None:
                continue
            self.keep_swallowing(part)
            later = TYPES.index(type_) > order
            self.session.say(part.tag, "ERR", "99.0.5.22" if later else "99.0.5.23", "the message is over")

    def abor(self, line):
        if len(line.parameters) != 1 or not str(line.parameters[0]).isdigit() or isinstance(line.parameters[0], int):
            return self.session.complain(line.tag, "99.0.5.4", "ABOR=tag")
        tag = int(line.parameters[0])
        part = self.tags.get(tag)
        if part is None:
            part = next((p for m in self.messages.values() for p in m.parts.values() if p.tag == tag), None)
            if part is None:
                return self.session.say(line.tag, "ERR", "99.0.5.6", "no such command is under way")
        self.session.say(line.tag, "OK", "108.0.2.1", f"Command number {tag} killed.")
        if tag in self.tags:
            return self.refuse(part, "99.0.5.23", "Transfer failed.")
        return self.end(part.message, part)

    def drain(self):
        """After QUIT: what has permission may still arrive, nothing else."""
        while self.tags:
            line = self.session.next_line()
            if getattr(line, "verb", None) == "DATA":
                self.data(line)
            elif getattr(line, "verb", None) == "ABOR":
                self.abor(line)
            else:
                raise Fatal("99.0.5.3", "not after QUIT")
