"""A native message's way through SMTP: isthmus send -> edge -> SMTP -> carrier -> isthmus sink.

`send()` puts a message in at one end, `wait()` gives the folders that come out at the other; what stands between edge and
carrier is the test's affair: self.between is a recording store, and pass_on() hands a content to carrier as a relay
would; relay_through() lets other software do it.
"""
import base64
import os
import re
import subprocess
import zlib

import harness
import wire
from client import Client
from harness import IsthmusTest, isthmus, wait_for

FIELD = re.compile(rb"^Xproto-Carrier:((?:[^\r\n]*\r\n(?=[ \t]))*[^\r\n]*)\r\n", re.MULTILINE)
BLANK = re.compile(rb"[ \t\r\n]")


def carried(content):
    """{name: octets} of what a message carries; None without a carrier. Written from docs/mapping.md alone."""
    pieces = {}
    for field in FIELD.findall(content.partition(b"\r\n\r\n")[0] + b"\r\n"):
        tags = dict(tag.split(b"=", 1) for tag in BLANK.sub(b"", field).split(b";"))
        number, count = map(int, tags[b"n"].split(b"/"))
        pieces[number] = tags[b"d"]
    if not pieces:
        return None
    assert sorted(pieces) == list(range(1, count + 1)), sorted(pieces)
    octets, records = zlib.decompress(base64.b64decode(b"".join(pieces[n] for n in sorted(pieces)))), {}
    while octets:
        name, _, rest = octets.partition(b" ")
        size, _, rest = rest.partition(b"\n")
        records[name.decode()], octets = rest[:int(size)], rest[int(size):]
    return records


def octets_of(path):
    with open(path, "rb") as file:
        return file.read()


class CarrierSites(IsthmusTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # home sends and far receives, by tools that use their certificates; edge and carrier are the gateways.
        cls.home, cls.edge, cls.carrier, cls.far = (
            cls.make_gateway(site) for site in ("home.example", "edge.example", "carrier.example", "far.example"))
        cls.between = cls.make_sink()
        cls.far_port = wire.reserve_port()
        for site, peers in ((cls.home, [cls.edge]), (cls.edge, [cls.home]), (cls.carrier, [cls.edge, cls.far]),
                            (cls.far, [cls.carrier])):
            site.config["peer"] = [{"host": peer.host, "ca": peer.ca, "trust": "trusted"} for peer in peers]
        cls.edge.config["route"] = [{"domain": "*.example", "via": "smtp", "to": f"127.0.0.1:{cls.between.port}"},
                                    {"domain": "*", "via": "smtp", "to": f"127.0.0.1:{cls.between.port}"}]
        cls.carrier.config["route"] = [{"domain": "carrier.example", "via": "xproto", "to": f"127.0.0.1:{cls.far_port}",
                                        "host": cls.far.host}]
        cls.configure()
        for site in (cls.home, cls.far):
            site.write_config()
        cls.edge.start()
        cls.carrier.start()
        cls.arrived = os.path.join(cls.folder, "arrived")
        cls.sink_log = open(os.path.join(cls.folder, "sink.log"), "w", encoding="utf-8")
        cls.sink = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", harness.PROGRAM, "sink", "--site", cls.far.folder, "--ca", cls.home.ca,
             "--ca", cls.edge.ca, "--listen", f"127.0.0.1:{cls.far_port}", "--dir", cls.arrived, "--json"],
            stdin=subprocess.DEVNULL, stdout=cls.sink_log, stderr=subprocess.STDOUT, env=harness.ENVIRONMENT)
        cls.addClassCleanup(cls.end_sink)

    @classmethod
    def configure(cls):
        """For subclasses: change configurations before the daemons start."""

    @classmethod
    def end_sink(cls):
        cls.sink.terminate()
        cls.sink.wait(30)
        cls.sink_log.close()

    def setUp(self):
        self.between.clear()
        self.seen = len(self.folders())

    def folders(self):
        names = sorted(os.listdir(self.arrived)) if os.path.isdir(self.arrived) else []
        return [os.path.join(self.arrived, name) for name in names
                if os.path.exists(os.path.join(self.arrived, name, "body"))]

    def wait(self, count=1, seconds=60):
        """The folders of the messages that have come out at the far end in this test."""
        self.carrier.wait_queue(0, seconds)
        return wait_for(lambda: len(self.folders()) >= self.seen + count and self.folders()[self.seen:], seconds,
                        f"{count} messages at the far end")

    def send(self, content, recipients=("bob@carrier.example",), sender="alice@home.example", parameters=()):
        """Makes objects of a message as a native sender has them, and sends these. Returns their folder."""
        path = os.path.join(self.folder, f"message-{wire.random.getrandbits(64):x}")
        with open(path, "wb") as file:
            file.write(content)
        said = [word for to in recipients for word in ("--rcpt", to)]
        isthmus("map", "to-xproto", path, "-o", path + ".native", "--from", sender, *said)
        folder = os.path.join(path + ".native", os.path.basename(path))
        self.number_anew(folder)
        isthmus("send", "--site", self.home.folder, "--to", f"127.0.0.1:{self.edge.xproto_port}", "--peer-host",
                self.edge.host, *parameters, folder)
        return folder

    def number_anew(self, folder):
        """Ids made from content repeat with it."""
        path = os.path.join(folder, "envelope.xml")
        envelope = octets_of(path)
        fresh = b"<id>%x@mx1.home.example</id>" % wire.random.getrandbits(100)
        with open(path, "wb") as file:
            file.write(re.sub(rb"<id>[^<]*</id>", fresh, envelope))

    def pass_on(self, message, content=None, sender=None, recipients=None):
        """Hands what `between` got to carrier, perhaps not as it was."""
        with Client(self.carrier.smtp_port, hello="relay.example") as client:
            client.expect(250, f"MAIL FROM:<{message.sender if sender is None else sender}> BODY=8BITMIME")
            for address in recipients or message.addresses:
                client.expect(250, f"RCPT TO:<{address}>")
            answer = client.data(message.content if content is None else content)
            self.assertEqual(answer.code, 250, answer)

    def assert_same_objects(self, folder, sent, content):
        """The objects at the far end are those that were sent, octet for octet, and every signature holds."""
        for name in ("headers.xml", "body"):
            self.assertEqual(octets_of(os.path.join(folder, name)), octets_of(os.path.join(sent, name)), name)
        envelope = octets_of(os.path.join(folder, "envelope.xml"))
        self.assertEqual(self.without_last_hop(envelope), carried(content)["envelope"])
        self.verify(folder)

    def without_last_hop(self, envelope):
        """An envelope before carrier took it on: without its hop and certificate."""
        at, end = envelope.rindex(b"<hop "), envelope.rindex(b"</hop>\n") + len(b"</hop>\n")
        name = re.match(rb'<hop certificate="([^"]*)"', envelope[at:]).group(1)
        envelope = envelope[:at] + envelope[end:]
        return re.sub(rb'<certificate digest="' + re.escape(name) + rb'">[^<]*</certificate>\n', b"", envelope)

    def verify(self, folder):
        """isthmus trace verify must be content. Returns what it says."""
        anchors = [word for site in (self.home, self.edge, self.carrier) for word in ("--ca", site.ca)]
        return isthmus("trace", "verify", folder, *anchors).stdout
