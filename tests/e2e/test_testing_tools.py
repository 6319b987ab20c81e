"""The testing tools tell the truth: `isthmus send` about a server, `isthmus sink` about a client, `isthmus bench` about both."""
import json
import os
import subprocess

import harness
from client import Client
from harness import ENVIRONMENT, IsthmusTest, PROGRAM, TwoSites, isthmus, sample


class Tool:
    """A tool that runs beside the test: `isthmus sink`, `isthmus bench sink`."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", PROGRAM, *map(str, arguments)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENVIRONMENT)
        first = self.process.stdout.readline()
        assert first.startswith("listening 127.0.0.1:"), first + self.process.stdout.read()
        self.address = first.split()[1]
        self.port = int(self.address.rsplit(":", 1)[1])

    def end(self, seconds=30):
        """(exit code, everything else it said), when it has ended by itself."""
        said, _ = self.process.communicate(timeout=seconds)
        return self.process.returncode, said

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.communicate(timeout=30)
        self.process.stdout.close()


def read(*path):
    with open(os.path.join(*path), "rb") as file:
        return file.read()


class ToolTest(IsthmusTest):
    def tool(self, *arguments):
        made = Tool(*arguments)
        self.addCleanup(made.close)
        return made

    def write(self, name, octets):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(octets)
        return path


class SendAndSink(ToolTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.edge, cls.carrier = (os.path.join(cls.folder, name) for name in ("edge", "carrier"))
        isthmus("init", cls.edge, "--site", "edge.example")
        isthmus("init", cls.carrier, "--site", "carrier.example")

    def sink(self, *options):
        return self.tool("sink", "--site", self.carrier, "--ca", os.path.join(self.edge, "ca.pem"), "--seconds", 60,
                         *options)

    def send(self, sink, *arguments, check=True):
        return isthmus("send", "--site", self.edge, "--ca", os.path.join(self.carrier, "ca.pem"), "--to", sink.address,
                       "--peer-host", "mx1.carrier.example", "--from", "a@edge.example", "--rcpt", "b@carrier.example",
                       *arguments, check=check)

    def test_what_is_sent_is_what_is_kept(self):
        mail = sample()
        path = self.write("whole.eml", mail)
        for mode in ([], ["--sync"]):
            with self.subTest(mode):
                kept = os.path.join(self.folder, "kept" + "".join(mode))
                sink = self.sink("--dir", kept, "--count", 2)
                sent = self.send(sink, "--count", 2, *mode, path)
                self.assertIn("2 accepted, 0 refused, 0 lost", sent.stdout)
                code, said = sink.end()
                self.assertEqual(code, 0, said)
                self.assertEqual(said.count("trace=valid objects=sound"), 2, said)
                for number in ("00001", "00002"):
                    back = os.path.join(kept, number + ".eml")
                    isthmus("map", "to-smtp", "--carrier", "never", os.path.join(kept, number), "-o", back)
                    received, _, rest = read(back).partition(b"\r\nFrom: ")
                    self.assertTrue(received.startswith(b"Received: from "), received)
                    self.assertEqual(b"From: " + rest, mail)

    def test_the_dialogue_is_shown_at_both_ends(self):
        sink = self.sink("-v", "--count", 1)
        sent = self.send(sink, "-v", self.write("x.eml", sample()))
        _, said = sink.end()
        for line in ("message/body {", "DATA {", "99.0.2.6"):
            self.assertRegex(sent.stdout, f"(?m)^(->|<-) .*{line}")
            self.assertRegex(said, f"(?m)^(->|<-) .*{line}")

    def test_a_session_without_a_message_only_says_hello(self):
        sink = self.sink()
        self.assertIn("0 accepted", self.send(sink).stdout)

    def test_lines_of_ones_own_are_sent_exactly(self):
        sink = self.sink()
        sent = self.send(sink, "--silence", 0.5, "--line", "[100 NOOP]", "--line", "[101 WHAT]", "--line", "[102 NO\\", "--line",
                         "OP (A)]")
        for line in (r"\*\* TLSv1.3 TLS_\w+", r"-> \[100 NOOP\]", r"<- \[100 OK 99\.0\.2\.3 .*\]", r"<- \[101 ERR 99\.0\.5\.2 .*\]",
                     r"-> \[102 NOOP \(A\)\]", r"<- \[102 ERR 99\.0\.5\.0 \(A ERR 99\.0\.5\.9 .*"):
            self.assertRegex(sent.stdout, f"(?m)^{line}$")
        sent = self.send(sink, "--early", "--times", "--line", r"[1 NO\x0aOP]")
        self.assertRegex(sent.stdout, r"(?m)^ +\d+\.\d{3} <- \[\* TMP 99\.0\.3\.1 ")
        self.assertRegex(sent.stdout, r"(?m)^ +\d+\.\d{3} <- \[\* ERR 99\.0\.5\.1 ")
        self.assertNotIn("HELO", sent.stdout)
        for wrong in (["--line", r"\q"], ["--line", r"\x0"], ["--early"]):
            self.assertEqual(self.send(sink, *wrong, check=False).returncode, 2, wrong)

    def test_refusals_at_every_stage_are_told(self):
        mail = self.write("refused.eml", sample())
        for stage in ("envelope", "envelope-after", "headers", "headers-after", "body", "end"):
            for mode in ([], ["--sync"]):
                with self.subTest(stage=stage, mode=mode):
                    sink = self.sink("--refuse", stage + "=450 4.2.1 not now", "--first", 1)
                    sent = self.send(sink, "--json", "--count", 2, *mode, mail, check=False)
                    self.assertEqual(sent.returncode, 1, sent.stdout + sent.stderr)
                    outcomes = [(m["outcome"], m["code"], m.get("smtp")) for m in json.loads(sent.stdout)["messages"]]
                    self.assertEqual(sorted(outcomes), [("accepted", "99.0.2.6", None), ("refused", "99.821.4.2.1", 450)])
                    sink.close()

    def test_one_recipient_of_two_is_refused(self):
        sink = self.sink("--refuse", "rcpt:c@carrier.example=550 5.1.1 no such user", "--count", 1)
        sent = self.send(sink, "--rcpt", "c@carrier.example", self.write("two.eml", sample()), check=False)
        self.assertEqual(sent.returncode, 1)
        self.assertRegex(sent.stdout, r"(?m)^accepted ")
        self.assertRegex(sent.stdout, r"(?m)^  refused <c@carrier.example> 99.821.5.1.1 \(SMTP 550\) no such user$")
        self.assertIn("recipients=b@carrier.example ", sink.end()[1])

    def test_a_receiver_that_dies_before_it_answers(self):
        sink = self.sink("--drop", "end")
        sent = self.send(sink, self.write("lost.eml", sample()), check=False)
        self.assertEqual(sent.returncode, 3)
        self.assertIn("every octet was sent: it may be there", sent.stdout)

    def test_a_late_answer_is_waited_for(self):
        sink = self.sink("--delay", "envelope=0.4", "--delay", "end=0.4", "--count", 1)
        self.assertIn("1 accepted", self.send(sink, self.write("late.eml", sample())).stdout)

    def test_strangers_are_not_let_in_and_nobody_is_reached_elsewhere(self):
        stranger = os.path.join(self.folder, "stranger")
        isthmus("init", stranger, "--site", "stranger.example")
        sink = self.sink()
        arguments = ("send", "--site", stranger, "--ca", os.path.join(self.carrier, "ca.pem"), "--to", sink.address)
        said = isthmus(*arguments, "--peer-host", "mx1.carrier.example", check=False)
        self.assertEqual(said.returncode, 1, said.stdout)
        said = isthmus(*arguments, "--peer-host", "mx9.carrier.example", check=False)
        self.assertEqual(said.returncode, 3, said.stdout)  # TLS: the server is not who it should be
        sink.close()
        said = isthmus(*arguments, "--peer-host", "mx1.carrier.example", check=False)
        self.assertEqual(said.returncode, 3, said.stdout)
        self.assertIn("Connection refused", said.stdout)

    def test_objects_can_be_sent_broken(self):
        kept = os.path.join(self.folder, "broken")
        sink = self.sink("--dir", kept)
        self.send(sink, self.write("sound.eml", sample()))
        folder = os.path.join(kept, "00001")
        with open(os.path.join(folder, "body"), "ab") as body:
            body.write(b"one line more\r\n")
        self.send(sink, "--as-is", folder)
        with open(os.path.join(folder, "envelope.xml"), "r+b") as envelope:
            text = envelope.read().replace(b"a@edge.example", b"x@edge.example")
            envelope.seek(0)
            envelope.write(text)
        self.send(sink, "--as-is", folder)
        sink.process.terminate()
        _, said = sink.end()
        lines = [line for line in said.splitlines() if "event=received" in line]
        self.assertIn("trace=valid objects=sound", lines[0])
        self.assertIn('trace=valid objects="message/body: its octets', lines[1])
        self.assertIn('trace="broken: the originator', lines[2])


class SmtpSink(ToolTest):
    def test_content_and_commands_are_kept_exactly(self):
        kept = os.path.join(self.folder, "smtp")
        sink = self.tool("sink", "--smtp", "--dir", kept, "--count", 1, "--seconds", 60)
        mail = sample()
        with Client(sink.port) as client:
            client.deliver("a@edge.example", ["b@carrier.example", "c@carrier.example"], mail)
        self.assertEqual(sink.end()[0], 0)
        self.assertEqual(read(kept, "00001.eml"), mail)
        self.assertEqual(read(kept, "00001.envelope").decode().splitlines()[2:],
                         ["MAIL FROM:<a@edge.example>", "RCPT TO:<b@carrier.example>", "RCPT TO:<c@carrier.example>"])

    def test_replies_are_those_asked_for(self):
        sink = self.tool("sink", "--smtp", "--refuse", "rcpt:c@carrier.example=550 5.1.1 nobody", "--refuse",
                         "end=99.0.4.3 full", "--seconds", 60)
        with Client(sink.port) as client:
            client.expect(250, "MAIL FROM:<a@edge.example>")
            client.expect(550, "RCPT TO:<c@carrier.example>")
            client.expect(250, "RCPT TO:<b@carrier.example>")
            client.expect(354, "DATA")
            self.assertEqual(client.command("x\r\n.").code, 451)

    def test_too_few_messages_are_a_negative_answer(self):
        code, said = self.tool("sink", "--smtp", "--count", 1, "--seconds", 0.3).end()
        self.assertEqual(code, 1)
        self.assertIn("0 of 1", said)


class ToolsAndGateways(TwoSites, ToolTest):
    def test_a_gateway_takes_what_send_sends(self):
        mail = sample()
        path = self.write("direct.eml", mail)
        sent = isthmus("send", "--site", self.edge.folder, "--from", "a@edge.example", "--rcpt", "b@carrier.example", path)
        self.assertIn("1 accepted", sent.stdout)
        message, = self.carrier.store.wait(1)
        self.assertTrue(message.content.endswith(b"\r\n" + mail), message.content)  # below the trace and the carrier

    def test_repeated_objects_are_already_there(self):
        objects = os.path.join(self.folder, "objects")
        isthmus("map", "to-xproto", self.write("again.eml", sample()), "-o", objects, "--from", "a@edge.example", "--rcpt",
                "b@carrier.example")
        folder = os.path.join(objects, sorted(os.listdir(objects))[0])
        arguments = ("send", "--site", self.edge.folder, "--to", f"127.0.0.1:{self.carrier.xproto_port}", "--peer-host",
                     self.carrier.host, folder)
        isthmus(*arguments)
        self.carrier.store.wait(1)
        self.assertIn("it was there already", isthmus(*arguments).stdout)

    def probe(self, *arguments, check=True):
        return isthmus("send", "--site", self.edge.folder, "--from", "a@edge.example", "--rcpt", "b@carrier.example", "-v",
                       *arguments, check=check)

    def test_options_are_used_on_demand(self):
        content = b"".join(b"%05d %s\r\n" % (line, b"x" * 60) for line in range(2000))
        mail = (b"Subject: in pieces\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
                b"text\r\n--b\r\nContent-Type: text/x-log; name=a.log\r\n\r\n" + content + b"\r\n--b--\r\n")
        path = self.write("pieces.eml", mail)
        for number, (arguments, sent, not_sent) in enumerate((
                (["--option", "SPLIT", "--split", 1000], r"XFER .*message/leaf \{%d" % len(content), "XFER message/body"),
                (["--fragment", 50000], r"XFER .*message/body \{50000\} \{2\}", "message/leaf"),
                (["--option", "NOW"], r"XFER .*message/headers .*\(NOW\)", "ZSTD=ON"),
                (["--option", "ZSTD"], r"DATA .*\(ZSTD", "message/leaf"),
        ), 1):
            with self.subTest(arguments):
                said = self.probe(*arguments, path)
                self.assertIn("1 accepted", said.stdout)
                self.assertRegex(said.stdout, sent)
                self.assertNotRegex(said.stdout, "-> .*" + not_sent)
                self.assertTrue(self.carrier.store.wait(number)[-1].content.endswith(mail))

    def test_options_that_cannot_be_are_told(self):
        path = self.write("options.eml", sample())
        for wrong in (["--option", "PONY"], ["--split", 100], ["--option", "NOW", "--quit-after", "envelope"]):
            self.assertEqual(self.probe(*wrong, path, check=False).returncode, 2, wrong)
        said = self.probe("--sync", "--option", "ZSTD", path)
        self.assertIn("does not offer us ZSTD", said.stderr)

    def test_a_probe_stops_where_it_is_told(self):
        mail = sample("stopped")
        path = self.write("stopped.eml", mail)
        for stage, sent, not_sent in (("envelope", "message/envelope", "99.0.2.6"), ("headers", "message/headers", "99.0.2.6")):
            for end, last in (("--quit-after", "QUIT"), ("--drop-after", "DATA")):
                with self.subTest(stage=stage, end=end):
                    said = self.probe(end, stage, path)
                    self.assertIn("0 accepted, 0 refused, 0 lost, 1 stopped", said.stdout)
                    self.assertIn(sent, said.stdout)
                    self.assertNotIn(not_sent, said.stdout)
                    lines = [line for line in said.stdout.splitlines() if line.startswith("-> [")]
                    self.assertIn(last, lines[-1])
        self.assertEqual(self.carrier.store.messages, [])
        # With the last octet the server may have the message, whether it could say so or not.
        self.probe("--drop-after", "body", path)
        self.assertTrue(self.carrier.store.wait(1)[0].content.endswith(b"\r\n" + mail))

    def test_loads_count_every_message(self):
        load = isthmus("bench", "smtp", "--to", f"127.0.0.1:{self.edge.smtp_port}", "--messages", 30, "--sessions", 3,
                       "--messages-per-session", 4, "--size", 2000, "--rcpt", "b@carrier.example", "--json")
        self.assertEqual(json.loads(load.stdout)["accepted"], 30)
        load = isthmus("bench", "xproto", "--site", self.edge.folder, "--to", f"127.0.0.1:{self.carrier.xproto_port}",
                       "--peer-host", self.carrier.host, "--messages", 30, "--sessions", 2, "--size", 2000, "--from",
                       "a@edge.example", "--rcpt", "b@carrier.example", "--json")
        self.assertEqual(json.loads(load.stdout)["accepted"], 30)
        self.assertEqual(len(self.carrier.store.wait(60)), 60)


class Bench(ToolTest):
    def test_generator_and_sink_agree(self):
        for mode in ([], ["--bdat"]):
            with self.subTest(mode):
                sink = self.tool("bench", "sink", "--messages", 200, "--seconds", 60)
                load = isthmus("bench", "smtp", "--to", sink.address, "--messages", 200, "--sessions", 4, "--size", 3000,
                               "--rcpt", "b@carrier.example", "--json", *mode)
                self.assertEqual(json.loads(load.stdout)["accepted"], 200)
                code, said = sink.end()
                self.assertEqual(code, 0)
                totals = json.loads(said)
                self.assertEqual(totals["messages"], 200)
                self.assertGreaterEqual(totals["octets"], 200 * 3000)

    def test_bench_sessions_measures_a_server_full_of_sessions(self):
        result = isthmus("bench", "sessions", "--sessions", 20, "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        memory = json.loads(result.stdout)
        self.assertEqual(memory["sessions"], 20)
        self.assertLessEqual(memory["rss_before"], memory["rss_idle"])
        self.assertGreater(memory["rss_busy"], 0)

    def test_the_whole_path_is_measured(self):
        result = isthmus("bench", "path", "--messages", 20, "--size", "3kB", "--sessions", 2, "--rounds", 2, "--json",
                         seconds=170)
        rounds = [json.loads(line) for line in result.stdout.splitlines()]
        self.assertEqual(len(rounds), 2)
        for one in rounds:
            self.assertEqual([p["name"] for p in one["processes"]], ["edge", "carrier"])
            self.assertGreater(one["messages_per_second"], 0)
            for process in one["processes"]:
                self.assertGreater(process["peak_rss"], 1_000_000)


if __name__ == "__main__":
    harness.main()
