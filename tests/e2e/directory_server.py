"""An LDAP directory of one's own (OpenLDAP's slapd) that has the CAs of domains, as docs/xproto.md wants to find them.

The Debian package would run a service, so it is not installed but unpacked (tests/support/packages.sh).
"""
import base64
import os
import socket
import subprocess
import time

import wire
from harness import ROOT, require

UNPACKED = os.path.join(ROOT, "build", "relays")
PROGRAM = os.path.join(UNPACKED, "usr", "sbin", "slapd")

# The object classes of FIRS (RFC 3707 and its drafts), as far as they are needed here.
SCHEMA = """\
objectclass ( 1.3.6.1.4.1.7161.1.1.1 NAME 'inetResources' SUP top STRUCTURAL MUST cn MAY ( o $ description ) )
objectclass ( 1.3.6.1.4.1.7161.1.3.1 NAME 'inetDnsDomain' SUP inetResources STRUCTURAL )
"""

CONFIGURATION = """\
include {unpacked}/etc/ldap/schema/core.schema
include {folder}/firs.schema
pidfile {folder}/slapd.pid
argsfile {folder}/slapd.args
modulepath {unpacked}/usr/lib/ldap
moduleload back_mdb
TLSCertificateFile {folder}/directory.pem
TLSCertificateKeyFile {folder}/directory-key.pem
TLSCACertificateFile {ca}
database mdb
suffix "dc=example"
rootdn "cn=admin,dc=example"
rootpw secret
directory {folder}/data
maxsize 16777216
access to * by * read
"""

ENTRIES = """\
dn: dc=example
objectClass: dcObject
objectClass: organization
dc: example
o: example

"""
DOMAIN = """\
dn: dc={label},dc=example
objectClass: dcObject
objectClass: organization
dc: {label}
o: {label}

dn: cn=inetResources,dc={label},dc=example
objectClass: inetResources
cn: inetResources

dn: cn={label}.example,cn=inetResources,dc={label},dc=example
objectClass: inetDnsDomain
objectClass: pkiCA
cn: {label}.example
cACertificate;binary:: {certificate}

"""


def der(certificate):
    done = subprocess.run(["openssl", "x509", "-in", certificate, "-outform", "DER"], capture_output=True, check=True)
    return base64.b64encode(done.stdout).decode()


class Directory:
    """`domains` are {label: PEM file of the CA of label.example}. The directory's own certificate, for 127.0.0.1, is from the
    site in `issuer`, a folder of `isthmus init`."""

    def __init__(self, folder, issuer, domains):
        require(PROGRAM, "ldapmodify")
        self.folder, self.port, self.tls_port = folder, wire.reserve_port(), wire.reserve_port()
        self.ca = os.path.join(issuer, "ca.pem")
        os.makedirs(os.path.join(folder, "data"))
        self.environment = {**os.environ, "LD_LIBRARY_PATH": os.path.join(UNPACKED, "usr", "lib", "x86_64-linux-gnu")}
        self._certify(issuer)
        self._write("firs.schema", SCHEMA)
        self.configuration = self._write("slapd.conf", CONFIGURATION.format(unpacked=UNPACKED, folder=folder, ca=self.ca))
        entries = ENTRIES + "".join(DOMAIN.format(label=label, certificate=der(ca)) for label, ca in domains.items())
        self._run([PROGRAM, "-T", "add", "-f", self.configuration, "-l", self._write("entries.ldif", entries)])
        self.out = open(os.path.join(folder, "slapd.out"), "w", encoding="utf-8")
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", PROGRAM, "-d", "0", "-f", self.configuration, "-h",
             f"ldap://127.0.0.1:{self.port}/ ldaps://127.0.0.1:{self.tls_port}/"],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=self.out, stderr=self.out)
        deadline = time.monotonic() + 20
        while not self._answers():
            if time.monotonic() > deadline or self.process.poll() is not None:
                with open(self.out.name, encoding="utf-8", errors="replace") as out:
                    raise AssertionError("slapd does not start: " + out.read()[-2000:])
            time.sleep(0.05)

    def _certify(self, issuer):
        """For the address: libldap puts this machine's own name in place of localhost."""
        base = os.path.join(self.folder, "directory")
        names = self._write("names", "keyUsage=digitalSignature\nextendedKeyUsage=serverAuth\nsubjectAltName=IP:127.0.0.1\n")
        self._run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                   base + "-key.pem", "-out", base + ".csr", "-subj", "/CN=directory"])
        self._run(["openssl", "x509", "-req", "-in", base + ".csr", "-CA", self.ca, "-CAkey",
                   os.path.join(issuer, "state", "ca-key.pem"), "-CAcreateserial", "-days", "10", "-extfile", names, "-out",
                   base + ".pem"])

    def _answers(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def _run(self, command, text=None):
        done = subprocess.run(command, env=self.environment, input=text, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: {done.stdout}{done.stderr}")

    def change(self, label, certificate):
        """Another CA for label.example."""
        dn = f"cn={label}.example,cn=inetResources,dc={label},dc=example"
        self._run(["ldapmodify", "-x", "-H", f"ldap://127.0.0.1:{self.port}", "-D", "cn=admin,dc=example", "-w", "secret"],
                  f"dn: {dn}\nchangetype: modify\nreplace: cACertificate;binary\ncACertificate;binary:: {der(certificate)}\n")

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        self.out.close()
