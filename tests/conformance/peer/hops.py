"""What is told of the way of mail: TRACE lines in a session, and the probes and answers of traceroute (section 8)."""
import dataclasses
import re

from . import documents, envelopes
from .documents import OVER_LIMIT, Reader, Refused, string
from .lines import Item, Response

SENT_ON = "99.3.11.0.2.1"
HOPS, RECIPIENTS, TOLD = 64, 100, 64
PROBE, ANSWER = "99.2.2", "99.2.3"
NAMESPACE = "urn:xproto:traceroute:1"
WHOLE_OCTETS, TEXT_OCTETS = 4096, 512
NUMBER = re.compile("[1-9][0-9]{0,9}")


class Unreadable(Exception):
    """A notice like any other: not a line about a hop."""


@dataclasses.dataclass
class Told:
    """Somebody sent a message on, or tried to."""
    message: str
    hop: int
    host: str
    at: str
    next: str
    word: str
    code: str
    text: str = ""
    recipients: list = dataclasses.field(default_factory=list)  # none: all


def read(line):
    """The hop that a notice tells of."""
    if not isinstance(line, Response) or (line.tag, line.word, line.code) != (None, "OK", SENT_ON):
        raise Unreadable("another notice")
    groups = [item.name for item in line.items()]
    for name in ("MSG", "HOP", "HOST", "AT", "NEXT"):
        if groups.count(name) != 1:
            raise Unreadable(f"{name} must stand there once")
    if groups.count("RCPT") > 1:
        raise Unreadable("RCPT twice")
    next_, hop = line.item("NEXT"), line.value("HOP") or ""
    recipients = (line.value("RCPT") or "").split(";") if line.item("RCPT") else []
    if not NUMBER.fullmatch(hop) or int(hop) > HOPS or next_.word is None or not next_.value \
            or not line.value("MSG") or not line.value("HOST") or not re.fullmatch(envelopes.TIME, line.value("AT") or "") \
            or len(recipients) > RECIPIENTS or not all(NUMBER.fullmatch(one) for one in recipients):
        raise Unreadable("a group that says something else")
    return Told(line.value("MSG"), int(hop), line.value("HOST"), line.value("AT"), next_.value, next_.word, next_.code,
                next_.text or "", [int(one) for one in recipients])


def write(told):
    groups = [[Item("MSG", told.message)], [Item("HOP", str(told.hop))], [Item("HOST", told.host)], [Item("AT", told.at)]]
    if told.recipients:
        groups.append([Item("RCPT", ";".join(map(str, told.recipients)))])
    groups.append([Item("NEXT", told.next, told.word, told.code, told.text or None)])
    return Response(None, "OK", SENT_ON, groups, "Sent on.")


# --- traceroute -------------------------------------------------------------------------------------------------------

@dataclasses.dataclass
class Answer:
    hop: int
    probe: bytes
    host: bytes
    arrival: str
    next: bytes


def probe(hops):
    """The extension that makes a control message a probe."""
    return envelopes.Extension(PROBE, True, f'<probe xmlns="{NAMESPACE}" hops="{hops}"/>'.encode())


def _root(content, name, attributes):
    if len(content) > WHOLE_OCTETS:
        raise Refused(OVER_LIMIT, "too long")
    return Reader(documents.parse(content.strip(b" \t\n"), NAMESPACE, name), NAMESPACE, attributes)


def _hops(reader, name):
    number = int(reader.attribute(name, envelopes.NUMBER))
    if not 1 <= number <= HOPS:
        reader.fail(f"{name} is 1 to {HOPS}")
    return number


def read_probe(content):
    reader = _root(content, "probe", ("hops",))
    reader.end()
    return _hops(reader, "hops")


def answer(given):
    text = f'<answer xmlns="{NAMESPACE}" hop="{given.hop}">\n'
    for name in ("probe", "host", "arrival", "next"):
        value = getattr(given, name)
        text += documents.write_string(name, value.encode() if isinstance(value, str) else value) + "\n"
    return envelopes.Extension(ANSWER, True, (text + "</answer>").encode())


def read_answer(content):
    reader = _root(content, "answer", ("hop",))
    hop = _hops(reader, "hop")
    texts = {name: string(reader.one(name), NAMESPACE) for name in ("probe", "host", "arrival", "next")}
    reader.end()
    if any(len(text) > TEXT_OCTETS for text in texts.values()):
        raise Refused(OVER_LIMIT, "a text that is too long")
    texts["arrival"] = envelopes.time(texts["arrival"].decode("utf-8", "replace"), reader)
    return Answer(hop, **texts)
