"""What Asterisk told us, as facts with business names. `cti.translate` makes them of events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

VARIABLES = (
    *("HL_CALL", "HL_QUEUE", "HL_SINCE", "HL_PRIO", "HL_ROLE", "HL_STATE", "HL_AGENT", "HL_LEG"),
    *("HL_ENTRY", "HL_DIR", "HL_TALK", "HL_HOLD", "HL_MATCH", "HL_TOPIC", "HL_LANG", "HL_FILE"),
    *("HL_OWNER", "HL_SLOT", "HL_KIND", "HL_PAUSE"),
)
"""What `channelvars` puts on every channel event and on every row of a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """`at` is Asterisk's own time in seconds since 1970; 0 when it gave none."""

    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFact(Fact):
    """`channel` is the name that actions need, `uniqueid` the identity, `call` the linkedid."""

    channel: str
    uniqueid: str
    call: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAppeared(ChannelFact):
    context: str
    exten: str
    caller: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelRang(ChannelFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelAnswered(ChannelFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class MusicBegan(ChannelFact):
    """`context` and `state` tell whether the caller waits, or hears music for another reason."""

    context: str
    state: str
    queue: str
    since: float
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DialBegan(ChannelFact):
    """`channel` calls `leg_channel`. Asterisk gives no caller when we originate: then `channel` is ""."""

    leg_channel: str
    leg_uniqueid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialEnded(ChannelFact):
    leg_channel: str
    leg_uniqueid: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeEntered(ChannelFact):
    bridge: str
    leg: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeLeft(ChannelFact):
    bridge: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHeld(ChannelFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelResumed(ChannelFact):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class HangupAsked(ChannelFact):
    """The far end of this channel hung up or refused; `sip_code` 0 = not said."""

    cause: int
    sip_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHungUp(ChannelFact):
    cause: int
    sip_code: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingBegan(ChannelFact):
    """`file` is below the recordings folder."""

    leg: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingMuted(ChannelFact):
    """From now on the recording of this channel holds silence (`on`), or what is said again."""

    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told(ChannelFact):
    """A user event of our own dialplan (HLStart, HLAgi, HLOfferEnd, HLLost, HLGone, HLOutEnd, HLEnd)."""

    name: str
    headers: Mapping[str, str] = field(default_factory=dict)
    queue: str = ""
    since: float = 0.0
    priority: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundDialled(ChannelFact):
    """The agent's leg of an outgoing call went off to dial a customer. Only the event log tells this."""

    agent: str
    leg: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerChanged(ChannelFact):
    """The customer's leg of an outgoing call runs our dialplan by itself from now on. Only the event log tells this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginateEnded(Fact):
    action: str
    call: str
    success: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceChanged(Fact):
    """`device` is e.g. PJSIP/1018, `state` e.g. NOT_INUSE, INUSE, RINGING, ONHOLD, UNAVAILABLE."""

    device: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChanged(Fact):
    """A phone's registration: Created, Reachable, Updated, NonQualified, Unreachable, Removed."""

    aor: str
    status: str
    uri: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskStopping(Fact):
    pass


def number(text: str) -> float:
    """A time or a count that came over the wire; 0 for anything that is not one."""
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if -1e12 < value < 1e12 else 0.0
