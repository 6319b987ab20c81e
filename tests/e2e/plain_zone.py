"""nsd with one unsigned zone: real DNS for tests, on loopback."""
import os
import shutil
import signal
import socket
import subprocess

import wire
from harness import wait_for
from relays import UNPACKED

NSD = shutil.which("nsd", path=f"{UNPACKED}/usr/sbin:/usr/sbin:/usr/bin")


class NameServer:
    """nsd with one zone, in a folder of its own, on a port of loopback."""

    def __init__(self, folder, zone, text):
        os.makedirs(folder)
        self.zone, self.port = zone, wire.reserve_port()
        self.zone_file, config = os.path.join(folder, "zone"), os.path.join(folder, "nsd.conf")
        self.write(text)
        with open(config, "w", encoding="ascii") as file:
            file.write(f"""server:
    ip-address: 127.0.0.1@{self.port}
    username: ""
    chroot: ""
    zonesdir: "{folder}"
    pidfile: "{folder}/nsd.pid"
    database: ""
    zonelistfile: "{folder}/zone.list"
    xfrdfile: "{folder}/xfrd.state"
    logfile: "{folder}/log"
    server-count: 1
remote-control:
    control-enable: no
zone:
    name: {zone}
    zonefile: "{self.zone_file}"
""")
        self.process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", NSD, "-d", "-c", config],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self._answers, 20, "answer of nsd")

    def _answers(self):
        labels = b"".join(bytes([len(label)]) + label.encode() for label in self.zone.split("."))
        query = b"\x12\x34\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00" + labels + b"\x00\x00\x06\x00\x01"
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.5)
            try:
                sock.sendto(query, ("127.0.0.1", self.port))
                return len(sock.recv(512)) > len(query)
            except OSError:
                return False

    def write(self, text):
        with open(self.zone_file, "w", encoding="ascii") as file:
            file.write(text)

    def serve(self, text):
        """From now on, this."""
        self.write(text)
        self.process.send_signal(signal.SIGHUP)

    def close(self):
        self.process.terminate()
        self.process.wait(20)
