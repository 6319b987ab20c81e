"""Pipelined mode at the end that sends: many messages at once, chunks in turns (docs/xproto.md, section 4)."""
import time

from . import channel, compression, messages
from .lines import Item, Response
from .outcomes import HAD, MORE, PERMISSIONS, RECEIVED, WORKING, Outcome, Violation, decide, note

WHOLE = (messages.ENVELOPE, messages.HEADERS, messages.BODY)  # what may be sent without permission


class Transfer:
    """One piece of one message under way."""

    def __init__(self, sending, object_, index):
        self.sending, self.object, self.index = sending, object_, index
        self.piece = sending.plan.objects[object_][index]
        self.octets = self.piece.octets
        self.at = 0
        self.now = self.permitted = False


class Sending:
    """One message."""

    def __init__(self, plan, outcome):
        self.plan, self.outcome = plan, outcome


class Pipeline:
    """Sends messages interleaved: all XFERs of a message that may stand together at once, chunks in turns with the smallest
    rest first. NOW and ZSTD are used when they are on."""

    def __init__(self, client, plans):
        self.client = client
        self.outcomes = [Outcome() for _ in plans]
        self.waiting = [Sending(plan, outcome) for plan, outcome in zip(plans, self.outcomes)]
        self.open = {}  # tag: Transfer
        self.chunk = min(client.limits.get("CHUNK", 65536), 65536)

    def run(self):
        while self.waiting or self.open:
            if self.client.leaving is None:
                self.begin()
            elif not self.open:
                break
            self.write_chunks()
            self.read()
            while self.client.connection.incoming:
                self.read()
        return self.outcomes

    def begin(self):
        while self.waiting and len({id(t.sending) for t in self.open.values()}) < self.client.window[0]:
            sending = self.waiting.pop(0)
            for number in range(sending.plan.ahead):
                self.ask(Transfer(sending, number, 0))

    def ask(self, transfer):
        transfer.now = transfer.permitted = self.needs_no_permission(transfer)
        tag = self.client.ask_piece(transfer.sending.plan, transfer.piece, *([Item("NOW")] if transfer.now else []))
        self.open[tag] = transfer

    def needs_no_permission(self, transfer):
        """May it be sent at once, and is there room for it?"""
        size, claims = len(transfer.octets), [item.name for item in transfer.piece.claims]
        if "NOW" not in self.client.on or transfer.piece.type not in WHOLE or "FROM" in claims or not 0 < size <= self.chunk \
                or len(transfer.sending.plan.objects[transfer.object]) > 1:
            return False
        return size + sum(len(t.octets) for t in self.open.values() if t.now) <= self.client.limits.get("NOW", 0)

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
                self.client.connection.write(self.as_chunk(tag, piece))
            while self.client.connection.backlog() > 1 << 20 and not self.client.connection.incoming:
                self.client.connection.pump(time.monotonic() + channel.PATIENCE)

    def as_chunk(self, tag, piece):
        if "ZSTD" in self.client.on:
            frame = compression.pack(piece)
            if len(frame) < len(piece):
                return b"[%d DATA {%d} (ZSTD=%d)]\r\n" % (tag, len(frame), len(piece)) + frame
        return b"[%d DATA {%d}]\r\n" % (tag, len(piece)) + piece

    def read(self):
        line = self.client.line()
        if line is not None:
            self.take(line)

    def take(self, line):
        if not isinstance(line, Response) or line.tag not in self.open:
            raise Violation(f"an answer to nothing: {line}")
        transfer = self.open[line.tag]
        outcome = transfer.sending.outcome
        outcome.answers.append((line.tag, line))
        note(outcome, line)
        if line.word == "TMP":
            if line.code == PERMISSIONS[transfer.piece.type] and not transfer.permitted:
                transfer.permitted = True
            elif line.code not in (WORKING, MORE):
                raise Violation(f"unexpected {line}")
            return
        del self.open[line.tag]
        if line.word == "OK" and (line.code == RECEIVED or line.code == HAD and transfer.piece.type == messages.LEAF):
            self.go_on(transfer, line.code == HAD)
        elif outcome.word == "lost" or outcome.word == "ERR" and line.code not in ("99.0.5.22", "99.0.5.23"):
            decide(outcome, line)

    def go_on(self, transfer, had):
        """Asks for what may be asked for now that this was acknowledged."""
        sending, number, index = transfer.sending, transfer.object, transfer.index + 1
        if had or index == len(sending.plan.objects[number]):
            number, index = number + 1, 0
        if index > 0 or sending.plan.ahead <= number < len(sending.plan.objects):
            self.ask(Transfer(sending, number, index))
