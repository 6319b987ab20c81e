"""What a hop says of its reception: how its host knew the one it had the message from (docs/xproto.md, section 8)."""
import dataclasses
import hashlib

from . import documents
from .documents import Reader

NAMESPACE = "urn:xproto:reception:1"
WORD = "[a-z0-9-]{1,64}"
DIGEST = "sha-256:[0-9a-f]{64}"
AUTHORITY_OCTETS = 512


@dataclasses.dataclass
class Reception:
    by: str
    standing: str
    certificate: str
    authority: bytes


def read(hop):
    """The reception of a <hop>, None when it does not say."""
    found = None
    for child in hop.elements():
        if child.name[0] != NAMESPACE:
            continue
        reader = Reader(child, NAMESPACE, ("by", "standing", "certificate", "authority", "enc"))
        if child.name[1] != "reception" or found is not None:
            reader.fail("a hop has one reception at most")
        reader.end()
        authority = reader.attribute("authority")
        authority = documents.decode_base64(authority) if reader.encoded() else authority.encode()
        if len(authority) > AUTHORITY_OCTETS:
            raise documents.Refused(documents.OVER_LIMIT, "the authority is too long")
        found = Reception(reader.attribute("by", WORD), reader.attribute("standing", WORD),
                          reader.attribute("certificate", DIGEST), authority)
    return found


def write(reception, string_attributes):
    if reception is None:
        return ""
    return (f'<reception xmlns="{NAMESPACE}" by="{reception.by}" standing="{reception.standing}" '
            f'certificate="{reception.certificate}"{string_attributes([("authority", reception.authority)])}/>')


def leaf(octets):
    """The hash of the byte string, as a path has it."""
    return "sha-256:" + hashlib.sha256(b"\0" + octets).hexdigest()
