"""AMI events to facts: pure, so that captured streams test it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypedDict

from cti.facts import (
    AsteriskStopping,
    BridgeEntered,
    BridgeLeft,
    ChannelAnswered,
    ChannelAppeared,
    ChannelHeld,
    ChannelHungUp,
    ChannelRang,
    ChannelResumed,
    ContactChanged,
    DeviceChanged,
    DialBegan,
    DialEnded,
    Fact,
    HangupAsked,
    MusicBegan,
    OriginateEnded,
    RecordingBegan,
    RecordingMuted,
    Told,
    number,
)
from cti.frames import Frame


class _ChannelArguments(TypedDict):
    at: float
    channel: str
    uniqueid: str
    call: str


class _LegArguments(TypedDict):
    leg_channel: str
    leg_uniqueid: str


class _PlaceArguments(TypedDict):
    queue: str
    since: float
    priority: int


def _sip_code(frame: Frame) -> int:
    return int(number(frame.get("TechCause")))


def _appeared(frame: Frame) -> Fact:
    return ChannelAppeared(
        **_channel(frame), context=frame.get("Context"), exten=frame.get("Exten"), caller=frame.get("CallerIDNum")
    )


def _state(frame: Frame) -> Fact | None:
    match frame.get("ChannelStateDesc"):
        case "Up":
            return ChannelAnswered(**_channel(frame))
        case "Ringing":
            return ChannelRang(**_channel(frame))
    return None


def _music(frame: Frame) -> Fact:
    return MusicBegan(
        **_channel(frame),
        context=frame.get("Context"),
        state=frame.variable("HL_STATE"),
        **_place(frame),
    )


def _dial(frame: Frame) -> Fact:
    return DialBegan(**_dialled(frame), **_leg(frame))


def _dial_state(frame: Frame) -> Fact | None:
    if frame.get("DialStatus") != "RINGING":
        return None
    return ChannelRang(
        at=_at(frame),
        channel=frame.get("DestChannel"),
        uniqueid=frame.get("DestUniqueid"),
        call=frame.get("DestLinkedid"),
    )


def _dial_end(frame: Frame) -> Fact:
    return DialEnded(**_dialled(frame), **_leg(frame), status=frame.get("DialStatus"))


def _hangup_asked(frame: Frame) -> Fact:
    return HangupAsked(**_channel(frame), cause=int(number(frame.get("Cause"))), sip_code=_sip_code(frame))


def _hung_up(frame: Frame) -> Fact:
    return ChannelHungUp(**_channel(frame), cause=int(number(frame.get("Cause"))), sip_code=_sip_code(frame))


def _told(frame: Frame) -> Fact | None:
    name = frame.get("UserEvent")
    if not name.startswith("HL"):
        return None
    # What the dialplan says follows its own name; before it stand the channel's headers, which a caller can influence.
    items = frame.items()
    begin = next(i for i, (key, _) in enumerate(items) if key == "UserEvent")
    return Told(**_channel(frame), name=name, headers=dict(items[begin + 1 :]), **_place(frame))


def _originate(frame: Frame) -> Fact:
    return OriginateEnded(
        at=_at(frame),
        action=frame.get("ActionID"),
        call=frame.get("Uniqueid"),
        success=frame.get("Response") == "Success",
    )


def _device(frame: Frame) -> Fact:
    return DeviceChanged(at=_at(frame), device=frame.get("Device"), state=frame.get("State"))


def _contact(frame: Frame) -> Fact:
    aor = frame.get("AOR") or frame.get("EndpointName")
    return ContactChanged(at=_at(frame), aor=aor, status=frame.get("ContactStatus"), uri=frame.get("URI"))


def _at(frame: Frame) -> float:
    return number(frame.get("Timestamp"))


def _channel(frame: Frame) -> _ChannelArguments:
    return {
        "at": _at(frame),
        "channel": frame.get("Channel"),
        "uniqueid": frame.get("Uniqueid"),
        "call": frame.get("Linkedid"),
    }


def _dialled(frame: Frame) -> _ChannelArguments:
    arguments = _channel(frame)
    arguments["call"] = arguments["call"] or frame.get("DestLinkedid")
    return arguments


def _leg(frame: Frame) -> _LegArguments:
    return {"leg_channel": frame.get("DestChannel"), "leg_uniqueid": frame.get("DestUniqueid")}


def _place(frame: Frame) -> _PlaceArguments:
    return {
        "queue": frame.variable("HL_QUEUE"),
        "since": number(frame.variable("HL_SINCE")),
        "priority": int(number(frame.variable("HL_PRIO"))),
    }


_TRANSLATORS: dict[str, Callable[[Frame], Fact | None]] = {
    "Newchannel": _appeared,
    "Newstate": _state,
    "MusicOnHoldStart": _music,
    "DialBegin": _dial,
    "DialState": _dial_state,
    "DialEnd": _dial_end,
    "BridgeEnter": lambda f: BridgeEntered(**_channel(f), bridge=f.get("BridgeUniqueid"), leg=f.variable("HL_LEG")),
    "BridgeLeave": lambda f: BridgeLeft(**_channel(f), bridge=f.get("BridgeUniqueid")),
    "Hold": lambda f: ChannelHeld(**_channel(f)),
    "Unhold": lambda f: ChannelResumed(**_channel(f)),
    "HangupRequest": _hangup_asked,
    "Hangup": _hung_up,
    "UserEvent": _told,
    "MixMonitorStart": lambda f: RecordingBegan(**_channel(f), leg=f.variable("HL_LEG"), file=f.variable("HL_FILE")),
    "MixMonitorMute": lambda f: RecordingMuted(**_channel(f), on=f.get("State") == "1"),
    "OriginateResponse": _originate,
    "DeviceStateChange": _device,
    "ContactStatus": _contact,
    "Shutdown": lambda f: AsteriskStopping(at=_at(f)),
}
WANTED_EVENTS = frozenset(_TRANSLATORS) | {"Registry"}
"""A trunk's login is no business fact: cti/lines.py hears of it."""


def translate(frame: Frame) -> Fact | None:
    """The fact that an event tells, or None when it is of no use to a call centre."""
    translator = _TRANSLATORS.get(frame.event)
    return translator(frame) if translator else None
