"""Messages that are arriving, object by object: what an XFER may say, and whether what comes is what was announced (section 4)."""
import dataclasses
import re

from . import documents, envelopes, headers, hops, lines, messages, skeletons
from .messages import BODY, ENVELOPE, HEADERS, LEAF, SKELETON

LIMITS = {"CHUNK": 65536, "ENVELOPE": 1 << 20, "HEADERS": 4 << 20, "BODY": 50 << 20, "RCPTMAX": 1000}
MOST = {ENVELOPE: LIMITS["ENVELOPE"], HEADERS: LIMITS["HEADERS"], BODY: LIMITS["BODY"],
        SKELETON: LIMITS["BODY"] + skeletons.TABLE_OCTETS, LEAF: LIMITS["BODY"]}
PLACES = {ENVELOPE: 0, HEADERS: 1, BODY: 2, SKELETON: 2}  # in the order of a message; leaves follow
SPLIT_TYPES = (SKELETON, LEAF)
ID_OCTETS, CLAIM_OCTETS = 255, 255
FROM = re.compile(r"([1-9][0-9]{0,17});(" + envelopes.DIGEST + ")")
UNDERSTOOD = (hops.PROBE, hops.ANSWER)  # critical extensions


class Wrong(Exception):
    """The request is refused for its form; it asked for nothing, and its message goes on."""

    def __init__(self, code, unknown=None):
        super().__init__(code)
        self.code, self.unknown = code, unknown


@dataclasses.dataclass
class Asked:
    """An XFER."""
    tag: int
    id: str
    type: str
    octets: int
    pending: int
    now: bool = False
    claims: dict = dataclasses.field(default_factory=dict)  # DIGEST, TYPE, NAME
    start: int = 0                                          # of FROM
    beginning: str = ""


def read_xfer(line, on):
    """The Asked of a request, by the options that are on."""
    parameters = line.parameters
    if [type(p) for p in parameters] != [str, str, int, int] or parameters[1] not in MOST \
            or len(parameters[0].encode()) > ID_OCTETS or parameters[1] in SPLIT_TYPES and "SPLIT" not in on:
        raise Wrong("99.0.5.4")
    asked, seen = Asked(line.tag, *parameters), set()
    for item in line.items():
        if not _has_place(item.name, asked.type, on):
            raise Wrong("99.0.5.0", item.name)
        if item.name in seen or not _read_group(item, asked):
            raise Wrong("99.0.5.4")
        seen.add(item.name)
    return asked


def _has_place(name, type_, on):
    return {"DIGEST": True, "TYPE": type_ in (BODY, LEAF), "NAME": type_ == LEAF, "NOW": "NOW" in on,
            "FROM": "STAT" in on and type_ in (BODY, LEAF)}.get(name, False)


def _read_group(item, asked):
    if item.word or item.text:
        return False
    if item.name == "NOW":
        asked.now = True
        return item.value is None
    if item.name == "FROM":
        match = FROM.fullmatch(item.value or "")
        if not match or isinstance(item.value, lines.Quoted):
            return False
        asked.start, asked.beginning = int(match.group(1)), match.group(2)
        return True
    asked.claims[item.name] = item.value
    return 1 <= len((item.value or "").encode()) <= CLAIM_OCTETS


class Part:
    """One object of a message under way. `state`: waiting, queued, receiving, between, done."""

    def __init__(self, message, asked):
        self.message, self.asked, self.type = message, asked, asked.type
        self.tag, self.size, self.left, self.pending, self.now = asked.tag, asked.octets, asked.octets, asked.pending, asked.now
        self.state = "waiting"
        self.content = bytearray()
        self.early = bytearray()  # what came without permission, and waits for its turn
        self.fragments = 1
        self.here = False         # a leaf that need not travel

    def next_fragment(self, asked):
        self.tag, self.size, self.left, self.pending = asked.tag, asked.octets, asked.octets, asked.pending
        self.fragments += 1
        self.state = "waiting"


class Message:
    """One message under way: its parts in their order."""

    def __init__(self, id_):
        self.id = id_
        self.parts = []
        self.envelope = None
        self.announced = {}   # types that follow the envelope, once it is here
        self.recipients = {}
        self.skeleton = None

    def place(self, type_):
        """Where an object that is asked for now belongs."""
        if type_ != LEAF:
            return PLACES[type_]
        last = len(self.parts) - 1
        if last < PLACES[SKELETON] or self.skeleton is None:
            return len(self.parts) + 1
        return last if self.parts[last].type == LEAF and self.parts[last].state != "done" else last + 1

    def leaf_of(self, part):
        return self.skeleton.leaves[self.parts.index(part) - PLACES[SKELETON] - 1]

    def is_last(self, part):
        if part.type == ENVELOPE:
            return not self.announced
        if part.type in SPLIT_TYPES:
            return len(self.parts) - PLACES[SKELETON] - 1 == len(self.skeleton.leaves)
        return part.type == BODY or BODY not in self.announced

    def digest_of(self, part):
        """What the octets of a body or leaf must have; None of others, and before it is known."""
        if part.type == BODY and BODY in self.announced:
            return self.announced[BODY].digest
        return self.leaf_of(part).digest if part.type == LEAF else None

    def content(self):
        objects = {part.type: bytes(part.content) for part in self.parts if part.type in PLACES}
        if self.skeleton is not None:
            objects.pop(SKELETON)
            objects[BODY] = skeletons.join(self.skeleton, [bytes(p.content) for p in self.parts if p.type == LEAF])
        return messages.Message(self.id, objects)

    # --- judging: (code, text) of a refusal, or None ---

    def fault_before(self, part):
        """What can be seen before the octets travel."""
        if part.type == ENVELOPE:
            return None
        if part.type == SKELETON:
            return None if BODY in self.announced else ("99.0.5.35", "the envelope announces no body")
        if part.type == LEAF:
            if self.parts.index(part) - PLACES[SKELETON] > len(self.skeleton.leaves):
                return "99.0.5.35", "the skeleton has no such leaf"
            wanted = self.leaf_of(part)
        elif part.type not in self.announced:
            return "99.0.5.35", "the envelope announces no such object"
        else:
            wanted = self.announced[part.type]
        octets = part.asked.start + len(part.content) + part.size if part.fragments == 1 else len(part.content) + part.size
        if octets > wanted.octets or part.pending == 0 and octets != wanted.octets:
            return "99.0.5.35", "another size was announced"
        if part.asked.claims.get("DIGEST", wanted.digest) != wanted.digest:
            return "99.0.5.34", "another digest was announced"
        return None

    def fault_after(self, part, recipients):
        """What is wrong with an object that has arrived."""
        octets = bytes(part.content)
        try:
            if part.type == ENVELOPE:
                return self._read_envelope(octets, recipients)
            if part.type == SKELETON:
                return self._read_skeleton(octets)
            if part.type == HEADERS:
                headers.parse(octets)
        except documents.Refused as refused:
            return refused.code, refused.reason
        except skeletons.Malformed as malformed:
            return "99.0.5.32", str(malformed)
        wanted = self.leaf_of(part) if part.type == LEAF else self.announced[part.type]
        if (len(octets), envelopes.digest(octets)) != (wanted.octets, wanted.digest):
            return "99.0.4.3" if part.asked.start else "99.0.5.34", "other octets than were announced"
        return None

    def _read_envelope(self, octets, recipients):
        envelope = self.envelope = envelopes.parse(octets)
        if envelope.id.decode("utf-8", "replace") != self.id:
            return "99.0.5.32", "not the id that XFER named"
        if any(extension.critical and extension.oid not in UNDERSTOOD for extension in envelope.extensions):
            return "99.0.5.36", "an unknown critical extension"
        for extension in envelope.extensions:
            if extension.oid in UNDERSTOOD:
                (hops.read_probe if extension.oid == hops.PROBE else hops.read_answer)(extension.content)
        self.announced = {one.type.decode("utf-8", "replace"): one for one in envelope.objects}
        self.recipients = recipients(envelope)
        return None

    def _read_skeleton(self, octets):
        skeleton, wanted = skeletons.read(octets), self.announced[BODY]
        if (skeleton.octets, skeleton.digest) != (wanted.octets, wanted.digest):
            return "99.0.5.34", "not a skeleton of the body that the envelope names"
        self.skeleton = skeleton
        return None
