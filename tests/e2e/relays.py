"""An Exim and an OpenSMTPD of one's own, each in a folder, on a port of its own: they take mail for anyone and send it all to
one hop.

Their Debian packages conflict with Postfix, so they are not installed but unpacked (tests/support/packages.sh), and run in a
mount namespace of their own, where the accounts and folders that are built into them exist. Needs root.
"""
import os
import subprocess
import time

import wire
from harness import ROOT

UNPACKED = os.path.join(ROOT, "build", "relays")

EXIM = """\
exim_user = root
exim_group = root
primary_hostname = exim.edge.example
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/exim.pid
daemon_smtp_ports = {port}
local_interfaces = 127.0.0.1
accept_8bitmime = true
smtputf8_advertise_hosts = *
tls_advertise_hosts =
keep_environment =
acl_smtp_rcpt = accept
acl_smtp_data = accept
host_lookup =
queue_run_in_order = true

begin routers
all:
  driver = manualroute
  route_list = * 127.0.0.1::{next_hop} byname
  self = send
  transport = out

begin transports
out:
  driver = smtp
  hosts_avoid_tls = *
  allow_localhost

begin retry
* * F,1h,2s
"""

OPENSMTPD = """\
listen on 127.0.0.1 port {port} hostname opensmtpd.edge.example
action "out" relay host smtp://127.0.0.1:{next_hop}
match from any for any action "out"
"""

NAMESPACE = """\
mount --bind {folder}/passwd /etc/passwd
mount --bind {folder}/group /etc/group
mount -t tmpfs none /var/spool
mkdir -m 711 /var/spool/smtpd
mount -t tmpfs none /var/lib
mkdir -p /var/lib/opensmtpd/empty
mount -t tmpfs none /run
"""

ACCOUNTS = ("Debian-exim", "opensmtpd", "opensmtpq")


class Relay:
    """What both have in common. Subclasses name the program, its arguments and its configuration."""
    program = config = arguments = None

    def __init__(self, folder, next_hop):
        self.folder, self.port = folder, wire.reserve_port()
        os.makedirs(os.path.join(folder, "spool"))
        self.write("config", self.config.format(folder=folder, port=self.port, next_hop=next_hop))
        for name, line in (("passwd", "{0}:x:{1}:{1}::/nonexistent:/usr/sbin/nologin\n"), ("group", "{0}:x:{1}:\n")):
            with open("/etc/" + name, encoding="utf-8") as file:
                known = file.read()
            added = [line.format(account, 60990 + i) for i, account in enumerate(ACCOUNTS) if account + ":" not in known]
            self.write(name, known + "".join(added))

    @classmethod
    def unpacked(cls):
        return os.path.exists(os.path.join(UNPACKED, cls.program))

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(file.name, 0o644 if name in ("passwd", "group") else 0o600)

    def start(self):
        libraries = os.path.join(UNPACKED, "usr", "lib", f"{os.uname().machine}-linux-gnu")
        words = [os.path.join(UNPACKED, self.program), *(word.format(folder=self.folder) for word in self.arguments)]
        script = "set -e\n" + NAMESPACE.format(folder=self.folder) + 'exec "$@"\n'
        self.output = open(os.path.join(self.folder, "output"), "w+", encoding="utf-8", errors="replace")
        # In the foreground, and ended with this test, however that ends.
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "unshare", "--mount", "sh", "-c", script, "sh", *words],
            env={**os.environ, "LD_LIBRARY_PATH": libraries}, stdin=subprocess.DEVNULL, stdout=self.output,
            stderr=subprocess.STDOUT, start_new_session=True)
        deadline = time.monotonic() + 30
        while True:
            try:
                with wire.socket.create_connection(("127.0.0.1", self.port), timeout=5) as sock:
                    if sock.recv(3) == b"220":
                        return
            except OSError:
                pass
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise AssertionError(f"{self.program} does not answer:\n" + self.log())
            time.sleep(0.1)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)
        self.output.close()

    def log(self):
        text = []
        for name in ("output", "mainlog", "paniclog"):
            path = os.path.join(self.folder, name)
            if os.path.exists(path):
                with open(path, encoding="utf-8", errors="replace") as file:
                    text.append(file.read()[-4000:])
        return "\n".join(text)


class Exim(Relay):
    program, config = "usr/sbin/exim4", EXIM
    arguments = ("-C", "{folder}/config", "-bdf", "-q5s")


class OpenSmtpd(Relay):
    program, config = "usr/sbin/smtpd", OPENSMTPD
    arguments = ("-d", "-f", "{folder}/config")
