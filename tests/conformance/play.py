"""Plays the session vectors against a server, with the Python client as the one who proves itself.

    python3 play.py --to HOST:PORT --peer-host NAME --host NAME --cert FILE --key FILE --ca FILE
                    --from ADDRESS --rcpt ADDRESS [--clear]

The server has to know this host well enough to offer it PIPE, and must take the message: play against a server made for tests.
"""
import argparse
import sys

from make import files
from peer import channel, lines, messages, tools, traces
from peer.client import Client, Identity
from peer.lines import Item

OBJECTS = {"envelope": messages.ENVELOPE, "headers": messages.HEADERS, "body": messages.BODY}


class Player:
    """Everything that the vectors leave open: who plays, against whom, and what message is sent."""

    def __init__(self, address, identity, peer_host, sender, recipient, tls=True):
        self.address, self.identity, self.peer_host, self.tls = address, identity, peer_host, tls
        self.sender, self.recipient = sender, recipient

    def message(self):
        content = f"From: <{self.sender}>\r\nTo: <{self.recipient}>\r\nSubject: a session\r\n\r\nHello.\r\n".encode()
        envelope, header, body = messages.draft(content, self.sender, [self.recipient], self.identity.host)
        facts = {"host": self.identity.host, "peer": "localhost", "peer-address": "127.0.0.1", "protocol": "ESMTP", "id": "1",
                 "next": self.peer_host}
        traces.add_hop(envelope, self.identity.chain(), self.identity.key, {k: v.encode() for k, v in facts.items()})
        return messages.finish(envelope, header, body)

    def open(self, after):
        context = channel.context(False, self.identity.certificate, self.identity.key) if self.tls else None
        session = Client(channel.Channel.connect(self.address, context, self.peer_host), self.identity, self.peer_host)
        session.greet()
        if after != "unproved":
            session.helo()
        if after == "pipelined" and session.option(Item("PIPE", "ON")).word != "OK":
            raise AssertionError("the server does not offer PIPE")
        return session

    def fault(self, vector):
        """How the server differs from the vector; None when it does not."""
        session = self.open(vector["after"])
        message = self.message()
        try:
            for number, step in enumerate(vector["steps"], 1):
                if wrong := self.step(session.connection, message, step):
                    return f"step {number}: {wrong}"
        finally:
            session.connection.close()
        return None

    @staticmethod
    def step(connection, message, step):
        if "send" in step:
            text = step["send"].replace("${id}", message.id)
            for name, type_ in OBJECTS.items():
                text = text.replace("${%s}" % name, str(len(message.objects[type_])))
            connection.write(text.encode())
            return None
        if "send-object" in step:
            connection.write(message.objects[OBJECTS[step["send-object"]]])
            return None
        if "closed" in step:
            rest = connection.rest()
            return f"more than wanted: {rest}" if rest else None
        try:
            return differs(connection.line(), step["answer"])
        except (channel.Gone, channel.Late, lines.Malformed) as error:
            return f"{type(error).__name__} {error}, wanted {step['answer']}"


def differs(line, wanted):
    tag = "*" if line.tag is None else str(line.tag)
    fits = isinstance(line, lines.Response) and (tag, line.word) == (wanted["tag"], wanted["word"]) \
        and line.code in wanted["codes"]
    there = [(item.name, item.word, item.code) for item in line.items()]
    missing = [one for one in wanted.get("items", ()) if (one["name"], one["word"], one["code"]) not in there]
    return None if fits and not missing else f"{lines.write(line).decode().strip()}, wanted {wanted}"


def faults(player):
    """(name, what is wrong) for each session that goes otherwise."""
    for vector in files.load("sessions"):
        if fault := player.fault(vector):
            yield vector["name"], fault


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("to", "peer-host", "host", "cert", "key", "ca", "from", "rcpt"):
        options.add_argument("--" + name, required=True)
    options.add_argument("--clear", action="store_true")
    given = vars(options.parse_args())
    address, _, port = given["to"].rpartition(":")
    identity = Identity(given["host"], given["cert"], given["key"], tools.certificates_of(tools.read(given["ca"])))
    found = list(faults(Player((address, int(port)), identity, given["peer_host"], given["from"], given["rcpt"],
                               not given["clear"])))
    for one in found:
        print("{}: {}".format(*one))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
