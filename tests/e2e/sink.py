"""A recording SMTP server: the far end that legacy mail arrives at.

It keeps the exact octets of every command and of every content, through DATA and BDAT, and misbehaves on request.
"""
import collections
import re
import socket
import tempfile
import threading
import time

import wire

EXTENSIONS = ("PIPELINING", "SIZE 0", "8BITMIME", "SMTPUTF8", "CHUNKING", "BINARYMIME", "DSN", "ENHANCEDSTATUSCODES")
DROP = object()  # what a script returns to close the connection without a word
BARE_NEWLINE = re.compile(rb"(?<!\r)\n|\r(?!\n)")


class Message:
    """One transaction as it arrived."""

    def __init__(self, mail, session):
        self.mail = mail           # the argument of MAIL, after "FROM:"
        self.recipients = []       # arguments of the accepted RCPTs, after "TO:"
        self.session = session     # the number of the connection it came over
        self.commands = []         # "DATA", or "BDAT 100", "BDAT 7 LAST"
        self.content = b""         # once it is whole, without the dots of DATA; empty when `file` holds it
        self.pieces = []
        self.file = None           # an open file instead of `content`, when the sink was told so
        self.at = None             # time.monotonic() of the last octet

    @property
    def sender(self):
        return path_of(self.mail)

    @property
    def addresses(self):
        return [path_of(recipient) for recipient in self.recipients]


def path_of(argument):
    return argument[argument.index("<") + 1:argument.index(">")]


class Sink:
    """Listens on 127.0.0.1 from construction to close(). `messages` holds what was accepted, in order.

    script(verb, argument) may return a reply line, DROP, or None for the usual answer. Verbs: CONNECT, EHLO, MAIL,
    RCPT, DATA (before the content), BDAT, END (after the last octet; the argument is the Message).
    """

    def __init__(self, extensions=EXTENSIONS, tls=None, to_file=False, port=None):
        self.extensions = list(extensions)
        self.tls = tls
        self.to_file = to_file
        self.port = port or wire.reserve_port()
        self.script = None
        self.messages = []
        self.refused = []     # transactions whose END got another answer than 2yz
        self.commands = []    # every command line, of all sessions
        self.violations = []  # what no client may put on the wire
        self.sessions = 0
        self._changed = threading.Condition()
        self._serving = set()
        self._listener = None
        self.open()

    def open(self):
        """Listens; again after close(), on the same port."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(128)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def close(self):
        """Stops listening and drops every session."""
        if self._listener is None:
            return
        listener, self._listener = self._listener, None
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        with self._changed:
            sessions = list(self._serving)
        for session in sessions:
            try:
                session.sock.shutdown(socket.SHUT_RDWR)  # the one that TLS made, if it did
            except OSError:
                pass

    def offer(self, extensions):
        """From now on other extensions: sessions that know the old ones are dropped."""
        self.close()
        self.extensions = list(extensions)
        self.open()

    def clear(self):
        with self._changed:
            self.script = None
            self.messages.clear()
            self.refused.clear()
            self.commands.clear()
            self.violations.clear()

    def wait(self, count=1, seconds=30):
        """The messages, once there are `count` of them."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.messages) >= count, seconds)
            if len(self.messages) < count:
                raise AssertionError(f"{len(self.messages)} of {count} messages arrived in {seconds} s; "
                                     f"last commands: {self.commands[-8:]}")
            return list(self.messages)

    def wait_for(self, test, seconds=30):
        """The first message for which test(message) holds."""
        found = None
        deadline = time.monotonic() + seconds
        with self._changed:
            while found is None and (left := deadline - time.monotonic()) > 0:
                found = next((message for message in self.messages if test(message)), None)
                if found is None:
                    self._changed.wait(left)
        if found is None:
            raise AssertionError(f"no such message among {len(self.messages)} in {seconds} s")
        return found

    def counts(self, header):
        """How often each value of a header field arrived: {value: times}."""
        pattern = re.compile(rb"^" + header.encode() + rb": ([^\r\n]*)\r\n", re.MULTILINE | re.IGNORECASE)
        with self._changed:
            return collections.Counter(pattern.search(message.content).group(1).decode() for message in self.messages)

    def _accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with self._changed:
                self.sessions += 1
                number = self.sessions
            threading.Thread(target=self._serve, args=(sock, number), daemon=True).start()

    def _serve(self, sock, number):
        session = _Session(self, sock, number)
        with self._changed:
            self._serving.add(session)
        try:
            session.run()
        except (wire.Gone, OSError):
            pass
        finally:
            session.sock.close()
            with self._changed:
                self._serving.discard(session)

    def ask_script(self, verb, argument):
        return self.script(verb, argument) if self.script else None

    def note(self, list_, item):
        with self._changed:
            list_.append(item)
            self._changed.notify_all()


class _Session:
    """One connection. Answers in order, so that pipelined commands get theirs."""

    def __init__(self, sink, sock, number):
        self.sink, self.sock, self.number = sink, sock, number
        self.sock.settimeout(600)
        self.reader = wire.Reader(sock)
        self.message = None
        self.secured = False

    def run(self):
        if not self.say("CONNECT", "", "220 sink.example ESMTP"):
            return
        while True:
            line = self.reader.line().decode("utf-8", "surrogateescape").removesuffix("\r\n")
            self.sink.note(self.sink.commands, line)
            verb, _, argument = line.partition(" ")
            handler = getattr(self, "on_" + verb.lower(), None)
            if handler is None:
                self.sock.sendall(b"500 5.5.1 unknown command\r\n")
            elif handler(argument) is False:
                return

    def say(self, verb, argument, usual):
        """Answers as the script says, else as usual. None: the connection is to be dropped."""
        answer = self.sink.ask_script(verb, argument)
        if answer is DROP:
            return None
        answer = usual if answer is None else answer
        self.sock.sendall(answer.encode() + b"\r\n")
        return answer

    def on_ehlo(self, argument):
        self.message = None
        offered = list(self.sink.extensions)
        if self.sink.tls and not self.secured:
            offered.append("STARTTLS")
        lines = ["sink.example"] + offered
        usual = "\r\n".join(f"250{'-' if i + 1 < len(lines) else ' '}{line}" for i, line in enumerate(lines))
        return self.say("EHLO", argument, usual) is not None

    def on_helo(self, argument):
        self.message = None
        return self.say("HELO", argument, "250 sink.example") is not None

    def on_starttls(self, _):
        if not self.sink.tls:
            self.sock.sendall(b"502 5.5.1 no TLS here\r\n")
            return True
        self.sock.sendall(b"220 2.0.0 go ahead\r\n")
        self.sock = self.sink.tls.wrap_socket(self.sock, server_side=True)
        self.reader = wire.Reader(self.sock)
        self.secured = True
        return True

    def on_mail(self, argument):
        answer = self.say("MAIL", argument, "250 2.1.0 ok")
        if answer and answer.startswith("2"):
            self.message = Message(argument.partition(":")[2], self.number)
        return answer is not None

    def on_rcpt(self, argument):
        if self.message is None:
            self.sock.sendall(b"503 5.5.1 MAIL first\r\n")
            return True
        answer = self.say("RCPT", argument, "250 2.1.5 ok")
        if answer and answer.startswith("2"):
            self.message.recipients.append(argument.partition(":")[2])
        return answer is not None

    def on_data(self, argument):
        if self.message is None or not self.message.recipients:
            self.sock.sendall(b"554 5.5.1 no valid recipients\r\n")
            return True
        answer = self.say("DATA", argument, "354 go ahead")
        if answer is None or not answer.startswith("354"):
            return answer is not None
        self.message.commands.append("DATA")
        for piece in self.reader.data():
            if BARE_NEWLINE.search(piece):
                self.sink.note(self.sink.violations, "a bare CR or LF in DATA")
            self.keep(piece)
        return self.finish()

    def keep(self, piece):
        if self.sink.to_file:
            self.message.file = self.message.file or tempfile.TemporaryFile()
            self.message.file.write(piece)
        else:
            self.message.pieces.append(piece)

    def on_bdat(self, argument):
        size = int(argument.split()[0])
        if self.message is None or not self.message.recipients:
            self.reader.exactly(size)
            self.sock.sendall(b"554 5.5.1 no valid recipients\r\n")
            return True
        self.message.commands.append("BDAT " + argument)
        for piece in self.reader.pieces(size):
            self.keep(piece)
        if argument.upper().endswith("LAST"):
            return self.finish()
        return self.say("BDAT", argument, "250 2.0.0 ok") is not None

    def finish(self):
        message, self.message = self.message, None
        message.at = time.monotonic()
        message.content = b"".join(message.pieces)
        answer = self.sink.ask_script("END", message)
        if answer is None:
            self.sink.note(self.sink.messages, message)
            answer = "250 2.0.0 kept"
        elif answer is not DROP and answer.startswith("2"):
            self.sink.note(self.sink.messages, message)
        else:
            self.sink.note(self.sink.refused, message)
        if answer is DROP:
            return False
        self.sock.sendall(answer.encode() + b"\r\n")
        return True

    def on_rset(self, _):
        self.message = None
        self.sock.sendall(b"250 2.0.0 ok\r\n")
        return True

    def on_noop(self, _):
        self.sock.sendall(b"250 2.0.0 ok\r\n")
        return True

    def on_quit(self, _):
        self.sock.sendall(b"221 2.0.0 bye\r\n")
        return False
