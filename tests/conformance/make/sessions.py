"""The vectors for sessions: what a client sends, and what a server must answer. Written from docs/xproto.md, sections 2 to 5.

`>` a line of the client (CRLF follows), `>>` octets without a line end, `> @envelope` the octets of an object, `<` an answer of
the server: tag, word, code (several codes: any of them) and the groups that must be there; `< closed`. ${id} and ${envelope},
${headers}, ${body} stand for the message's id and the sizes of its objects. What comes before is the greeting (`unproved`), and
HELO with a proof that is accepted (`synchronous`), and PIPE=ON (`pipelined`).
"""
import re

from . import files

FATAL = "< * ERR {}\n< closed"

CASES = [
    ("alive", "unproved", "> [50 NOOP]\n< 50 OK 99.0.2.3\n> [51 QUIT]\n< 51 OK 99.0.2.4\n< closed"),
    ("tags may have gaps, and begin anywhere", "unproved", "> [7 NOOP]\n< 7 OK 99.0.2.3\n> [4294967295 NOOP]\n< 4294967295 OK 99.0.2.3"),
    ("requests are answered in order", "unproved",
     ">> [50 NOOP]\\r\\n[51 WHAT]\\r\\n[52 NOOP]\\r\\n\n< 50 OK 99.0.2.3\n< 51 ERR 99.0.5.2\n< 52 OK 99.0.2.3"),
    ("an unknown verb", "unproved", "> [50 WHAT]\n< 50 ERR 99.0.5.2\n> [51 NOOP]\n< 51 OK 99.0.2.3"),
    ("parameters that a verb does not have", "unproved",
     "> [50 NOOP x]\n< 50 ERR 99.0.5.4\n> [51 QUIT x]\n< 51 ERR 99.0.5.4\n> [52 NOOP]\n< 52 OK 99.0.2.3"),
    ("a group that a verb does not have", "unproved", "> [50 NOOP (A)]\n< 50 ERR 99.0.5.0 (A ERR 99.0.5.9)"),
    ("transfers before HELO", "unproved",
     "> [50 XFER ${id} message/envelope {1} {0}]\n< 50 ERR 99.0.5.3\n> [51 ABOR=50]\n< 51 ERR 99.0.5.3"),
    ("options before HELO", "unproved", "> [50 OPT (PIPE=ON)]\n< 50 ERR 99.0.5.0 (PIPE ERR 99.0.5.10)"),
    ("a chunk before HELO", "unproved", ">> [50 DATA {1}]\\r\\nx\n" + FATAL.format("99.0.5.15")),
    ("a tag twice", "unproved", "> [5 NOOP]\n< 5 OK 99.0.2.3\n> [5 NOOP]\n" + FATAL.format("99.0.5.5")),
    ("a tag that decreases", "unproved", "> [5 NOOP]\n< 5 OK 99.0.2.3\n> [4 NOOP]\n" + FATAL.format("99.0.5.5")),
    ("a request without a tag", "unproved", "> [* NOOP]\n" + FATAL.format("99.0.5.5 99.0.5.1")),
    ("an answer to nothing", "unproved", "> [1 OK 99.0.2.1]\n" + FATAL.format("99.0.5.15")),
    ("a notice from a client", "unproved", "> [* OK 99.0.2.1]\n" + FATAL.format("99.0.5.15")),
    ("what is no line", "unproved", "> EHLO mx.example\n" + FATAL.format("99.0.5.1")),
    ("nothing is read behind what is no line", "unproved", ">> [1 noop]\\r\\n[2 NOOP]\\r\\n\n" + FATAL.format("99.0.5.1")),
    ("a bare line feed", "unproved", ">> [1 NOOP]\\n\n" + FATAL.format("99.0.5.1")),
    ("HELO without octets", "unproved", "> [50 HELO]\n< 50 ERR 99.0.5.4\n> [51 HELO x]\n< 51 ERR 99.0.5.4"),
    ("HELO of no octets", "unproved", "> [50 HELO x {0}]\n< 50 ERR 99.0.5.4"),
    ("HELO with too many octets", "unproved", "> [50 HELO x {65537}]\n< 50 ERR 99.0.5.20\n> [51 NOOP]\n< 51 OK 99.0.2.3"),
    ("HELO of a name that is none", "unproved", "> [50 HELO x_y {10}]\n< 50 ERR 99.0.5.4"),
    ("HELO of another version", "unproved", "> [50 HELO x {10} (VER=9.9)]\n< 50 ERR 99.0.5.8"),
    ("HELO with a nonce that is none", "unproved",
     "> [50 HELO x {10} (NONCE=XY)]\n< 50 ERR 99.0.5.4\n> [51 HELO x {10} (NONCE=00)]\n< 51 ERR 99.0.5.4"),
    ("HELO with a group that nobody knows", "unproved", "> [50 HELO x {10} (WHAT)]\n< 50 ERR 99.0.5.0 (WHAT ERR 99.0.5.9)"),
    ("HELO that says a thing twice", "unproved",
     "> [50 HELO x {10} (VER=1.0) (VER=1.0)]\n< 50 ERR 99.0.5.4\n"
     "> [51 HELO x {10} (NONCE=%s) (NONCE=%s)]\n< 51 ERR 99.0.5.4\n> [52 NOOP]\n< 52 OK 99.0.2.3" % ("00" * 16, "11" * 16)),
    ("octets that are no proof", "unproved",
     "> [50 HELO x.example {5}]\n< 50 TMP 99.0.3.2\n>> hello\n< 50 ERR 99.0.5.42\n< closed"),
    ("too many errors", "unproved", ">> " + "".join(f"[{i} WHAT]\\r\\n" for i in range(1, 22)) + "\n" +
     "".join(f"< {i} ERR 99.0.5.2\n" for i in range(1, 21)) + "< 21 ERR 99.0.5.2\n" + FATAL.format("99.0.5.7")),
    ("HELO twice", "synchronous", "> [50 HELO x {10}]\n< 50 ERR 99.0.5.3"),
    ("options that are not offered, known or right", "synchronous",
     "> [50 OPT (WHAT)]\n< 50 ERR 99.0.5.0 (WHAT ERR 99.0.5.9)\n> [51 OPT (PIPE)]\n< 51 ERR 99.0.5.0 (PIPE ERR 99.0.5.11)\n"
     "> [52 OPT (PIPE=on)]\n< 52 ERR 99.0.5.0 (PIPE ERR 99.0.5.11)\n> [53 OPT (VER=1.0)]\n< 53 ERR 99.0.5.0 (VER ERR 99.0.5.9)\n"
     "> [54 OPT]\n< 54 ERR 99.0.5.4"),
    ("announcements are no options", "pipelined",
     "> [50 OPT (WINDOW=1;1)]\n< 50 ERR 99.0.5.0 (WINDOW ERR 99.0.5.9)\n"
     "> [51 OPT (PIPE=ON) (LIMITS CHUNK=1)]\n< 51 ERR 99.0.5.0 (LIMITS ERR 99.0.5.9)"),
    ("more options than are judged", "synchronous",
     "> [50 OPT (" + ", ".join(f"X{i}" for i in range(33)) + ")]\n< 50 ERR 99.0.5.4"),
    ("what XFER says of an object stands there once", "pipelined",
     "> [50 XFER ${id} message/envelope {5} {0} (DIGEST=x) (DIGEST=x)]\n< 50 ERR 99.0.5.4\n"
     "> [51 XFER ${id} message/envelope {5} {0} (DIGEST)]\n< 51 ERR 99.0.5.4\n> [52 NOOP]\n< 52 OK 99.0.2.3"),
    ("what an option is needed for is not known without it", "pipelined",
     "> [50 STAT ${id}]\n< 50 ERR 99.0.5.2\n> [51 XFER ${id} message/envelope {5} {0} (NOW)]\n< 51 ERR 99.0.5.0 (NOW ERR 99.0.5.9)\n"
     "> [52 XFER ${id} message/skeleton {5} {0}]\n< 52 ERR 99.0.5.4"),
    ("a compressed chunk without the option", "pipelined",
     "> [50 XFER ${id} message/envelope {500} {0}]\n< 50 TMP 99.0.3.5\n>> [50 DATA {5} (ZSTD=500)]\\r\\nhello\n" +
     FATAL.format("99.0.5.4")),
    ("options are all or nothing", "synchronous",
     "> [50 OPT (PIPE=ON, WHAT)]\n< 50 ERR 99.0.5.0 (WHAT ERR 99.0.5.9)\n>> [51 DATA {1}]\\r\\nx\n" + FATAL.format("99.0.5.15")),
    ("an option on and off", "synchronous",
     "> [50 OPT (PIPE=ON)]\n< 50 OK 99.0.2.2 (PIPE OK 99.0.2.2)\n> [51 OPT (PIPE=OFF)]\n< 51 OK 99.0.2.2 (PIPE OK 99.0.2.2)\n"
     ">> [52 DATA {1}]\\r\\nx\n" + FATAL.format("99.0.5.15")),
    ("a message, one object at a time", "synchronous",
     "> [50 XFER ${id} message/envelope {${envelope}} {0}]\n< 50 TMP 99.0.3.5\n> @envelope\n< 50 OK 99.0.2.5\n"
     "> [51 XFER ${id} message/headers {${headers}} {0}]\n< 51 TMP 99.0.3.6\n> @headers\n< 51 OK 99.0.2.5\n"
     "> [52 XFER ${id} message/body {${body}} {0}]\n< 52 TMP 99.0.3.8\n> @body\n< 52 OK 99.0.2.6"),
    ("lines sent ahead are read when the answer has been given", "synchronous",
     ">> [50 XFER ${id} message/envelope {${envelope}} {0}]\\r\\n\n< 50 TMP 99.0.3.5\n> @envelope\n>> [51 NOOP]\\r\\n[52 NOOP]\\r\\n\n"
     "< 50 OK 99.0.2.5\n< 51 OK 99.0.2.3\n< 52 OK 99.0.2.3"),
    ("what looks like a line in an object is none", "synchronous",
     "> [50 XFER ${id} message/envelope {9} {0}]\n< 50 TMP 99.0.3.5\n>> [51 QUIT]\n< 50 ERR 99.0.5.30\n> [52 NOOP]\n< 52 OK 99.0.2.3"),
    ("an object that is no XML ends its message", "synchronous",
     "> [50 XFER ${id} message/envelope {5} {0}]\n< 50 TMP 99.0.3.5\n>> hello\n< 50 ERR 99.0.5.30\n"
     "> [51 XFER ${id} message/headers {1} {0}]\n< 51 ERR 99.0.5.22"),
    ("parts without the part before", "synchronous",
     "> [50 XFER ${id} message/headers {1} {0}]\n< 50 ERR 99.0.5.22\n> [51 XFER ${id} message/body {1} {0}]\n< 51 ERR 99.0.5.22"),
    ("parameters of XFER", "synchronous",
     "> [50 XFER ${id} message/envelope {1}]\n< 50 ERR 99.0.5.4\n> [51 XFER ${id} message/what {1} {0}]\n< 51 ERR 99.0.5.4\n"
     "> [52 XFER ${id} message/envelope 1 0]\n< 52 ERR 99.0.5.4\n> [53 XFER \"a b\" message/envelope {1} {0}]\n< 53 ERR 99.0.5.4\n"
     f"> [54 XFER {'a' * 256} message/envelope {{1}} {{0}}]\n< 54 ERR 99.0.5.4\n"
     "> [55 XFER ${id} message/envelope {1} {0} (WHAT)]\n< 55 ERR 99.0.5.0 (WHAT ERR 99.0.5.9)"),
    ("sizes over the limit", "synchronous",
     "> [50 XFER ${id} message/envelope {999999999999999999} {0}]\n< 50 ERR 99.0.5.20\n"
     "> [51 XFER ${id} message/headers {1} {0}]\n< 51 ERR 99.0.5.22"),
    ("too many fragments", "synchronous", "> [50 XFER ${id} message/envelope {1} {10000}]\n< 50 ERR 99.0.5.25"),
    ("fragments that do not count down", "synchronous",
     "> [50 XFER ${id} message/envelope {5} {3}]\n< 50 TMP 99.0.3.5\n>> hello\n< 50 OK 99.0.2.5\n"
     "> [51 XFER ${id} message/envelope {5} {1}]\n< 51 ERR 99.0.5.25"),
    ("a message given up between its objects", "synchronous",
     "> [50 XFER ${id} message/envelope {${envelope}} {0}]\n< 50 TMP 99.0.3.5\n> @envelope\n< 50 OK 99.0.2.5\n> [51 ABOR=50]\n"
     "< 51 OK 108.0.2.1\n> [52 NOOP]\n< 52 OK 99.0.2.3"),
    ("a second message in synchronous mode", "synchronous",
     "> [50 XFER ${id} message/envelope {${envelope}} {0}]\n< 50 TMP 99.0.3.5\n> @envelope\n< 50 OK 99.0.2.5\n"
     "> [51 XFER other@edge.example message/envelope {5} {0}]\n< 51 ERR 99.0.5.21"),
    ("ABOR of nothing", "synchronous",
     "> [50 ABOR=3]\n< 50 ERR 99.0.5.6\n> [51 ABOR=x]\n< 51 ERR 99.0.5.4\n> [52 ABOR]\n< 52 ERR 99.0.5.4\n"
     "> [53 ABOR {3}]\n< 53 ERR 99.0.5.4"),
    ("a message, all at once", "pipelined",
     "> [50 XFER ${id} message/envelope {${envelope}} {0}]\n> [51 XFER ${id} message/headers {${headers}} {0}]\n"
     "> [52 XFER ${id} message/body {${body}} {0}]\n< 50 TMP 99.0.3.5\n> [50 DATA {${envelope}}]\n> @envelope\n< 50 OK 99.0.2.5\n"
     "< 51 TMP 99.0.3.6\n> [51 DATA {${headers}}]\n> @headers\n< 51 OK 99.0.2.5\n< 52 TMP 99.0.3.8\n> [53 NOOP]\n< 53 OK 99.0.2.3\n"
     "> [52 DATA {${body}}]\n> @body\n< 52 OK 99.0.2.6"),
    ("one bad object ends the message, and all its requests are answered", "pipelined",
     "> [50 XFER ${id} message/envelope {5} {0}]\n> [51 XFER ${id} message/headers {5} {0}]\n> [52 XFER ${id} message/body {5} {0}]\n"
     "< 50 TMP 99.0.3.5\n>> [50 DATA {5}]\\r\\nhello\n< 50 ERR 99.0.5.30\n< 51 ERR 99.0.5.22\n< 52 ERR 99.0.5.22\n> [53 NOOP]\n"
     "< 53 OK 99.0.2.3"),
    ("a message given up in the middle of an object", "pipelined",
     "> [50 XFER ${id} message/envelope {9} {0}]\n> [51 XFER ${id} message/headers {5} {0}]\n< 50 TMP 99.0.3.5\n"
     ">> [50 DATA {4}]\\r\\nhell\n> [52 ABOR=50]\n< 52 OK 108.0.2.1\n< 50 ERR 99.0.5.23\n< 51 ERR 99.0.5.22\n> [53 ABOR=50]\n"
     "< 53 ERR 99.0.5.6"),
    ("an object that is asked for twice", "pipelined",
     "> [50 XFER ${id} message/envelope {5} {0}]\n< 50 TMP 99.0.3.5\n> [51 XFER ${id} message/envelope {5} {0}]\n< 51 ERR 99.0.5.24"),
    ("a chunk that nobody permitted", "pipelined", ">> [50 DATA {1}]\\r\\nx\n" + FATAL.format("99.0.5.15")),
    ("a chunk with more than is left", "pipelined",
     "> [50 XFER ${id} message/envelope {5} {0}]\n< 50 TMP 99.0.3.5\n>> [50 DATA {6}]\\r\\nhello!\n" +
     FATAL.format("99.0.5.13")),
    ("a chunk without octets", "pipelined",
     "> [50 XFER ${id} message/envelope {5} {0}]\n< 50 TMP 99.0.3.5\n> [50 DATA {0}]\n" + FATAL.format("99.0.5.4")),
    ("a chunk that is no chunk", "pipelined", "> [50 DATA 1]\n" + FATAL.format("99.0.5.4")),
    ("a chunk with a group", "pipelined", ">> [50 DATA {1} (A)]\\r\\nx\n" + FATAL.format("99.0.5.4")),
    ("options while a message is under way", "pipelined",
     "> [50 XFER ${id} message/envelope {5} {0}]\n< 50 TMP 99.0.3.5\n> [51 OPT (PIPE=OFF)]\n< 51 ERR 99.0.5.3"),
    ("QUIT waits for what has permission", "pipelined",
     "> [50 XFER ${id} message/envelope {5} {0}]\n< 50 TMP 99.0.3.5\n> [51 QUIT]\n>> [50 DATA {5}]\\r\\nhello\n< 50 ERR 99.0.5.30\n"
     "< 51 OK 99.0.2.4\n< closed"),
    ("a request after QUIT", "pipelined",
     "> [50 XFER ${id} message/envelope {5} {0}]\n< 50 TMP 99.0.3.5\n> [51 QUIT]\n> [52 NOOP]\n" + FATAL.format("99.0.5.3")),
]


def step(text):
    if text.startswith("> @"):
        return {"send-object": text[3:]}
    if text.startswith(">> "):
        return {"send": text[3:].replace("\\r", "\r").replace("\\n", "\n")}
    if text.startswith("> "):
        return {"send": text[2:] + "\r\n"}
    if text == "< closed":
        return {"closed": True}
    tag, word, *rest = re.findall(r"\([^)]*\)|\S+", text[2:])
    groups = [one[1:-1].split(" ") for one in rest if one.startswith("(")]
    answer = {"tag": tag, "word": word, "codes": [one for one in rest if not one.startswith("(")]}
    if groups:
        answer["items"] = [{"name": name, "word": word_, "code": code} for name, word_, code in groups]
    return {"answer": answer}


def vectors():
    return [{"name": name, "after": after, "steps": [step(line) for line in steps.strip().split("\n")]}
            for name, after, steps in CASES]


def write():
    files.write("sessions", vectors())
