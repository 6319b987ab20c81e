"""A name server of one's own (NSD) on loopback: PlainZone without signatures, Zones with zones that the test signs, and the
trust anchor for them.

    zone = Zones(folder, "example.")
    zone.put("_xproto-ca.edge.example. 2 IN TLSA 2 0 0 3082...")
    zone.start()

The Debian package would run a service, so it is not installed but unpacked (tests/support/packages.sh). Names below a
label `insecure` are in a zone without signatures, those below `bogus` and `expired` in zones whose signatures are wrong and
over.
"""
import hashlib
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import time

import wire
from harness import ROOT, require

PROGRAM = os.path.join(ROOT, "build", "relays", "usr", "sbin", "nsd")

CONFIGURATION = """\
server:
    ip-address: 127.0.0.1@{port}
    username: ""
    chroot: ""
    zonesdir: "{folder}"
    pidfile: "{folder}/nsd.pid"
    xfrdfile: "{folder}/xfrd.state"
    xfrdir: "{folder}"
    logfile: "{folder}/nsd.log"
    server-count: 1
    do-ip6: no
    zonefiles-check: yes
remote-control:
    control-enable: no
"""
ZONE = """\
zone:
    name: "{name}"
    zonefile: "{file}"
"""
APEX = """\
$ORIGIN {name}
@ 1 IN SOA ns.example. hostmaster.example. {serial} 3600 600 86400 1
@ 2 IN NS ns.example.
"""


# Seconds in which a resolver forgets that a name was not there: the last number of the SOA record, and one for rounding. Signed
# proof of that covers other names too (RFC 8198).
FORGETTING = 2

PLAIN = """\
$ORIGIN {name}.
@ 1 IN SOA ns hostmaster {serial} 3600 900 86400 1
@ 1 IN NS ns
ns 1 IN A 127.0.0.1
"""


class Nsd:
    """Serves `zones`, {name: file}, from `folder`."""

    def __init__(self, folder, zones):
        require(PROGRAM)
        self.folder, self.zones, self.port = folder, zones, wire.reserve_port()
        self.process = None

    def start(self):
        configuration = os.path.join(self.folder, "nsd.conf")
        with open(configuration, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(port=self.port, folder=self.folder))
            for name, path in self.zones.items():
                file.write(ZONE.format(name=name, file=path))
        with open(os.path.join(self.folder, "nsd.out"), "w", encoding="ascii") as out:
            self.process = subprocess.Popen(["setpriv", "--pdeathsig", "TERM", PROGRAM, "-d", "-c", configuration], stdout=out,
                                            stderr=out, stdin=subprocess.DEVNULL)

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def wait(self, name, serial):
        """Until the zone of this name is served with this serial number."""
        deadline = time.monotonic() + 20
        while self._serial(name) != serial:
            if time.monotonic() > deadline or self.process.poll() is not None:
                with open(os.path.join(self.folder, "nsd.log"), encoding="utf-8", errors="replace") as log:
                    raise AssertionError("nsd does not serve its zones: " + log.read()[-2000:])
            time.sleep(0.05)

    def _serial(self, name):
        """The serial number of a zone, as the server tells it."""
        labels = b"".join(bytes([len(label)]) + label.encode() for label in name.rstrip(".").split("."))
        question = struct.pack("!6H", 7, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", 6, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(1)
            client.sendto(question, ("127.0.0.1", self.port))
            try:
                answer = client.recv(4096)
            except OSError:
                return None
        if len(answer) < len(question) + 20 or answer[3] & 15 != 0 or answer[7] == 0:
            return None
        # The last five numbers of the first record: serial, refresh, retry, expire, minimum.
        length = struct.unpack("!H", answer[len(question) + 10:len(question) + 12])[0]
        end = len(question) + 12 + length
        return struct.unpack("!I", answer[end - 20:end - 16])[0]

class PlainZone:
    """One zone without signatures, with these records besides its own."""

    def __init__(self, folder, name, records):
        os.makedirs(folder)
        self.name, self.file, self.serial = name, os.path.join(folder, "zone"), 0
        self._nsd = Nsd(folder, {name: self.file})
        self.port = self._nsd.port
        self._write(records)
        self._nsd.start()
        self._nsd.wait(name, self.serial)

    def _write(self, records):
        self.serial += 1
        with open(self.file, "w", encoding="ascii") as file:
            file.write(PLAIN.format(name=self.name, serial=self.serial) + records)

    def serve(self, records):
        """From now on, these."""
        self._write(records)
        self._nsd.reload()
        self._nsd.wait(self.name, self.serial)

    def close(self):
        self._nsd.stop()


class Zones:
    """`top` and, below it, the zones `insecure`, `bogus` and `expired`."""

    def __init__(self, folder, top="example."):
        require("ldns-keygen")
        os.makedirs(folder, exist_ok=True)
        self.folder, self.top = folder, top
        self._nsd = Nsd(folder, {kind + top: os.path.join(folder, f"{kind}{top}zone.signed")
                                 for kind in ("", "insecure.", "bogus.", "expired.")})
        self.port = self._nsd.port
        self.records = []
        self.serial = 0
        self.keys = {kind: self._make_key(kind) for kind in ("", "bogus.", "expired.")}
        self.anchor = os.path.join(folder, "anchor.key")
        with open(self.keys[""] + ".key", encoding="ascii") as key, open(self.anchor, "w", encoding="ascii") as anchor:
            anchor.write(key.read())

    def _run(self, *command):
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def _make_key(self, kind):
        return os.path.join(self.folder, self._run("ldns-keygen", "-k", "-a", "ECDSAP256SHA256", kind + self.top))

    def put(self, record):
        """Adds a record, in the form of a zone file with its whole name."""
        self.records.append(record)

    def drop(self, name):
        self.records = [one for one in self.records if not one.startswith(name)]

    def _write(self, kind, lines):
        name = kind + self.top
        path = os.path.join(self.folder, name + "zone")
        with open(path, "w", encoding="ascii") as file:
            file.write(APEX.format(name=name, serial=self.serial) + "\n".join(lines) + "\n")
        return path

    def _sign(self, kind, path):
        expires = ["-e", "20200101000000", "-i", "20190101000000"] if kind == "expired." else []
        self._run("ldns-signzone", *expires, "-o", kind + self.top, path, self.keys[kind])

    def write(self):
        """Writes and signs all zones from the records."""
        self.serial += 1
        below = {kind: [] for kind in ("", "insecure.", "bogus.", "expired.")}
        for record in self.records:
            name = record.split()[0]
            kind = next((k for k in below if k and name.endswith("." + k + self.top)), "")
            below[kind].append(record)
        for kind in ("insecure.", "bogus.", "expired."):
            below[""].append(f"{kind}{self.top} 2 IN NS ns.example.")
            if kind in self.keys:
                with open(self.keys[kind] + ".ds", encoding="ascii") as ds:
                    below[""].append(re.sub(r"\s+3600\s+", " 2 ", ds.read().strip()))
        below[""].append("ns.example. 2 IN A 127.0.0.1")
        for kind, lines in below.items():
            path = self._write(kind, lines)
            if kind == "insecure.":
                shutil.copy(path, path + ".signed")
                continue
            self._sign(kind, path)
            if kind == "bogus.":
                self._spoil(path + ".signed")

    @staticmethod
    def _spoil(path):
        """Another CA than the one that was signed."""
        with open(path, encoding="ascii") as file:
            text = file.read()
        text = re.sub(r"(IN\s+TLSA\s+2 \d \d )(..)", lambda m: m.group(1) + ("00" if m.group(2) != "00" else "01"), text)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)

    def start(self):
        self.write()
        self._nsd.start()
        self._nsd.wait(self.top, self.serial)

    def publish(self):
        """What has been put and dropped since, from now on."""
        self.write()
        self._nsd.reload()
        self._nsd.wait(self.top, self.serial)
        time.sleep(FORGETTING)

    def stop(self):
        self._nsd.stop()


def tlsa(domain, certificate, ttl=2, selector=0, matching=0):
    """A record that names the CA in this PEM file."""
    command = ["openssl", "x509", "-in", certificate, "-outform", "DER"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    if selector == 1:
        key = subprocess.run(["openssl", "x509", "-in", certificate, "-pubkey", "-noout"], capture_output=True, check=True)
        data = subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=key.stdout, capture_output=True,
                              check=True).stdout
    if matching:
        data = hashlib.new({1: "sha256", 2: "sha512"}[matching], data).digest()
    return f"_xproto-ca.{domain}. {ttl} IN TLSA 2 {selector} {matching} {data.hex()}"
