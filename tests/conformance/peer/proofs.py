"""The HELO proof: what it signs, how it is made and verified (docs/xproto.md, sections 3 and 7)."""
from . import certificates, der, tools

PROOF_OCTETS = 32768
OTHER_CERTIFICATES = 4
SIGNED_DATA, ID_DATA = "1.2.840.113549.1.7.2", "1.2.840.113549.1.7.1"
DIGESTS = {"2.16.840.1.101.3.4.2.1", "2.16.840.1.101.3.4.2.2", "2.16.840.1.101.3.4.2.3"}


class Invalid(Exception):
    """The proof does not hold."""


def record(name, value):
    return name.encode() + b" %d " % len(value) + value + b"\n"


def transcript(role, server_nonce, client_nonce, client_host, server_host, exporter):
    """The octets that a proof signs. Nonces as hexadecimal, hosts as text or None, the exporter as octets."""
    return b"xproto-helo-v1\n" + b"".join((
        record("role", role.encode()),
        record("server-nonce", bytes.fromhex(server_nonce)),
        record("client-nonce", bytes.fromhex(client_nonce or "")),
        record("client-host", (client_host or "").lower().encode()),
        record("server-host", server_host.lower().encode()),
        record("tls-exporter", exporter)))


def read(proof):
    """(signer's certificate, the others) as DER, when the CMS has the form that is asked for."""
    if len(proof) > PROOF_OCTETS:
        raise Invalid("too many octets")
    try:
        return _read(der.parse(proof))
    except der.BadDer as error:
        raise Invalid(f"not the DER of a CMS SignedData: {error}") from None


def _read(root):
    if root[0].oid() != SIGNED_DATA:
        raise Invalid("not SignedData")
    data = root[1][0].children()
    content = data[2].children()
    if content[0].oid() != ID_DATA or len(content) > 1:
        raise Invalid("the content is not detached id-data")
    if any(node.tag == 0xa1 for node in data[3:]):
        raise Invalid("revocation lists")
    bag = [node.encoding for field in data[3:] if field.tag == 0xa0 for node in field]
    signers = data[-1].children()
    if data[-1].tag != 0x31 or len(signers) != 1:
        raise Invalid("not exactly one signer")
    if len(bag) > OTHER_CERTIFICATES + 1:
        raise Invalid("too many certificates")
    if signers[0][2][0].oid() not in DIGESTS:
        raise Invalid("a digest that is not allowed")
    signer = _find_signer(signers[0][1], bag)
    return signer, [other for other in bag if other != signer]


def _find_signer(identifier, bag):
    for one in bag:
        fields = der.parse(one)[0].children()
        fields = fields[1:] if fields[0].tag == 0xa0 else fields
        if identifier.tag == 0x30 and identifier[0].encoding == fields[2].encoding \
                and identifier[1].octets == fields[0].octets:
            return one
        if identifier.tag == 0x80 and _key_identifier(fields) == identifier.octets:
            return one
    raise Invalid("the signer's certificate is missing")


def _key_identifier(fields):
    for field in fields:
        if field.tag != 0xa3:
            continue
        for extension in field[0]:
            if extension[0].oid() == "2.5.29.14":
                return der.parse(extension.children()[-1].octets).octets
    return None


def verify(proof, octets, anchors, at, host=None):
    """The names that the proof proves, or Invalid. With `host` it must be one of them."""
    signer, others = read(proof)
    try:
        if reason := certificates.fault(signer, others, anchors, at, "host"):
            raise Invalid(reason)
        hosts = certificates.Certificate(signer).hosts
    except certificates.Unusable as error:
        raise Invalid(str(error)) from None
    if host is not None and host.lower() not in hosts:
        raise Invalid(f"the certificate does not name {host}")
    if not hosts:
        raise Invalid("the certificate names no host")
    if not tools.cms_signature_holds(proof, octets):
        raise Invalid("the signature does not fit")
    return hosts


def make(certificate_path, key_path, octets):
    return tools.cms_sign(certificate_path, key_path, octets)
