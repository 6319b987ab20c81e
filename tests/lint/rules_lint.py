"""Shows that each lint rule can fail, and that it leaves sound code alone. Usage: rules_lint.py [ROOT]"""
import sys
import unittest

import rules

# (what it shows, rule, path, text, is it a complaint?)
CASES = [
    ("smtp knows no other module", rules.check_walls, "smtp/a.cpp", '#include "xproto/line.hpp"\n', True),
    ("smtp knows itself", rules.check_walls, "smtp/a.cpp", '#include "smtp/reply.hpp"\n#include <string>\n', False),
    ("smtp has no sockets", rules.check_walls, "smtp/a.cpp", "#include <boost/asio.hpp>\n", True),
    ("smtp has no system calls", rules.check_walls, "smtp/a.cpp", "#include <sys/socket.h>\n", True),
    ("Boost.System is for all", rules.check_walls, "smtp/a.hpp", "#include <boost/system/result.hpp>\n", False),
    ("libcrypto only where keys are", rules.check_walls, "xproto/line.cpp", "#include <openssl/evp.h>\n", True),
    ("identity may use libcrypto", rules.check_walls, "xproto/identity.cpp", "#include <openssl/cms.h>\n", False),
    ("so may its parts", rules.check_walls, "xproto/identity_proof.cpp", "#include <openssl/cms.h>\n", False),
    ("xproto reads its XML itself", rules.check_walls, "xproto/document.cpp", "#include <pugixml.hpp>\n", True),
    ("mapping knows both", rules.check_walls, "mapping/a.cpp", '#include "smtp/a.hpp"\n#include "xproto/b.hpp"\n', False),
    ("mapping knows no gateway", rules.check_walls, "mapping/a.cpp", '#include "gateway/spool/spool.hpp"\n', True),
    ("mapping reads MIME itself", rules.check_walls, "mapping/parts/scan.cpp", "#include <mimetic/mimetic.h>\n", True),
    ("the gateway reads none", rules.check_walls, "gateway/queue/a.cpp", "#include <mimetic/mimetic.h>\n", True),
    ("the gateway has sockets", rules.check_walls, "gateway/net/a.cpp", "#include <boost/asio.hpp>\n", False),

    ("no clock in a pure module", rules.check_purity, "smtp/a.cpp", "auto t = std::chrono::system_clock::now();\n", True),
    ("a calendar is no clock", rules.check_purity, "smtp/a.cpp", "std::chrono::year_month_day d;\n", False),
    ("a clock in a comment is none", rules.check_purity, "smtp/a.cpp", "// no system_clock::now here\n", False),
    ("no log in a pure module", rules.check_purity, "mapping/a.cpp", "#include <iostream>\n", True),
    ("the gateway may", rules.check_purity, "gateway/log/a.cpp", "#include <iostream>\n", False),

    ("ours from the root", rules.check_include_style, "smtp/a.cpp", '#include "reply.hpp"\n', True),
    ("no way up", rules.check_include_style, "smtp/a.cpp", '#include "../smtp/reply.hpp"\n', True),
    ("ours are quoted", rules.check_include_style, "smtp/a.cpp", "#include <smtp/reply.hpp>\n", True),
    ("theirs are not", rules.check_include_style, "smtp/a.cpp", "#include <string>\n", False),

    ("headers guard themselves", rules.check_pragma_once, "smtp/a.hpp", "// x\n", True),
    ("once is enough", rules.check_pragma_once, "smtp/a.hpp", "// x\n#pragma once\n", False),

    ("a first sentence", rules.check_first_line, "smtp/a.cpp", "#include <string>\n", True),
    ("that says something", rules.check_first_line, "smtp/a.cpp", "// Reply.\n", True),
    ("or leaves it to its header", rules.check_first_line, "smtp/a.cpp", '#include "smtp/a.hpp"\n', False),
    ("not to another", rules.check_first_line, "smtp/a.cpp", '#include "smtp/b.hpp"\n', True),
    ("said", rules.check_first_line, "smtp/a.cpp", "// Undoes dot-stuffing (RFC 5321 4.5.2).\n", False),

    ("long files", rules.check_length, "smtp/a.cpp", "\n" * 401, True),
    ("files of the right size", rules.check_length, "smtp/a.cpp", "\n" * 400, False),

    ("unfinished", rules.check_unfinished, "smtp/a.cpp", "// TO" "DO: later\n", True),

    ("headers open no namespace", rules.check_using_namespace, "smtp/a.hpp", "using namespace std;\n", True),

    ("an aggregate beside co_await", rules.check_co_await, "gateway/a.cpp", "x = co_await f(agg{1, y});", True),
    ("before it", rules.check_co_await, "gateway/a.cpp", "x = g(agg{a}) + co_await h();", True),
    ("designated", rules.check_co_await, "gateway/a.cpp", "co_await f({.host = x});", True),
    ("numbers of a named type", rules.check_co_await, "gateway/a.cpp", "co_await f(agg{1, 2});", True),
    ("a lambda", rules.check_co_await, "gateway/a.cpp", "co_await [s]() -> awaitable<int> { co_return s; }();", True),
    ("in a condition", rules.check_co_await, "gateway/a.cpp", "if (co_await f(agg{a})) { x(); }", True),
    ("named first", rules.check_co_await, "gateway/a.cpp", "agg a{1, y}; co_await f(std::move(a));", False),
    ("a factory", rules.check_co_await, "gateway/a.cpp", "co_await f(verdict::deferred({4, 4, 2}, t));", False),
    ("in a block", rules.check_co_await, "gateway/a.cpp", "if (a) { x(); }\nco_await f(); if (b) { y(); }", False),
    ("in a loop", rules.check_co_await, "gateway/a.cpp", "while (co_await f(a)) { agg b{1, c}; }", False),
    ("inside a coroutine lambda", rules.check_co_await, "gateway/a.cpp", "auto l = [s]() { co_await f(s); };", False),
]


class Rules(unittest.TestCase):
    def test_each_rule_complains_where_it_should(self):
        for name, rule, path, text, bad in CASES:
            with self.subTest(name):
                self.assertEqual(bool(list(rule(path, text))), bad, text)

    def test_every_rule_is_seen_to_fail(self):
        failing = {rule for _, rule, _, _, bad in CASES if bad}
        self.assertEqual(failing, set(rules.RULES))

    def test_a_missing_include_is_found(self):
        complaints = list(rules.check_include_style("smtp/a.cpp", '#include "smtp/no.hpp"\n', lambda name: False))
        self.assertEqual(len(complaints), 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
