#!/usr/bin/python3
"""Measures bulk transfer between hosts that trust each other: isthmus taking mail by xproto beside INN taking the same octets by
streaming NNTP (RFC 4644), one after the other on this machine, and prints both with their ratios (docs/performance.md).

    tests/bench/compare_inn.py [-m SIZE:COUNT]... [-r ROUNDS] [PROGRAM]

PROGRAM is build/release/gateway/isthmus unless named. Of the rounds of each size the first warms up and is not counted; what is
printed is the median of the others. Needs root, and Debian's package inn2: it is unpacked into build/inn, not installed.

Both sides get one connection and everything prepared: isthmus messages that were signed beforehand (isthmus bench xproto), INN one
octet stream of TAKETHIS commands without a CHECK before them, which is the fastest that NNTP knows, sent from this script. INN
stores into a cyclic buffer (CNFS), its fastest method, without overview, and does not sync; isthmus verifies a proof and two
signatures for each message and syncs before it answers.
"""
import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
UNPACKED = os.path.join(ROOT, "build", "inn")
PACKAGES = ["inn2", "inn2-inews", "libcanlock3"]
SIZES = ["1000:20000", "10000:10000", "100000:2000"]
BUFFER_OCTETS = 1 << 30
TICKS = os.sysconf("SC_CLK_TCK")

INN_CONF = """\
mta: "/bin/false %s"
organization: "bench"
domain: carrier.example
pathhost: news.carrier.example
enableoverview: false
ovmethod: tradindexed
hismethod: hisv6
pathnews: {inn}/usr/lib/news
pathbin: {inn}/usr/lib/news/bin
pathetc: {folder}/etc
pathfilter: {folder}/etc
pathcontrol: {folder}/etc
pathdb: {folder}/db
pathlog: {folder}/log
pathrun: {folder}/run
pathtmp: {folder}/tmp
pathhttp: {folder}/log
pathspool: {folder}/spool
patharticles: {folder}/spool/articles
pathoverview: {folder}/spool/overview
pathincoming: {folder}/spool/incoming
pathoutgoing: {folder}/spool/outgoing
patharchive: {folder}/spool/archive
bindaddress: 127.0.0.1
port: {port}
runasuser: news
runasgroup: news
maxartsize: 0
artcutoff: 0
"""
FILES = {
    "db/active": "control 0000000000 0000000001 n\ncontrol.cancel 0000000000 0000000001 n\n"
                 "junk 0000000000 0000000001 y\nbench.test 0000000000 0000000001 y\n",
    "db/active.times": "", "db/newsgroups": "", "db/history": "",
    "etc/storage.conf": "method cnfs {\n  newsgroups: *\n  class: 0\n  options: BENCH\n}\n",
    "etc/newsfeeds": "ME:*::\nnobody:!*:Tf:\n",  # one feed there must be
    "etc/incoming.conf": 'peer bench {\n  hostname: "127.0.0.1"\n}\n',
    "etc/control.ctl": "", "etc/expire.ctl": "", "etc/readers.conf": "", "etc/moderators": "",
}


def fail(what):
    sys.exit("compare_inn: " + what)


def unpack():
    if os.path.exists(os.path.join(UNPACKED, "complete")):
        return
    shutil.rmtree(UNPACKED, ignore_errors=True)
    archives = os.path.join(UNPACKED, "archives")
    os.makedirs(archives)
    got = subprocess.run(["apt-get", "-q", "download", *PACKAGES], cwd=archives, capture_output=True, text=True)
    if got.returncode != 0:
        fail("cannot get INN: " + got.stderr)
    for name in os.listdir(archives):
        subprocess.run(["dpkg", "-x", os.path.join(archives, name), UNPACKED], check=True)
    open(os.path.join(UNPACKED, "complete"), "w").close()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


class Inn:
    """An innd of our own in a folder."""

    def __init__(self, folder):
        self.port = free_port()
        for name in ("etc", "db", "log", "run", "tmp", "spool/articles", "spool/overview", "spool/incoming",
                     "spool/outgoing", "spool/archive"):
            os.makedirs(os.path.join(folder, name))
        buffer = os.path.join(folder, "spool", "buffer")
        with open(buffer, "wb") as file:
            for _ in range(BUFFER_OCTETS >> 20):
                file.write(bytes(1 << 20))
        files = dict(FILES)
        files["etc/inn.conf"] = INN_CONF.format(inn=UNPACKED, folder=folder, port=self.port)
        files["etc/cycbuff.conf"] = f"cycbuff:B1:{buffer}:{BUFFER_OCTETS >> 10}\nmetacycbuff:BENCH:B1\n"
        for name, text in files.items():
            with open(os.path.join(folder, name), "w", encoding="ascii") as file:
                file.write(text)
        os.chmod(folder, 0o755)
        subprocess.run(["chown", "-R", "news:news", folder], check=True)
        self.folder = folder
        self.run("makedbz", "-i", "-o", "-s", "1000000").wait(60)
        self.process = self.run("innd", "-f", "-N", "-P", str(self.port))
        deadline = time.monotonic() + 30
        while True:
            try:
                self.connection = socket.create_connection(("127.0.0.1", self.port), 60)
                break
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    fail("innd does not start")
                time.sleep(0.1)
        self.replies = self.connection.makefile("rb")
        if not self.replies.readline().startswith(b"200"):
            fail("innd does not greet")
        self.connection.sendall(b"MODE STREAM\r\n")
        if not self.replies.readline().startswith(b"203"):
            fail("innd does not stream")
        self.sent = 0

    def run(self, name, *arguments):
        """One of INN's programs, in a host name space of its own: INN wants a host with a domain."""
        folders = [os.path.join(UNPACKED, "usr/lib/news"), os.path.join(UNPACKED, "usr/lib/x86_64-linux-gnu")]
        environment = dict(os.environ, INNCONF=os.path.join(self.folder, "etc/inn.conf"),
                           LD_LIBRARY_PATH=":".join(folders))
        program = os.path.join(UNPACKED, "usr/lib/news/bin", name)
        return subprocess.Popen(
            ["unshare", "--uts", "sh", "-c", 'hostname news.carrier.example; exec "$@"', "-", "setpriv", "--pdeathsig", "TERM",
             "--reuid", "news", "--regid", "news", "--clear-groups", program, *arguments],
            cwd=os.path.join(self.folder, "db"), env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)

    def stream(self, octets, count):
        pieces = []
        date = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
        for _ in range(count):
            self.sent += 1
            head = (f"Path: edge.example!not-for-mail\r\nFrom: a@edge.example\r\nNewsgroups: bench.test\r\nSubject: bench\r\n"
                    f"Message-ID: <{self.sent}@edge.example>\r\nDate: {date}\r\n\r\n")
            left = octets - len(head)
            line = "x" * 76 + "\r\n"
            body = line * (left // len(line)) + "x" * (left % len(line)) + "\r\n"
            pieces.append(f"TAKETHIS <{self.sent}@edge.example>\r\n{head}{body}.\r\n")
        return "".join(pieces).encode("ascii")

    def measure(self, octets, count):
        stream = self.stream(octets, count)
        before = cpu_seconds(self.process.pid)
        begun = time.monotonic()
        writer = threading.Thread(target=self.connection.sendall, args=(stream,))
        writer.start()
        for _ in range(count):
            reply = self.replies.readline()
            if not reply.startswith(b"239"):
                fail(f"innd says {reply!r}")
        seconds = time.monotonic() - begun
        writer.join()
        return {"rate": count / seconds, "cpu": (cpu_seconds(self.process.pid) - before) * 1000 / count}

    def close(self):
        self.connection.close()
        self.process.kill()  # on SIGTERM it first goes through its whole buffer
        self.process.wait(60)


class Isthmus:
    """A gateway that takes mail by xproto and has nowhere to send it, so that taking is all it does."""

    def __init__(self, program, folder):
        self.program = program
        self.sites = [os.path.join(folder, name) for name in ("edge", "carrier")]
        for path in self.sites:
            subprocess.run([program, "init", path, "--site", os.path.basename(path) + ".example"], check=True,
                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        config = os.path.join(self.sites[1], "isthmus.toml")
        with open(config, "w", encoding="ascii") as file:
            file.write(f'site = "carrier.example"\nhost = "mx1.carrier.example"\nstate = "state"\n[smtp]\nlisten = []\n'
                       f'[xproto]\nlisten = ["127.0.0.1:0"]\n[admin]\nsocket = "state/admin.sock"\nlisten = []\n'
                       f'[queue]\nretry = ["1h"]\n[[route]]\ndomain = "carrier.example"\nvia = "smtp"\n'
                       f'to = "127.0.0.1:{free_port()}"\n[[peer]]\nhost = "mx1.edge.example"\n'
                       f'ca = "{self.sites[0]}/ca.pem"\ntrust = "trusted"\n')
        self.process = subprocess.Popen([program, "run", "-c", config], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        with open(os.path.join(self.sites[0], "isthmus.toml"), "a", encoding="ascii") as file:
            file.write(f'\n[[peer]]\nhost = "mx1.carrier.example"\nca = "{self.sites[1]}/ca.pem"\ntrust = "trusted"\n')
        deadline = time.monotonic() + 30
        while True:
            status = subprocess.run([program, "status", "--json", "-c", config], capture_output=True, text=True)
            if status.returncode == 0:
                self.address = json.loads(status.stdout)["addresses"]["xproto"][0]
                return
            if time.monotonic() > deadline:
                fail("the gateway does not start: " + status.stderr)
            time.sleep(0.1)

    def measure(self, octets, count):
        before = cpu_seconds(self.process.pid)
        run = subprocess.run([self.program, "bench", "xproto", "--site", self.sites[0], "--to", self.address, "--peer-host",
                              "mx1.carrier.example", "--messages", str(count), "--size", str(octets), "--sessions", "1",
                              "--from", "a@edge.example", "--rcpt", "b@carrier.example", "--json"],
                             capture_output=True, text=True)
        if run.returncode != 0:
            fail("isthmus bench xproto: " + run.stderr + run.stdout)
        time.sleep(1)  # what the attempt to deliver costs is counted too
        return {"rate": json.loads(run.stdout)["messages_per_second"],
                "cpu": (cpu_seconds(self.process.pid) - before) * 1000 / count}

    def close(self):
        self.process.terminate()
        self.process.wait(60)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("-m", action="append", metavar="SIZE:COUNT", dest="sizes")
    options.add_argument("-r", type=int, default=4, metavar="ROUNDS", dest="rounds")
    options.add_argument("program", nargs="?", default=os.path.join(ROOT, "build", "release", "gateway", "isthmus"))
    chosen = options.parse_args()
    if os.geteuid() != 0:
        fail("needs root, as innd runs under an account of its own")
    if not os.access(chosen.program, os.X_OK):
        fail(chosen.program + " is not there; build it with: cmake --workflow --preset release")
    unpack()
    print("| octets | messages | isthmus /s | INN /s | ratio | isthmus CPU s/1000 | INN CPU s/1000 | ratio |")
    print("|---|---|---|---|---|---|---|---|", flush=True)
    for entry in chosen.sizes or SIZES:
        octets, count = map(int, entry.split(":"))
        medians = []
        for kind in (lambda folder: Isthmus(os.path.abspath(chosen.program), folder), Inn):
            with tempfile.TemporaryDirectory() as folder:
                one = kind(folder)
                rounds = [one.measure(octets, count) for _ in range(chosen.rounds)]
                one.close()
            counted = rounds[1:] or rounds
            medians.append({key: statistics.median(r[key] for r in counted) for key in ("rate", "cpu")})
        ours, theirs = medians
        print(f"| {octets} | {count} | {ours['rate']:.0f} | {theirs['rate']:.0f} | {ours['rate'] / theirs['rate']:.2f} "
              f"| {ours['cpu']:.3f} | {theirs['cpu']:.3f} | {ours['cpu'] / max(theirs['cpu'], 1e-9):.2f} |", flush=True)


if __name__ == "__main__":
    main()
