"""Whether a caller whose call is over has left a voice message. No I/O, no clock."""

from __future__ import annotations

import re

from crm_core.history import events as feed
from cti.contacts import Contact
from cti.facts import Told, number

LEAST_SECONDS = 2  # the dialplan counts whole seconds; what is shorter says nothing
URGENT_TOPICS = frozenset({"rescue"})


def voice_message(contact: Contact, end: Told) -> feed.VoiceMessageLeft | None:
    """The message that HLEnd tells of, once. Its file must be the one that our dialplan names."""
    file, seconds = end.headers.get("Message", ""), number(end.headers.get("Spoken", ""))
    ours = re.fullmatch(rf"\d{{8}}/{re.escape(contact.call)}-m\.sln", file)
    if contact.voicemail or not ours or seconds < LEAST_SECONDS:
        return None
    return feed.VoiceMessageLeft(
        at=end.at,
        call=contact.call,
        queue=contact.queue,
        caller=contact.caller,
        file=file,
        seconds=seconds,
        urgent=bool({contact.topic, contact.queue} & URGENT_TOPICS),
    )
