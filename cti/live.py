"""What Asterisk's list of channels says of the calls that live now. Pure: tested on captured lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from crm_core.history.events import Direction
from cti.attempts import attempt_of
from cti.contacts import cleaned_number
from cti.facts import number
from cti.frames import Frame

_NOT_AN_AGENT = frozenset({"customer", "party", "supervisor"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveLeg:
    """The agent's channel of a call. `talking` = in the same bridge as the customer. Times 0 = not told."""

    agent: str
    leg: str
    channel: str
    uniqueid: str
    talking: bool
    up: bool
    talk_since: float
    hold_since: float
    file: str
    pause: str = ""  # as cti.sound writes it


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveParty:
    """The channel of a second party: a colleague (`kind` agent) or an outside number, `name`."""

    kind: str
    name: str
    leg: str
    channel: str
    uniqueid: str
    with_agent: bool
    with_customer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """One contact as Asterisk shows it; `started_at` is exact to a second.

    `owner` is the customer's leg of an outgoing call that runs our dialplan by itself now, else "". `held_since` is
    since when the customer hears the music of a consult or of a parking slot.
    """

    call: str
    direction: Direction
    channel: str
    customer_channel: str
    customer_uniqueid: str
    caller: str
    entry: str
    up: bool
    state: str
    queue: str
    since: float
    priority: int
    topic: str
    language: str
    matches: tuple[int, ...]
    started_at: float
    leg: LiveLeg | None
    party: LiveParty | None = None
    slot: str = ""
    held_since: float = 0.0
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSupervision:
    """A supervisor's phone that listens to the agent's talk `call`, since so many seconds."""

    supervisor: str
    agent: str
    call: str
    mode: str
    channel: str
    uniqueid: str
    up: bool
    seconds: float


SUPERVISORS = "spy-"
"""The beginning of the id of a supervisor's channel: no contact, whatever it does."""


def read_supervisions(rows: Iterable[Frame]) -> list[LiveSupervision]:
    """Supervisors' phones that took part in no talk themselves yet."""
    return [
        LiveSupervision(
            supervisor=_endpoint(row),
            agent=row.variable("HL_AGENT"),
            call=row.variable("HL_CALL"),
            mode=row.variable("HL_STATE"),
            channel=row.get("Channel"),
            uniqueid=row.get("Uniqueid"),
            up=row.get("ChannelStateDesc") == "Up",
            seconds=_seconds(row.get("Duration")),
        )
        for row in rows
        if row.get("Uniqueid").startswith(SUPERVISORS) and row.variable("HL_ROLE") == "supervisor"
    ]


def read_calls(rows: Iterable[Frame], now: float) -> list[LiveCall]:
    """Talking calls first, then ringing, then the rest by time of arrival."""
    by_call: dict[str, list[Frame]] = defaultdict(list)
    for row in rows:
        by_call[row.get("Linkedid")].append(row)
    calls = [call for rows_of in by_call.values() if (call := _call(rows_of, now))]
    return sorted(calls, key=_order)


def read_leftovers(rows: Iterable[Frame]) -> list[tuple[str, str]]:
    """Call and channel of legs whose customer has gone while nobody listened: two agents may still be talking."""
    by_call: dict[str, list[Frame]] = defaultdict(list)
    for row in rows:
        by_call[row.get("Linkedid")].append(row)
    return [
        (call, row.get("Channel"))
        for call, legs in by_call.items()
        if not any(row.get("Uniqueid") == call or row.variable("HL_OWNER") == "1" for row in legs)
        for row in legs
        if row.variable("HL_ROLE") in ("agent", "party")
    ]


def _order(call: LiveCall) -> tuple[int, float]:
    if call.leg is None:
        return 2, call.since or call.started_at
    return (0 if call.leg.talking else 1), call.started_at


def _call(rows: list[Frame], now: float) -> LiveCall | None:
    owner = next((row for row in rows if row.variable("HL_OWNER") == "1"), None)
    own = owner or next((row for row in rows if row.get("Uniqueid") == row.get("Linkedid")), None)
    if own is None or not own.variable("HL_CALL") or own.get("Uniqueid").startswith(SUPERVISORS):
        return None
    outbound = own.variable("HL_DIR") == "out" and owner is None
    others = sorted((row for row in rows if row is not own), key=lambda row: not _together(row, own))
    agent_row = own if outbound else next((row for row in others if _agent_of(row)), None)
    customer = next((row for row in others if not _agent_of(row)), None) if outbound else own
    leg = _leg(agent_row, customer) if agent_row is not None else None
    party_row = next((row for row in others if row.variable("HL_ROLE") == "party"), None)
    return LiveCall(
        call=own.get("Linkedid"),
        direction=Direction.OUTBOUND if own.variable("HL_DIR") == "out" else Direction.INBOUND,
        channel=own.get("Channel"),
        customer_channel=customer.get("Channel") if customer else "",
        customer_uniqueid=customer.get("Uniqueid") if customer else "",
        caller=_customer_number(own, customer, outbound=outbound),
        entry="" if own.variable("HL_DIR") == "out" else cleaned_number(own.variable("HL_ENTRY")),
        up=bool(customer) and customer is not None and customer.get("ChannelStateDesc") == "Up",
        state=own.variable("HL_STATE"),
        queue=own.variable("HL_QUEUE"),
        since=number(own.variable("HL_SINCE")),
        priority=int(number(own.variable("HL_PRIO"))),
        topic=own.variable("HL_TOPIC"),
        language=own.variable("HL_LANG"),
        matches=tuple(int(text) for text in own.variable("HL_MATCH").split("-") if text.isascii() and text.isdigit()),
        started_at=now - _seconds(own.get("Duration")),
        leg=leg,
        party=_party(party_row, agent_row, customer) if party_row is not None else None,
        slot=own.variable("HL_SLOT"),
        held_since=number(own.variable("HL_HOLD")),
        owner=own.get("Uniqueid") if owner is not None else "",
    )


def _together(row: Frame, other: Frame | None) -> bool:
    bridge = row.get("BridgeId")
    return bool(bridge) and other is not None and other.get("BridgeId") == bridge


def _party(row: Frame, agent: Frame | None, customer: Frame | None) -> LiveParty:
    return LiveParty(
        kind=row.variable("HL_KIND"),
        name=row.variable("HL_AGENT"),
        leg=row.variable("HL_LEG"),
        channel=row.get("Channel"),
        uniqueid=row.get("Uniqueid"),
        with_agent=_together(row, agent),
        with_customer=_together(row, customer),
    )


def _customer_number(own: Frame, customer: Frame | None, *, outbound: bool) -> str:
    if attempt_of(own.get("Uniqueid")) is not None and own.variable("HL_OWNER") == "1":
        return f"+{cleaned_number(own.variable('HL_ENTRY'))}"  # its caller id is what the customer saw: ours
    row = customer if outbound and customer is not None else own
    return cleaned_number(row.get("CallerIDNum"))


def _agent_of(row: Frame) -> str:
    """The agent's number of an agent's channel, "" for a customer's."""
    if row.variable("HL_ROLE") in _NOT_AN_AGENT:
        return ""
    return _endpoint(row)


def _endpoint(row: Frame) -> str:
    endpoint = row.get("Channel").removeprefix("PJSIP/").rpartition("-")[0]
    return endpoint if endpoint.isascii() and endpoint.isdigit() else ""


def _leg(row: Frame, customer: Frame | None) -> LiveLeg:
    return LiveLeg(
        agent=_agent_of(row),
        leg=row.variable("HL_LEG") or (customer.variable("HL_LEG") if customer else ""),
        channel=row.get("Channel"),
        uniqueid=row.get("Uniqueid"),
        talking=_together(row, customer),
        up=row.get("ChannelStateDesc") == "Up",
        talk_since=number(customer.variable("HL_TALK")) or number(row.variable("HL_TALK")) if customer else 0.0,
        hold_since=number(row.variable("HL_HOLD")),
        file=row.variable("HL_FILE"),
        pause=row.variable("HL_PAUSE"),
    )


def _seconds(duration: str) -> float:
    """Of hh:mm:ss."""
    parts = duration.split(":")
    seconds = 0.0
    for part in parts:
        seconds = seconds * 60 + number(part)
    return seconds
