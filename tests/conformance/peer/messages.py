"""An RFC 5322 message as the three objects, and back. Only what tests need: no trace fields are mapped."""
import dataclasses
import os

from . import envelopes, headers, traces
from .envelopes import Envelope, Object, Originator, Parameter, Recipient

ENVELOPE, HEADERS, BODY = "message/envelope", "message/headers", "message/body"
SKELETON, LEAF = "message/skeleton", "message/leaf"


@dataclasses.dataclass
class Message:
    """The octets of the objects by type, in the order in which they travel."""
    id: str
    objects: dict

    @property
    def envelope(self):
        return envelopes.parse(self.objects[ENVELOPE])

    def content(self):
        """The message as it was before it was taken apart; Received and Return-Path fields at their places."""
        fields, end = headers.parse(self.objects[HEADERS])
        for legacy in sorted(self.envelope.legacy, key=lambda one: one.place):
            fields.insert(legacy.place, legacy.field)
        return headers.join(fields, end) + self.objects[BODY]

    def object_fault(self):
        """The first object that is not what the envelope announces; None when all are."""
        announced = {one.type.decode(): one for one in self.envelope.objects}
        for type_ in (HEADERS, BODY):
            there = self.objects.get(type_)
            if (there is None) != (type_ not in announced):
                return f"{type_}: announced, or there, but not both"
            if there is not None and (len(there), envelopes.digest(there)) != (announced[type_].octets,
                                                                               announced[type_].digest):
                return f"{type_}: not the octets that the envelope names"
        return None


def parameters(text):
    """`RET=HDRS SMTPUTF8` as parameters."""
    pairs = [word.partition("=") for word in text.split()]
    return [Parameter(name.encode(), value.encode() if equals else None) for name, equals, value in pairs]


def draft(content, sender, recipients, site, mail_parameters="", media_type=None):
    """(envelope, headers, body) of a message that is born here; nothing is signed yet.

    `recipients`: addresses, or pairs of address and parameters. Without content: a control message."""
    envelope = Envelope(f"{os.urandom(16).hex()}@{site}".encode(), traces.stamp(),
                        Originator(sender.encode(), parameters=parameters(mail_parameters)), [], [])
    for number, one in enumerate(recipients, 1):
        address, said = one if isinstance(one, tuple) else (one, "")
        envelope.recipients.append(Recipient(number, address.encode(), traces.salt(), parameters(said)))
    if content is None:
        return envelope, None, None
    fields, end, body = headers.split(content)
    header = headers.build(fields, end)
    envelope.objects = [
        Object(HEADERS.encode(), len(header), envelopes.digest(header)),
        Object(BODY.encode(), len(body), envelopes.digest(body), media_type.encode() if media_type else None)]
    return envelope, header, body


def finish(envelope, header, body):
    objects = {ENVELOPE: envelopes.build(envelope)}
    if header is not None:
        objects |= {HEADERS: header, BODY: body}
    return Message(envelope.id.decode(), objects)
