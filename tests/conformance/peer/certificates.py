"""What a certificate says, and whether it is valid for a purpose (docs/xproto.md, section 7)."""
import calendar
import time

from . import der, tools

SMTP_UTF8_MAILBOX = "1.3.6.1.5.5.7.8.9"
PURPOSES = {"host": {"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"}, "user": {"1.3.6.1.5.5.7.3.4"}}
P256, EC, ED25519, RSA = "1.2.840.10045.3.1.7", "1.2.840.10045.2.1", "1.3.101.112", "1.2.840.113549.1.1.1"
WEAK = {"1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1", "1.3.14.3.2.29", "1.2.840.113549.1.1.2"}


class Unusable(Exception):
    """Not a certificate that this protocol can use."""


class Certificate:
    """hosts and addresses are what subjectAltName names; algorithm is that of the signatures its key makes."""

    def __init__(self, octets):
        self.der = octets
        self.hosts, self.addresses = [], []
        self.is_ca = False
        self.uses = None       # extendedKeyUsage, when present
        self.may_sign = True   # keyUsage lets it make signatures
        try:
            self._read(der.parse(octets))
        except (der.BadDer, UnicodeDecodeError, ValueError) as error:
            raise Unusable(str(error)) from None

    def _read(self, root):
        fields = root[0].children()
        if fields[0].tag == 0xa0:
            fields = fields[1:]
        if root[1][0].oid() in WEAK:
            raise Unusable("signed with SHA-1 or MD5")
        self.not_before, self.not_after = (_time(node) for node in fields[3])
        self._key(fields[5])
        for field in fields[6:]:
            if field.tag == 0xa3:
                for extension in field[0]:
                    self._extension(extension)

    def _key(self, info):
        kind = info[0][0].oid()
        if kind == EC and info[0][1].oid() == P256:
            self.algorithm = "ecdsa-p256-sha256"
        elif kind == ED25519:
            self.algorithm = "ed25519"
        elif kind == RSA and der.parse(info[1].octets[1:])[0].integer().bit_length() >= 2048:
            self.algorithm = "rsa-sha256"
        else:
            raise Unusable("a key that is too weak, or of an unknown kind")

    def _extension(self, extension):
        parts = extension.children()
        name, value = parts[0].oid(), der.parse(parts[-1].octets)
        if name == "2.5.29.17":
            for alternative in value:
                self._alternative(alternative)
        elif name == "2.5.29.19":
            self.is_ca = any(node.tag == 0x01 and node.octets != b"\0" for node in value)
        elif name == "2.5.29.15":
            self.may_sign = len(value.octets) > 1 and bool(value.octets[1] & 0x80)
        elif name == "2.5.29.37":
            self.uses = {node.oid() for node in value}

    def _alternative(self, node):
        if node.tag == 0x82:
            self.hosts.append(node.octets.decode("ascii").lower())
        elif node.tag == 0x81:
            self.addresses.append(node.octets.decode("ascii").encode())
        elif node.tag == 0xa0 and node[0].oid() == SMTP_UTF8_MAILBOX:
            self.addresses.append(node[1][0].octets.decode("utf-8").encode())

    def names_host(self, host):
        return host.lower() in self.hosts

    def names_address(self, address):
        return any(same_address(address, named) for named in self.addresses)


def same_address(a, b):
    """The local part exactly, the domain without regard to ASCII letter case. Addresses are octets."""
    (local_a, _, domain_a), (local_b, _, domain_b) = a.rpartition(b"@"), b.rpartition(b"@")
    return local_a == local_b and domain_a.lower() == domain_b.lower()


def _time(node):
    text = node.octets.decode("ascii")
    if node.tag == 0x17:
        text = ("20" if int(text[:2]) < 50 else "19") + text
    return calendar.timegm(time.strptime(text, "%Y%m%d%H%M%SZ"))


def fault(leaf, others, anchors, at, purpose):
    """Why the certificate `leaf` (DER) is not valid at that time for "host" or "user"; None when it is."""
    certificate = Certificate(leaf)
    if certificate.is_ca:
        return "a CA's certificate is no end certificate"
    if not certificate.may_sign:
        return "its key may not sign"
    if certificate.uses is not None and not certificate.uses & PURPOSES[purpose]:
        return "made for another purpose"
    for other in others:
        Certificate(other)
    return tools.path_fault(leaf, others, anchors, at)
