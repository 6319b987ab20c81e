"""Control lines: octets to requests and responses, and back (docs/xproto.md, section 2).

There is one grammar and no recovery: what is not a line raises Malformed.
"""
import dataclasses
import re

LINE_OCTETS = 8192
PARAMETERS = 8
LARGEST_ARC = 4294967295
ANSWERS = ("OK", "ERR", "TMP")

TOKEN = re.compile(r"[!#-'*+\-./0-9:;<=>?@A-Z^_`a-z|~\u0080-\U0010ffff]+")
QUOTED = re.compile(r'"((?:[ !#-\[\]-~\u0080-\U0010ffff]|\\["\\])*)"')
COUNT = re.compile(r"\{(0|[1-9][0-9]{0,17})\}")
NAME = re.compile(r"[A-Za-z0-9\-_.]{1,64}")
VERB = re.compile(r"[A-Z]{1,16}(?=[ =\]])")
TAG = re.compile(r"\*|[1-9][0-9]{0,9}")
CODE = re.compile(r"(?:0|[1-9][0-9]{0,9})(?:\.(?:0|[1-9][0-9]{0,9})){1,15}(?![0-9.])")
TEXT = re.compile(r"(?:[ -'*-\[^-~\u0080-\U0010ffff]|\\[()\]\\])+")
ANSWER = re.compile(r"(OK|ERR|TMP)(?![^ \])])")


class Malformed(Exception):
    """Not a line by the grammar."""


@dataclasses.dataclass
class Item:
    """name, name=value, or name with a note: a text, or an outcome (word, code and text)."""
    name: str
    value: str | None = None
    word: str | None = None
    code: str | None = None
    text: str | None = None


@dataclasses.dataclass
class Request:
    tag: int | None                                  # None: `*`
    verb: str
    parameters: list = dataclasses.field(default_factory=list)  # str, or int for a count
    groups: list = dataclasses.field(default_factory=list)      # of lists of items

    def items(self):
        return [item for group in self.groups for item in group]


@dataclasses.dataclass
class Response:
    tag: int | None
    word: str
    code: str
    groups: list = dataclasses.field(default_factory=list)
    text: str = ""

    def items(self):
        return [item for group in self.groups for item in group]

    def item(self, name):
        return next((item for item in self.items() if item.name == name), None)

    def value(self, name):
        item = self.item(name)
        return item.value if item else None


class Quoted(str):
    """A parameter that was written in quotes; equal to the same text without."""


class _Scanner:
    def __init__(self, text):
        self.text, self.at = text, 0

    def peek(self, literal):
        return self.text.startswith(literal, self.at)

    def skip(self, literal):
        if not self.peek(literal):
            raise Malformed(f"expected {literal!r} at {self.at}")
        self.at += len(literal)

    def take(self, pattern, what):
        match = pattern.match(self.text, self.at)
        if not match:
            raise Malformed(f"no {what} at {self.at}")
        self.at = match.end()
        return match.group(match.lastindex or 0)

    def value(self):
        if self.peek('"'):
            return Quoted(unescape(self.take(QUOTED, "quoted string")))
        return self.take(TOKEN, "token")

    def parameter(self):
        return int(self.take(COUNT, "count")) if self.peek("{") else self.value()

    def code(self):
        code = self.take(CODE, "code")
        if any(int(arc) > LARGEST_ARC for arc in code.split(".")):
            raise Malformed("an arc is too large")
        return code

    def item(self):
        item = Item(self.take(NAME, "name"))
        if self.peek("="):
            self.skip("=")
            item.value = self.value()
        return item

    def note(self, item):
        if not ANSWER.match(self.text, self.at):
            item.text = unescape(self.take(TEXT, "note"))
            return
        item.word = self.take(ANSWER, "answer word")
        self.skip(" ")
        item.code = self.code()
        if self.peek(" "):
            self.skip(" ")
            item.text = unescape(self.take(TEXT, "text"))

    def group(self):
        self.skip("(")
        items = [self.item()]
        if self.peek(" "):
            self.skip(" ")
            self.note(items[0])
        while self.peek(","):
            if items[0].word or items[0].text:
                raise Malformed("an item with a note stands alone")
            self.skip(", ")
            items.append(self.item())
        self.skip(")")
        return items

    def groups(self):
        found = []
        while self.peek(" ("):
            self.skip(" ")
            found.append(self.group())
        return found


def unescape(text):
    return re.sub(r"\\(.)", r"\1", text)


def parse(octets):
    """The request or response in one line, CRLF included."""
    if len(octets) > LINE_OCTETS:
        raise Malformed("line too long")
    if not octets.endswith(b"\r\n"):
        raise Malformed("no CRLF at the end")
    try:
        text = octets[:-2].decode("utf-8")
    except UnicodeDecodeError as error:
        raise Malformed(f"not UTF-8 at {error.start}") from None
    scanner = _Scanner(text)
    scanner.skip("[")
    tag = scanner.take(TAG, "tag")
    tag = None if tag == "*" else int(tag)
    if tag is not None and tag > LARGEST_ARC:
        raise Malformed("tag too large")
    scanner.skip(" ")
    line = _response(scanner, tag) if ANSWER.match(text, scanner.at) else _request(scanner, tag)
    scanner.skip("]")
    if scanner.at != len(text):
        raise Malformed("something after the bracket")
    return line


def _request(scanner, tag):
    request = Request(tag, scanner.take(VERB, "verb"))
    if request.verb in ANSWERS:
        raise Malformed("an answer word is no verb")
    if scanner.peek("="):
        scanner.skip("=")
        request.parameters.append(scanner.parameter())
    while scanner.peek(" ") and not scanner.peek(" ("):
        scanner.skip(" ")
        request.parameters.append(scanner.parameter())
    if len(request.parameters) > PARAMETERS:
        raise Malformed("too many parameters")
    request.groups = scanner.groups()
    return request


def _response(scanner, tag):
    word = scanner.take(ANSWER, "answer word")
    scanner.skip(" ")
    response = Response(tag, word, scanner.code())
    response.groups = scanner.groups()
    if scanner.peek(" "):
        scanner.skip(" ")
        response.text = unescape(scanner.take(TEXT, "text"))
    return response


def line_end(buffer):
    """The length of the first line in `buffer`, 0 when it is not all there. Malformed as soon as it cannot become one."""
    if buffer and buffer[:1] != b"[":
        raise Malformed("a line begins with [")
    end = buffer.find(b"\r\n", 0, LINE_OCTETS)
    seen = buffer[:end] if end >= 0 else buffer[:LINE_OCTETS]
    last_cr = end < 0 and seen.endswith(b"\r")
    if re.search(rb"[\x00-\x1f\x7f]", seen[:-1] if last_cr else seen):
        raise Malformed("a control character")
    if end < 0 and len(buffer) >= LINE_OCTETS:
        raise Malformed("line too long")
    return end + 2 if end >= 0 else 0


# --- writing ---------------------------------------------------------------------------------------------------------

def escape(text):
    clean = "".join("?" if ord(c) < 32 or ord(c) == 127 else c for c in text)
    return re.sub(r"([()\]\\])", r"\\\1", clean)


def word(value):
    """A parameter or value as a token if it is one, else quoted."""
    if isinstance(value, int):
        return "{%d}" % value
    if TOKEN.fullmatch(value):
        return value
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


def write_item(item):
    text = item.name + ("" if item.value is None else "=" + word(item.value))
    if item.word:
        text += f" {item.word} {item.code}"
    return text + (" " + escape(item.text) if item.text else "")


def write(line):
    """A request or response as octets, CRLF included."""
    tag = "*" if line.tag is None else str(line.tag)
    groups = "".join(" (" + ", ".join(map(write_item, group)) + ")" for group in line.groups)
    if isinstance(line, Request):
        text = line.verb + "".join(" " + word(p) for p in line.parameters) + groups
    else:
        text = f"{line.word} {line.code}{groups}" + (" " + escape(line.text) if line.text else "")
    return f"[{tag} {text}]\r\n".encode()
