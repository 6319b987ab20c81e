"""The vectors for HELO proofs: what is signed, and which proofs hold. Written from docs/xproto.md, sections 3 and 7."""
import time

from peer import proofs as peer
from peer import tools
from peer.tools import Scratch

from . import files
from .authority import Authority
from .certificates import text

SESSION = {"role": "client", "server-nonce": "9f86d081884c7d659a2feaa0c55ad015",
           "client-nonce": "5feceb66ffc86f38d952786c6d696c79", "client-host": "mx1.edge.example",
           "server-host": "mx1.carrier.example", "tls-exporter": "00ff0a" + "5c" * 29}


def octets_of(session):
    return peer.transcript(session["role"], session["server-nonce"], session["client-nonce"], session["client-host"],
                           session["server-host"], bytes.fromhex(session["tls-exporter"]))


def sign(holder, session, *options, scratch, chain=True):
    """By the openssl command with these options, detached unless they say otherwise."""
    arguments = ["cms", "-sign", "-binary", "-in", scratch.put(octets_of(session)), "-signer", holder.certificate, "-inkey",
                 holder.key, "-outform", "DER", *options]
    if chain and holder.others:
        arguments += ["-certfile", scratch.put(b"".join(map(tools.pem, holder.others)))]
    return tools.openssl(*arguments)


def cases(scratch):
    """(name, the session as the verifier knows it, proof, what is wrong or None, host that was meant or None)"""
    ca, stranger = Authority(scratch), Authority(scratch, "stranger.example CA")
    host = ca.host("mx1.edge.example")
    between = Authority(scratch, "between", ca.own).host("mx1.edge.example")

    def of(session, holder=host, *options, chain=True):
        return sign(holder, session, *options, scratch=scratch, chain=chain)

    def but(**changes):
        return SESSION | {name.replace("_", "-"): value for name, value in changes.items()}

    server = but(role="server")
    plain = of(SESSION)
    yield "a client", SESSION, plain, None
    yield "a server", server, of(server, ca.host("mx1.carrier.example")), None
    yield "a client without nonce", but(client_nonce=""), of(but(client_nonce="")), None
    yield "a client that did not name itself", but(client_host=""), of(but(client_host="")), None
    yield "in clear", but(tls_exporter=""), of(but(tls_exporter="")), None
    yield "names are signed in lower case", but(server_host="MX1.Carrier.example"), plain, None
    yield "without signed attributes", SESSION, of(SESSION, host, "-noattr"), None
    yield "the signer named by its key", SESSION, of(SESSION, host, "-keyid"), None
    yield "SHA-384", SESSION, of(SESSION, host, "-md", "sha384"), None
    yield "an RSA key", SESSION, of(SESSION, ca.host("mx1.edge.example", kind="rsa")), None
    yield "with an intermediate", SESSION, of(SESSION, between), None
    yield "the intermediate is missing", SESSION, of(SESSION, between, chain=False), "identity"
    yield "replayed: another nonce of the server", but(server_nonce="00" * 16), plain, "proof"
    yield "replayed: another nonce of the client", but(client_nonce="00" * 16), plain, "proof"
    yield "relayed to another server", but(server_host="mx1.other.example"), plain, "proof"
    yield "moved to another channel", but(tls_exporter="00" * 32), plain, "proof"
    yield "moved from TLS into clear", but(tls_exporter=""), plain, "proof"
    yield "reflected: a client's for a server", server, plain, "proof"
    yield "under another name", but(client_host="mx2.edge.example"), plain, "proof"
    yield "a name that the certificate has not", but(client_host="mx2.edge.example"), of(but(client_host="mx2.edge.example")), "name"
    yield "by another authority", SESSION, of(SESSION, stranger.host("mx1.edge.example")), "identity"
    yield "by a user", SESSION, of(SESSION, ca.user("alice@edge.example")), "identity"
    yield "by the authority itself", SESSION, of(SESSION, ca.own), "identity"
    yield "with the content inside", SESSION, of(SESSION, host, "-nodetach"), "form"
    yield "without certificates", SESSION, of(SESSION, host, "-nocerts"), "form"
    yield "SHA-1", SESSION, of(SESSION, host, "-md", "sha1"), "form"
    yield "two signers", SESSION, of(SESSION, host, "-signer", between.certificate, "-inkey", between.key), "form"
    many = scratch.put(b"".join(tools.pem(ca.host(f"mx{i}.edge.example").der) for i in range(5)))
    yield "six certificates", SESSION, of(SESSION, host, "-certfile", many), "form"
    yield "something behind it", SESSION, plain + b"\0", "form"
    yield "its last octet is missing", SESSION, plain[:-1], "form"
    yield "an octet of the signature changed", SESSION, plain[:-1] + bytes([plain[-1] ^ 1]), "proof"
    yield "nothing", SESSION, b"", "form"
    yield "a bare certificate", SESSION, host.der, "form"
    yield "the anchor", ca.own.der, None, None


def holds(session, proof, anchor, at):
    """Why not; None when it does."""
    named = session["client-host"] if session["role"] == "client" else session["server-host"]
    try:
        peer.verify(proof, octets_of(session), [anchor], at, named or None)
    except peer.Invalid as error:
        return str(error)
    return None


def write():
    made, now = [], int(time.time()) + 600  # after everything was made
    with Scratch() as scratch:
        *found, (_, anchor, _, _) = cases(scratch)
        for name, session, proof, wrong in found:
            fault = holds(session, proof, anchor, now)
            if bool(fault) != bool(wrong):
                raise AssertionError(f"{name}: {fault}, wanted {wrong}")
            vector = {"name": name} | session | files.octets("signed", octets_of(session))
            made.append(vector | {"proof": text(proof), "anchor": text(anchor), "at": now, "holds": wrong is None} |
                        ({"wrong": wrong} if wrong else {}))
    files.write("proofs", made)
