"""The rules that a compiler cannot check, as functions from (path, text) to complaints.

Each rule takes the path of a source file relative to the project's root, and its text, and yields
(line, complaint). source_lint.py runs them over the tree, rules_lint.py shows that each can fail.
"""
import posixpath
import re

MODULES = ("smtp", "xproto", "mapping", "gateway")

LINE_LIMIT = 400
# Files that may be longer, each with the reason why there is no second noun in it.
LONG_FILES = {}

# Who may include what, beside the standard library and Boost.System (docs/architecture.md).
# An entry is (prefix of the included name, files of the module that may do it; None: every file).
WALLS = {
    "smtp": [("smtp/", None)],
    "xproto": [
        ("xproto/", None),
        ("openssl/", r"(identity|trace|digest|certificate)\w*\.(hpp|cpp)"),
        ("zstd.h", r"zstd\.cpp"),
        ("idn2.h", r"domain_name\.cpp"),
    ],
    "mapping": [
        ("mapping/", None),
        ("smtp/", None),
        ("xproto/", None),
        ("openssl/", r"(digest|sender_certificate)\w*\.(hpp|cpp)"),
        ("zlib.h", r"deflate\.cpp"),
        ("iconv.h", r"charset\.cpp"),
    ],
}
# XML and MIME are read by xproto/ and mapping/ alone, without libraries (docs/adr/0006, 0007).
GATEWAY_FORBIDDEN = ("mimetic", "pugixml", "libxml", "iconv")

# What lets a pure module wait, print, or learn the time. `std::chrono` as a calendar is harmless; its clocks are not.
PURE_MODULES = ("smtp", "xproto", "mapping")
IMPURE_HEADERS = {
    "condition_variable", "csignal", "filesystem", "fstream", "future", "iostream", "mutex", "shared_mutex",
    "thread",
}
IMPURE_CALLS = re.compile(r"\b(\w+_clock::now|std::time\s*\(|std::getenv|::gettimeofday|std::rand\b|std::random_device)")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
UNFINISHED = re.compile(r"\b(TO[D]O|FIX[M]E|XX[X]|HAC[K])\b")  # spelt so that it does not find itself


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def module_of(path):
    top = path.split("/", 1)[0]
    return top if top in MODULES else None


def blank_out_literals(text):
    """The text with comments and the contents of literals turned into spaces; offsets and lines stay."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)

    def blank(match):
        found = match.group(0)
        if found.startswith("'") and match.start() > 0 and text[match.start() - 1].isalnum():
            return found  # a digit separator: 1'000'000
        return re.sub(r"[^\n]", " ", found)

    return pattern.sub(blank, text)


def check_walls(path, text):
    """A module includes only what the table in docs/architecture.md lets it."""
    module = module_of(path)
    if module is None:
        return
    for match in INCLUDE.finditer(text):
        name = match.group(2)
        line = line_of(text, match.start())
        if module == "gateway":
            if name.startswith(GATEWAY_FORBIDDEN):
                yield line, f"gateway/ may not include {name}"
            continue
        standard = "/" not in name and "." not in name
        if standard or name.startswith("boost/system/"):
            continue
        allowed = False
        for prefix, files in WALLS[module]:
            if name.startswith(prefix) and (files is None or re.fullmatch(files, posixpath.basename(path))):
                allowed = True
        if not allowed:
            yield line, f"{module}/ may not include {name} here"


def check_purity(path, text):
    """smtp/, xproto/ and mapping/ cannot block, sleep, log or read a clock."""
    if module_of(path) not in PURE_MODULES:
        return
    for match in INCLUDE.finditer(text):
        if match.group(2) in IMPURE_HEADERS:
            yield line_of(text, match.start()), f"a pure module has no use for <{match.group(2)}>"
    code = blank_out_literals(text)
    for match in IMPURE_CALLS.finditer(code):
        yield line_of(text, match.start()), f"a pure module may not call {match.group(1).strip('( ')}: time and chance are given to it"


def check_include_style(path, text, exists=None):
    """Ours are quoted and written from the root; everybody else's stand in angle brackets."""
    for match in INCLUDE.finditer(text):
        bracket, name = match.groups()
        ours = name.split("/", 1)[0] in MODULES + ("tests",)
        line = line_of(text, match.start())
        if bracket == '"' and not ours:
            yield line, f'write "{name}" from the project\'s root, or in <> when it is not ours'
        elif bracket == "<" and ours:
            yield line, f'<{name}> is ours: write "{name}"'
        elif bracket == '"' and exists is not None and not exists(name):
            yield line, f'"{name}" does not exist'


def check_pragma_once(path, text):
    if path.endswith(".hpp") and not re.search(r"^#pragma once$", text, re.MULTILINE):
        yield 1, "a header needs #pragma once"


def check_first_line(path, text):
    """A file opens with the sentence a newcomer needs; a .cpp may leave it to the header that it begins with."""
    first = text.split("\n", 1)[0]
    included = INCLUDE.search(text)
    if path.endswith(".cpp") and included and included.group(2) == path.removesuffix(".cpp") + ".hpp":
        return
    if not first.startswith("// ") or len(first.split()) < 5:
        yield 1, "the first line must be a comment that says what this file is"


def check_length(path, text):
    lines = text.count("\n")
    if lines > LINE_LIMIT and path not in LONG_FILES:
        yield lines, f"{lines} lines (limit {LINE_LIMIT}): look for the second noun in it"


def check_unfinished(path, text):
    for match in UNFINISHED.finditer(text):
        yield line_of(text, match.start()), f"{match.group(1)}: finish it or leave it out"


def check_using_namespace(path, text):
    if path.endswith(".hpp"):
        for match in re.finditer(r"^\s*using namespace\b(?!.*literals)", blank_out_literals(text), re.MULTILINE):
            yield line_of(text, match.start()), "no `using namespace` in a header"


def full_expression(code, offset):
    """The full expression around `offset`, as (start, end) in code that has no literals or comments."""
    opening, closing = "([{", ")]}"
    depth, end = 0, offset
    while end < len(code):
        char = code[end]
        if char in opening:
            depth += 1
        elif char in closing:
            depth -= 1
            if depth < 0:
                break
        elif char == ";" and depth == 0:
            break
        end += 1
    depth, start = 0, offset
    while start > 0:
        char = code[start - 1]
        if char in closing:
            if char == "}" and depth == 0:
                following = code[start:].lstrip()[:1]
                if following not in "+-*/%.,?:<>=&|)]":
                    break  # the end of a block, not of an initialiser
            depth += 1
        elif char in opening:
            depth -= 1
            if char == "{" and depth < 0:
                break
            if depth < 0:
                depth = 0  # inside an argument list: the call belongs to the expression too
        elif char == ";" and depth == 0:
            break
        start -= 1
    return start, end


PLAIN_BRACES = re.compile(r"\{\s*(\d+\s*(,\s*\d+\s*)*)?\}")  # {4, 4, 2}: an argument of a named factory


def check_co_await(path, text):
    """g++ 12 destroys aggregate temporaries and captures twice when a full expression also holds a co_await."""
    code = blank_out_literals(text)
    for match in re.finditer(r"\bco_await\b", code):
        start, end = full_expression(code, match.start())
        expression = code[start:end]
        if "{" in PLAIN_BRACES.sub("", expression) or re.search(r"\w\s*\{\s*\d", expression):
            yield line_of(text, match.start()), "a brace in an expression with co_await: name the value or lambda first"


RULES = (
    check_walls, check_purity, check_include_style, check_pragma_once, check_first_line, check_length, check_unfinished,
    check_using_namespace, check_co_await,
)
