"""What policy does not want is refused before its body travels: ten megabytes are announced and a few kilobytes sent."""
import os

import harness
from capture import Relay
from client import Client
from harness import IsthmusTest, isthmus, sample

BODY = b"x" * 76 + b"\r\n"
LARGE = BODY * (10 * 1024 * 1024 // len(BODY))
UNSENT = "isthmus_octets_refused_unsent_total"

RULES = [
    {"name": "programs", "media_type": ["application/x-msdownload"], "text": "programs are not taken"},
    {"name": "winner", "field": "Subject", "matches": "(?i)you have won", "text": "nobody has won"},
    {"name": "bulk", "senders": ["bulk@known.example"], "text": "no bulk mail"},
    {"name": "nobody", "recipients": ["nobody@carrier.example"], "code": "5.1.1", "text": "no such person"},
    {"name": "large", "max_octets": "8MiB", "senders": ["heavy@known.example"], "code": "5.3.4", "text": "too heavy"},
    {"name": "light", "max_octets": "8MiB", "hosts": ["mx1.light.example"], "code": "5.3.4", "text": "too heavy"},
    {"name": "later", "action": "defer", "senders": ["later@known.example"], "text": "come again"},
    {"name": "receipts", "options": ["ENVID"], "senders": ["options@known.example"], "text": "no such option"},
    {"name": "host", "hosts": ["mx1.unwanted.example"], "text": "we do not like you"},
    {"name": "late", "at": "body-announced", "senders": ["body@known.example"], "text": "no body"},
    {"name": "type", "at": "headers", "media_type": ["image/*"], "text": "no pictures"},
    {"name": "clear", "min_tls": "1.2", "senders": ["clear@elsewhere.example"], "text": "encrypt this"},
]


class Filtered(IsthmusTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier = cls.make_gateway("carrier.example")
        cls.carrier.store = cls.make_sink()
        cls.sites = {}
        for name in ("known", "unwanted", "light", "stranger"):
            cls.sites[name] = os.path.join(cls.folder, name)
            isthmus("init", cls.sites[name], "--site", name + ".example")
            if name != "stranger":
                cls.carrier.config["peer"].append(
                    {"host": f"mx1.{name}.example", "ca": os.path.join(cls.sites[name], "ca.pem"), "trust": "trusted"})
        cls.carrier.config["route"] = [
            {"domain": "carrier.example", "via": "smtp", "to": f"127.0.0.1:{cls.carrier.store.port}"}]
        cls.carrier.config["filter"] = RULES
        cls.carrier.start()

    def setUp(self):
        self.carrier.store.clear()

    def count(self, name, protocol="xproto", **labels):
        labels = ",".join([f'protocol="{protocol}"', *(f'{k}="{v}"' for k, v in labels.items())])
        return self.carrier.metrics()[f"{name}{{{labels}}}"]


class FiltersBeforeTheBody(Filtered):
    """By xproto, where everything can be asked first."""

    def send(self, *arguments, sender="a@known.example", to=("b@carrier.example",), site="known", headers=(),
             subject="hello", body=LARGE):
        """(exit, what was said, octets that travelled to the server)"""
        mail = os.path.join(self.folder, "mail.eml")
        with open(mail, "wb") as file:
            file.write(sample(subject, body, headers))
        relay = Relay(self.carrier.xproto_port)
        result = isthmus("send", "--site", self.sites[site], "--ca", self.carrier.ca, "--to", f"127.0.0.1:{relay.port}",
                         "--peer-host", self.carrier.host, "--from", sender, *[x for r in to for x in ("--rcpt", r)],
                         *arguments, mail, check=False)
        passed = relay.end()
        return result.returncode, result.stdout + result.stderr, sum(len(o) for up, o in passed if up)

    def assert_refused(self, words, reason, *arguments, least=len(LARGE), **how):
        before, reasons = self.count(UNSENT), self.count("isthmus_refusals_total", reason=reason)
        code, said, travelled = self.send(*arguments, **how)
        self.assertEqual(code, 1, said)
        self.assertIn(words, said)
        self.assertLess(travelled, 40_000, said)
        self.assertGreaterEqual(self.count(UNSENT) - before, least)
        self.assertEqual(self.count("isthmus_refusals_total", reason=reason) - reasons, 1)

    def test_good_mail_passes(self):
        code, said, travelled = self.send()
        self.assertEqual(code, 0, said)
        self.assertGreater(travelled, len(LARGE))
        self.carrier.store.wait(1)

    def test_a_host(self):
        self.assert_refused("we do not like you", "peer", least=1000, site="unwanted", sender="a@unwanted.example")

    def test_a_client_that_nobody_knows(self):
        before = self.count("isthmus_refusals_total", reason="peer")
        code, said, travelled = self.send(site="stranger", sender="a@stranger.example")
        self.assertNotEqual(code, 0)
        self.assertIn("does not know mx1.stranger.example", said)
        self.assertLess(travelled, 20_000)
        self.assertEqual(self.count("isthmus_refusals_total", reason="peer") - before, 1)

    def test_a_sender(self):
        self.assert_refused("no bulk mail", "sender", sender="bulk@known.example")

    def test_a_sender_for_now(self):
        self.assert_refused("99.821.4.7.1", "sender", sender="later@known.example")

    def test_the_size_that_is_announced(self):
        self.assert_refused("99.0.5.20 too heavy", "size", site="light", sender="a@light.example")

    def test_an_option(self):
        self.assert_refused("no such option", "option", "--mail-parameter", "ENVID=x", sender="options@known.example")

    def test_every_recipient(self):
        before = self.count(UNSENT)
        code, said, travelled = self.send(to=("nobody@carrier.example",))
        self.assertEqual(code, 1, said)
        self.assertIn("5.1.1", said)
        self.assertLess(travelled, 40_000)
        self.assertGreaterEqual(self.count(UNSENT) - before, len(LARGE))

    def test_one_recipient_of_two(self):
        code, said, _ = self.send(to=("nobody@carrier.example", "b@carrier.example"), body=b"small\r\n")
        self.assertEqual(code, 1, said)
        self.assertIn("no such person", said)
        message, = self.carrier.store.wait(1)
        self.assertEqual(message.addresses, ["b@carrier.example"])

    def test_a_subject(self):
        self.assert_refused("nobody has won", "field", subject="=?utf-8?b?WU9VIEhBVkUgV09O?=")

    def test_a_media_type(self):
        self.assert_refused("programs are not taken", "media_type", headers=["Content-Type: application/x-msdownload"])

    def test_a_media_type_when_the_header_is_here(self):
        self.assert_refused("no pictures", "media_type", headers=["Content-Type: image/png"])

    def test_before_the_body(self):
        self.assert_refused("no body", "sender", sender="body@known.example")

    def test_status_tells_the_octets(self):
        self.send(sender="bulk@known.example")
        totals = self.carrier.json("status")["totals"]
        self.assertGreaterEqual(totals["octets_refused_unsent"], len(LARGE))
        self.assertIn("octets_refused_unsent", self.carrier.cli("status").stdout)


class FiltersInSmtp(Filtered):
    """The same rules for mail that comes by SMTP, each at the earliest command that knows enough."""

    def refused(self, answer, code, words):
        self.assertEqual((answer.code, answer.text), (code, words))

    def test_good_mail_passes(self):
        with Client(self.carrier.smtp_port) as client:
            client.deliver("a@elsewhere.example", ["b@carrier.example"], sample())
        self.carrier.store.wait(1)

    def test_mail(self):
        before = self.count(UNSENT, "smtp")
        with Client(self.carrier.smtp_port) as client:
            self.refused(client.command("MAIL FROM:<bulk@known.example> SIZE=1000000"), 550, "5.7.1 no bulk mail")
            self.refused(client.command("MAIL FROM:<later@known.example>"), 451, "4.7.1 come again")
            self.refused(client.command("MAIL FROM:<heavy@known.example> SIZE=10000000"), 552, "5.3.4 too heavy")
            self.refused(client.command("MAIL FROM:<clear@elsewhere.example>"), 550, "5.7.1 encrypt this")
            self.refused(client.command("MAIL FROM:<options@known.example> ENVID=x"), 550, "5.7.1 no such option")
            client.expect(250, "MAIL FROM:<options@known.example>")
        self.assertEqual(self.count(UNSENT, "smtp") - before, 11_000_000)

    def test_recipients(self):
        with Client(self.carrier.smtp_port) as client:
            client.expect(250, "MAIL FROM:<a@elsewhere.example>")
            self.refused(client.command("RCPT TO:<nobody@carrier.example>"), 550, "5.1.1 no such person")
            client.expect(250, "RCPT TO:<b@carrier.example>")
            self.assertEqual(client.data(sample()).code, 250)
        self.carrier.store.wait(1)

    def test_content(self):
        cases = (("a@elsewhere.example", sample("You have WON"), 550, "5.7.1 nobody has won"),
                 ("a@elsewhere.example", sample(headers=["Content-Type: image/png"]), 550, "5.7.1 no pictures"),
                 ("body@known.example", sample(), 550, "5.7.1 no body"),
                 ("heavy@known.example", sample(body=LARGE), 552, "5.3.4 too heavy"))
        for sender, content, code, words in cases:
            with self.subTest(words), Client(self.carrier.smtp_port) as client:
                client.envelope(sender, ["b@carrier.example"])
                self.refused(client.data(content), code, words)
                client.deliver("a@elsewhere.example", ["b@carrier.example"], sample())  # the session goes on


if __name__ == "__main__":
    harness.main()
