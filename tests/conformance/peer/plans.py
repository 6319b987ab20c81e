"""How a message travels: its objects in their order, each in one or more fragments; the body whole, or as skeleton and leaves."""
import dataclasses

from . import messages, skeletons
from .envelopes import digest
from .lines import Item


@dataclasses.dataclass
class Piece:
    """What one XFER asks for: an object, or a fragment of it."""
    type: str
    octets: bytes
    pending: int
    claims: list  # items of the XFER


class Plan:
    """leaves: the ranges of the body that travel as leaves, when it is split (skeletons.cut). held: the answer to STAT."""

    def __init__(self, message, fragments=1, leaves=None, held=None):
        self.id, self.held = message.id, held or {}
        self.objects = []  # lists of pieces
        for type_, octets in message.objects.items():
            if type_ == messages.BODY and leaves is not None:
                self.split(octets, leaves, fragments)
            else:
                self.add(type_, octets, fragments)

    def split(self, body, ranges, fragments):
        skeleton, content = skeletons.cut(body, ranges)
        self.add(messages.SKELETON, skeletons.write(skeleton), 1)
        for leaf, octets in zip(skeleton.leaves, content):
            claims = [Item(name, value) for name, value in (("TYPE", leaf.type), ("NAME", leaf.name)) if value]
            self.add(messages.LEAF, octets, fragments, claims)

    def add(self, type_, octets, fragments, claims=()):
        claims = [*claims, Item("DIGEST", digest(octets))]
        here = self.held.get(digest(octets), 0) if type_ in (messages.BODY, messages.LEAF) else 0
        if here:
            claims.append(Item("FROM", f"{here};{digest(octets[:here])}"))
        pieces = [Piece(type_, piece, pending, []) for piece, pending in split(octets[here:], fragments)]
        pieces[0].claims = claims
        self.objects.append(pieces)

    @property
    def ahead(self):
        """How many objects may be asked for at once: leaves wait for what is before them."""
        return sum(pieces[0].type != messages.LEAF for pieces in self.objects)


def split(octets, count):
    """(piece, how many follow) of an object that travels in fragments."""
    size = max(1, -(-len(octets) // count))
    pieces = [octets[i:i + size] for i in range(0, len(octets), size)] or [b""]
    return [(piece, len(pieces) - 1 - index) for index, piece in enumerate(pieces)]
