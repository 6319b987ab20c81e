"""The vectors for certificates: what they name, and whether they are valid. Written from docs/xproto.md, section 7."""
import base64
import time

from peer import certificates as peer
from peer.tools import Scratch

from . import files
from .authority import CA_USE, HOST_USE, Authority, issue

YEAR = 365 * 86400
NO_USE = ["basicConstraints=critical,CA:FALSE"]


def cases(scratch, now):
    """(name, holder, anchor, purpose, at, what is wrong or None, may it be unusable when read)"""
    ca, stranger = Authority(scratch), Authority(scratch, "stranger.example CA")
    between = Authority(scratch, "between", ca.own)
    third = Authority(scratch, "third", Authority(scratch, "second", between.own).own)
    host, user = ca.host("mx1.edge.example"), ca.user("alice@edge.example")
    brief = ca.host("mx1.edge.example", days=1)
    lone = ca.host("mx1.edge.example")
    orphan = between.host("mx1.edge.example")
    orphan.others = []
    yield "a host", host, ca, "host", now, None
    yield "a host of two names", ca.host("mx1.edge.example", "MX2.edge.example"), ca, "host", now, None
    yield "a host with an RSA key", ca.host("mx1.edge.example", kind="rsa"), ca, "host", now, None
    yield "a host with an Ed25519 key", ca.host("mx1.edge.example", kind="ed25519"), ca, "host", now, None
    yield "a host without keyUsage and extendedKeyUsage", ca.host("mx1.edge.example", use=NO_USE), ca, "host", now, None
    yield "a host for clients only", ca.host("mx1.edge.example", use=[*NO_USE, "extendedKeyUsage=clientAuth"]), ca, "host", now, None
    yield "a user", user, ca, "user", now, None
    yield "a user with a quoted local part", ca.user('\\"a b\\"@edge.example'), ca, "user", now, None
    yield "a user beyond ASCII", ca.user("d\u00f6mi@edge.example"), ca, "user", now, None
    yield "a process", ca.user("process@mx1.edge.example"), ca, "user", now, None
    yield "by an intermediate", between.host("mx1.edge.example"), ca, "host", now, None
    yield "a path of five", third.host("mx1.edge.example"), ca, "host", now, None
    yield "on its last day", brief, ca, "host", now + 85000, None
    yield "expired", brief, ca, "host", now + 2 * 86400, "time"
    yield "not yet valid", host, ca, "host", now - YEAR, "time"
    yield "by another authority", lone, stranger, "host", now, "path"
    yield "the intermediate is missing", orphan, ca, "host", now, "path"
    yield "a path of six", Authority(scratch, "fourth", third.own).host("mx1.edge.example"), ca, "host", now, "path"
    yield "a host's certificate for a user", host, ca, "user", now, "purpose"
    yield "a user's certificate for a host", user, ca, "host", now, "purpose"
    yield "for signing code", ca.host("mx1.edge.example", use=[*NO_USE, "extendedKeyUsage=codeSigning"]), ca, "host", now, "purpose"
    yield "a key for agreement only", ca.host("mx1.edge.example", use=[*NO_USE, "keyUsage=keyAgreement"]), ca, "host", now, "purpose"
    yield "an authority as a host", ca.host("mx1.edge.example", use=CA_USE), ca, "host", now, "purpose"
    yield "issued by a host", issue_by(scratch, host), ca, "host", now, "path"
    yield "an RSA key of 1024 bits", ca.host("mx1.edge.example", kind="rsa1024"), ca, "host", now, "weak"
    yield "a P-384 key", ca.host("mx1.edge.example", kind="p384"), ca, "host", now, "weak"
    yield "signed with SHA-1", ca.host("mx1.edge.example", digest="sha1"), ca, "host", now, "weak"


def issue_by(scratch, holder):
    """A host that plays the authority."""
    made = issue(scratch, "mx2.edge.example", [*HOST_USE, "subjectAltName = DNS:mx2.edge.example"], holder, "p256", 3650)
    made.others = [holder.der]
    return made


def names(der):
    """What it names; nothing when it cannot be used at all."""
    try:
        read = peer.Certificate(der)
    except peer.Unusable:
        return {}
    return {"hosts": read.hosts, "addresses": [address.decode() for address in read.addresses], "algorithm": read.algorithm}


def fault(der, others, anchor, at, purpose):
    try:
        return peer.fault(der, others, [anchor], at, purpose)
    except peer.Unusable as error:
        return str(error)


def text(der):
    return base64.b64encode(der).decode()


def write():
    made, now = [], int(time.time()) + 600  # after everything was made
    with Scratch() as scratch:
        for name, holder, ca, purpose, at, wrong in cases(scratch, now):
            found = fault(holder.der, holder.others, ca.own.der, at, purpose)
            if bool(found) != bool(wrong):
                raise AssertionError(f"{name}: {found}, wanted {wrong}")
            vector = {"name": name, "certificate": text(holder.der), "others": list(map(text, holder.others)),
                      "anchor": text(ca.own.der), "at": at, "purpose": purpose, "valid": wrong is None}
            made.append(vector | names(holder.der) | ({"wrong": wrong} if wrong else {}))
    files.write("certificates", made)
