"""Runs real isthmus daemons on loopback for the tests: one gateway, or two sites that trust each other.

    class Arrives(TwoSites):
        def test_a_message_crosses(self):
            with Client(self.edge.smtp_port) as client:
                client.deliver("a@edge.example", ["b@carrier.example"], sample())
            message, = self.carrier.store.wait(1)

Every process is stopped by its own pid, every wait ends, and what the daemons said is shown when a test fails.
"""
import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import wire
from sink import EXTENSIONS, Sink

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PROGRAM = os.environ.get("ISTHMUS_BIN", os.path.join(ROOT, "build", "dev", "gateway", "isthmus"))
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "ASAN_OPTIONS": "quarantine_size_mb=32",
               "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"}
START_SECONDS = 30
STOP_SECONDS = 30


def wait_for(test, seconds=20, what="condition", every=0.05):
    """The first true value of test(), or a failure after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = test()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"no {what} within {seconds} s")
        time.sleep(every)


def require(*programs):
    """A test that could not run would show nothing: what it needs is installed or unpacked by tests/run."""
    for program in programs:
        if shutil.which(program) is None:
            raise AssertionError(f"{program} is not there: tests/run brings it")


def sample(subject="hello", body=b"A line.\r\n.a line with a dot\r\n..two\r\n\r\nThe end.\r\n", headers=()):
    """A small message, with something for every layer to trip over."""
    lines = [f"From: <a@edge.example>", "To: <b@carrier.example>", f"Subject: {subject}",
             "Date: Sat, 22 Nov 2025 10:00:00 +0000", f"Message-ID: <{time.monotonic_ns()}@edge.example>", *headers]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n" + body


def toml(value):
    """A value of the configuration as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(value)


def toml_document(config):
    """A dict as TOML: plain values, tables, and lists of tables."""
    plain, tables = [], []
    for key, value in config.items():
        if isinstance(value, dict):
            tables.append(f"\n[{key}]\n" + "".join(f"{k} = {toml(v)}\n" for k, v in value.items()))
        elif key in ("route", "peer", "filter", "list", "directory"):
            for item in value:
                tables.append(f"\n[[{key}]]\n" + "".join(f"{k} = {toml(v)}\n" for k, v in item.items()))
        else:
            plain.append(f"{key} = {toml(value)}\n")
    return "".join(plain + tables)


def isthmus(*arguments, check=True, seconds=60):
    """Runs the program to its end. check: it must succeed."""
    result = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=seconds,
                            env=ENVIRONMENT, stdin=subprocess.DEVNULL, check=False)
    if check and result.returncode != 0:
        raise AssertionError(f"isthmus {' '.join(map(str, arguments))}: exit {result.returncode}\n"
                             f"{result.stdout}{result.stderr}")
    return result


class Gateway:
    """One site: its folder, configuration, and daemon."""

    def __init__(self, folder, site):
        self.folder, self.site, self.host = folder, site, f"mx1.{site}"
        isthmus("init", folder, "--site", site)
        self.file = os.path.join(folder, "isthmus.toml")
        self.smtp_port, self.xproto_port, self.admin_port = (wire.reserve_port() for _ in range(3))
        self.config = {
            "site": site, "host": self.host, "state": "state",
            "smtp": {"listen": [f"127.0.0.1:{self.smtp_port}"]},
            "xproto": {"listen": [f"127.0.0.1:{self.xproto_port}"]},
            "admin": {"socket": "state/admin.sock", "listen": [f"127.0.0.1:{self.admin_port}"]},
            "queue": {"retry": ["1s", "1s", "2s"], "expire": "1h", "delay_notice": "30m"},
            "timeouts": {"connect": "5s", "reply": "20s", "data": "30s", "idle": "30s"},
            "dns": {"servers": [f"127.0.0.1:{wire.reserve_port()}"]},  # nobody: tests ask no name server but their own
            "route": [],
            "peer": [],
        }
        self.store = None  # the Sink that this site's own mail goes to
        self.process = None
        self.log_path = os.path.join(folder, "stderr.log")

    @property
    def ca(self):
        return os.path.join(self.folder, "ca.pem")

    def write_config(self):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(toml_document(self.config))

    def log(self):
        try:
            with open(self.log_path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def start(self):
        """Starts the daemon and waits until it says that it is ready."""
        self.write_config()
        self.spawn()
        wait_for(lambda: self.said_since_start(r"\bready\b") or self.process.poll() is not None, START_SECONDS,
                 f"ready line from {self.site}")
        if self.process.poll() is not None:
            raise AssertionError(f"{self.site} ended with {self.process.returncode}:\n{self.log()[-4000:]}")

    def spawn(self):
        log = open(self.log_path, "a", encoding="utf-8")
        self._log_start = log.tell()
        # The daemon dies with this test, however the test ends.
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", PROGRAM, "run", "-c", self.file],
                                        stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=ENVIRONMENT)
        log.close()

    def said_since_start(self, pattern):
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            file.seek(self._log_start)
            return re.search(pattern, file.read())

    def wait_log(self, pattern, seconds=20):
        return wait_for(lambda: re.search(pattern, self.log()), seconds, f"log line /{pattern}/ from {self.site}")

    def stop(self):
        """SIGTERM; the daemon drains and must end well."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"{self.site} did not end within {STOP_SECONDS} s of SIGTERM") from None
        if code != 0:
            raise AssertionError(f"{self.site} ended with {code}")

    def kill(self):
        """SIGKILL, as a crash would."""
        self.process.kill()
        self.process.wait()

    def reload(self):
        """Writes the configuration and sends SIGHUP; waits until the daemon says what it made of it."""
        self.write_config()
        before = len(self.log())
        self.process.send_signal(signal.SIGHUP)
        wait_for(lambda: re.search(r"\breload(ed|_refused)\b", self.log()[before:]), 20, f"reload line from {self.site}")

    def damage_held(self, kind):
        """Changes an octet in every file of this kind that is held of what peers have sent: "leaf-" or "part-"."""
        folder = os.path.join(self.folder, "state", "held")
        names = [name for name in os.listdir(folder) if name.startswith(kind)]
        assert names, f"{self.site} holds no {kind}"
        for name in names:
            with open(os.path.join(folder, name), "r+b") as file:
                file.seek(os.path.getsize(file.name) // 2)
                octet = file.read(1)
                file.seek(-1, os.SEEK_CUR)
                file.write(bytes([octet[0] ^ 1]))

    def cli(self, *arguments, check=True):
        """isthmus COMMAND [SUBCOMMAND] -c FILE ARGUMENTS: the first argument may hold both words."""
        first, *rest = arguments
        return isthmus(*first.split(), "-c", self.file, *rest, check=check)

    def json(self, *arguments):
        return json.loads(self.cli(*arguments, "--json").stdout)

    def queue(self):
        """The messages of the queue, as `isthmus queue list --json` gives them."""
        listed = self.json("queue list")
        return listed["messages"] if isinstance(listed, dict) else listed

    def wait_queue(self, count, seconds=20):
        def exactly():
            messages = self.queue()
            return [messages] if len(messages) == count else None
        return wait_for(exactly, seconds, f"queue of {count} at {self.site}", every=0.2)[0]

    def get(self, path):
        """(status, body) of an HTTP GET at the admin listener."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=20)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def metrics(self):
        """{name with labels: value} of /metrics."""
        status, text = self.get("/metrics")
        assert status == 200, text
        lines = [line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]
        return {name: float(value) for name, value in lines}

    def peak_memory(self):
        """The most memory the daemon has had resident so far, in octets."""
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmHWM:\s+(\d+) kB", file.read()).group(1)) * 1024


SANITIZER_REPORT = re.compile(r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:")


class IsthmusTest(unittest.TestCase):
    """Gateways are made by make_gateway(), once for the class, in setUpClass."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.gateways = []
        cls.folder = tempfile.mkdtemp(prefix="isthmus-e2e-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)

    @classmethod
    def make_gateway(cls, site):
        gateway = Gateway(os.path.join(cls.folder, site.split(".")[0]), site)
        cls.gateways.append(gateway)
        cls.addClassCleanup(cls._end, gateway)
        return gateway

    @classmethod
    def make_sink(cls, **options):
        sink = Sink(**options)
        cls.addClassCleanup(sink.close)
        return sink

    @staticmethod
    def _end(gateway):
        try:
            gateway.stop()
        finally:
            report = SANITIZER_REPORT.search(gateway.log())
        if report:
            raise AssertionError(f"{gateway.site}:\n{gateway.log()[report.start() - 200:][:6000]}")

    def run(self, result=None):
        before = len(result.failures) + len(result.errors) if result else 0
        super().run(result)
        if result and len(result.failures) + len(result.errors) > before:
            for gateway in self.gateways:
                print(f"--- {gateway.site}, its last words:\n{gateway.log()[-6000:]}", file=sys.stderr)
        return result


class TwoSites(IsthmusTest):
    """edge.example and carrier.example, legacy mail on both outsides and xproto between them.

    `self.edge.store` and `self.carrier.store` are the sinks that each site's own mail is delivered to.
    """
    sink_options = {}

    @classmethod
    def configure(cls):
        """For subclasses: change edge.config and carrier.config before the daemons start."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.edge, cls.carrier = cls.make_gateway("edge.example"), cls.make_gateway("carrier.example")
        for here, there in ((cls.edge, cls.carrier), (cls.carrier, cls.edge)):
            here.store = cls.make_sink(**cls.sink_options)
            here.config["route"] = [
                {"domain": there.site, "via": "xproto", "to": f"127.0.0.1:{there.xproto_port}"},
                {"domain": here.site, "via": "smtp", "to": f"127.0.0.1:{here.store.port}"},
            ]
            here.config["peer"] = [{"host": there.host, "ca": there.ca, "trust": "trusted"}]
        cls.configure()
        cls.edge.start()
        cls.carrier.start()

    def setUp(self):
        for site in (self.edge, self.carrier):
            site.store.clear()

    def store_offers(self, site, extensions):
        """For this test a site's store offers other extensions. Waits until nothing is under way to it: a dropped
        session could leave a message there twice."""
        site.wait_queue(0)
        site.store.offer(extensions)
        self.addCleanup(site.store.offer, EXTENSIONS)

    def assert_octets(self, message, sent):
        """The content arrived as it was sent, below the trace fields that each hop must add. Returns those."""
        trace = wire.split_trace(message.content, sent)
        self.assertGreaterEqual(len(trace), 1, "no hop left its trace")
        return trace


def main():
    unittest.main(verbosity=2)
