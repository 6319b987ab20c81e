"""Keys and certificates for the vectors, by the openssl command. They are for tests: everybody may know them."""
import dataclasses
import os

from peer import tools

KINDS = {"p256": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "ed25519": ["-algorithm", "ED25519"],
         "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
         "rsa1024": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
         "p384": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"]}
HUNDRED_YEARS = 36500
HOST_USE = ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature", "extendedKeyUsage=serverAuth,clientAuth"]
USER_USE = ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature", "extendedKeyUsage=emailProtection"]
CA_USE = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign", "subjectKeyIdentifier=hash"]


@dataclasses.dataclass
class Holder:
    """A key, its certificate, and the certificates between it and the anchor. All files are PEM."""
    key: str
    certificate: str
    der: bytes
    others: list = dataclasses.field(default_factory=list)  # DER
    issuer: "Holder | None" = None

    def chain(self):
        return [self.der, *self.others]


class Authority:
    def __init__(self, scratch, name="edge.example CA", issuer=None, days=HUNDRED_YEARS):
        self.scratch = scratch
        self.own = issue(scratch, name, CA_USE, issuer, "p256", days)

    def host(self, *names, kind="p256", use=HOST_USE, **options):
        return self.issue([f"DNS.{i} = {name}" for i, name in enumerate(names)], names[0], use, kind, **options)

    def user(self, address, kind="p256", use=USER_USE, **options):
        name = "email = " + address
        if not address.isascii():
            name = "otherName = 1.3.6.1.5.5.7.8.9;FORMAT:UTF8,UTF8:" + address
        return self.issue([name], "a user", use, kind, **options)

    def issue(self, alternatives, subject, use, kind="p256", days=HUNDRED_YEARS, digest="sha256"):
        extensions = [*use, "subjectAltName = @names", "[names]", *alternatives]
        return issue(self.scratch, subject, extensions, self.own, kind, days, digest)


def new_key(scratch, kind):
    path = scratch.path()
    tools.openssl("genpkey", *KINDS[kind], "-out", path)
    return path


def issue(scratch, subject, extensions, issuer, kind, days, digest="sha256"):
    """A certificate by `issuer`, or self-signed."""
    key = new_key(scratch, kind)
    request = scratch.put(tools.openssl("req", "-new", "-utf8", "-key", key, "-subj", "/CN=" + subject.replace("/", " ")))
    text = "\n".join(["[x]", *extensions, ""])
    config = scratch.put(text.encode())
    certificate = scratch.path()
    arguments = ["x509", "-req", "-in", request, "-days", days, "-extfile", config, "-extensions", "x", "-out", certificate,
                 "-set_serial", "0x" + os.urandom(8).hex()]
    if digest:
        arguments.append("-" + digest)
    arguments += ["-CA", issuer.certificate, "-CAkey", issuer.key] if issuer else ["-signkey", key]
    tools.openssl(*arguments)
    der = tools.openssl("x509", "-in", certificate, "-outform", "DER")
    others = [issuer.der, *issuer.others] if issuer and issuer.issuer else []
    return Holder(key, certificate, der, others, issuer)


def pem_text(path):
    return tools.read(path).decode()
