"""What the openssl command does for this implementation: keys, signatures, CMS, certificate paths."""
import base64
import os
import re
import shutil
import subprocess
import tempfile

from . import der


BETWEEN = 3  # certificates between the end certificate and the anchor: five in all


class Failed(Exception):
    """The command said no."""


class Scratch:
    """A folder for the files that the command wants."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="conformance-")
        self._count = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def path(self):
        self._count += 1
        return os.path.join(self.folder, str(self._count))

    def put(self, octets):
        path = self.path()
        with open(path, "wb") as file:
            file.write(octets)
        return path


def read(path):
    with open(path, "rb") as file:
        return file.read()


def openssl(*arguments, stdin=b""):
    done = subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True, timeout=60, check=False)
    if done.returncode:
        raise Failed(done.stderr.decode(errors="replace").strip())
    return done.stdout


def pem(der, label="CERTIFICATE"):
    return f"-----BEGIN {label}-----\n".encode() + base64.encodebytes(der) + f"-----END {label}-----\n".encode()


def certificates_of(pem_octets):
    """The certificates of a PEM file, as DER."""
    blocks = re.findall(rb"-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", pem_octets, re.DOTALL)
    return [base64.b64decode(block) for block in blocks]


def public_key(certificate):
    """The SubjectPublicKeyInfo of a certificate, as PEM."""
    fields = der.parse(certificate)[0].children()
    return pem(fields[6 if fields[0].tag == 0xa0 else 5].encoding, "PUBLIC KEY")


def sign(key_path, algorithm, octets):
    with Scratch() as scratch:
        data = scratch.put(octets)
        if algorithm == "ed25519":
            return openssl("pkeyutl", "-sign", "-inkey", key_path, "-rawin", "-in", data)
        return openssl("dgst", "-sha256", "-sign", key_path, data)


def verify(public, algorithm, octets, signature):
    """Does the signature hold, by this public key (PEM)?"""
    with Scratch() as scratch:
        key, data, claimed = scratch.put(public), scratch.put(octets), scratch.put(signature)
        try:
            if algorithm == "ed25519":
                openssl("pkeyutl", "-verify", "-pubin", "-inkey", key, "-rawin", "-in", data, "-sigfile", claimed)
            else:
                openssl("dgst", "-sha256", "-verify", key, "-signature", claimed, data)
        except Failed:
            return False
        return True


def path_fault(leaf, others, anchors, at):
    """Why no path leads from a certificate to one of the anchors at that time; None when one does. All DER."""
    with Scratch() as scratch:
        arguments = ["verify", "-purpose", "any", "-attime", int(at), "-verify_depth", BETWEEN, "-no-CApath", "-no-CAstore", "-CAfile",
                     scratch.put(b"".join(map(pem, anchors)))]
        if others:
            arguments += ["-untrusted", scratch.put(b"".join(map(pem, others)))]
        try:
            openssl(*arguments, scratch.put(pem(leaf)))
        except Failed as failure:
            return " ".join(str(failure).split()) or "no path"
        return None


def cms_sign(certificate_path, key_path, octets):
    with Scratch() as scratch:
        chain = certificates_of(read(certificate_path))
        arguments = ["cms", "-sign", "-binary", "-in", scratch.put(octets), "-signer", certificate_path, "-inkey", key_path,
                     "-md", "sha256", "-outform", "DER"]
        if len(chain) > 1:
            arguments += ["-certfile", scratch.put(b"".join(map(pem, chain[1:])))]
        return openssl(*arguments)


def cms_signature_holds(proof, octets):
    """Is the signature that of its signer over these octets? Says nothing about the certificate."""
    with Scratch() as scratch:
        try:
            openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", scratch.put(proof), "-binary", "-content",
                    scratch.put(octets), "-out", scratch.path())
        except Failed:
            return False
        return True
