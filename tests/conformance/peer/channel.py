"""Octets on a socket, in clear or under TLS 1.3, one thread: reads while it writes, so that nobody waits for nobody.

Python's ssl module cannot export keying material, but it can log its secrets to a file, and from TLS 1.3's exporter secret
the tls-exporter value of RFC 9266 is three HKDF steps (RFC 8446, 7.1 and 7.5).
"""
import hashlib
import hmac
import os
import select
import socket
import ssl
import tempfile
import time

from . import lines

ALPN = "xproto/1"
PATIENCE = 30


class Gone(Exception):
    """The other end closed the connection."""


class Late(Exception):
    """Nothing came in time."""


def context(server, certificate=None, key=None, anchors=None):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.set_alpn_protocols([ALPN])
    if not server:
        made.check_hostname = anchors is not None
        made.verify_mode = ssl.CERT_REQUIRED if anchors else ssl.CERT_NONE
    if anchors:
        made.load_verify_locations(anchors)
    if certificate:
        made.load_cert_chain(certificate, key)
    return made


def expand_label(secret, label, hashed, length, hash_name):
    """HKDF-Expand-Label of RFC 8446, for at most one block of output."""
    label = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes([len(label)]) + label + bytes([len(hashed)]) + hashed
    return hmac.new(secret, info + b"\1", hash_name).digest()[:length]


def exporter_of(secret, hash_name):
    """tls-exporter (RFC 9266): label EXPORTER-Channel-Binding, no context, 32 octets."""
    empty = hashlib.new(hash_name).digest()
    derived = expand_label(secret, b"EXPORTER-Channel-Binding", empty, len(empty), hash_name)
    return expand_label(derived, b"exporter", empty, 32, hash_name)


class Channel:
    """One connection. `exporter` is empty in clear. `seen` collects (direction, octets) of what passed, `secrets` is what
    Wireshark needs to read it under TLS."""

    def __init__(self, sock, tls=None, server_side=False, host=None):
        self.sock = sock
        self.sock.setblocking(False)
        self.incoming = bytearray()
        self.outgoing = bytearray()  # for the socket: encrypted, under TLS
        self.ended = False
        self.exporter = b""
        self.tls = None
        self.secrets = ""
        self.seen = []
        if tls:
            self._secure(tls, server_side, host)

    @classmethod
    def connect(cls, address, tls=None, host=None):
        return cls(socket.create_connection(address, timeout=PATIENCE), tls, False, host)

    def _secure(self, tls, server_side, host):
        descriptor, log = tempfile.mkstemp(prefix="conformance-")
        os.close(descriptor)
        try:
            tls.keylog_filename = log
            self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
            self.tls = tls.wrap_bio(self._in, self._out, server_side=server_side, server_hostname=host)
            self._handshake()
            if self.tls.selected_alpn_protocol() != ALPN:
                raise Gone("the other end does not speak " + ALPN)
            with open(log, encoding="ascii") as file:
                self.secrets = file.read()
            secret = next(line.split()[2] for line in self.secrets.splitlines() if line.startswith("EXPORTER_SECRET"))
        finally:
            os.unlink(log)
        hash_name = "sha384" if "SHA384" in self.tls.cipher()[0] else "sha256"
        self.exporter = exporter_of(bytes.fromhex(secret), hash_name)

    def _handshake(self):
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.tls.do_handshake()
                self._flush()
                return
            except ssl.SSLWantReadError:
                self._flush()
                if self.ended:
                    raise Gone("during the handshake") from None
                self._wait(deadline)
                self._receive()
            except ssl.SSLError:
                self._flush()
                raise

    def _wait(self, deadline):
        left = deadline - time.monotonic()
        writing = [self.sock] if self.outgoing else []
        if left <= 0 or not any(select.select([self.sock], writing, [], left)):
            raise Late("nothing came in time")

    def _flush(self):
        """Writes what the socket takes now."""
        if self.tls is not None:
            self.outgoing += self._out.read()
        while self.outgoing:
            try:
                del self.outgoing[:self.sock.send(self.outgoing)]
            except BlockingIOError:
                return
            except OSError:
                self.ended = True
                return

    def _receive(self):
        try:
            octets = self.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            octets = b""
        if not octets:
            self.ended = True
        if self.tls is None:
            self.incoming += octets
            return
        if octets:
            self._in.write(octets)
        else:
            self._in.write_eof()

    def _decrypt(self):
        while self.tls is not None:
            try:
                octets = self.tls.read(65536)
            except (ssl.SSLWantReadError, ssl.SSLSyscallError):
                return
            except ssl.SSLError:
                self.ended = True
                return
            if not octets:
                self.ended = True
                return
            self.incoming += octets

    def pump(self, deadline):
        """Moves octets both ways, waiting until something can move."""
        self._flush()
        self._wait(deadline)
        self._receive()
        if not self.ended or self.tls is not None:
            self._decrypt()
        self._flush()

    def write(self, octets):
        self.seen.append(("->", bytes(octets)))
        if self.tls is None:
            self.outgoing += octets
        else:
            self.tls.write(octets)
        self._flush()

    def flush(self, seconds=PATIENCE):
        """Waits until everything is written."""
        deadline = time.monotonic() + seconds
        while self.outgoing and not self.ended:
            _, writable, _ = select.select([], [self.sock], [], max(0, deadline - time.monotonic()))
            if not writable:
                raise Late("the other end does not read")
            self._flush()

    def backlog(self):
        """Octets that the socket has not taken yet."""
        return len(self.outgoing)

    def line_octets(self, seconds=PATIENCE):
        """The next line, CRLF included. lines.Malformed when it cannot become one."""
        deadline = time.monotonic() + seconds
        while not (end := lines.line_end(self.incoming)):
            if self.ended:
                raise Gone(bytes(self.incoming))
            self.pump(deadline)
        return self._take(end)

    def line(self, seconds=PATIENCE):
        return lines.parse(self.line_octets(seconds))

    def exactly(self, count, seconds=PATIENCE):
        deadline = time.monotonic() + seconds
        while len(self.incoming) < count:
            if self.ended:
                raise Gone(bytes(self.incoming))
            self.pump(deadline)
        return self._take(count)

    def rest(self, seconds=PATIENCE):
        """Everything up to the end of the connection."""
        deadline = time.monotonic() + seconds
        while not self.ended:
            self.pump(deadline)
        return self._take(len(self.incoming))

    def ready(self, seconds=0):
        """Is there something to read, now or soon?"""
        if not self.incoming and not self.ended:
            try:
                self.pump(time.monotonic() + seconds)
            except Late:
                pass
        return bool(self.incoming) or self.ended

    def _take(self, count):
        taken = bytes(self.incoming[:count])
        del self.incoming[:count]
        self.seen.append(("<-", taken))
        return taken

    def finish(self):
        """Says that nothing follows, and closes."""
        try:
            self.flush(5)
            if self.tls is not None and not self.ended:
                try:
                    self.tls.unwrap()
                except ssl.SSLError:
                    pass
                self._flush()
        except (Late, OSError):
            pass
        self.close()

    def close(self):
        self.sock.close()

    def hang_up(self):
        """As when the way breaks; for other threads than the one that uses the channel."""
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
