"""Just enough DER (X.690) to read certificates and CMS: a tree of tags and octets, definite lengths only."""


class BadDer(Exception):
    """Not DER, or not the structure that was expected."""


class Node:
    """One value: its class and number, and either children or octets."""

    def __init__(self, tag, octets, encoding):
        self.tag, self.octets, self.encoding = tag, octets, encoding

    def __iter__(self):
        return iter(self.children())

    def __getitem__(self, index):
        children = self.children()
        if index >= len(children):
            raise BadDer("something is missing")
        return children[index]

    def children(self):
        found, at = [], 0
        while at < len(self.octets):
            node, at = read(self.octets, at)
            found.append(node)
        return found

    def oid(self):
        if self.tag != 0x06 or not self.octets or self.octets[-1] & 0x80:
            raise BadDer("no object identifier")
        numbers, value = [], 0
        for octet in self.octets:
            value = value << 7 | octet & 0x7f
            if not octet & 0x80:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, [first, numbers[0] - 40 * first, *numbers[1:]]))

    def integer(self):
        return int.from_bytes(self.octets, "big", signed=True)


def read(octets, at=0):
    """(node, offset after it)."""
    start = at
    if at + 2 > len(octets):
        raise BadDer("breaks off")
    tag = octets[at]
    if tag & 0x1f == 0x1f:
        raise BadDer("a tag of many octets")
    length = octets[at + 1]
    at += 2
    if length & 0x80:
        count = length & 0x7f
        if not 1 <= count <= 4 or at + count > len(octets):
            raise BadDer("a length that DER does not allow")
        length = int.from_bytes(octets[at:at + count], "big")
        if length < 128 or octets[at] == 0:
            raise BadDer("a length that is too long")
        at += count
    if at + length > len(octets):
        raise BadDer("breaks off")
    return Node(tag, octets[at:at + length], octets[start:at + length]), at + length


def parse(octets):
    node, end = read(octets)
    if end != len(octets):
        raise BadDer("something after the value")
    return node
