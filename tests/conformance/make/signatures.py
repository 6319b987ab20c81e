"""The vectors for the signed trace: what each signature stands over, and which chains hold. Written from docs/xproto.md,
section 8."""
import base64
import copy
import dataclasses
import time

from peer import envelopes, traces
from peer.envelopes import Change, Envelope, Extension, Legacy, Object, Originator, Recipient, Signature, digest
from peer.headers import Field
from peer.messages import parameters
from peer.receptions import Reception
from peer.tools import Scratch

from . import files
from .authority import Authority

SOMEWHERE = "somewhere"  # which link is named depends on what one looks at first
HEADER, BODY = b"the octets of the headers object", b"the octets of the body"


class Story:
    """A message from alice@edge.example over mx1.edge.example and mx1.hub.example to mx1.carrier.example."""

    def __init__(self, scratch, now):
        self.now = now
        self.ca = Authority(scratch)
        self.alice = self.ca.user("alice@edge.example")
        self.process = self.ca.user("process@mx1.edge.example")
        self.edge, self.hub = self.ca.host("mx1.edge.example"), self.ca.host("mx1.hub.example")

    def draft(self, address=b"alice@edge.example"):
        envelope = Envelope(b"k3v7mqx2h5w4t6zr@edge.example", traces.stamp(self.now - 10),
                            Originator(address, parameters=parameters("RET=HDRS SMTPUTF8 X=")), [], [])
        envelope.recipients = [Recipient(1, b"bob@carrier.example", "A+iIgSNUmXuqPNaX7PcF6w=="),
                               Recipient(3, b"c\xc3\xa1rol@carrier.example", None, parameters("NOTIFY=NEVER ORCPT"))]
        envelope.objects = [Object(b"message/headers", len(HEADER), digest(HEADER)),
                            Object(b"message/body", len(BODY), digest(BODY), b"text/plain")]
        return envelope

    def sign(self, envelope, holder=None):
        holder = holder or self.alice
        traces.sign_origin(envelope, holder.der, holder.key)
        return envelope

    def hop(self, envelope, holder=None, host=b"mx1.edge.example", to=b"mx1.carrier.example", after=0, changes=()):
        strings = {"host": host, "peer": b"pc.edge.example", "peer-address": b"2001:db8::1", "protocol": b"ESMTPSA",
                   "id": b"4f2a", "next": to}
        holder = holder or self.edge
        traces.add_hop(envelope, holder.chain(), holder.key, strings, changes, self.now + after)
        return envelope

    def told(self):
        """Two hops; each says how it knew the host that it had the message from."""
        envelope = self.sign(self.draft())
        by = ((self.edge, b"mx1.edge.example", b"mx1.hub.example", Reception("store", "known", digest(b"a"), b"CN=s\xc3\xafte, O=x")),
              (self.hub, b"mx1.hub.example", b"mx1.carrier.example", Reception("dns", "unknown", digest(self.edge.der), b"edge.example")))
        for after, (holder, host, to, reception) in enumerate(by):
            strings = {"host": host, "peer": b"mx1.far.example", "peer-address": b"192.0.2.1", "protocol": b"XPROTO", "id": b"1",
                       "next": to}
            traces.add_hop(envelope, holder.chain(), holder.key, strings, (), self.now + after, reception)
        return envelope

    def journey(self):
        """Two hops."""
        envelope = self.hop(self.sign(self.draft()), to=b"mx1.hub.example")
        return self.hop(envelope, self.hub, b"mx1.hub.example", after=1)

    def filtered(self):
        """Two hops; the second changed the body twice."""
        envelope = self.hop(self.sign(self.draft()), to=b"mx1.hub.example")
        between, after = digest(b"between"), digest(BODY + b"footer")
        envelope.objects[1].digest, envelope.objects[1].octets = after, len(BODY) + 6
        return self.hop(envelope, self.hub, b"mx1.hub.example", changes=[
            Change(b"message/body", digest(BODY), between, b"virus removed"),
            Change(b"message/body", between, after, b"footer \xc3\xa9")])

    def batch(self, count):
        """One of `count` messages under one signature of the host, the last one."""
        envelope = self.hop(self.sign(self.draft()))
        others = [b"octets of another message %d" % i for i in range(count - 1)]
        signatures = traces.sign_batch(self.edge.key, "ecdsa-p256-sha256", [*others, traces.hop_octets(envelope, 0)])
        envelope.hops[0].signature = signatures[-1]
        return envelope

    def branches(self):
        """Two branches of one message: one batch at the first host, the same next hop for both."""
        first = self.hop(self.sign(self.draft()), to=b"mx1.hub.example")
        second = copy.deepcopy(first)
        second.recipients = second.recipients[1:]
        second.hops[0].recipients = digest(traces.recipients_octets(second.recipients))
        both = [first, second]
        signatures = traces.sign_batch(self.edge.key, "ecdsa-p256-sha256", [traces.hop_octets(one, 0) for one in both])
        for one, signature in zip(both, signatures):
            one.hops[0].signature = signature
        return [self.hop(one, self.hub, b"mx1.hub.example", after=1) for one in both]


def sound(story):
    """(name, envelope) of chains that hold."""
    yield "one hop", story.hop(story.sign(story.draft()))
    yield "two hops", story.journey()
    yield "the originator did not sign", story.hop(story.draft())
    yield "the null sender, signed by the process", story.hop(story.sign(story.draft(b""), story.process))
    yield "the null sender, not signed", story.hop(story.draft(b""))
    envelope = story.draft()
    envelope.objects = []
    yield "a control message", story.hop(story.sign(envelope))
    yield "a body that was changed twice on the way", story.filtered()
    for kind, name in (("ed25519", "Ed25519"), ("rsa", "RSA")):
        holder = story.ca.host("mx1.edge.example", kind=kind)
        yield f"{name} throughout", story.hop(story.sign(story.draft(), story.ca.user("alice@edge.example", kind=kind)), holder)
    envelope = story.draft("d\u00f6mi@edge.example".encode())
    yield "a sender beyond ASCII", story.hop(story.sign(envelope, story.ca.user("d\u00f6mi@edge.example")))
    envelope = story.draft()
    envelope.legacy = [
        Legacy(0, Field(b"Received", b" from a\tby b; date", (7,)), [(b"from", b"a"), (b"by", b"b"), (b"date", b"date")]),
        Legacy(1, Field(b"RECEIVED", b" by c", ()), []),
        Legacy(4, Field(b"Return-Path", raw=b"Return-Path: <\xff>\n"), [])]
    envelope.extensions = [Extension("1.2.3", False, b'<x:a xmlns:x="urn:x">\n</x:a>'), Extension("2.25.1", True, b"")]
    yield "legacy fields and extensions", story.hop(story.sign(envelope))
    for count in (2, 3, 8):
        yield f"one of a batch of {count}", story.batch(count)
    yield "a hop over one of a batch", story.branches()[1]
    yield "how each host was known to the next", story.told()
    told = story.told()
    for hop in told.hops:
        hop.reception = None
    yield "the same, of whoever steps over it", told
    envelope = story.hop(story.sign(story.draft()), to=b"mx1.hub.example")
    envelope.recipients = envelope.recipients[1:]
    yield "a recipient that went another way after the first hop", story.hop(envelope, story.hub, b"mx1.hub.example")


def replaced(envelope, **changes):
    envelope = copy.deepcopy(envelope)
    for name, value in changes.items():
        target, names = envelope, name.split("__")
        for part in names[:-1]:
            target = target[int(part[1:])] if part in ("n0", "n1") else getattr(target, part)
        if names[-1] in ("n0", "n1"):
            target[int(names[-1][1:])] = value
        else:
            setattr(target, names[-1], value)
    return envelope


def tampered(story):
    """(name, envelope, link that is the first not to hold, peer, here, now)"""
    plain = story.journey()

    def case(name, envelope, link, peer="mx1.hub.example", to="mx1.carrier.example", later=0):
        return name, envelope, link, peer, to, story.now + later

    yield case("another id", replaced(plain, id=b"x@edge.example"), 0)
    yield case("another time of creation", replaced(plain, created=traces.stamp(story.now - 11)), 0)
    yield case("another sender", replaced(plain, originator__address=b"mallory@edge.example"), 0)
    yield case("a parameter taken out", replaced(plain, originator__parameters=parameters("RET=HDRS SMTPUTF8")), 0)
    yield case("a parameter whose empty value is gone", replaced(plain, originator__parameters=parameters("RET=HDRS SMTPUTF8 X")), 0)
    yield case("another body", replaced(plain, objects__n1__digest=digest(b"x")), 0)
    yield case("a legacy field put in", replaced(plain, legacy=[Legacy(0, Field(b"Received", b" x"), [])]), 0)
    yield case("an extension put in", replaced(plain, extensions=[Extension("1.2.3", False, b"")]), 0)
    yield case("the originator's signature of another message",
               replaced(plain, originator__signature=_other_signature(story)), 0)
    yield case("the originator's signature taken away", replaced(plain, originator__signature=None), 1)
    yield case("a fact of the first hop edited", replaced(plain, hops__n0__strings={
        **plain.hops[0].strings, "peer-address": b"192.0.2.9"}), 1)
    yield case("a fact of the last hop edited", replaced(plain, hops__n1__strings={**plain.hops[1].strings, "id": b"x"}), 2)
    yield case("the first hop taken out", replaced(plain, hops=plain.hops[1:]), 1)
    yield case("hops in another order", replaced(plain, hops=plain.hops[::-1]), 1)
    yield case("a hop twice", replaced(plain, hops=[*plain.hops, plain.hops[1]]), 2)
    yield case("no hops", replaced(plain, hops=[]), 0)
    yield case("a recipient put in", replaced(plain, recipients=[*plain.recipients, Recipient(9, b"eve@carrier.example")]), 2)
    yield case("another recipient", replaced(plain, recipients__n0__address=b"eve@carrier.example"), 2)
    yield case("another salt", replaced(plain, recipients__n0__salt="AAAA"), 2)
    yield case("a recipient taken out", replaced(plain, recipients=plain.recipients[:1]), 2)
    yield case("brought by another peer", plain, 2, peer="mx1.edge.example")
    yield case("meant for another host", plain, 2, to="mx1.other.example")
    yield case("from the future", plain, 0, later=-700)
    yield case("too old", plain, 0, later=31 * 86400)
    yield case("a hop before the one before it", story.hop(story.hop(story.sign(story.draft()), to=b"mx1.hub.example"),
                                                          story.hub, b"mx1.hub.example", after=-700), 2)
    yield case("a gap between the hops", story.hop(story.hop(story.sign(story.draft()), to=b"mx9.hub.example"),
                                                   story.hub, b"mx1.hub.example"), 1)
    yield case("a host that its certificate does not name",
               story.hop(story.sign(story.draft()), story.edge, b"mx9.edge.example"), 1, peer="mx9.edge.example")
    yield case("a sender that its certificate does not name",
               story.hop(story.sign(story.draft(b"mallory@edge.example"))), 0, peer="mx1.edge.example")
    yield case("a sender in other letters", story.hop(story.sign(story.draft(b"Alice@edge.example"))), 0, peer="mx1.edge.example")
    yield case("another algorithm", replaced(plain, hops__n1__signature__algorithm="ed25519"), 2)
    yield case("an algorithm that nobody knows", replaced(plain, hops__n1__signature__algorithm="md5"), 2)
    yield case("an octet of a signature changed", replaced(plain, hops__n1__signature=_flipped(plain.hops[1].signature)), 2)
    yield case("a certificate that is missing", replaced(plain, certificates={
        name: der for name, der in plain.certificates.items() if name != plain.hops[1].certificate}), 2)
    batch = story.batch(3)
    signature = batch.hops[0].signature
    yield case("the wrong leaf of a batch", replaced(batch, hops__n0__signature__leaf=1), 1, peer="mx1.edge.example")
    yield case("a path that is too short", replaced(batch, hops__n0__signature=Signature(
        signature.algorithm, signature.text, 0, signature.path[:1])), 1, peer="mx1.edge.example")
    first, second = story.branches()
    yield case("a hop of another branch from the same batch", replaced(first, hops__n0=second.hops[0]), 2)
    told = story.told()
    said = told.hops[1].reception
    for name, value in (("mechanism", dataclasses.replace(said, by="store")), ("standing", dataclasses.replace(said, standing="trusted")),
                        ("certificate", dataclasses.replace(said, certificate=digest(b"x"))),
                        ("authority", dataclasses.replace(said, authority=b"example")), ("hop", told.hops[0].reception)):
        yield case(f"a reception with another {name}", replaced(told, hops__n1__reception=value), 2)
    yield case("a reception put in", replaced(plain, hops__n1__reception=said), 2)
    yield case("a reception put in beside a batch", replaced(batch, hops__n0__reception=said), 1, peer="mx1.edge.example")
    filtered = story.filtered()
    yield case("a change that is not told", replaced(filtered, hops__n1__changes=[]), 0)
    changes = filtered.hops[1].changes
    yield case("changes in another order", replaced(filtered, hops__n1__changes=changes[::-1]), SOMEWHERE)
    yield case("a change of an object that is not there", replaced(filtered, hops__n1__changes=[
        Change(b"message/what", changes[0].before, changes[0].after, b""), *changes]), 2)


def _other_signature(story):
    envelope = story.draft()
    envelope.id = b"other@edge.example"
    return story.sign(envelope).originator.signature


def _flipped(signature):
    octets = bytearray(signature.octets)
    octets[-1] ^= 1
    return Signature(signature.algorithm, base64.b64encode(octets).decode(), signature.leaf, signature.path)


def signed(envelope):
    """What each signature of a chain is made over: from the originator to the last hop."""
    links = []
    if envelope.originator.signature:
        links.append(_link(traces.origin_octets(envelope), envelope.originator.signature))
    return links + [_link(traces.hop_octets(envelope, index), hop.signature) for index, hop in enumerate(envelope.hops)]


def _link(octets, signature):
    over = traces.signed_octets(octets, signature)
    return files.octets("octets", octets) | (files.octets("batch", over) if over != octets else {})


def broken_link(octets, peer, here, now):
    """The number of the first link that does not hold; None when all do."""
    try:
        traces.verify(envelopes.parse(octets), peer, here, now)
    except traces.Broken as broken:
        return broken.link
    return None


def write():
    made, now = [], int(time.time())
    with Scratch() as scratch:
        story = Story(scratch, now)
        for name, envelope in sound(story):
            octets = envelopes.build(envelope)
            peer = envelope.hops[-1].strings["host"].decode()
            if broken_link(octets, peer, "mx1.carrier.example", now) is not None:
                traces.verify(envelopes.parse(octets), peer, "mx1.carrier.example", now)
            made.append({"name": name, **files.octets("envelope", octets), "peer": peer, "here": "mx1.carrier.example",
                         "now": now, "recipients-signed": traces.recipients_octets(envelope.recipients).decode(),
                         "signed": signed(envelope)})
        for name, envelope, link, peer, here, at in tampered(story):
            octets = envelopes.build(envelope)
            found = broken_link(octets, peer, here, at)
            if found is None or link not in (found, SOMEWHERE):
                raise AssertionError(f"{name}: {found}, wanted {link}")
            made.append({"name": name, **files.octets("envelope", octets), "peer": peer, "here": here, "now": at,
                         "broken": link})
    files.write("signatures", made)
