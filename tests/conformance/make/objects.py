"""The vectors for envelope and headers objects, written from docs/xproto.md, section 6.

Each case is a sound document with some text exchanged for other text, and what becomes of it: nothing (it stays sound) or
the code of the refusal.
"""
from peer import documents, envelopes, headers

from . import files

DIGEST = "sha-256:" + "0123456789abcdef" * 4
RECEPTION = (f'<reception xmlns="urn:xproto:reception:1" by="dns" standing="unknown" certificate="{DIGEST}" '
             'authority="edge.example"/>')
EMPTY = envelopes.digest(b"\x30\x00")  # of MAA=, the shortest DER there is
XML, FORBIDDEN, INVALID, LIMIT = documents.NOT_XML, documents.FORBIDDEN, documents.NOT_VALID, documents.OVER_LIMIT
MISMATCH = documents.MISMATCH
# Where the specification lets the receiver choose.
NOT_HERE, NOT_THIS = [XML, FORBIDDEN], [XML, INVALID]

ENVELOPE = f"""<envelope xmlns="urn:xproto:envelope:1">
<id>k3v7mqx2h5w4t6zr@edge.example</id>
<created>2026-11-22T12:00:00Z</created>
<originator certificate="{EMPTY}">
  <address>alice@edge.example</address>
  <parameter name="RET" value="HDRS"/><parameter name="SMTPUTF8"/>
  <signature algorithm="ed25519">c2lnbmF0dXJl</signature>
</originator>
<recipients>
  <recipient number="1" salt="A+iIgSNUmXuqPNaX7PcF6w=="><address>bob@carrier.example</address></recipient>
  <recipient number="3"><address>carol@carrier.example</address><parameter name="NOTIFY" value="NEVER"/></recipient>
</recipients>
<objects>
  <object octets="299" digest="{DIGEST}" type="message/headers"/>
  <object octets="0" digest="{DIGEST}" type="message/body" media-type="text/plain"/>
</objects>
<legacy>
  <RFC821.Received place="0"><field fold="5" t=" from a by b; date"/><from>a</from><by>b</by></RFC821.Received>
  <RFC821.Return-Path place="2"><field n="return-PATH" t=" &lt;>"/><path></path></RFC821.Return-Path>
</legacy>
<extensions><extension oid="1.2.3"><x:a xmlns:x="urn:x">b</x:a></extension></extensions>
<certificates><certificate digest="{EMPTY}">MAA=</certificate></certificates>
<trace>
<hop certificate="{EMPTY}" time="2026-11-22T12:00:01Z" recipients="{DIGEST}"><host>mx1.edge.example</host>
<peer>pc.edge.example</peer><peer-address>192.0.2.1</peer-address><protocol>ESMTPS</protocol><id>4f2a</id>
<next>mx1.carrier.example</next><change before="{DIGEST}" after="{DIGEST}" object="message/body" reason="footer"/>
<signature algorithm="ecdsa-p256-sha256">c2lnbmF0dXJl</signature></hop>
</trace>
</envelope>
"""

CONTROL = """<envelope xmlns="urn:xproto:envelope:1"><id>a@b</id><created>0000-01-01T00:00:00Z</created><originator>\
<address></address></originator><recipients/><objects/><certificates/><trace/></envelope>"""

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
ID = "<id>k3v7mqx2h5w4t6zr@edge.example</id>"
ALICE = "<address>alice@edge.example</address>"
RET = '<parameter name="RET" value="HDRS"/>'
FIELD = '<field fold="5" t=" from a by b; date"/>'
SIGNATURE = '<signature algorithm="ed25519">c2lnbmF0dXJl</signature>'

ENVELOPES = [
    # sound
    ("as it is", [], None),
    ("an XML declaration", [("<envelope", DECLARATION + "<envelope")], None),
    ("a declaration in single quotes, standalone",
     [("<envelope", "<?xml version='1.0' encoding='utf-8' standalone='yes'?><envelope")], None),
    ("attributes in single quotes", [('name="RET"', "name='RET'")], None),
    ("space inside tags", [("<address>alice@edge.example</address>", "<address >alice@edge.example</address\n>")], None),
    ("references to characters", [("alice@edge", "&#x22;al&#38;ice&quot;&#64;edge")], None),
    ("an address beyond ASCII", [("alice@edge", "d\u00f6mi\U0001f600@\u4f8b")], None),
    ("an address in base64", [(ALICE, '<address enc="base64">/2E=</address>')], None),
    ("a line feed in a string", [("alice", "al\nice")], None),
    ("CR and LF by reference in a string", [("alice", "al&#13;&#10;ice")], None),
    ("white space counts", [(ALICE, "<address> alice@edge.example </address>")], None),
    ("the null sender", [(ALICE, "<address/>")], None),
    ("an empty value is a value", [(RET, '<parameter name="RET" value=""/>')], None),
    ("name and value in base64", [(RET, '<parameter name="UkVU" value="/w==" enc="base64"/>')], None),
    ("no certificate and no signature", [(f' certificate="{EMPTY}">\n  <address>', ">\n  <address>"), (SIGNATURE, "")], None),
    ("a tab by reference in an attribute", [('value="HDRS"', 'value="a&#9;b"')], None),
    ("foreign attributes", [("<id>", '<id xmlns:f="urn:f" f:g="h" xml:lang="en">')], None),
    ("a foreign element between sections", [("<objects>", '<f xmlns="urn:f">text<g/></f><objects>')], None),
    ("a foreign element before the first section", [("<id>", '<f:f xmlns:f="urn:f"/><id>')], None),
    ("a foreign element inside text", [("k3v7mqx2h5w4t6zr", 'k3v7<f xmlns="urn:f">not this</f>mqx2')], None),
    ("a foreign element in a recipient", [('number="3">', 'number="3"><f xmlns="urn:f"/>')], None),
    ("a foreign prefix declared on the root", [('envelope:1">', 'envelope:1" xmlns:f="urn:f">'), ("<objects>", "<f:x/><objects>")],
     None),
    ("neither objects, recipients, legacy fields nor extensions", CONTROL, None),
    ("a raw legacy field", [(FIELD, '<field n="Received" enc="base64" t="UmVjZWl2ZWQ6IGEKIGINCg=="/>')], None),
    ("a raw legacy field whose element tells its name",
     [(FIELD, '<field enc="base64" t="UmVjZWl2ZWQ6IGEKIGINCg=="/>')], None),
    ("a view of its own name", [("<by>b</by>", '<view name="tls">1.3</view>')], None),
    ("a legacy field that nobody understood", [("<from>a</from><by>b</by>", "")], None),
    ("a legacy field of another name", [("RFC821.Received place", "RFC821.Field place"), ("</RFC821.Received>", "</RFC821.Field>"),
                                        ("<field fold", '<field n="X-Received" fold')], None),
    ("a critical extension", [('oid="1.2.3"', 'oid="1.2.3" critical="true"')], None),
    ("an extension that says it is not critical", [('oid="1.2.3"', 'oid="1.2.3" critical="false"')], None),
    ("an empty extension", [('<extension oid="1.2.3"><x:a xmlns:x="urn:x">b</x:a></extension>', '<extension oid="1.2.3"/>')],
     None),
    ("an extension with text and references", [('<x:a xmlns:x="urn:x">b</x:a>', " a &amp; b\n")], None),
    ("a signature over a batch", [('algorithm="ed25519"', f'algorithm="ed25519" leaf="1" path="{DIGEST} {EMPTY}"')], None),
    ("leaf 0 without path", [('algorithm="ed25519"', 'algorithm="ed25519" leaf="0"')], None),
    ("an algorithm nobody knows is read", [('algorithm="ed25519"', 'algorithm="x-1"')], None),
    ("a reception", [("</next>", "</next>" + RECEPTION)], None),
    ("a reception behind the signature, with a prefix, in base64", [("</signature></hop>", "</signature>" + RECEPTION.replace(
        "<reception xmlns", "<r:reception xmlns:r").replace('"edge.example"', '"/w=="').replace("/>", ' enc="base64"/></hop>'))], None),
    ("29 February", [("2026-11-22T12:00:00Z", "2024-02-29T23:59:59Z")], None),
    # not XML
    ("nothing at all", "", XML),
    ("only white space", " \n", XML),
    ("breaks off", [("</envelope>\n", "")], XML),
    ("breaks off in a tag", [("</envelope>\n", "</envel")], XML),
    ("not UTF-8", [("alice", b"al\xffice")], XML),
    ("a surrogate in UTF-8", [("alice", b"al\xed\xa0\x80ice")], XML),
    ("a control character", [("alice", "al\x01ice")], XML),
    ("a reference to a control character", [("alice", "al&#1;ice")], XML),
    ("a reference to NUL", [("alice", "al&#0;ice")], XML),
    ("a reference beyond Unicode", [("alice", "al&#x110000;ice")], XML),
    ("U+FFFE", [("alice", "al\ufffeice")], XML),
    ("a reference without end", [("alice", "al&amp ice")], NOT_HERE),
    ("a bare ampersand", [("alice", "al& ice")], NOT_HERE),
    ("an end tag of another name", [("</id>", "</di>")], XML),
    ("an attribute twice", [('number="3"', 'number="3" number="3"')], XML),
    ("an attribute without quotes", [('number="3"', "number=3")], XML),
    ("no space between attributes", [('name="RET" value', 'name="RET"value')], XML),
    ("< in an attribute", [('value="HDRS"', 'value="<"')], XML),
    ("]]> in text", [("alice", "al]]>ice")], XML),
    ("a prefix that nobody declared", [("<objects>", "<f:f/><objects>")], XML),
    ("two roots", [("</envelope>\n", "</envelope><envelope/>")], XML),
    ("text after the root", [("</envelope>\n", "</envelope>x")], XML),
    ("text before the root", [("<envelope", "x<envelope")], XML),
    ("the same attribute by two prefixes", [("<id>", '<id xmlns:f="urn:f" xmlns:g="urn:f" f:a="" g:a="">')], XML),
    # XML, but not here
    ("a byte order mark", [("<envelope", "\ufeff<envelope")], NOT_HERE),
    ("a document type", [("<envelope", "<!DOCTYPE envelope><envelope")], FORBIDDEN),
    ("a document type with an entity",
     [("<envelope", '<!DOCTYPE envelope [<!ENTITY a "b">]><envelope'), ("alice", "&a;")], FORBIDDEN),
    ("an entity that is not predefined", [("alice", "al&nbsp;ice")], FORBIDDEN),
    ("a processing instruction", [("<objects>", "<?php x?><objects>")], FORBIDDEN),
    ("a processing instruction before the root", [("<envelope", "<?x y?><envelope")], FORBIDDEN),
    ("a comment", [("<objects>", "<!-- x --><objects>")], FORBIDDEN),
    ("a comment in text", [("alice", "al<!---->ice")], FORBIDDEN),
    ("a comment after the root", [("</envelope>\n", "</envelope><!-- x -->")], NOT_HERE),
    ("a CDATA section", [("alice", "<![CDATA[alice]]>")], FORBIDDEN),
    ("a declaration after a space", [("<envelope", " " + DECLARATION + "<envelope")], FORBIDDEN),
    ("a declaration of version 1.1", [("<envelope", '<?xml version="1.1"?><envelope')], FORBIDDEN),
    ("a declaration of another encoding", [("<envelope", '<?xml version="1.0" encoding="ISO-8859-1"?><envelope')], FORBIDDEN),
    ("a reference to a letter", [("alice", "&#97;lice")], FORBIDDEN),
    ("a reference to a digit", [("alice", "alice&#x31;")], FORBIDDEN),
    ("a reference to a letter in an attribute", [('name="RET"', 'name="&#82;ET"')], FORBIDDEN),
    ("a carriage return", [("<objects>", "\r\n<objects>")], FORBIDDEN),
    ("a tab in an attribute", [('value="HDRS"', 'value="a\tb"')], FORBIDDEN),
    ("a line feed in an attribute", [('value="HDRS"', 'value="a\nb"')], FORBIDDEN),
    ("a name beyond ASCII", [("<objects>", '<\u00e9 xmlns="urn:f"/><objects>')], FORBIDDEN),
    ("the own namespace under a prefix",
     [('envelope:1">', 'envelope:1" xmlns:e="urn:xproto:envelope:1">')], NOT_HERE),
    ("the own namespace declared again", [("<id>", '<id xmlns="urn:xproto:envelope:1">')], NOT_HERE),
    ("a namespace name that is no URI", [("<objects>", '<f xmlns="not a uri"/><objects>')], NOT_HERE),
    # not by the schema
    ("another root", CONTROL.replace("envelope>", "letter>").replace("<envelope ", "<letter "), NOT_THIS),
    ("another namespace", [("urn:xproto:envelope:1", "urn:xproto:envelope:2")], NOT_THIS),
    ("no namespace", [(' xmlns="urn:xproto:envelope:1"', "")], NOT_THIS),
    ("the root of the other object", '<headers xmlns="urn:xproto:headers:1" end="crlf"/>', NOT_THIS),
    ("an unknown element", [("<objects>", "<what/><objects>")], INVALID),
    ("an unknown attribute", [("<id>", '<id what="">')], INVALID),
    ("an unknown attribute of the root", [('envelope:1">', 'envelope:1" what="">')], INVALID),
    ("text between elements", [("<objects>", "text<objects>")], INVALID),
    ("no id", [(ID, "")], INVALID),
    ("two ids", [(ID, ID + ID)], INVALID),
    ("sections in another order", [(ID + "\n<created>2026-11-22T12:00:00Z</created>",
                                    "<created>2026-11-22T12:00:00Z</created>" + ID)], INVALID),
    ("no trace", CONTROL.replace("<trace/>", ""), INVALID),
    ("no certificates", CONTROL.replace("<certificates/>", ""), INVALID),
    ("an element in a text", [("alice@", "<b/>alice@")], INVALID),
    ("base64 with white space", [(ALICE, '<address enc="base64">/2 E=</address>')], INVALID),
    ("base64 without padding", [(ALICE, '<address enc="base64">/2E</address>')], INVALID),
    ("base64 with stray bits", [(ALICE, '<address enc="base64">/2F=</address>')], INVALID),
    ("another encoding", [(ALICE, '<address enc="hex">ff</address>')], INVALID),
    ("a parameter without name", [(RET, '<parameter value="HDRS"/>')], INVALID),
    ("a recipient without number", [(' number="3"', "")], INVALID),
    ("recipient 0", [('number="1"', 'number="0"')], INVALID),
    ("a number with a leading zero", [('number="3"', 'number="03"')], INVALID),
    ("a number with a sign", [('number="3"', 'number="+3"')], INVALID),
    ("numbers that do not ascend", [('number="3"', 'number="1"')], INVALID),
    ("a salt that is no base64", [("A+iIgSNUmXuqPNaX7PcF6w==", "salt!")], INVALID),
    ("octets that are no number", [('octets="299"', 'octets="29a"')], INVALID),
    ("an object without digest", [(f' digest="{DIGEST}" type="message/headers"', ' type="message/headers"')], INVALID),
    ("a digest in upper case", [(f'octets="299" digest="{DIGEST}"', f'octets="299" digest="{DIGEST.upper()}"')], INVALID),
    ("a digest without algorithm", [(f'octets="299" digest="{DIGEST}"', f'octets="299" digest="{DIGEST[8:]}"')], INVALID),
    ("a time with fractions", [("12:00:00Z", "12:00:00.5Z")], INVALID),
    ("a time with an offset", [("12:00:00Z", "12:00:00+00:00")], INVALID),
    ("a leap second", [("12:00:00Z", "23:59:60Z")], INVALID),
    ("30 February", [("2026-11-22T12:00:00Z", "2026-02-30T12:00:00Z")], INVALID),
    ("29 February of a common year", [("2026-11-22T12:00:00Z", "2026-02-29T12:00:00Z")], INVALID),
    ("hour 24", [("12:00:00Z", "24:00:00Z")], INVALID),
    ("a time and white space", [("12:00:00Z<", "12:00:00Z <")], INVALID),
    ("a place that is no number", [('place="0"', 'place=""')], INVALID),
    ("a legacy field without field", [(FIELD, "")], INVALID),
    ("a fold that is not before white space", [('fold="5"', 'fold="6"')], INVALID),
    ("a fold beyond the text", [('fold="5"', 'fold="99"')], INVALID),
    ("folds that do not ascend", [('fold="5"', 'fold="5 5"')], INVALID),
    ("a fold with a leading zero", [('fold="5"', 'fold="05"')], INVALID),
    ("a raw field that hides another", [(FIELD, '<field n="Received" enc="base64" t="UmVjZWl2ZWQ6IGENClg6IGINCg=="/>')],
     INVALID),
    ("a raw field of another name", [(FIELD, '<field n="Received" enc="base64" t="WDogYQ0K"/>')], INVALID),
    ("a Received field with the name of another", [("<field fold", '<field n="X-Received" fold')], INVALID),
    ("an empty media type", [('media-type="text/plain"', 'media-type=""')], INVALID),
    ("an extension without OID", [('<extension oid="1.2.3">', "<extension>")], INVALID),
    ("an extension that is perhaps critical", [('oid="1.2.3"', 'oid="1.2.3" critical="maybe"')], INVALID),
    ("an OID of one arc", [('oid="1.2.3"', 'oid="1"')], INVALID),
    ("a certificate with another digest", [("MAA=", "MAAA")], MISMATCH),
    ("a certificate twice", [("MAA=</certificate>", f'MAA=</certificate><certificate digest="{EMPTY}">MAA=</certificate>')],
     INVALID),
    ("a certificate that is no base64", [("MAA=", "M A A =")], INVALID),
    ("a hop without host", [("<host>mx1.edge.example</host>", "")], INVALID),
    ("a hop without signature", [('<signature algorithm="ecdsa-p256-sha256">c2lnbmF0dXJl</signature>', "")], INVALID),
    ("a reception twice", [("</next>", "</next>" + 2 * RECEPTION)], INVALID),
    ("a reception in capitals", [("</next>", "</next>" + RECEPTION.replace('"dns"', '"DNS"'))], INVALID),
    ("a reception without certificate", [("</next>", "</next>" + RECEPTION.replace(f'certificate="{DIGEST}" ', ""))], INVALID),
    ("a reception with more attributes", [("</next>", "</next>" + RECEPTION.replace("by=", 'x="" by='))], INVALID),
    ("a reception with text", [("</next>", "</next>" + RECEPTION.replace("/>", ">x</reception>"))], INVALID),
    ("another element of the reception's namespace",
     [("</next>", "</next>" + RECEPTION.replace("<reception", "<departure"))], INVALID),
    ("a change behind the signature", [("</signature></hop>", f'</signature><change before="{DIGEST}" after="{DIGEST}" '
                                        'object="message/body" reason="x"/></hop>')], INVALID),
    ("a change without reason", [(' reason="footer"', "")], INVALID),
    ("a signature that is no base64", [(SIGNATURE, '<signature algorithm="ed25519">#</signature>')], INVALID),
    ("a signature without algorithm", [(' algorithm="ed25519"', "")], INVALID),
    ("a path that is none", [('algorithm="ed25519"', f'algorithm="ed25519" leaf="0" path="{DIGEST},{DIGEST}"')], INVALID),
    # over a limit
    ("the deepest document", [("<objects>", '<f:f xmlns:f="urn:f">' + "<f:f>" * 30 + "</f:f>" * 30 + "</f:f><objects>")], None),
    ("too deep", [("<objects>", '<f:f xmlns:f="urn:f">' + "<f:f>" * 31 + "</f:f>" * 31 + "</f:f><objects>")], LIMIT),
    ("32 attributes", [("<id>", '<id xmlns:f="urn:f" ' + " ".join(f'f:a{i}=""' for i in range(31)) + ">")], None),
    ("33 attributes", [("<id>", '<id xmlns:f="urn:f" ' + " ".join(f'f:a{i}=""' for i in range(32)) + ">")], LIMIT),
    ("a name of 128 octets", [("<objects>", f'<{"n" * 128} xmlns="urn:f"/><objects>')], None),
    ("a name of 129 octets", [("<objects>", f'<{"n" * 129} xmlns="urn:f"/><objects>')], LIMIT),
]

HEADERS = """<headers xmlns="urn:xproto:headers:1" end="crlf">
<RFC822.Subject fold="6" t=" Lunch &amp; dinner"/>
<RFC822.From n="FROM" t=" Alice &lt;alice@edge.example>"/>
<field n="X-Mailer" t=" Reader 3"/>
<field n="Subject" enc="base64" t="U3ViamVjdDogYQ1iDQo="/>
<field enc="base64" t="bm8gZmllbGQNCg=="/>
</headers>
"""
MAILER = '<field n="X-Mailer" t=" Reader 3"/>'
RAW = '<field enc="base64" t="bm8gZmllbGQNCg=="/>'

HEADER_CASES = [
    ("as it is", [], None),
    ("no fields", '<headers xmlns="urn:xproto:headers:1" end="none"/>', None),
    ("a bare line feed at the end", [('end="crlf"', 'end="lf"')], None),
    ("a field of an RFC that nobody registered", [(MAILER, "<RFC9999.X-New-Thing t=' a'/>")], None),
    ("a registered field as a plain one", [(MAILER, '<field n="Subject" t=" a"/>')], None),
    ("an empty field", [(MAILER, '<field n="X"/>')], None),
    ("a name of odd characters", [(MAILER, """<field n="!#$%&amp;'*+-.^_`|~()&lt;>@,;/[]?={}" t=" a"/>""")], None),
    ("text beyond ASCII", [("Reader 3", "caf\u00e9 \U0001f600")], None),
    ("folds counted in octets", [(MAILER, '<field n="X" fold="4 6" t=" \u00e9b c&#9;d"/>')], None),
    ("a tab in text", [("Reader 3", "Reader&#9;3")], None),
    ("a text between apostrophes", [('t=" Reader 3"', """t=' "Reader" 3'""")], None),
    ("no text", [(' t=" Reader 3"', "")], None),
    ("no end", [(' end="crlf"', "")], None),
    ("lines that end in CRLF, said", [(' end="crlf"', ' lines="crlf"')], None),
    ("lines that end in LF, and so does the header", [(' end="crlf"', ' lines="lf"')], None),
    ("lines that end in LF, but not the header", [(' end="crlf"', ' lines="lf" end="crlf"')], None),
    ("lines that end in LF, and no end", [(' end="crlf"', ' lines="lf" end="none"')], None),
    ("a foreign element in a field", [(MAILER, '<field n="X" t=" a"><f xmlns="urn:f">b</f></field>')], None),
    ("a line end by reference in text that is foreign", [(MAILER, '<field n="X" t=" a"><f xmlns="urn:f">&#10;</f></field>')], None),
    ("raw octets without line end at the very end",
     [('end="crlf"', 'end="none"'), (RAW, '<field n="X" enc="base64" t="WDph"/>')], None),
    ("a raw field in two lines", [(RAW, '<field n="X" enc="base64" t="WDphCiBiDQo="/>')], None),
    ("raw with white space before the colon", [(RAW, '<field n="X" enc="base64" t="WCA6YQ0K"/>')], None),
    ("another end", [('end="crlf"', 'end="cr"')], INVALID),
    ("lines without end", [('end="crlf"', 'lines="none"')], INVALID),
    ("an unknown element", [(MAILER, "<what/>")], INVALID),
    ("an RFC without number", [(MAILER, "<RFC.X t=' a'/>")], INVALID),
    ("an RFC without name", [(MAILER, "<RFC822. t=' a'/>")], INVALID),
    ("a field without name", [(MAILER, "<field t=' a'/>")], INVALID),
    ("a field with an empty name", [(MAILER, '<field n="" t=" a"/>')], INVALID),
    ("a name with a colon", [(MAILER, '<field n="X:Y" t=" a"/>')], INVALID),
    ("a name with a space", [(MAILER, '<field n="X Y" t=" a"/>')], INVALID),
    ("a name with CR and LF", [(MAILER, '<field n="X&#13;&#10;Y" t=" a"/>')], INVALID),
    ("a name beyond ASCII", [(MAILER, '<field n="\u00c4" t=" a"/>')], INVALID),
    ("the name of another field", [('n="FROM"', 'n="To"')], INVALID),
    ("a line feed in text", [("Reader 3", "Reader\n3")], FORBIDDEN),
    ("a tab in text that parsers make a space of", [("Reader 3", "Reader\t3")], FORBIDDEN),
    ("text in the element", [(MAILER, '<field n="X"> a</field>')], INVALID),
    ("CR and LF by reference", [("Reader 3", "a&#13;&#10;Bcc: x")], INVALID),
    ("a fold inside a word", [('fold="6"', 'fold="3"')], INVALID),
    ("a fold at the end", [('fold="6"', 'fold="15"')], INVALID),
    ("folds that descend", [('fold="6"', 'fold="8 6"')], INVALID),
    ("folds with two spaces", [('fold="6"', 'fold="6  8"')], INVALID),
    ("no folds at all, but said", [('fold="6"', 'fold=""')], INVALID),
    ("folds of a raw field", [('<field enc="base64"', '<field fold="1" enc="base64"')], INVALID),
    ("a raw field that hides another", [(RAW, '<field n="X" enc="base64" t="WDphDQpCY2M6IGINCg=="/>')], INVALID),
    ("raw octets that end the header", [(RAW, '<field n="X" enc="base64" t="WDphDQoNCg=="/>')], INVALID),
    ("raw octets of another name", [(RAW, '<field n="Y" enc="base64" t="WDphDQo="/>')], INVALID),
    ("raw octets with a name that is not told", [(RAW, '<field enc="base64" t="WDphDQo="/>')], INVALID),
    ("raw octets without line end, and more follows",
     [(RAW, '<field n="X" enc="base64" t="WDph"/>' + RAW)], INVALID),
    ("raw octets without line end before an empty line", [(RAW, '<field n="X" enc="base64" t="WDph"/>')], INVALID),
    ("raw under a registered name", [(MAILER, '<RFC822.To enc="base64" t="VG86YQ0K"/>')], INVALID),
    ("text between fields", [(MAILER, "x" + MAILER)], INVALID),
    ("an element in a field", [(MAILER, '<field n="X" t=" a"><b/></field>')], INVALID),
    ("a comment", [(MAILER, "<!-- -->")], FORBIDDEN),
    ("an unknown attribute", [('n="X-Mailer"', 'n="X-Mailer" color="red"')], INVALID),
]


def changed(document, edits):
    """The document as octets with each edit done once."""
    octets = document.encode()
    for old, new in edits:
        old, new = (one if isinstance(one, bytes) else one.encode() for one in (old, new))
        assert old in octets, old
        octets = octets.replace(old, new, 1)
    return octets


def said_field(field):
    name = {} if field.name is None else {"name": field.name.decode()}
    if field.raw is not None:
        return name | files.octets("raw", field.raw)
    return name | files.octets("text", field.text) | {"folds": list(field.folds)}


def said_parameters(parameters):
    return [files.octets("name", p.name) | ({} if p.value is None else files.octets("value", p.value)) for p in parameters]


def said_signature(signature):
    return {"algorithm": signature.algorithm, "signature": signature.text, "leaf": signature.leaf, "path": list(signature.path)}


def said_envelope(envelope):
    """An envelope as a vector says it. What is missing has no key."""
    origin = envelope.originator
    said = files.octets("id", envelope.id) | {"created": envelope.created}
    said["originator"] = files.octets("address", origin.address) | {"parameters": said_parameters(origin.parameters)}
    if origin.certificate:
        said["originator"]["certificate"] = origin.certificate
    if origin.signature:
        said["originator"] |= said_signature(origin.signature)
    said["recipients"] = [{"number": r.number} | files.octets("address", r.address) | ({"salt": r.salt} if r.salt else {})
                          | {"parameters": said_parameters(r.parameters)} for r in envelope.recipients]
    said["objects"] = [files.octets("type", o.type) | {"octets": o.octets, "digest": o.digest} |
                       (files.octets("media-type", o.media_type) if o.media_type else {}) for o in envelope.objects]
    said["legacy"] = [{"place": one.place, "field": said_field(one.field), "understood": [
        files.octets("name", name) | files.octets("value", value) for name, value in one.understood]}
        for one in envelope.legacy]
    said["extensions"] = [{"oid": e.oid, "critical": e.critical} | files.octets("content", e.content)
                          for e in envelope.extensions]
    said["certificates"] = list(envelope.certificates)
    said["hops"] = [said_hop(hop) for hop in envelope.hops]
    return said


def said_hop(hop):
    said = {"certificate": hop.certificate} if hop.certificate else {}
    said |= {"time": hop.time, "recipients": hop.recipients}
    if hop.reception:
        said["reception"] = {"by": hop.reception.by, "standing": hop.reception.standing,
                             "certificate": hop.reception.certificate, **files.octets("authority", hop.reception.authority)}
    for name in envelopes.HOP_STRINGS:
        said |= files.octets(name, hop.strings[name])
    said["changes"] = [files.octets("object", c.object) | {"before": c.before, "after": c.after} |
                       files.octets("reason", c.reason) for c in hop.changes]
    return said | said_signature(hop.signature)


def said_headers(octets):
    fields, end = headers.parse(octets)
    return {"end": end, "fields": [said_field(field) for field in fields]} | files.octets("header", headers.join(fields, end))


def said(type_, octets):
    return said_envelope(envelopes.parse(octets)) if type_ == "message/envelope" else said_headers(octets)


def vectors():
    made = []
    for type_, base, cases in (("message/envelope", ENVELOPE, ENVELOPES), ("message/headers", HEADERS, HEADER_CASES)):
        for name, edits, wanted in cases:
            octets = edits.encode() if isinstance(edits, str) else changed(base, edits)
            vector = {"name": f"{type_}: {name}", "type": type_, **files.octets("octets", octets)}
            try:
                value = said(type_, octets)
                if wanted:
                    raise AssertionError(f"{vector['name']}: accepted, wanted {wanted}")
                vector["value"] = value
            except documents.Refused as refused:
                if refused.code not in (wanted if isinstance(wanted, list) else [wanted]):
                    raise AssertionError(f"{vector['name']}: {refused}, wanted {wanted}") from None
                vector["refused"] = wanted if isinstance(wanted, list) else [wanted]
            made.append(vector)
    return made


def write():
    files.write("objects", vectors())
