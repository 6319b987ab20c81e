"""What became of a message that was sent: the answers to its objects, and what they mean (docs/xproto.md, section 4)."""
import dataclasses
import re

from . import messages

PERMISSIONS = {messages.ENVELOPE: "99.0.3.5", messages.HEADERS: "99.0.3.6", messages.BODY: "99.0.3.8",
               messages.SKELETON: "99.0.3.8", messages.LEAF: "99.0.3.8"}
STORED, HAD, RECEIVED, WORKING, MORE = "99.0.2.6", "99.0.2.7", "99.0.2.5", "99.0.3.7", "99.0.3.9"
RECIPIENT = re.compile(r"([1-9][0-9]*)(?:;([0-9]{3}))?")


class Violation(Exception):
    """The other end broke the protocol."""


@dataclasses.dataclass
class Outcome:
    """What became of one message: word and code of the deciding answer, and recipients that fared differently."""
    word: str = "lost"
    code: str = ""
    text: str = ""
    smtp: str | None = None
    recipients: dict = dataclasses.field(default_factory=dict)  # number: Item
    answers: list = dataclasses.field(default_factory=list)     # (tag, Response) in order

    @property
    def accepted(self):
        return self.word == "OK" and self.code in (STORED, HAD)


def note(outcome, line):
    """Remembers what an answer says about single recipients."""
    for item in line.items():
        if item.name == "RCPT":
            match = RECIPIENT.fullmatch(item.value or "")
            if not match or item.word not in ("OK", "ERR"):
                raise Violation(f"a recipient that nobody can read: {item}")
            outcome.recipients[int(match.group(1))] = item
        elif item.name == "SMTP":
            outcome.smtp = item.text


def decide(outcome, line):
    outcome.word, outcome.code, outcome.text = line.word, line.code, line.text
    return outcome
