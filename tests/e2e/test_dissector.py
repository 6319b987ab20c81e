"""Wireshark understands xproto with examples/wireshark/xproto.lua: in clear, under TLS with the session's secrets, and however
the octets were cut into packets."""
import json
import os
import re
import subprocess
import sys

import harness
from capture import Relay, write_pcap
from harness import IsthmusTest, isthmus, sample

sys.path.insert(0, os.path.join(harness.ROOT, "tests", "conformance"))

from peer import channel, client, messages, tools, traces  # noqa: E402
from peer.lines import Item  # noqa: E402
from peer.server import Server  # noqa: E402

SCRIPT = os.path.join(harness.ROOT, "examples", "wireshark", "xproto.lua")
EDGE, CARRIER = "mx1.edge.example", "mx1.carrier.example"


class Dissector(IsthmusTest):
    @classmethod
    def setUpClass(cls):
        harness.require("tshark")
        super().setUpClass()
        cls.identities = {}
        for site in ("edge", "carrier"):
            isthmus("init", os.path.join(cls.folder, site), "--site", f"{site}.example")
        for site, other in (("edge", "carrier"), ("carrier", "edge")):
            folder = os.path.join(cls.folder, site)
            cls.identities[site] = client.Identity(
                f"mx1.{site}.example", os.path.join(folder, "state", "host.pem"), os.path.join(folder, "state", "host-key.pem"),
                tools.certificates_of(tools.read(os.path.join(cls.folder, other, "ca.pem"))))

    def message(self, content):
        envelope, header, body = messages.draft(content, "a@edge.example", ["b@carrier.example"], "edge.example")
        identity = self.identities["edge"]
        facts = {"host": EDGE, "peer": "pc", "peer-address": "192.0.2.1", "protocol": "ESMTP", "id": "1", "next": CARRIER}
        traces.add_hop(envelope, identity.chain(), identity.key, {k: v.encode() for k, v in facts.items()})
        return messages.finish(envelope, header, body)

    def session(self, relay, tls):
        """A session with everything in it; what the client knows of TLS."""
        context = channel.context(False) if tls else None
        session = client.Client(channel.Channel.connect(("127.0.0.1", relay.port), context, CARRIER), self.identities["edge"],
                                CARRIER)
        session.greet()
        session.helo()
        self.first = self.message(sample("first", b"[9 NOOP]\r\n"))
        self.assertTrue(session.send(self.first)[0].accepted)
        session.option(Item("WHAT", "a b"))
        session.option(Item("PIPE", "ON"))
        self.assertTrue(all(outcome.accepted for outcome in session.send(
            self.message(sample("second", b"x" * 200000)), self.message(sample("third", b"[1 NOOP]\r\n" * 10)))))
        session.noop()
        session.quit()
        return session.connection.secrets

    def tshark(self, capture, *options, fields=None):
        arguments = ["tshark", "-r", capture, "-X", "lua_script:" + SCRIPT, "-Y", "xproto", *options]
        for field in fields or ():
            arguments += ["-e", field]
        arguments += ["-T", "fields" if fields else "json"]
        environment = {**os.environ, "HOME": self.folder, "XDG_CONFIG_HOME": self.folder, "LC_ALL": "C.UTF-8"}
        done = subprocess.run(arguments, capture_output=True, text=True, timeout=120, env=environment, check=True)
        self.assertNotIn("Lua", done.stderr.replace("Lua scripts", ""), done.stderr)
        if not fields:
            return json.loads(done.stdout)
        rows = [row.split("\t") for row in done.stdout.splitlines()]
        return {field: [value for row in rows if row[i] for value in row[i].split(",")] for i, field in enumerate(fields)}

    def check(self, capture, *options):
        seen = self.tshark(capture, *options, fields=[
            "xproto.verb", "xproto.code", "xproto.code.name", "xproto.object", "xproto.data.octets", "_ws.malformed",
            "xproto.malformed", "xproto.message_id", "xproto.tag"])
        verbs = {verb: seen["xproto.verb"].count(verb) for verb in set(seen["xproto.verb"])}
        self.assertEqual({v: n for v, n in verbs.items() if v != "DATA"},
                         {"HELO": 2, "XFER": 9, "OPT": 2, "NOOP": 1, "QUIT": 1})
        self.assertGreaterEqual(verbs["DATA"], 5 + 200000 // 65536)
        self.assertEqual(seen["xproto.code.name"].count("stored"), 3)
        self.assertEqual(seen["xproto.code.name"].count("prove-yourself"), 2)
        self.assertEqual(seen["xproto.code"].count("99.0.5.0"), 1)
        self.assertEqual((seen["_ws.malformed"], seen["xproto.malformed"]), ([], []))
        self.assertEqual(seen["xproto.message_id"][:3], [self.first.id] * 3)
        objects = [seen["xproto.object"].count(name) for name in ("message/envelope", "message/headers", "message/body")]
        self.assertTrue(all(count >= 6 for count in objects), objects)  # asked for, and there
        self.assertIn(str(len(self.first.objects[messages.BODY])), seen["xproto.data.octets"])

    def test_in_clear(self):
        server = Server(self.identities["carrier"], tls=False)
        self.addCleanup(server.close)
        relay = Relay(server.port)
        self.session(relay, tls=False)
        passed = relay.end()
        capture = os.path.join(self.folder, "clear.pcap")
        for segment, port, options in ((1400, 6525, ()), (61, 6525, ("-2",)), (65000, 7777, ())):
            with self.subTest(segment=segment, port=port):
                write_pcap(capture, passed, segment, port)
                self.check(capture, *options)
        # In one piece, the objects are shown as the XML that they are.
        seen = self.tshark(capture, fields=["xml.tag", "xproto.proof"])
        for tag in ("<envelope", "<headers"):
            self.assertTrue(any(one.startswith(tag) for one in seen["xml.tag"]), seen["xml.tag"][:5])
        self.assertTrue(all(proof.startswith("3082") for proof in seen["xproto.proof"]))

    def test_under_tls_against_the_gateways_code(self):
        sink = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", harness.PROGRAM, "sink", "--site", os.path.join(self.folder, "carrier"), "--ca",
             os.path.join(self.folder, "edge", "ca.pem"), "--seconds", "60"], stdout=subprocess.PIPE, text=True,
            env=harness.ENVIRONMENT)
        self.addCleanup(sink.stdout.close)
        self.addCleanup(sink.wait)
        self.addCleanup(sink.terminate)
        relay = Relay(int(sink.stdout.readline().rsplit(":", 1)[1]))
        secrets = os.path.join(self.folder, "secrets")
        with open(secrets, "w", encoding="ascii") as file:
            file.write(self.session(relay, tls=True))
        capture = os.path.join(self.folder, "tls.pcap")
        write_pcap(capture, relay.end(), 1400, 6526)
        self.check(capture, "-d", "tcp.port==6526,tls", "-o", "tls.keylog_file:" + secrets)

    def test_codes_are_those_of_the_specification(self):
        with open(os.path.join(harness.ROOT, "docs", "xproto.md"), encoding="utf-8") as file:
            wanted = dict(re.findall(r"^\| (\d[\d.]+) \| ([a-z-]+) \|", file.read(), re.MULTILINE))
        del wanted["99.0.4.8"]  # never on the wire
        with open(SCRIPT, encoding="utf-8") as file:
            self.assertEqual(dict(re.findall(r'\["([\d.]+)"\] = "([a-z-]+)"', file.read())), wanted)

    def test_what_is_no_line_is_marked(self):
        capture = os.path.join(self.folder, "malformed.pcap")
        greeting = b"[* TMP 99.0.3.1 (VER=1.0) (HOST=mx1.carrier.example) (NONCE=9f86d081884c7d659a2feaa0c55ad015) Hi there.]\r\n"
        for octets in (b"EHLO x\r\n", b"[01 NOOP]\r\n"):
            with self.subTest(octets):
                write_pcap(capture, [(False, greeting), (True, octets), (False, b"[* ERR 99.0.5.1 No line.]\r\n")])
                seen = self.tshark(capture, fields=["xproto.malformed", "xproto.code"])
                self.assertEqual(len(seen["xproto.malformed"]), 1)
                self.assertEqual(seen["xproto.code"], ["99.0.3.1", "99.0.5.1"])


if __name__ == "__main__":
    harness.main()
