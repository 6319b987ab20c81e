"""The vectors for control lines: what is one and what it says, and what is none. Written from docs/xproto.md, section 2."""
from peer import lines as peer
from peer.lines import Item, Request, Response

from . import files

I = Item
SAMPLES = [  # section 14
    ("[1 OPT (BAZ=FOO, BAR)]", Request(1, "OPT", [], [[I("BAZ", "FOO"), I("BAR")]])),
    ("[1 ERR 99.0.5.0 (BAZ ERR 99.0.5.9 Unknown.)]",
     Response(1, "ERR", "99.0.5.0", [[I("BAZ", None, "ERR", "99.0.5.9", "Unknown.")]])),
    ("[2 XFER n23@est.com message/envelope {3279} {0}]", Request(2, "XFER", ["n23@est.com", "message/envelope", 3279, 0])),
    ("[2 TMP 99.0.3.5 Go ahead with envelope.]", Response(2, "TMP", "99.0.3.5", [], "Go ahead with envelope.")),
    ("[2 ERR 99.0.5.23 Invalid sender certificate.]", Response(2, "ERR", "99.0.5.23", [], "Invalid sender certificate.")),
    ("[* TMP 99.0.3.1 (VER=0.9;1.0) Hi there.]", Response(None, "TMP", "99.0.3.1", [[I("VER", "0.9;1.0")]], "Hi there.")),
    ("[1 HELO {4928}]", Request(1, "HELO", [4928])),
    ("[1 TMP 99.0.3.2 Friend or foe!]", Response(1, "TMP", "99.0.3.2", [], "Friend or foe!")),
    ("[1 OK 99.0.2.1 (BAR) Greetings friend.]", Response(1, "OK", "99.0.2.1", [[I("BAR")]], "Greetings friend.")),
    ("[2 OPT (BAR=FOO)]", Request(2, "OPT", [], [[I("BAR", "FOO")]])),
    ("[2 OK 99.0.2.2 (BAR OK 121.0.2.1) Go ahead.]",
     Response(2, "OK", "99.0.2.2", [[I("BAR", None, "OK", "121.0.2.1")]], "Go ahead.")),
    ("[3 XFER nm23@est.com message/body {59203} {0}]", Request(3, "XFER", ["nm23@est.com", "message/body", 59203, 0])),
    ("[3 TMP 99.0.3.8 Go ahead with message body.]", Response(3, "TMP", "99.0.3.8", [], "Go ahead with message body.")),
    ("[4 ABOR=3]", Request(4, "ABOR", ["3"])),
    ("[4 OK 108.0.2.1 Command number 3 killed.]", Response(4, "OK", "108.0.2.1", [], "Command number 3 killed.")),
    ("[3 ERR 99.0.5.23 Transfer failed.]", Response(3, "ERR", "99.0.5.23", [], "Transfer failed.")),
]

VALID = [
    ("the same with a space", "[4 ABOR 3]", Request(4, "ABOR", ["3"])),
    ("a parameter after the one behind =", "[4 ABOR=3 4]", Request(4, "ABOR", ["3", "4"])),
    ("no parameters", "[7 NOOP]", Request(7, "NOOP")),
    ("an unknown verb is still a line", "[7 ABCDEFGHIJKLMNOP]", Request(7, "ABCDEFGHIJKLMNOP")),
    ("a verb that begins like an answer", "[7 OKAY]", Request(7, "OKAY")),
    ("the smallest tag", "[1 NOOP]", Request(1, "NOOP")),
    ("the largest tag", "[4294967295 NOOP]", Request(4294967295, "NOOP")),
    ("eight parameters", "[1 X a b c d e f g h]", Request(1, "X", list("abcdefgh"))),
    ("eight parameters, one behind =", "[1 X=a b c d e f g h]", Request(1, "X", list("abcdefgh"))),
    ("every character of a token", "[1 X !#$%&'*+-./09:;<=>?@AZ^_`az|~]", Request(1, "X", ["!#$%&'*+-./09:;<=>?@AZ^_`az|~"])),
    ("a token beyond ASCII", "[1 X d\u00f6mi@\u4f8b\U0001f600]", Request(1, "X", ["d\u00f6mi@\u4f8b\U0001f600"])),
    ("a token of U+0080", "[1 X \u0080]", Request(1, "X", ["\u0080"])),
    ("a quoted parameter", '[1 X "a b"]', Request(1, "X", ["a b"])),
    ("an empty quoted parameter", '[1 X ""]', Request(1, "X", [""])),
    ("escapes in a quoted string", '[1 X "\\"\\\\"]', Request(1, "X", ['"\\'])),
    ("brackets and braces in a quoted string", '[1 X "](){}[,"]', Request(1, "X", ["](){}[,"])),
    ("a count of nothing", "[1 X {0}]", Request(1, "X", [0])),
    ("the largest count", "[1 X {999999999999999999}]", Request(1, "X", [999999999999999999])),
    ("a count behind =", "[1 X={5}]", Request(1, "X", [5])),
    ("DATA is a request by its form", "[3 DATA {65536}]", Request(3, "DATA", [65536])),
    ("two groups", "[1 OPT (A) (B=1)]", Request(1, "OPT", [], [[I("A")], [I("B", "1")]])),
    ("two items", "[1 OPT (A, B=1)]", Request(1, "OPT", [], [[I("A"), I("B", "1")]])),
    ("parameters and groups", "[1 X a (B)]", Request(1, "X", ["a"], [[I("B")]])),
    ("every character of a name", "[1 OPT (aZ09-_.=x)]", Request(1, "OPT", [], [[I("aZ09-_.", "x")]])),
    ("the longest name", f"[1 OPT ({'n' * 64})]", Request(1, "OPT", [], [[I("n" * 64)]])),
    ("a value with = in it", "[1 OPT (A=b=c)]", Request(1, "OPT", [], [[I("A", "b=c")]])),
    ("a quoted value", '[1 OPT (A="b, (c)")]', Request(1, "OPT", [], [[I("A", "b, (c)")]])),
    ("an empty quoted value", '[1 OPT (A="")]', Request(1, "OPT", [], [[I("A", "")]])),
    ("a note in a request", "[1 OPT (A note)]", Request(1, "OPT", [], [[I("A", text="note")]])),
    ("a comma in a note divides nothing", "[1 OPT (A note, B)]", Request(1, "OPT", [], [[I("A", text="note, B")]])),
    ("a note that begins with a comma", "[1 OPT (A , B)]", Request(1, "OPT", [], [[I("A", text=", B")]])),
    ("a note that is a text", "[1 ERR 99.821.5.1.1 (SMTP 550) no]",
     Response(1, "ERR", "99.821.5.1.1", [[I("SMTP", text="550")]], "no")),
    ("limits", "[* TMP 99.0.3.1 (LIMITS CHUNK=65536 BODY=1)]",
     Response(None, "TMP", "99.0.3.1", [[I("LIMITS", text="CHUNK=65536 BODY=1")]])),
    ("a recipient's outcome", "[1 OK 99.0.2.5 (RCPT=3;550 ERR 99.821.5.1.1 No such user.)]",
     Response(1, "OK", "99.0.2.5", [[I("RCPT", "3;550", "ERR", "99.821.5.1.1", "No such user.")]])),
    ("an outcome without text", "[1 OK 99.0.2.5 (A TMP 1.2)]", Response(1, "OK", "99.0.2.5", [[I("A", None, "TMP", "1.2")]])),
    ("a note that begins like an answer", "[1 OK 1.2 (A OKAY)]", Response(1, "OK", "1.2", [[I("A", text="OKAY")]])),
    ("escapes in a note", "[1 OK 1.2 (A b\\)c\\(d\\]e\\\\f)]", Response(1, "OK", "1.2", [[I("A", text="b)c(d]e\\f")]])),
    ("no text", "[1 OK 1.2]", Response(1, "OK", "1.2")),
    ("escapes in a text", "[1 OK 1.2 a\\(b\\)c\\]d\\\\e]", Response(1, "OK", "1.2", [], "a(b)c]d\\e")),
    ("an opening bracket in a text", "[1 OK 1.2 a[b]", Response(1, "OK", "1.2", [], "a[b")),
    ("quotes, braces and commas in a text", '[1 OK 1.2 "{,}"]', Response(1, "OK", "1.2", [], '"{,}"')),
    ("spaces around a text belong to it", "[1 OK 1.2  a ]", Response(1, "OK", "1.2", [], " a ")),
    ("a text beyond ASCII", "[1 OK 1.2 \u00e9\u2028]", Response(1, "OK", "1.2", [], "\u00e9\u2028")),
    ("a text that looks like a line", "[1 OK 1.2 [2 NOOP\\]]", Response(1, "OK", "1.2", [], "[2 NOOP]")),
    ("a code of two arcs", "[1 OK 0.0]", Response(1, "OK", "0.0")),
    ("a code of sixteen arcs", "[1 OK 1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16]",
     Response(1, "OK", "1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16")),
    ("the largest arc", "[1 OK 1.4294967295]", Response(1, "OK", "1.4294967295")),
    ("an answer to nothing", "[* ERR 99.0.4.2 Bye.]", Response(None, "ERR", "99.0.4.2", [], "Bye.")),
    ("the longest line", f"[1 X {'a' * 8184}]", Request(1, "X", ["a" * 8184])),
]

REFUSED = [
    ("nothing", ""),
    ("no brackets", "1 NOOP"),
    ("no opening bracket", "1 NOOP]"),
    ("no closing bracket", "[1 NOOP"),
    ("white space before", " [1 NOOP]"),
    ("white space behind", "[1 NOOP] "),
    ("something after the bracket", "[1 NOOP]x"),
    ("two lines in one", "[1 NOOP][2 NOOP]"),
    ("white space before the tag", "[ 1 NOOP]"),
    ("two spaces after the tag", "[1  NOOP]"),
    ("a tab", "[1\tNOOP]"),
    ("two spaces after the verb", "[1 X  a]"),
    ("a space before the bracket", "[1 NOOP ]"),
    ("no tag", "[NOOP]"),
    ("no verb", "[1]"),
    ("no verb after the space", "[1 ]"),
    ("tag 0", "[0 NOOP]"),
    ("a tag with a leading zero", "[01 NOOP]"),
    ("a tag with a sign", "[+1 NOOP]"),
    ("a negative tag", "[-1 NOOP]"),
    ("a tag too large by one", "[4294967296 NOOP]"),
    ("a tag of eleven digits", "[11111111111 NOOP]"),
    ("a hexadecimal tag", "[0x1 NOOP]"),
    ("two stars", "[** OK 1.2]"),
    ("a verb in lower case", "[1 noop]"),
    ("a verb in mixed case", "[1 Noop]"),
    ("a verb with a digit", "[1 NOOP1]"),
    ("a verb of seventeen letters", "[1 ABCDEFGHIJKLMNOPQ]"),
    ("a verb beyond ASCII", "[1 N\u00d6OP]"),
    ("nine parameters", "[1 X a b c d e f g h i]"),
    ("nothing behind =", "[1 X=]"),
    ("= and a space", "[1 X= a]"),
    ("a comma in a token", "[1 X a,b]"),
    ("a quote in a token", '[1 X a"b]'),
    ("a brace in a token", "[1 X a{b]"),
    ("a backslash in a token", "[1 X a\\b]"),
    ("a bracket in a token", "[1 X a[b]"),
    ("a quote that is not closed", '[1 X "a]'),
    ("something behind a quote", '[1 X "a"b]'),
    ("an escape that is none", '[1 X "\\a"]'),
    ("a backslash before the closing quote", '[1 X "a\\"]'),
    ("DEL in a quoted string", '[1 X "\x7f"]'),
    ("an empty count", "[1 X {}]"),
    ("a count with a leading zero", "[1 X {01}]"),
    ("a count with a sign", "[1 X {+1}]"),
    ("a negative count", "[1 X {-1}]"),
    ("a count with a space", "[1 X { 1}]"),
    ("a count with a plus behind it", "[1 X {1+}]"),
    ("a count of nineteen digits", "[1 X {1000000000000000000}]"),
    ("a hexadecimal count", "[1 X {0x10}]"),
    ("a count that is not closed", "[1 X {1]"),
    ("digits of another script in a count", "[1 X {\u0661}]"),
    ("a parameter behind a group", "[1 X (A) b]"),
    ("an empty group", "[1 OPT ()]"),
    ("a group that is not closed", "[1 OPT (A]"),
    ("two groups without a space", "[1 OPT (A)(B)]"),
    ("a group without a space before it", "[1 OPT(A)]"),
    ("a comma without a space", "[1 OPT (A,B)]"),
    ("a comma and two spaces", "[1 OPT (A,  B)]"),
    ("a comma at the end", "[1 OPT (A, )]"),
    ("a comma at the beginning", "[1 OPT (, A)]"),
    ("a group in a group", "[1 OPT ((A))]"),
    ("spaces inside a group", "[1 OPT ( A)]"),
    ("nothing behind = in a group", "[1 OPT (A=)]"),
    ("a name with a slash", "[1 OPT (A/B)]"),
    ("a name of 65 characters", f"[1 OPT ({'n' * 65})]"),
    ("a name beyond ASCII", "[1 OPT (\u00c4)]"),
    ("a count as a value", "[1 OPT (A={1})]"),
    ("an empty note", "[1 OPT (A )]"),
    ("a note behind the second item", "[1 OPT (A, B note)]"),
    ("an answer word without code", "[1 OK 1.2 (A OK)]"),
    ("an outcome whose code is none", "[1 OK 1.2 (A ERR no)]"),
    ("an outcome with an empty text", "[1 OK 1.2 (A ERR 1.2 )]"),
    ("an answer without code", "[1 OK]"),
    ("an answer with a text for a code", "[1 OK fine]"),
    ("an answer word as a verb", "[1 OK=1.2]"),
    ("two spaces before the code", "[1 OK  1.2]"),
    ("a code of one arc", "[1 OK 99]"),
    ("a code of seventeen arcs", "[1 OK 1.2.3.4.5.6.7.8.9.10.11.12.13.14.15.16.17]"),
    ("a code that ends in a dot", "[1 OK 1.2.]"),
    ("a code with two dots", "[1 OK 1..2]"),
    ("an arc with a leading zero", "[1 OK 1.02]"),
    ("an arc too large by one", "[1 OK 1.4294967296]"),
    ("a code and letters", "[1 OK 1.2a]"),
    ("an empty text", "[1 OK 1.2 ]"),
    ("an empty text behind a group", "[1 OK 1.2 (A) ]"),
    ("a closing bracket in a text", "[1 OK 1.2 a]b]"),
    ("a parenthesis in a text", "[1 OK 1.2 a(b]"),
    ("a closing parenthesis in a text", "[1 OK 1.2 a)b]"),
    ("a group behind a text", "[1 OK 1.2 text (A)]"),
    ("an escape in a text that is none", "[1 OK 1.2 a\\b]"),
    ("a backslash at the end of a text", "[1 OK 1.2 a\\]"),
    ("lower case answer", "[1 ok 1.2]"),
    ("a line too long by one", f"[1 X {'a' * 8185}]"),
    ("NUL", "[1 NO\0OP]"),
    ("ESC in a text", "[1 OK 1.2 \x1b]"),
    ("DEL in a text", "[1 OK 1.2 \x7f]"),
]

REFUSED_OCTETS = [
    ("a bare line feed", b"[1 NOOP]\n"),
    ("a bare carriage return", b"[1 NOOP]\r[2 NOOP]\r\n"),
    ("a carriage return inside", b"[1 NO\rOP]\r\n"),
    ("a line feed inside", b"[1 NO\nOP]\r\n"),
    ("two carriage returns", b"[1 NOOP]\r\r\n"),
    ("CR LF inside", b"[1 OK 1.2 a\r\nb]\r\n"),
    ("not UTF-8", b"[1 OK 1.2 \xff]\r\n"),
    ("UTF-8 that breaks off", b"[1 OK 1.2 \xc3]\r\n"),
    ("overlong UTF-8", b"[1 OK 1.2 \xc0\xaf]\r\n"),
    ("overlong UTF-8 of three octets", b"[1 OK 1.2 \xe0\x80\xaf]\r\n"),
    ("a surrogate", b"[1 OK 1.2 \xed\xa0\x80]\r\n"),
    ("beyond U+10FFFF", b"[1 OK 1.2 \xf4\x90\x80\x80]\r\n"),
    ("a byte order mark before", b"\xef\xbb\xbf[1 NOOP]\r\n"),
    ("Latin-1 in a token", b"[1 X \xe9]\r\n"),
    ("octets of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    ("a request of HTTP", b"GET / HTTP/1.1\r\n"),
    ("a command of SMTP", b"EHLO mx.example\r\n"),
]


def said(line):
    """A line as a vector says it."""
    def item(one):
        return {key: value for key, value in vars(one).items() if value is not None}
    groups = [[item(one) for one in group] for group in line.groups]
    tag = "*" if line.tag is None else str(line.tag)
    if isinstance(line, Request):
        parameters = [{"count": str(p)} if isinstance(p, int) else p for p in line.parameters]
        return {"request": {"tag": tag, "verb": line.verb, "parameters": parameters, "groups": groups}}
    return {"response": {"tag": tag, "word": line.word, "code": line.code, "groups": groups, "text": line.text}}


def vectors():
    made = []
    named = [(f"sample {number} of the first description", text, line) for number, (text, line) in enumerate(SAMPLES, 1)]
    for name, text, line in named + VALID:
        octets = text.encode() + b"\r\n"
        if peer.parse(octets) != line:
            raise AssertionError(f"{name}: {peer.parse(octets)}")
        made.append({"name": name, **files.octets("octets", octets), **said(line)})
    for name, octets in [(name, text.encode() + b"\r\n") for name, text in REFUSED] + REFUSED_OCTETS:
        made.append({"name": name, **files.octets("octets", octets), "refused": "99.0.5.1"})
    return made


def write():
    files.write("lines", vectors())
