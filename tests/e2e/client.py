"""An SMTP client that sends exactly the octets it is told to, and a tap that sees what other clients send."""
import socket
import threading

import wire


class Reply:
    """An SMTP reply: its code, and the texts of its lines."""

    def __init__(self, lines):
        self.code = int(lines[0][:3])
        self.texts = [line[4:] for line in lines]

    def __repr__(self):
        return f"{self.code} {' / '.join(self.texts)}"

    @property
    def text(self):
        return "\n".join(self.texts)


class Client:
    """One connection, greeted on construction. Use as a context manager."""

    def __init__(self, port, hello="client.example", patience=wire.PATIENCE):
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=patience)
        self.reader = wire.Reader(self.sock)
        self.greeting = self.reply()
        self.offers = []
        if hello:
            self.ehlo(hello)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, octets):
        self.sock.sendall(octets)

    def reply(self):
        lines = []
        while True:
            line = self.reader.line().decode("utf-8", "surrogateescape").removesuffix("\r\n")
            lines.append(line)
            if line[3:4] != "-":
                return Reply(lines)

    def command(self, line):
        self.send(line.encode("utf-8", "surrogateescape") + b"\r\n")
        return self.reply()

    def expect(self, code, line):
        """Sends a command that must be answered so."""
        answer = self.command(line)
        if answer.code != code:
            raise AssertionError(f"{line!r} was answered {answer!r}, not {code}")
        return answer

    def ehlo(self, name="client.example"):
        answer = self.expect(250, "EHLO " + name)
        self.offers = [text.upper() for text in answer.texts[1:]]
        return answer

    def starttls(self, context, server_hostname):
        self.expect(220, "STARTTLS")
        self.sock = context.wrap_socket(self.sock, server_hostname=server_hostname)
        self.reader = wire.Reader(self.sock)
        self.ehlo()

    def envelope(self, sender, recipients, mail_parameters="", rcpt_parameters=""):
        self.expect(250, f"MAIL FROM:<{sender}>{mail_parameters and ' ' + mail_parameters}")
        for recipient in recipients:
            self.expect(250, f"RCPT TO:<{recipient}>{rcpt_parameters and ' ' + rcpt_parameters}")

    def data(self, content):
        """The reply to the content, sent through DATA."""
        self.expect(354, "DATA")
        self.send(wire.stuff(content))
        return self.reply()

    def bdat(self, content, sizes):
        """The reply to the content, sent in chunks of these sizes, the rest as the last."""
        at = 0
        for size in sizes:
            chunk = content[at:at + size]
            at += len(chunk)
            self.send(b"BDAT %d\r\n" % len(chunk) + chunk)
            answer = self.reply()
            if answer.code != 250:
                return answer
        self.send(b"BDAT %d LAST\r\n" % len(content[at:]) + content[at:])
        return self.reply()

    def deliver(self, sender, recipients, content, mail_parameters="", rcpt_parameters=""):
        """A whole message through DATA, which must be taken. Returns the final reply."""
        self.envelope(sender, recipients, mail_parameters, rcpt_parameters)
        answer = self.data(content)
        if answer.code != 250:
            raise AssertionError(f"the message was answered {answer!r}")
        return answer


class Tap:
    """Stands between a client and a server and keeps the octets that the client sent, for sessions in clear.

    With it a test knows what swaks, smtp-source or Postfix really sent instead of what they were asked to send.
    """

    def __init__(self, to_port):
        self.to_port = to_port
        self.streams = []  # one bytearray for each connection
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def contents(self):
        """The contents of all DATA and BDAT transfers seen, in order of the connections."""
        return [content for stream in self.streams for content in contents_of(bytes(stream))]

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            stream = bytearray()
            self.streams.append(stream)
            threading.Thread(target=self._serve, args=(client, stream), daemon=True).start()

    def _serve(self, client, stream):
        with client, socket.create_connection(("127.0.0.1", self.to_port), timeout=wire.PATIENCE) as server:
            server.settimeout(None)
            back = threading.Thread(target=_pump, args=(server, client, bytearray()), daemon=True)
            back.start()
            _pump(client, server, stream)
            back.join()


def _pump(source, target, copy):
    """Passes octets on until the source ends; then tells the target so."""
    try:
        while octets := source.recv(65536):
            copy += octets
            target.sendall(octets)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def contents_of(stream):
    """The message contents in a client's half of a session in which no DATA and no BDAT was refused."""
    contents, chunks, at = [], [], 0
    while (end := stream.find(b"\r\n", at)) >= 0:
        words = stream[at:end].upper().split()
        at = end + 2
        if words[:1] == [b"DATA"]:
            if stream.startswith(b".\r\n", at):
                contents.append(b"")
                at += 3
                continue
            end = stream.index(b"\r\n.\r\n", at) + 2
            contents.append((b"\r\n" + stream[at:end]).replace(b"\r\n.", b"\r\n")[2:])
            at = end + 3
        elif words[:1] == [b"BDAT"]:
            size = int(words[1])
            chunks.append(stream[at:at + size])
            at += size
            if words[-1] == b"LAST":
                contents.append(b"".join(chunks))
                chunks = []
    return contents
