"""A body as a skeleton and leaves, and back (docs/xproto.md, "Split bodies")."""
import dataclasses
import re

from .envelopes import DIGEST, digest

FIRST_LINE = b"xproto-skeleton-v1\n"
LEAVES, TABLE_OCTETS = 256, 65536
NUMBER = rb"(0|[1-9][0-9]{0,17})"
BODY_LINE = re.compile(rb"body " + NUMBER + rb" (" + DIGEST.encode() + rb")\n")
LEAF_LINE = re.compile(rb"leaf " + NUMBER + rb" " + NUMBER + rb" (" + DIGEST.encode() + rb")\n")


class Malformed(Exception):
    """Not a skeleton."""


@dataclasses.dataclass
class Leaf:
    place: int
    octets: int
    digest: str
    type: str | None = None  # what a sender says of it: no part of the skeleton
    name: str | None = None


@dataclasses.dataclass
class Skeleton:
    octets: int  # of the whole body
    digest: str
    leaves: list
    rest: bytes  # what is in no leaf


def cut(body, ranges):
    """A skeleton and the octets of its leaves. `ranges`: (place, octets[, type[, name]]), ascending."""
    leaves, content, rest, at = [], [], b"", 0
    for place, octets, *claims in ranges:
        piece = body[place:place + octets]
        leaves.append(Leaf(place, octets, digest(piece), *claims))
        content.append(piece)
        rest += body[at:place]
        at = place + octets
    return Skeleton(len(body), digest(body), leaves, rest + body[at:]), content


def table(skeleton):
    lines = [FIRST_LINE, f"body {skeleton.octets} {skeleton.digest}\n".encode()]
    lines += [f"leaf {leaf.place} {leaf.octets} {leaf.digest}\n".encode() for leaf in skeleton.leaves]
    return b"".join(lines) + b"\n"


def write(skeleton):
    return table(skeleton) + skeleton.rest


def read(octets):
    if not octets.startswith(FIRST_LINE):
        raise Malformed("another first line")
    at = len(FIRST_LINE)
    body = BODY_LINE.match(octets, at)
    if not body:
        raise Malformed("no line about the body")
    at, size, leaves, end = body.end(), int(body.group(1)), [], 0
    while leaf := LEAF_LINE.match(octets, at):
        place, length = int(leaf.group(1)), int(leaf.group(2))
        if length == 0 or place < end or place + length > size:
            raise Malformed("a leaf that is empty, does not ascend, overlaps, or is not in the body")
        leaves.append(Leaf(place, length, leaf.group(3).decode()))
        at, end = leaf.end(), place + length
    if octets[at:at + 1] != b"\n":
        raise Malformed("a line that is none of a table")
    at += 1
    if len(leaves) > LEAVES or at > TABLE_OCTETS:
        raise Malformed("too long a table")
    if len(octets) - at != size - sum(leaf.octets for leaf in leaves):
        raise Malformed("not the octets that are missing in the leaves")
    return Skeleton(size, body.group(2).decode(), leaves, octets[at:])


def join(skeleton, content):
    """The body, by places alone."""
    octets, rest, at = bytearray(), 0, 0
    for leaf, piece in zip(skeleton.leaves, content, strict=True):
        octets += skeleton.rest[rest:rest + leaf.place - at] + piece
        rest += leaf.place - at
        at = leaf.place + leaf.octets
    return bytes(octets + skeleton.rest[rest:])
