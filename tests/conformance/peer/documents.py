"""The XML profile of objects (docs/xproto.md, section 6): less than XML, so that all parsers agree.

A parser of its own, because what has to be refused (comments, CDATA, literal carriage returns, references to letters) is
what ordinary parsers hide. Elements know where they stand in the octets, so that an object can be edited in place.
"""
import base64
import dataclasses
import re

DEPTH, ELEMENTS, ATTRIBUTES, NAMESPACES, NAME_OCTETS = 32, 65536, 32, 64, 128
NOT_XML, FORBIDDEN, NOT_VALID, OVER_LIMIT = "99.0.5.30", "99.0.5.31", "99.0.5.32", "99.0.5.33"
MISMATCH = "99.0.5.34"  # not the octets that a digest names
XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"', "apos": "'"}

DECLARATION = re.compile(
    r"""<\?xml[ \t\n]+version[ \t\n]*=[ \t\n]*(?:"1\.0"|'1\.0')"""
    r"""(?:[ \t\n]+encoding[ \t\n]*=[ \t\n]*(?:"[Uu][Tt][Ff]-8"|'[Uu][Tt][Ff]-8'))?"""
    r"""(?:[ \t\n]+standalone[ \t\n]*=[ \t\n]*(?:"(?:yes|no)"|'(?:yes|no)'))?[ \t\n]*\?>""")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9._\-]*(?::[A-Za-z_][A-Za-z0-9._\-]*)?")
SPACE = re.compile(r"[ \t\n]*")
REFERENCE = re.compile(r"&(?:(lt|gt|amp|quot|apos)|#([0-9]+)|#x([0-9A-Fa-f]+));")
ENTITY = re.compile(r"&[^\W\d][\w.\-:]*;")
BAD_CHARACTER = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*")
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


class Refused(Exception):
    """The object is refused; `code` says why."""

    def __init__(self, code, reason):
        super().__init__(f"{code} {reason}")
        self.code, self.reason = code, reason


@dataclasses.dataclass
class Element:
    """One element. `name` is (namespace, local name); `children` are elements and strings, in order."""
    name: tuple
    attributes: dict
    children: list
    start: int          # offsets into the octets: of `<`,
    inner: int = 0      # of the first octet of content,
    inner_end: int = 0  # of the end tag,
    end: int = 0        # after the element

    def elements(self):
        return [child for child in self.children if isinstance(child, Element)]

    def text(self):
        """Its character data; foreign elements in it are stepped over."""
        return "".join(child for child in self.children if isinstance(child, str))


class _Parser:
    def __init__(self, octets, namespace):
        self.namespace = namespace
        self.elements = 0
        self.at = 0
        try:
            self.text = octets.decode("utf-8")
        except UnicodeDecodeError as error:
            raise Refused(NOT_XML, f"not UTF-8 at {error.start}") from None
        if bad := BAD_CHARACTER.search(self.text):
            raise Refused(NOT_XML, f"a character that XML forbids at {bad.start()}")
        if self.text.startswith("\ufeff"):
            raise Refused(FORBIDDEN, "a byte order mark")
        if "\r" in self.text:
            raise Refused(FORBIDDEN, "a carriage return that is no reference")
        # Offsets into the octets, for the few places that need them.
        self.ascii = self.text.isascii()

    def offset(self, at):
        return at if self.ascii else len(self.text[:at].encode())

    def peek(self, literal):
        return self.text.startswith(literal, self.at)

    def fail(self, reason, code=NOT_XML):
        raise Refused(code, f"{reason} at {self.at}")

    def skip(self, literal):
        if not self.peek(literal):
            self.fail(f"expected {literal!r}")
        self.at += len(literal)

    def space(self):
        before, self.at = self.at, SPACE.match(self.text, self.at).end()
        return self.at > before

    def document(self):
        if match := DECLARATION.match(self.text):
            self.at = match.end()
        self.space()
        self.refuse_markup()
        root = self.tree()
        self.space()
        self.refuse_markup()
        if self.at != len(self.text):
            self.fail("something after the root element")
        return root

    def refuse_markup(self):
        for mark, what in (("<!--", "a comment"), ("<![CDATA[", "a CDATA section"), ("<!", "a declaration"),
                           ("<?", "a processing instruction, or an XML declaration that says too much")):
            if self.peek(mark):
                self.fail(what, FORBIDDEN)

    def tree(self):
        """The root element with everything in it; open elements are kept in a list, not on the stack."""
        root, scopes = self.open_tag([{"xml": XML_NAMESPACE}], True)
        open_elements = [] if root.end else [root]
        scopes = [scopes]
        while open_elements:
            current = open_elements[-1]
            self.character_data(current)
            self.refuse_markup()
            if self.peek("</"):
                self.close_tag(current)
                open_elements.pop()
                scopes.pop()
                continue
            if len(open_elements) >= DEPTH:
                self.fail("too many levels", OVER_LIMIT)
            child, scope = self.open_tag(scopes[-1], False)
            current.children.append(child)
            if not child.end:
                open_elements.append(child)
                scopes.append(scope)
        return root

    def name(self):
        match = NAME.match(self.text, self.at)
        if not match:
            self.fail("no name", FORBIDDEN if self.text[self.at:self.at + 1] > "\x7f" else NOT_XML)
        self.at = match.end()
        if self.at < len(self.text) and (self.text[self.at] == ":" or ord(self.text[self.at]) > 127):
            self.fail("not a name that is allowed here", FORBIDDEN)
        if len(match.group()) > NAME_OCTETS:
            self.fail("name too long", OVER_LIMIT)
        return match.group()

    def reference(self):
        match = REFERENCE.match(self.text, self.at)
        if not match:
            entity = ENTITY.match(self.text, self.at)
            self.fail("a reference that is not allowed", FORBIDDEN if entity else NOT_XML)
        self.at = match.end()
        if match.group(1):
            return NAMED[match.group(1)]
        number = match.group(2) or match.group(3)
        if len(number) > 12:
            self.fail("no such character")
        value = int(number, 10 if match.group(2) else 16)
        if value > 0x10FFFF or BAD_CHARACTER.match(chr(value)):
            self.fail("a character that XML forbids")
        if re.fullmatch("[A-Za-z0-9_]", chr(value)):
            self.fail("a reference to a letter, digit or _", FORBIDDEN)
        return chr(value)

    def character_data(self, element):
        """What stands before the next tag."""
        pieces = []
        while True:
            match = re.compile("[^<&]*").match(self.text, self.at)
            if "]]>" in match.group():
                self.fail("]]> in text")
            pieces.append(match.group())
            self.at = match.end()
            if not self.peek("&"):
                break
            pieces.append(self.reference())
        if self.at >= len(self.text):
            self.fail("an element without end")
        if text := "".join(pieces):
            element.children.append(text)

    def attribute_value(self):
        if not (self.peek('"') or self.peek("'")):
            self.fail("an attribute without quotes")
        quote = self.text[self.at]
        self.at += 1
        pieces = []
        plain = re.compile(f"[^<&{quote}]*")
        while True:
            match = plain.match(self.text, self.at)
            if "\t" in match.group() or "\n" in match.group():
                self.fail("a tab or line feed in an attribute", FORBIDDEN)
            pieces.append(match.group())
            self.at = match.end()
            if self.peek("&"):
                pieces.append(self.reference())
                continue
            self.skip(quote)
            return "".join(pieces)

    def open_tag(self, scopes, is_root):
        start = self.at
        self.skip("<")
        self.elements += 1
        if self.elements > ELEMENTS:
            self.fail("too many elements", OVER_LIMIT)
        tag = self.name()
        raw = {}
        while self.space():
            if self.peek(">") or self.peek("/>"):
                break
            key = self.name()
            self.space()
            self.skip("=")
            self.space()
            if key in raw:
                self.fail("an attribute twice")
            raw[key] = self.attribute_value()
            if len(raw) > ATTRIBUTES:
                self.fail("too many attributes", OVER_LIMIT)
        scopes, attributes = self.resolve(raw, scopes, is_root)
        element = Element(self.element_name(tag, scopes), attributes, [], self.offset(start))
        element.tag = tag
        if self.peek("/>"):
            self.skip("/>")
            element.inner = element.inner_end = element.end = self.offset(self.at)
        else:
            self.skip(">")
            element.inner = self.offset(self.at)
        return element, scopes

    def close_tag(self, element):
        element.inner_end = self.offset(self.at)
        self.skip("</" + element.tag)
        self.space()
        self.skip(">")
        element.end = self.offset(self.at)

    def resolve(self, raw, scopes, is_root):
        """Namespaces in scope, and the attributes under their full names."""
        declared = {}
        for key, value in raw.items():
            if key != "xmlns" and not key.startswith("xmlns:"):
                continue
            prefix = key[6:]
            if value == self.namespace and not (is_root and prefix == ""):
                self.fail("the object's namespace declared elsewhere than as the root's default", FORBIDDEN)
            if prefix in ("xml", "xmlns") or value in (XML_NAMESPACE, "http://www.w3.org/2000/xmlns/"):
                self.fail("a reserved namespace", NOT_XML)
            if value == "" and prefix:
                self.fail("a prefix without namespace", NOT_XML)
            if value and not URI.fullmatch(value):
                self.fail("a namespace name that is no URI", FORBIDDEN)
            declared[prefix] = value
        if declared:
            scopes = scopes + [declared]
            if len({prefix for scope in scopes for prefix in scope}) > NAMESPACES:
                self.fail("too many namespaces", OVER_LIMIT)
        attributes = {}
        for key, value in raw.items():
            if key == "xmlns" or key.startswith("xmlns:"):
                continue
            prefix, _, local = key.rpartition(":")
            name = (self.lookup(prefix, scopes) if prefix else "", local)
            if name in attributes:
                self.fail("an attribute twice")
            attributes[name] = value
        return scopes, attributes

    def lookup(self, prefix, scopes):
        for scope in reversed(scopes):
            if prefix in scope:
                return scope[prefix]
        if prefix:
            self.fail("a prefix that nobody declared")
        return ""

    def element_name(self, tag, scopes):
        prefix, _, local = tag.rpartition(":")
        return self.lookup(prefix, scopes), local


def parse(octets, namespace, root):
    """The root element of an object, or Refused."""
    element = _Parser(bytes(octets), namespace).document()
    if element.name != (namespace, root):
        raise Refused(NOT_VALID, f"the root is not {root} of {namespace}")
    return element


class Reader:
    """Walks the children of one element in the order in which they must stand, stepping over what is foreign."""

    def __init__(self, element, namespace, attributes=(), text=False):
        self.element, self.namespace = element, namespace
        self.own = [child for child in element.elements() if child.name[0] == namespace]
        self.attributes = {local: value for (ns, local), value in element.attributes.items() if ns == ""}
        self.at = 0
        if unknown := set(self.attributes) - set(attributes):
            self.fail(f"unknown attribute {sorted(unknown)[0]}")
        if not text and element.text().strip(" \t\n"):
            self.fail("text between elements")

    def fail(self, reason):
        raise Refused(NOT_VALID, f"{self.element.name[1]}: {reason}")

    def optional(self, *names):
        if self.at < len(self.own) and self.own[self.at].name[1] in names:
            self.at += 1
            return self.own[self.at - 1]
        return None

    def one(self, name):
        found = self.optional(name)
        if found is None:
            self.fail(f"no {name} where it must stand")
        return found

    def all(self, *names):
        while (found := self.optional(*names)) is not None:
            yield found

    def end(self):
        if self.at != len(self.own):
            self.fail(f"{self.own[self.at].name[1]} where it may not stand")

    def attribute(self, name, pattern=None):
        value = self.attributes.get(name)
        if value is None:
            self.fail(f"no attribute {name}")
        if pattern and not re.fullmatch(pattern, value):
            self.fail(f"attribute {name} is malformed")
        return value

    def encoded(self):
        """Is enc="base64" there?"""
        if "enc" not in self.attributes:
            return False
        self.attribute("enc", "base64")
        return True


def decode_base64(text, what="text"):
    """Base64 with padding and nothing else."""
    if not BASE64.fullmatch(text):
        raise Refused(NOT_VALID, f"{what} is no base64")
    octets = base64.b64decode(text)
    if base64.b64encode(octets).decode() != text:
        raise Refused(NOT_VALID, f"{what} is base64 with stray bits")
    return octets


def string(element, namespace, attributes=()):
    """The octets of a string element. `attributes` names those that it may have beside enc."""
    reader = Reader(element, namespace, ("enc", *attributes), text=True)
    reader.end()
    text = element.text()
    return decode_base64(text, element.name[1]) if reader.encoded() else text.encode()


def writable(octets):
    """Can this string stand as text, without base64?"""
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not BAD_CHARACTER.search(text) and "\r" not in text and "\n" not in text


def escape(text):
    """Character data or an attribute in double quotes."""
    return re.sub('[&<>"\r\n\t]', lambda m: {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}.get(
        m.group(), f"&#{ord(m.group())};"), text)


def write_string(name, octets, attributes=""):
    if writable(octets):
        return f"<{name}{attributes}>{escape(octets.decode())}</{name}>"
    return f'<{name}{attributes} enc="base64">{base64.b64encode(octets).decode()}</{name}>'
