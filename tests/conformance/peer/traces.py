"""The signed trace: the octets that signatures stand over, making and verifying them (docs/xproto.md, section 8)."""
import base64
import calendar
import hashlib
import os
import time

from . import certificates, receptions, tools
from .envelopes import Change, Hop, Signature, digest

ALGORITHMS = ("ed25519", "ecdsa-p256-sha256", "rsa-sha256")
HOPS = 64
FUTURE_SECONDS, PAST_SECONDS = 600, 30 * 86400


class Broken(Exception):
    """The first link that does not hold. `link`: 0 the originator, 1 and on the hops."""

    def __init__(self, link, reason):
        super().__init__(f"{'the originator' if link == 0 else f'hop {link}'}: {reason}")
        self.link, self.reason = link, reason


# --- what is signed ---------------------------------------------------------------------------------------------------

def record(name, value):
    octets = value if isinstance(value, bytes) else str(value).encode()
    return name.encode() + b" %d " % len(octets) + octets + b"\n"


def parameter_records(parameters):
    return b"".join(record("parameter", p.name) + (b"" if p.value is None else record("value", p.value)) for p in parameters)


def object_records(states):
    return b"".join(record("object", type_) + record("digest", value) for type_, value in states)


def legacy_records(legacy):
    field = legacy.field
    octets = record("legacy", legacy.place) + record("name", field.name or b"")
    if field.raw is not None:
        octets += record("octets", field.raw)
    else:
        octets += record("text", field.text)
        if field.folds:
            octets += record("fold", " ".join(map(str, field.folds)))
    return octets + b"".join(record("view", name) + record("value", value) for name, value in legacy.understood)


def origin_octets(envelope):
    """What the originator signs."""
    origin = envelope.originator
    octets = b"xproto-origin-v1\n" + record("id", envelope.id) + record("created", envelope.created)
    octets += record("address", origin.address)
    if origin.certificate:
        octets += record("certificate", origin.certificate)
    octets += parameter_records(origin.parameters) + object_records(object_states(envelope)[0])
    octets += b"".join(map(legacy_records, envelope.legacy))
    for extension in envelope.extensions:
        octets += record("extension", extension.oid) + record("critical", "true" if extension.critical else "false")
        octets += record("content", extension.content)
    return octets


def hop_octets(envelope, index):
    """What hop `index` (from 0) signs."""
    hop = envelope.hops[index]
    previous = envelope.hops[index - 1].signature if index else envelope.originator.signature
    octets = b"xproto-hop-v1\n" + record("hop", index + 1) + record("origin", digest(origin_octets(envelope)))
    if previous is not None:
        octets += record("previous", previous.text)
        if previous.path:
            octets += record("previous-leaf", previous.leaf)
    octets += object_records(object_states(envelope)[index + 1]) + record("recipients", hop.recipients)
    octets += record("host", hop.strings["host"])
    if hop.certificate:
        octets += record("certificate", hop.certificate)
    octets += b"".join(record(name, hop.strings[name]) for name in ("peer", "peer-address", "protocol", "id"))
    octets += record("time", hop.time) + record("next", hop.strings["next"])
    octets += b"".join(map(legacy_records, hop.legacy))
    for change in hop.changes:
        octets += record("change", change.object) + record("before", change.before) + record("after", change.after)
        octets += record("reason", change.reason)
    return octets


def reception_octets(reception):
    """What is signed beside a hop, as the leaf next to it."""
    return (b"xproto-reception-v1\n" + record("by", reception.by) + record("standing", reception.standing)
            + record("certificate", reception.certificate) + record("authority", reception.authority))


def recipients_octets(recipients):
    octets = b"xproto-recipients-v1\n"
    for recipient in recipients:
        octets += record("recipient", recipient.number)
        if recipient.salt:
            octets += record("salt", recipient.salt)
        octets += record("address", recipient.address) + parameter_records(recipient.parameters)
    return octets


def object_states(envelope):
    """Type and digest of every object: as it was born, and as each hop sent it on. Broken: changes that do not fit."""
    state = [(one.type, one.digest) for one in envelope.objects]
    states = [state]
    for number in range(len(envelope.hops), 0, -1):
        for change in reversed(envelope.hops[number - 1].changes):
            if (change.object, change.after) not in state:
                raise Broken(number, "a change that does not lead to what follows")
            state = [(t, change.before) if (t, d) == (change.object, change.after) else (t, d) for t, d in state]
        states.insert(0, state)
    return states


# --- batches ----------------------------------------------------------------------------------------------------------

def sha256(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()


def raw(text):
    return bytes.fromhex(text.removeprefix("sha-256:"))


def batch_octets(root):
    return b"xproto-batch-v1\n" + record("root", "sha-256:" + root.hex())


def signed_octets(octets, signature):
    """What the signature really stands over: the octets themselves, or the root of their batch."""
    if not signature.path:
        if signature.leaf:
            raise ValueError("a leaf without path")
        return octets
    node, index = sha256(b"\0", octets), signature.leaf
    for beside in signature.path:
        node = sha256(b"\1", raw(beside), node) if index & 1 else sha256(b"\1", node, raw(beside))
        index >>= 1
    if index or len(signature.path) > 32:
        raise ValueError("the path does not lead to this leaf")
    return batch_octets(node)


def sign_batch(key_path, algorithm, strings):
    """One signature over many byte strings, given back for each."""
    levels = [[sha256(b"\0", one) for one in strings]]
    width = 1
    while width < len(strings):
        width *= 2
    levels[0] += [bytes(32)] * (width - len(strings))
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([sha256(b"\1", below[i], below[i + 1]) for i in range(0, len(below), 2)])
    text = base64.b64encode(tools.sign(key_path, algorithm, batch_octets(levels[-1][0]))).decode()
    return [Signature(algorithm, text, leaf, tuple(
        "sha-256:" + level[(leaf >> height) ^ 1].hex() for height, level in enumerate(levels[:-1])))
        for leaf in range(len(strings))]


# --- signing ----------------------------------------------------------------------------------------------------------

def stamp(seconds=None):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def salt():
    return base64.b64encode(os.urandom(16)).decode()


def sign_origin(envelope, certificate_der, key_path):
    """Names the certificate, puts it into the envelope, and signs."""
    envelope.originator.certificate = digest(certificate_der)
    envelope.certificates[envelope.originator.certificate] = certificate_der
    algorithm = certificates.Certificate(certificate_der).algorithm
    octets = tools.sign(key_path, algorithm, origin_octets(envelope))
    envelope.originator.signature = Signature(algorithm, base64.b64encode(octets).decode())


def add_hop(envelope, chain, key_path, strings, changes=(), at=None, reception=None):
    """Appends and signs a hop. `strings`: host, peer, peer-address, protocol, id, next, as octets. Returns it."""
    certificate = chain[0]
    for der in chain:
        envelope.certificates[digest(der)] = der
    hop = Hop(digest(certificate), stamp(at), digest(recipients_octets(envelope.recipients)), dict(strings), list(changes))
    envelope.hops.append(hop)
    algorithm = certificates.Certificate(certificate).algorithm
    octets = hop_octets(envelope, len(envelope.hops) - 1)
    if reception is None:
        hop.signature = Signature(algorithm, base64.b64encode(tools.sign(key_path, algorithm, octets)).decode())
    else:
        hop.reception = reception
        hop.signature = sign_batch(key_path, algorithm, [octets, reception_octets(reception)])[0]
    return hop


def changed(object_, before, after, reason):
    return Change(object_, digest(before), digest(after), reason)


# --- verifying --------------------------------------------------------------------------------------------------------

def _check_signature(link, envelope, named, signature, octets):
    if named not in envelope.certificates:
        raise Broken(link, "the certificate is missing")
    der = envelope.certificates[named]
    try:
        certificate = certificates.Certificate(der)
        over = signed_octets(octets, signature)
        claimed = base64.b64decode(signature.text, validate=True)
    except (certificates.Unusable, ValueError) as error:
        raise Broken(link, str(error)) from None
    if signature.algorithm not in ALGORITHMS or signature.algorithm != certificate.algorithm:
        raise Broken(link, "not the algorithm of the certificate's key")
    if not tools.verify(tools.public_key(der), signature.algorithm, over, claimed):
        raise Broken(link, "the signature does not fit")
    return certificate


def verify(envelope, peer=None, here=None, now=None):
    """Checks the whole chain; Broken names the first link that does not hold. peer, here: names that the session proved."""
    now = time.time() if now is None else now
    hops = envelope.hops
    if not 1 <= len(hops) <= HOPS:
        raise Broken(len(hops), "no hops, or too many")
    object_states(envelope)
    _verify_origin(envelope)
    before = seconds(envelope.created)
    _check_age(0, before, now)
    for number, hop in enumerate(hops, 1):
        if hop.certificate is None:
            raise Broken(number, "no certificate")
        certificate = _check_signature(number, envelope, hop.certificate, hop.signature, hop_octets(envelope, number - 1))
        _check_reception(number, hop)
        host = hop.strings["host"].decode("utf-8", "replace")
        if not certificate.names_host(host):
            raise Broken(number, "the certificate names another host")
        if number < len(hops):
            _check_way(number, hop.strings["next"].lower(), hops[number].strings)
        at = seconds(hop.time)
        if at < before - FUTURE_SECONDS:
            raise Broken(number, "before the step before it")
        _check_age(number, at, now)
        before = at
    last = hops[-1]
    if peer is not None and last.strings["host"].lower() != peer.lower().encode():
        raise Broken(len(hops), "not the peer of this session")
    if here is not None and last.strings["next"].lower() != here.lower().encode():
        raise Broken(len(hops), "meant for another host")
    if last.recipients != digest(recipients_octets(envelope.recipients)):
        raise Broken(len(hops), "other recipients than the message was sent on with")


def _check_reception(link, hop):
    if hop.reception is None:
        return
    beside = receptions.leaf(reception_octets(hop.reception))
    if not hop.signature.path or hop.signature.leaf % 2 or hop.signature.path[0] != beside:
        raise Broken(link, "not what it signed about its reception")


def _check_way(link, sent_to, following):
    if sent_to.startswith(b"smtp:"):
        if b"SMTP" not in following["protocol"] and b"LMTP" not in following["protocol"]:
            raise Broken(link, "not taken from SMTP, where the message was sent to")
    elif sent_to != following["host"].lower():
        raise Broken(link, "not the host that the message was sent to")


def _check_age(link, at, now):
    if at > now + FUTURE_SECONDS:
        raise Broken(link, "in the future")
    if at < now - PAST_SECONDS:
        raise Broken(link, "too long ago")


def _verify_origin(envelope):
    origin = envelope.originator
    if origin.signature is None:
        return
    if origin.certificate is None:
        raise Broken(0, "signed, but no certificate is named")
    certificate = _check_signature(0, envelope, origin.certificate, origin.signature, origin_octets(envelope))
    address = origin.address or b"process@" + envelope.hops[0].strings["host"]
    if not certificate.names_address(address):
        raise Broken(0, "the certificate names another address")
