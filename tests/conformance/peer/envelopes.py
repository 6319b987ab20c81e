"""message/envelope: who sends to whom, and the way it took (docs/xproto.md, section 6)."""
import base64
import dataclasses
import hashlib
import re

from . import documents, headers, receptions
from .documents import Reader, Refused, string

NAMESPACE = "urn:xproto:envelope:1"
RECIPIENTS, HOPS, EXTENSIONS = 1000, 64, 64
DIGEST = "sha-256:[0-9a-f]{64}"
TIME = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
NUMBER = "0|[1-9][0-9]*"
UNDERSTOOD = ("from", "from-address", "from-comment", "by", "by-address", "by-comment", "via", "with", "id", "for", "date",
              "path")
LEGACY = {"RFC821.Received": b"Received", "RFC821.Return-Path": b"Return-Path", "RFC821.Field": None}
HOP_STRINGS = ("host", "peer", "peer-address", "protocol", "id", "next")


def digest(octets):
    return "sha-256:" + hashlib.sha256(octets).hexdigest()


@dataclasses.dataclass
class Parameter:
    name: bytes
    value: bytes | None = None


@dataclasses.dataclass
class Signature:
    algorithm: str
    text: str              # as base64: what later signatures hold
    leaf: int = 0
    path: tuple = ()

    @property
    def octets(self):
        return base64.b64decode(self.text)


@dataclasses.dataclass
class Originator:
    address: bytes
    certificate: str | None = None
    parameters: list = dataclasses.field(default_factory=list)
    signature: Signature | None = None


@dataclasses.dataclass
class Recipient:
    number: int
    address: bytes
    salt: str | None = None
    parameters: list = dataclasses.field(default_factory=list)
    span: tuple = (0, 0)


@dataclasses.dataclass
class Object:
    type: bytes
    octets: int
    digest: str
    media_type: bytes | None = None


@dataclasses.dataclass
class Legacy:
    place: int
    field: headers.Field
    understood: list = dataclasses.field(default_factory=list)  # (name, value)


@dataclasses.dataclass
class Extension:
    oid: str
    critical: bool
    content: bytes


@dataclasses.dataclass
class Change:
    object: bytes
    before: str
    after: str
    reason: bytes


@dataclasses.dataclass
class Hop:
    certificate: str | None
    time: str
    recipients: str
    strings: dict                    # host, peer, peer-address, protocol, id, next
    changes: list = dataclasses.field(default_factory=list)
    signature: Signature | None = None
    legacy: list = dataclasses.field(default_factory=list)
    reception: receptions.Reception | None = None


@dataclasses.dataclass
class Envelope:
    id: bytes
    created: str
    originator: Originator
    recipients: list
    objects: list
    legacy: list = dataclasses.field(default_factory=list)
    extensions: list = dataclasses.field(default_factory=list)
    certificates: dict = dataclasses.field(default_factory=dict)  # digest: DER
    hops: list = dataclasses.field(default_factory=list)
    places: dict = dataclasses.field(default_factory=dict)        # where sections stand in the octets


# --- reading ----------------------------------------------------------------------------------------------------------

def parse(octets):
    root = documents.parse(octets, NAMESPACE, "envelope")
    reader = Reader(root, NAMESPACE)
    envelope = Envelope(string(reader.one("id"), NAMESPACE), _created(reader), _originator(reader.one("originator")), [], [])
    for section, read in (("recipients", _recipients), ("objects", _objects), ("legacy", _legacy),
                          ("extensions", _extensions), ("certificates", _certificates), ("trace", _trace)):
        optional = section in ("legacy", "extensions")
        element = reader.optional(section) if optional else reader.one(section)
        if element is not None:
            envelope.places[section] = element
            read(element, envelope, octets)
    reader.end()
    return envelope


def time(text, reader):
    if not re.fullmatch(TIME, text) or int(text[8:10]) > days(int(text[:4]), int(text[5:7])):
        reader.fail("not a time")
    return text


def days(year, month):
    """Of a month of the Gregorian calendar; year 0 is one like others."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _created(reader):
    element = reader.one("created")
    inner = Reader(element, NAMESPACE, text=True)
    inner.end()
    return time(element.text(), inner)


def _values(element, reader, *names):
    """String attributes; enc holds for all of them."""
    encoded = reader.encoded()
    values = []
    for name in names:
        value = reader.attributes.get(name)
        values.append(None if value is None else documents.decode_base64(value, name) if encoded else value.encode())
    return values


def _parameters(reader):
    found = []
    for element in reader.all("parameter"):
        inner = Reader(element, NAMESPACE, ("name", "value", "enc"))
        inner.end()
        inner.attribute("name")
        found.append(Parameter(*_values(element, inner, "name", "value")))
    return found


def _signature(element):
    reader = Reader(element, NAMESPACE, ("algorithm", "leaf", "path"), text=True)
    reader.end()
    algorithm = reader.attribute("algorithm", r"[a-z0-9\-]{1,64}")
    documents.decode_base64(element.text(), "a signature")
    path = ()
    if "path" in reader.attributes:
        path = tuple(reader.attribute("path", f"{DIGEST}( {DIGEST})*").split(" "))
    leaf = int(reader.attribute("leaf", NUMBER)) if "leaf" in reader.attributes else 0
    if len(path) > 32 or leaf >> len(path):
        reader.fail("a leaf that its path does not lead to")
    return Signature(algorithm, element.text(), leaf, path)


def _originator(element):
    reader = Reader(element, NAMESPACE, ("certificate",))
    certificate = reader.attribute("certificate", DIGEST) if "certificate" in reader.attributes else None
    originator = Originator(string(reader.one("address"), NAMESPACE), certificate, _parameters(reader))
    signature = reader.optional("signature")
    originator.signature = _signature(signature) if signature else None
    reader.end()
    return originator


def _recipients(element, envelope, _):
    reader = Reader(element, NAMESPACE)
    for child in reader.all("recipient"):
        inner = Reader(child, NAMESPACE, ("number", "salt"))
        number = int(inner.attribute("number", "[1-9][0-9]*"))
        if envelope.recipients and number <= envelope.recipients[-1].number:
            inner.fail("numbers must ascend")
        salt = inner.attributes.get("salt")
        if salt is not None:
            documents.decode_base64(salt, "a salt")
        envelope.recipients.append(Recipient(number, string(inner.one("address"), NAMESPACE), salt, _parameters(inner),
                                             (child.start, child.end)))
        inner.end()
        if len(envelope.recipients) > RECIPIENTS:
            raise Refused(documents.OVER_LIMIT, "too many recipients")
    reader.end()


def _objects(element, envelope, _):
    reader = Reader(element, NAMESPACE)
    for child in reader.all("object"):
        inner = Reader(child, NAMESPACE, ("octets", "digest", "type", "media-type", "enc"))
        inner.end()
        inner.attribute("type")
        type_, media_type = _values(child, inner, "type", "media-type")
        if media_type == b"":
            inner.fail("an empty media type")
        envelope.objects.append(Object(type_, int(inner.attribute("octets", NUMBER)), inner.attribute("digest", DIGEST),
                                       media_type))
    reader.end()


def _legacy(element, owner, _):
    """Of an envelope or of a hop."""
    reader = Reader(element, NAMESPACE)
    for child in reader.all(*LEGACY):
        inner = Reader(child, NAMESPACE, ("place",))
        place = int(inner.attribute("place", NUMBER))
        named = LEGACY[child.name[1]]
        field = headers.read_content(inner.one("field"), NAMESPACE, named, last=True)
        if named and (field.name or b"").lower() != named.lower():
            inner.fail("a field with the name of another")
        understood = []
        for view in inner.all(*UNDERSTOOD, "view"):
            if view.name[1] == "view":
                understood.append((view.attributes[("", "name")].encode(), string(view, NAMESPACE, ("name",))))
            else:
                understood.append((view.name[1].encode(), string(view, NAMESPACE)))
        inner.end()
        owner.legacy.append(Legacy(place, field, understood))
    reader.end()


def _extensions(element, envelope, octets):
    reader = Reader(element, NAMESPACE)
    for child in reader.all("extension"):
        inner = Reader(child, NAMESPACE, ("oid", "critical"), text=True)
        inner.end()
        critical = inner.attributes.get("critical", "false")
        if critical not in ("true", "false"):
            inner.fail("critical is true or false")
        envelope.extensions.append(Extension(inner.attribute("oid", r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+"),
                                             critical == "true", bytes(octets[child.inner:child.inner_end])))
        if len(envelope.extensions) > EXTENSIONS:
            raise Refused(documents.OVER_LIMIT, "too many extensions")
    reader.end()


def _certificates(element, envelope, _):
    reader = Reader(element, NAMESPACE)
    for child in reader.all("certificate"):
        inner = Reader(child, NAMESPACE, ("digest",), text=True)
        inner.end()
        named = inner.attribute("digest", DIGEST)
        der = documents.decode_base64(child.text(), "a certificate")
        if digest(der) != named:
            raise Refused(documents.MISMATCH, "not the digest of this certificate")
        if named in envelope.certificates:
            inner.fail("a certificate twice")
        envelope.certificates[named] = der
    reader.end()


def _trace(element, envelope, octets):
    reader = Reader(element, NAMESPACE)
    for child in reader.all("hop"):
        inner = Reader(child, NAMESPACE, ("certificate", "time", "recipients"))
        certificate = inner.attribute("certificate", DIGEST) if "certificate" in inner.attributes else None
        hop = Hop(certificate, time(inner.attribute("time"), inner), inner.attribute("recipients", DIGEST),
                  {name: string(inner.one(name), NAMESPACE) for name in HOP_STRINGS})
        legacy = inner.optional("legacy")
        if legacy is not None:
            _legacy(legacy, hop, octets)
        for change in inner.all("change"):
            hop.changes.append(_change(change))
        hop.signature = _signature(inner.one("signature"))
        hop.reception = receptions.read(child)
        inner.end()
        envelope.hops.append(hop)
        if len(envelope.hops) > HOPS:
            raise Refused(documents.OVER_LIMIT, "too many hops")
    reader.end()


def _change(element):
    reader = Reader(element, NAMESPACE, ("before", "after", "object", "reason", "enc"))
    reader.end()
    reader.attribute("object")
    reader.attribute("reason")
    object_, reason = _values(element, reader, "object", "reason")
    return Change(object_, reader.attribute("before", DIGEST), reader.attribute("after", DIGEST), reason)


# --- writing ----------------------------------------------------------------------------------------------------------

def _attributes(pairs):
    """String attributes: as they are if all can be, else all as base64."""
    pairs = [(name, value) for name, value in pairs if value is not None]
    if all(documents.writable(value) for _, value in pairs):
        return "".join(f' {name}="{documents.escape(value.decode())}"' for name, value in pairs)
    return "".join(f' {name}="{base64.b64encode(value).decode()}"' for name, value in pairs) + ' enc="base64"'


def write_parameters(parameters):
    return "".join(f"<parameter{_attributes([('name', p.name), ('value', p.value)])}/>" for p in parameters)


def write_signature(signature):
    if signature is None:
        return ""
    where = f' leaf="{signature.leaf}" path="{" ".join(signature.path)}"' if signature.path else ""
    return f'<signature algorithm="{signature.algorithm}"{where}>{signature.text}</signature>'


def write_hop(hop):
    certificate = f' certificate="{hop.certificate}"' if hop.certificate else ""
    text = f'<hop{certificate} time="{hop.time}" recipients="{hop.recipients}">'
    text += "".join(documents.write_string(name, hop.strings[name]) for name in HOP_STRINGS)
    text += receptions.write(hop.reception, _attributes)
    if hop.legacy:
        text += "<legacy>\n" + "".join(map(write_legacy, hop.legacy)) + "</legacy>\n"
    for change in hop.changes:
        text += (f'<change before="{change.before}" after="{change.after}"'
                 f'{_attributes([("object", change.object), ("reason", change.reason)])}/>')
    return text + write_signature(hop.signature) + "</hop>\n"


def write_certificate(der):
    return f'<certificate digest="{digest(der)}">{base64.b64encode(der).decode()}</certificate>\n'


def write_legacy(legacy):
    name = (legacy.field.name or b"").lower()
    element = {b"received": "RFC821.Received", b"return-path": "RFC821.Return-Path"}[name]
    text = f'<{element} place="{legacy.place}">'
    text += headers.write_field(legacy.field, LEGACY[element])
    return text + "".join(documents.write_string(n.decode(), v) for n, v in legacy.understood) + f"</{element}>\n"


def build(envelope):
    """A new envelope as octets."""
    origin = envelope.originator
    certificate = f' certificate="{origin.certificate}"' if origin.certificate else ""
    parts = [f'<envelope xmlns="{NAMESPACE}">\n', documents.write_string("id", envelope.id),
             f"\n<created>{envelope.created}</created>\n<originator{certificate}>",
             documents.write_string("address", origin.address), write_parameters(origin.parameters),
             write_signature(origin.signature), "</originator>\n<recipients>\n"]
    for recipient in envelope.recipients:
        salt = f' salt="{recipient.salt}"' if recipient.salt else ""
        parts += [f'<recipient number="{recipient.number}"{salt}>', documents.write_string("address", recipient.address),
                  write_parameters(recipient.parameters), "</recipient>\n"]
    parts.append("</recipients>\n<objects>\n")
    for one in envelope.objects:
        parts.append(f'<object octets="{one.octets}" digest="{one.digest}"'
                     f'{_attributes([("type", one.type), ("media-type", one.media_type)])}/>\n')
    parts.append("</objects>\n")
    if envelope.legacy:
        parts += ["<legacy>\n", *map(write_legacy, envelope.legacy), "</legacy>\n"]
    if envelope.extensions:
        parts.append("<extensions>\n")
        for one in envelope.extensions:
            critical = ' critical="true"' if one.critical else ""
            parts.append(f'<extension oid="{one.oid}"{critical}>{one.content.decode()}</extension>\n')
        parts.append("</extensions>\n")
    parts += ["<certificates>\n", *map(write_certificate, envelope.certificates.values()), "</certificates>\n<trace>\n",
              *map(write_hop, envelope.hops), "</trace>\n</envelope>\n"]
    return "".join(parts).encode()


def send_on(octets, envelope, hop, certificates, recipients):
    """The octets of an envelope with the three edits of a host that passes it on: only `recipients` (their numbers) stay,
    the hop and the certificates it needs are put at the end of their sections."""
    edits = [(r.span, b"") for r in envelope.recipients if r.number not in recipients]
    edits.append(_append(envelope.places["certificates"], "certificates", "".join(
        write_certificate(der) for der in certificates if digest(der) not in envelope.certificates)))
    edits.append(_append(envelope.places["trace"], "trace", write_hop(hop)))
    for (start, end), text in sorted(edits, reverse=True):
        octets = octets[:start] + text + octets[end:]
    return octets


def _append(element, name, text):
    if element.inner_end < element.end:
        return (element.inner_end, element.inner_end), text.encode()
    return (element.end - 2, element.end), f">{text}</{name}>".encode()  # it was <name/>
