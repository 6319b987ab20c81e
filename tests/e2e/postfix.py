"""A Postfix of one's own, in a folder, on a port of its own: it takes mail for anyone and sends it all to one hop.

Needs root, as Postfix does. Started and stopped by its own means; the machine's Postfix, if any, is left alone.
"""
import os
import subprocess
import time

import wire

MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
sendmail_path = /usr/sbin/sendmail
mailq_path = /usr/bin/mailq
newaliases_path = /usr/bin/newaliases
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = postfix.edge.example
mydestination =
local_recipient_maps =
mynetworks = 127.0.0.0/8
smtpd_relay_restrictions = permit_mynetworks, reject
relayhost = [127.0.0.1]:{next_hop}
smtputf8_enable = yes
smtp_tls_security_level = {tls}
smtp_dns_support_level = disabled
minimal_backoff_time = 2s
queue_run_delay = 2s
message_size_limit = 100000000
"""

MASTER = """\
{port}    inet  n - n - - smtpd
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
proxymap  unix  - - n - - proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
error     unix  - - n - - error
retry     unix  - - n - - error
anvil     unix  - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""


class Postfix:
    def __init__(self, folder, next_hop, tls="none"):
        self.folder, self.port = folder, wire.reserve_port()
        self.config = os.path.join(folder, "etc")
        os.chmod(folder, 0o755)
        for name in ("etc", "queue", "data"):
            os.makedirs(os.path.join(folder, name))
        subprocess.run(["chown", "postfix", os.path.join(folder, "data")], check=True)
        with open(os.path.join(self.config, "main.cf"), "w", encoding="ascii") as file:
            file.write(MAIN.format(folder=folder, next_hop=next_hop, tls=tls))
        with open(os.path.join(self.config, "master.cf"), "w", encoding="ascii") as file:
            file.write(MASTER.format(port=self.port))

    def start(self):
        subprocess.run(["/usr/sbin/postfix", "-c", self.config, "check"], stdin=subprocess.DEVNULL, timeout=60, check=True,
                       capture_output=True)
        # In the foreground, leader of a group (it ends its children by that), and ended with this test, however that ends.
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "/usr/lib/postfix/sbin/master", "-c", self.config, "-d"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        deadline = time.monotonic() + 30
        while True:
            try:
                with wire.socket.create_connection(("127.0.0.1", self.port), timeout=5) as sock:
                    if sock.recv(3) == b"220":
                        return
            except OSError:
                pass
            if time.monotonic() > deadline:
                raise AssertionError("Postfix does not answer:\n" + self.log())
            time.sleep(0.1)

    def stop(self):
        self.process.terminate()
        self.process.wait(60)

    def log(self):
        try:
            with open(os.path.join(self.folder, "maillog"), encoding="utf-8", errors="replace") as file:
                return file.read()[-6000:]
        except FileNotFoundError:
            return ""
