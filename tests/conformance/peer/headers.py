"""message/headers: the header of a message, field by field (docs/xproto.md, section 6)."""
import base64
import dataclasses
import re

from . import documents
from .documents import Refused

NAMESPACE = "urn:xproto:headers:1"
FIELD_NAME = re.compile(rb"[!-9;-~]+")
ENDS = {"crlf": b"\r\n", "lf": b"\n", "none": b""}

# The prefixes this writer uses; readers take any RFC number.
PREFIXES = {name.lower(): ("RFC822", name) for name in (
    "Bcc Cc Comments Date From In-Reply-To Keywords Message-ID References Reply-To Sender Subject To").split()}
PREFIXES |= {name.lower(): ("RFC2045", name) for name in (
    "Content-Description Content-ID Content-Transfer-Encoding Content-Type MIME-Version").split()}
PREFIXES["dkim-signature"] = ("RFC6376", "DKIM-Signature")


@dataclasses.dataclass
class Field:
    """Plain: name, text and folds. Raw: octets, and the name they begin with, if any."""
    name: bytes | None
    text: bytes = b""
    folds: tuple = ()
    raw: bytes | None = None
    line_end: bytes = b"\r\n"  # plain: of each of its lines

    def octets(self):
        """The field as it stood in the message."""
        if self.raw is not None:
            return self.raw
        starts = (0, *self.folds)
        pieces = [self.text[a:b] for a, b in zip(starts, (*self.folds, len(self.text)))]
        return self.name + b":" + self.line_end.join(pieces) + self.line_end


def check_plain(field, where):
    if not field.name or not FIELD_NAME.fullmatch(field.name):
        raise Refused(documents.NOT_VALID, f"{where}: not the name of a field")
    if b"\r" in field.text or b"\n" in field.text:
        raise Refused(documents.NOT_VALID, f"{where}: CR or LF in a plain field")
    before = -1
    for fold in field.folds:
        if fold <= before or fold >= len(field.text) or field.text[fold:fold + 1] not in (b" ", b"\t"):
            raise Refused(documents.NOT_VALID, f"{where}: a fold that does not stand before white space")
        before = fold


def leading_name(raw):
    """The name that raw octets begin with: a field's name, perhaps white space, a colon."""
    match = re.match(rb"([!-9;-~]+)[ \t]*:", raw)
    return match.group(1) if match else None


def check_raw(field, where, last):
    raw = field.raw
    for match in re.finditer(b"\n", raw):
        if match.end() != len(raw) and raw[match.end():match.end() + 1] not in (b" ", b"\t"):
            raise Refused(documents.NOT_VALID, f"{where}: a line feed inside that begins another field")
    if leading_name(raw) != field.name:
        raise Refused(documents.NOT_VALID, f"{where}: the octets do not begin with the name")
    if not raw.endswith(b"\n") and not last:
        raise Refused(documents.NOT_VALID, f"{where}: no line end, and more follows")


def read_folds(value, reader):
    if value is None:
        return ()
    reader.attribute("fold", r"(0|[1-9][0-9]*)( [1-9][0-9]*)*")
    return tuple(int(number) for number in value.split(" "))


def read_content(element, namespace, known_name=None, last=False):
    """A field in plain or raw form. `known_name`: of the element, when it has no attribute n."""
    reader = documents.Reader(element, namespace, ("n", "fold", "enc", "t"))
    reader.end()
    where = element.name[1]
    name = reader.attributes.get("n")
    text = reader.attributes.get("t", "")
    name = name.encode() if name is not None else None
    if reader.encoded():
        if "fold" in reader.attributes:
            reader.fail("folds of a raw field")
        field = Field(name or known_name, raw=documents.decode_base64(text, where))
        check_raw(field, where, last)
        return field
    field = Field(name if name is not None else known_name, text.encode(),
                  read_folds(reader.attributes.get("fold"), reader))
    check_plain(field, where)
    return field


def parse(octets):
    """(fields, end) of a headers object."""
    root = documents.parse(octets, NAMESPACE, "headers")
    reader = documents.Reader(root, NAMESPACE, ("lines", "end"))
    lines = reader.attribute("lines", "crlf|lf") if "lines" in reader.attributes else "crlf"
    end = reader.attribute("end", "crlf|lf|none") if "end" in reader.attributes else lines
    fields = []
    for index, element in enumerate(reader.own):
        last = index + 1 == len(reader.own) and end == "none"
        local = element.name[1]
        if local == "field":
            fields.append(read_content(element, NAMESPACE, last=last))
            continue
        match = re.fullmatch(r"RFC[0-9]+\.(.+)", local)
        if not match:
            reader.fail(f"unknown element {local}")
        if "enc" in {name for _, name in element.attributes if _ == ""}:
            reader.fail("a raw field under a registered name")
        field = read_content(element, NAMESPACE, match.group(1).encode())
        if field.name.lower() != match.group(1).lower().encode():
            reader.fail(f"{local} with the name of another field")
        fields.append(field)
    for field in fields:
        field.line_end = ENDS[lines]
    return fields, end


def join(fields, end):
    """The header section of the message, what ends it included."""
    return b"".join(field.octets() for field in fields) + ENDS[end]


def write_field(field, element=None):
    """The field as an element; `element`: this one, whatever its name."""
    name = (field.name or b"").decode()
    prefix, proper = PREFIXES.get(name.lower(), (None, "")) if field.raw is None and element is None else (None, element or "")
    tag = f"{prefix}.{proper}" if prefix else "field"
    attributes = f' n="{documents.escape(name)}"' if name != proper else ""
    if field.raw is not None:
        return f'<{tag}{attributes} enc="base64" t="{base64.b64encode(field.raw).decode()}"/>'
    if field.folds:
        attributes += f' fold="{" ".join(map(str, field.folds))}"'
    return f'<{tag}{attributes} t="{documents.escape(field.text.decode())}"/>'


def build(fields, end):
    lines = "".join(write_field(field) + "\n" for field in fields)
    return f'<headers xmlns="{NAMESPACE}" end="{end}">\n{lines}</headers>\n'.encode()


def split_field(octets):
    """One field of a message as it stood, in the plain form if that gives it back, else raw."""
    name = leading_name(octets)
    if name and octets.startswith(name + b":") and octets.endswith(b"\r\n"):
        value = octets[len(name) + 1:-2]
        pieces = value.split(b"\r\n")
        text = b"".join(pieces)
        folds, at = [], 0
        for piece in pieces[:-1]:
            at += len(piece)
            folds.append(at)
        field = Field(name, text, tuple(folds))
        try:
            check_plain(field, "")
            if documents.writable(text) and field.octets() == octets:
                return field
        except Refused:
            pass
    return Field(name, raw=octets)


def split(message):
    """(fields, end, body) of an RFC 5322 message."""
    fields, at = [], 0
    while at < len(message):
        end = message.find(b"\n", at) + 1 or len(message)
        line = message[at:end]
        if line in (b"\r\n", b"\n"):
            return fields, "crlf" if line == b"\r\n" else "lf", message[end:]
        while message[end:end + 1] in (b" ", b"\t"):
            end = message.find(b"\n", end) + 1 or len(message)
        if leading_name(line) is None:
            break
        fields.append(split_field(message[at:end]))
        at = end
    return fields, "none", message[at:]
