"""Transfers at the end that receives: the states of objects and messages (docs/xproto.md, section 4)."""
import re
import time

from . import channel, compression, envelopes, hops, messages, traces
from .incoming import ID_OCTETS, LIMITS, MOST, Message, Part, Wrong, read_xfer
from .lines import Item, Quoted
from .outcomes import PERMISSIONS

FRAGMENTS, HELD_GROUPS = 10000, 16
NUMBER = re.compile("[1-9][0-9]{0,17}")
WITHOUT_PERMISSION = (messages.ENVELOPE, messages.HEADERS, messages.BODY)


class Fatal(Exception):
    """The session ends with [* ERR code reason]."""

    def __init__(self, code, reason):
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


class Receiver:
    """The messages of one session."""

    def __init__(self, session):
        self.session = session
        self.messages = {}  # id: Message
        self.tags = {}      # tag of an open XFER: Part
        self.queue = []     # parts that wait for room in the window
        self.swallow = {}   # tag of a refused XFER: octets that its sender may have sent before it knew

    @property
    def server(self):
        return self.session.server

    @property
    def pipelined(self):
        return "PIPE" in self.session.on

    # --- XFER ---

    def xfer(self, line):
        try:
            asked = read_xfer(line, self.session.on)
        except Wrong as wrong:
            groups = [[Item(wrong.unknown, word="ERR", code="99.0.5.9", text="Unknown.")]] if wrong.unknown else ()
            return self.session.complain(line.tag, wrong.code, "", groups)
        message = self.messages.get(asked.id)
        place = message.place(asked.type) if message else 0
        if message is None and asked.type == messages.ENVELOPE:
            return self.begin(asked)
        if message is None or place > len(message.parts):
            self.may_come(asked)
            return self.session.say(line.tag, "ERR", "99.0.5.22", "the part before was not asked for, or refused")
        part = message.parts[place] if place < len(message.parts) else None
        if part is not None and (part.state != "between" or part.type != asked.type):
            return self.session.complain(line.tag, "99.0.5.24", "already under way")
        if part is not None:
            return self.fragment(part, asked)
        if not self.pipelined and message.parts[-1].state == "between":
            return self.session.complain(line.tag, "99.0.5.25", "first the rest of the object before")
        return self.add(message, asked)

    def begin(self, asked):
        if self.session.last_served is not None:
            self.may_come(asked)
            return self.session.say(asked.tag, "ERR", "99.0.4.2", "leaving")
        if len(self.messages) >= (self.server.window[0] if self.pipelined else 1):
            self.may_come(asked)
            return self.session.complain(asked.tag, "99.0.5.21", "too many messages at once")
        message = self.messages[asked.id] = Message(asked.id)
        return self.add(message, asked)

    def may_come(self, asked):
        """Octets that are sent without permission may be on their way, whatever the answer is."""
        if asked.now and asked.octets:
            self.swallow[asked.tag] = asked.octets

    def add(self, message, asked):
        part = Part(message, asked)
        message.parts.append(part)
        self.tags[asked.tag] = part
        if asked.start + asked.octets > MOST[asked.type]:
            return self.refuse(part, "99.0.5.20", "too large")
        if asked.pending >= FRAGMENTS:
            return self.refuse(part, "99.0.5.25", "too many fragments")
        if asked.now and (asked.octets > LIMITS["CHUNK"] or asked.pending or asked.type not in WITHOUT_PERMISSION):
            return self.refuse(part, "99.3.2.0.5.1", "not without permission")
        return self.advance(message)

    def fragment(self, part, asked):
        wanted = part.pending - 1
        part.next_fragment(asked)
        self.tags[asked.tag] = part
        if asked.pending != wanted or asked.beginning:
            return self.refuse(part, "99.0.5.25", "not the fragment that comes next")
        if len(part.content) + asked.octets > MOST[part.type]:
            return self.refuse(part, "99.0.5.20", "too large")
        return self.advance(part.message)

    def advance(self, message):
        """Asks for the first part that waits and whose turn it is."""
        for part in message.parts:
            if part.state in ("receiving", "queued", "between"):
                return
            if part.state == "waiting":
                if refusal := message.fault_before(part):
                    return self.refuse(part, *refusal)
                if self.must_queue(part):
                    part.state = "queued"
                    self.queue.append(part)
                    return
                return self.permit(part)

    def must_queue(self, part):
        permitted = [p.size for p in self.tags.values() if p.state == "receiving" and p.size > LIMITS["CHUNK"]]
        return part.size > LIMITS["CHUNK"] and bool(permitted) and sum(permitted) + part.size > self.server.window[1]

    def permit(self, part):
        if part.type == messages.ENVELOPE and (self.session.peer, part.message.id) in self.server.owned:
            return self.already_had(part)
        if part.fragments == 1 and (refusal := self.server.judge(part.type.partition("/")[2], part) or self.go_on(part)):
            return self.refuse(part, *refusal)
        if part.type == messages.LEAF and part.fragments == 1 and self.leaf_is_here(part):
            return self.close(part)
        part.state = "receiving"
        if part.now:
            octets, part.early = bytes(part.early), bytearray()
            return self.take(part, octets)
        self.say_working(part)
        self.session.say(part.tag, "TMP", PERMISSIONS[part.type], "Go ahead.")
        if not self.pipelined:
            self.receive_bare(part)
        elif part.left == 0:
            self.take(part, b"")

    def receive_bare(self, part):
        """In pieces, so that what was here is known when the connection breaks."""
        while part.left > LIMITS["CHUNK"]:
            self.take(part, self.session.connection.exactly(LIMITS["CHUNK"]), LIMITS["CHUNK"])
        self.take(part, self.session.connection.exactly(part.left), part.left)

    def already_had(self, part):
        self.session.say(part.tag, "OK", "99.0.2.7", "We already have it.")
        del self.tags[part.tag]
        self.keep_swallowing(part)
        self.end(part.message, part)

    def say_working(self, part):
        times, seconds = self.server.working
        for _ in range(times):
            self.session.say(part.tag, "TMP", "99.0.3.7", "Still working on it.")
            time.sleep(seconds)

    # --- leaves that are here, and objects that go on ---

    def leaf_is_here(self, part):
        octets = self.server.leaves.get((self.session.peer, part.message.leaf_of(part).digest))
        if octets is None:
            return False
        part.content, part.left, part.pending, part.here = bytearray(octets), 0, 0, True
        return True

    def held_key(self, part):
        return self.session.peer, part.message.id, part.message.digest_of(part)

    def go_on(self, part):
        """(code, text) when the octets that FROM builds on are not here."""
        if not part.asked.beginning:
            return None
        held = self.server.held.pop(self.held_key(part), b"")[:part.asked.start]
        if len(held) < part.asked.start or envelopes.digest(held) != part.asked.beginning:
            return "99.0.4.60", "begin anew"
        part.content += held
        return None

    def hold(self):
        """The connection is gone: what has come of large objects may be of use."""
        for message in self.messages.values():
            for part in message.parts:
                if part.state in ("receiving", "between") and part.content and message.digest_of(part):
                    self.server.held[self.held_key(part)] = bytes(part.content)

    def stat(self, line):
        if len(line.parameters) != 1 or type(line.parameters[0]) is not str or len(line.parameters[0].encode()) > ID_OCTETS:
            return self.session.complain(line.tag, "99.0.5.4", "STAT message-id")
        owned = (self.session.peer, line.parameters[0]) in self.server.owned
        held = [(digest, len(octets)) for (peer, id_, digest), octets in self.server.held.items()
                if (peer, id_) == (self.session.peer, line.parameters[0])]
        self.session.say(line.tag, "OK", "99.0.2.7" if owned else "99.0.2.30", "",
                         [[Item("HELD", f"{digest};{octets}")] for digest, octets in held[:HELD_GROUPS]])

    # --- octets ---

    def data(self, line):
        count, size = self.chunk_sizes(line)
        part = self.tags.get(line.tag)
        permitted = part is not None and (part.state == "receiving" or part.now)
        allowed = self.swallow.get(line.tag, 0) if part is None else part.left if permitted else 0
        if not self.pipelined or not allowed and line.tag not in self.swallow:
            raise Fatal("99.0.5.15", "octets that nobody asked for")
        if size > min(allowed, LIMITS["CHUNK"]):
            raise Fatal("99.0.5.13", "a chunk that is too large")
        octets = self.session.connection.exactly(count)
        if part is None:
            self.swallow[line.tag] -= size
            return None
        if size != count:
            try:
                octets = compression.unpack(octets, size)
            except compression.Broken as broken:
                part.left -= size
                return self.refuse(part, "99.3.3.0.5.1", str(broken))
        return self.take(part, octets, size)

    def chunk_sizes(self, line):
        """Octets that travel, and octets that they stand for."""
        items = line.items()
        if len(line.parameters) != 1 or not isinstance(line.parameters[0], int) or line.parameters[0] == 0 or line.tag is None \
                or len(items) > 1:
            raise Fatal("99.0.5.4", "[tag DATA {octets}]")
        count = line.parameters[0]
        if not items:
            return count, count
        size = items[0].value or ""
        if items[0].name != "ZSTD" or "ZSTD" not in self.session.on or isinstance(size, Quoted) or not NUMBER.fullmatch(size) \
                or int(size) <= count:
            raise Fatal("99.0.5.4", "[tag DATA {octets} (ZSTD=more)]")
        return count, int(size)

    def take(self, part, octets, arrived=0):
        part.left -= arrived
        if part.state != "receiving":
            part.early += octets
            if sum(len(p.early) for p in self.tags.values()) > self.server.now_octets:
                raise Fatal("99.0.5.13", "too much without permission")
            return
        part.content += octets
        if self.server.cut and len(part.content) >= self.server.cut:
            self.server.cut = 0
            raise channel.Gone("cut by the test")
        if part.left == 0:
            self.close(part)

    def close(self, part):
        """A fragment, or all of an object, is here."""
        del self.tags[part.tag]
        if part.pending:
            part.state = "between"
            self.session.say(part.tag, "OK", "99.0.2.5", "Received.")
        elif refusal := part.message.fault_after(part, self.server.recipients):
            self.refuse(part, *refusal)
        else:
            self.answer(part)
        self.serve_queue()

    def answer(self, part):
        message = part.message
        part.state = "done"
        if part.type == messages.LEAF:
            self.server.leaves[(self.session.peer, message.leaf_of(part).digest)] = bytes(part.content)
        groups = [[Item("RCPT", str(number), word, code, text)] for number, (word, code, text) in
                  message.recipients.items()] if part.type == messages.ENVELOPE else []
        if not message.is_last(part):
            self.session.say(part.tag, "OK", "99.0.2.7" if part.here else "99.0.2.5", "Received.", groups)
            self.advance(message)
            return
        whole = message.content()
        if fault := whole.object_fault():
            return self.refuse(part, "99.0.5.34", fault)
        if refusal := self.server.judge("end", whole):
            return self.refuse(part, *refusal)
        self.say_working(part)
        self.server.keep_message(self.session.peer, whole, self.judge_trace(message.envelope))
        self.session.say(part.tag, "OK", "99.0.2.6", "Stored; the message is ours now.", groups)
        self.end(message, part)
        if "TRACE" in self.session.on:
            for told in self.server.tells(whole):
                self.session.write(hops.write(told))

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
        if self.pipelined and (part.state == "receiving" or part.now) and part.left:
            self.swallow[part.tag] = part.left

    def end(self, message, ended_by):
        """The message is over: its other open XFERs are answered."""
        self.messages.pop(message.id, None)
        order = message.parts.index(ended_by)
        for place, part in enumerate(message.parts):
            if part in self.queue:
                self.queue.remove(part)
            if part is ended_by or self.tags.pop(part.tag, None) is None:
                continue
            self.keep_swallowing(part)
            self.session.say(part.tag, "ERR", "99.0.5.22" if place > order else "99.0.5.23", "the message is over")

    def abor(self, line):
        if len(line.parameters) != 1 or not str(line.parameters[0]).isdigit() or isinstance(line.parameters[0], int):
            return self.session.complain(line.tag, "99.0.5.4", "ABOR=tag")
        tag = int(line.parameters[0])
        part = self.tags.get(tag)
        if part is None:
            part = next((p for m in self.messages.values() for p in m.parts if p.tag == tag), None)
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
