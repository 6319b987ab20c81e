"""Holds the Python implementation against the vectors: python3 check.py. What another implementation would do, too."""
import sys

from make import files
from make import lines as line_vectors
from make import objects as object_vectors
from peer import documents, lines


def line_fault(vector):
    """How reading a line differs from what the vector says; None when it does not."""
    octets = files.octets_of(vector, "octets")
    try:
        end = lines.line_end(octets)
        if end != len(octets):
            raise lines.Malformed("the first line ends elsewhere")
        line = lines.parse(octets)
    except lines.Malformed as error:
        return None if "refused" in vector else f"refused: {error}"
    said = line_vectors.said(line)
    return None if said.items() <= vector.items() else f"read as {said}"


def object_fault(vector):
    """The same for objects."""
    try:
        value = object_vectors.said(vector["type"], files.octets_of(vector, "octets"))
    except documents.Refused as refused:
        return None if vector.get("refused") == refused.code else f"refused: {refused}"
    return None if vector.get("value") == value else f"read as {value}"


CHECKS = {"lines": line_fault, "objects": object_fault}


def faults():
    """(file, name, what is wrong) for each vector that the implementation does not fulfil."""
    for name, check in CHECKS.items():
        for vector in files.load(name):
            if fault := check(vector):
                yield name, vector["name"], fault


if __name__ == "__main__":
    found = list(faults())
    for one in found:
        print("{}: {}: {}".format(*one))
    sys.exit(bool(found))
