"""Holds the Python implementation against the vectors: python3 check.py. What another implementation would do, too."""
import base64
import sys

from make import certificates as certificate_vectors
from make import files
from make import lines as line_vectors
from make import objects as object_vectors
from make import proofs as proof_vectors
from make import signatures as signature_vectors
from peer import documents, envelopes, lines, traces


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
        return None if refused.code in vector.get("refused", ()) else f"refused: {refused}"
    return None if vector.get("value") == value else f"read as {value}"


def certificate_fault(vector):
    der, others, anchor = (base64.b64decode(vector["certificate"]), list(map(base64.b64decode, vector["others"])),
                           base64.b64decode(vector["anchor"]))
    said = certificate_vectors.names(der)
    if not said.items() <= vector.items():
        return f"read as {said}"
    fault = certificate_vectors.fault(der, others, anchor, vector["at"], vector["purpose"])
    return None if (fault is None) == vector["valid"] else fault or "taken for valid"


def proof_fault(vector):
    session = {name: vector[name] for name in proof_vectors.SESSION}
    if proof_vectors.octets_of(session) != files.octets_of(vector, "signed"):
        return f"signs {proof_vectors.octets_of(session)}"
    fault = proof_vectors.holds(session, base64.b64decode(vector["proof"]), base64.b64decode(vector["anchor"]), vector["at"])
    return None if (fault is None) == vector["holds"] else fault or "taken for a proof"


def signature_fault(vector):
    octets = files.octets_of(vector, "envelope")
    found = signature_vectors.broken_link(octets, vector["peer"], vector["here"], vector["now"])
    if found != vector.get("broken") and (found is None or vector.get("broken") != signature_vectors.SOMEWHERE):
        return f"the first broken link is {found}"
    if "signed" not in vector:
        return None
    envelope = envelopes.parse(octets)
    if traces.recipients_octets(envelope.recipients) != vector["recipients-signed"].encode():
        return "other octets for the recipients"
    said = signature_vectors.signed(envelope)
    return None if said == vector["signed"] else f"signs {said}"


CHECKS = {"lines": line_fault, "objects": object_fault, "certificates": certificate_fault, "proofs": proof_fault,
          "signatures": signature_fault}


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
