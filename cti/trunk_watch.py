"""What is known of each trunk: logged in or refused, alive or not, its calls, its last fault. No I/O, no clock."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from cti.frames import Frame
from cti.line_plan import LinePlan, TrunkWay

CHANNEL = "PJSIP/trunk"
# Answers to a call that are the carrier's or the line's fault; 404, 480, 486, 603 are the called person's.
FAULTS = frozenset({401, 403, 407, 408, 415, 488, 500, 501, 502, 503, 504, 505, 513, 580})
UNREACHED = 408
DOUBT_SECONDS = 15.0


class TrunkState(StrEnum):
    REGISTERED = "registered"  # logged in
    REACHABLE = "reachable"  # known by address, and it answers
    REGISTERING = "registering"  # not yet, or the login is over
    REJECTED = "rejected"  # the carrier refuses user or secret
    UNREACHABLE = "unreachable"  # no answer
    UNKNOWN = "unknown"  # nothing is known: not watched, or not yet


WORKING = frozenset({TrunkState.REGISTERED, TrunkState.REACHABLE, TrunkState.UNKNOWN})
BAD = frozenset({TrunkState.REJECTED, TrunkState.UNREACHABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkView:
    """One trunk as it is shown. `round_trip` in milliseconds, 0 = unknown; `fault` a SIP code, 0 = none since the start
    of the platform; times in seconds since 1970. `usable` = calls out take it. `away_from` = the names of those of our
    Asterisks which it does not answer while it answers another one.
    """

    way: TrunkWay
    state: TrunkState = TrunkState.UNKNOWN
    since: float = 0.0
    round_trip: float = 0.0
    calls: int = 0
    fault: int = 0
    fault_at: float = 0.0
    away_from: tuple[str, ...] = ()

    @property
    def full(self) -> bool:
        return bool(self.way.capacity) and self.calls >= self.way.capacity

    @property
    def usable(self) -> bool:
        return self.state in WORKING and not self.full


@dataclass(frozen=True, slots=True)
class TrunkChange:
    """A trunk went from one state to another."""

    trunk: str
    before: TrunkState
    after: TrunkState
    at: float


@dataclass(slots=True)
class _Seen:
    registration: str = ""  # Registered, Rejected, Unregistered; "" = never told
    reachable: dict[str, bool] = field(default_factory=dict)  # by node, see cti.node_marks
    doubted: float = 0.0  # when it was first called unavailable: so is a contact that nobody has asked yet


@dataclass(slots=True)
class TrunkWatch:
    """Told every frame of Asterisk's, and what it answers when it is asked. Changes gather until taken.

    The event Registry names account and server but no trunk: who hears it asks, and tells `compared`.
    """

    plan: LinePlan = field(default_factory=LinePlan)
    _views: dict[str, TrunkView] = field(default_factory=dict)
    _seen: dict[str, _Seen] = field(default_factory=dict)
    _channels: dict[str, str] = field(default_factory=dict)  # uniqueid -> endpoint
    _changes: list[TrunkChange] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.plan_changed(self.plan)

    def plan_changed(self, plan: LinePlan) -> None:
        """What is known of a trunk that stays is kept."""
        self.plan = plan
        self._views = {
            way.endpoint: replace(self._views.get(way.endpoint, TrunkView(way=way)), way=way) for way in plan.trunks
        }
        self._seen = {endpoint: self._seen.get(endpoint, _Seen()) for endpoint in self._views}

    def views(self) -> tuple[TrunkView, ...]:
        return tuple(replace(view, calls=self._calls(endpoint)) for endpoint, view in self._views.items())

    def usable(self, way: TrunkWay) -> bool:
        view = self._views.get(way.endpoint)
        return view is not None and replace(view, calls=self._calls(way.endpoint)).usable

    def take_changes(self) -> list[TrunkChange]:
        taken, self._changes = self._changes, []
        return taken

    def hear(self, frame: Frame, at: float) -> bool:
        """True when something that is shown has changed."""
        match frame.event:
            case "ContactStatus":
                told = frame.get("ContactStatus")
                return self._contact(frame.get("AOR"), told, frame.get("RoundtripUsec"), at, [frame.node])
            case "Newchannel":
                return self._channel(frame.get("Uniqueid"), frame.get("Channel"))
            case "Hangup":
                return self._hung_up(frame, at)
        return False

    def compared(
        self,
        registrations: Mapping[str, str] | None,
        contacts: Collection[tuple[str, str, str]],
        channels: Mapping[str, str],
        at: float,
    ) -> bool:
        """What Asterisk answers: status by endpoint; endpoint, status, microseconds; channel by uniqueid.

        `registrations` None = not asked. Where two Asterisks say different things of a contact, events know more.
        """
        before = self.views()
        for endpoint, view in self._views.items():
            if registrations is not None and view.way.registers:
                self._registered(endpoint, registrations.get(endpoint, "Unregistered"), at)
        said = {endpoint: {status for other, status, _ in contacts if other == endpoint} for endpoint, _, _ in contacts}
        for endpoint, status, round_trip in contacts:
            if len(said[endpoint]) == 1 and not self._is_doubted(endpoint, status, at):
                nodes = [*self._seen[endpoint].reachable] if endpoint in self._seen else []
                self._contact(endpoint, status, round_trip, at, nodes or [""])
        self._channels = {
            uniqueid: endpoint for uniqueid, name in channels.items() if (endpoint := endpoint_of(name)) in self._views
        }
        return self.views() != before

    def _is_doubted(self, endpoint: str, status: str, at: float) -> bool:
        seen = self._seen.get(endpoint)
        if seen is None or seen.reachable or status != "Unreachable":
            return False
        seen.doubted = seen.doubted or at
        return at - seen.doubted < DOUBT_SECONDS

    def _calls(self, endpoint: str) -> int:
        return sum(one == endpoint for one in self._channels.values())

    def _registered(self, endpoint: str, status: str, at: float) -> bool:
        if endpoint not in self._seen:
            return False
        self._seen[endpoint].registration = status
        return self._settle(endpoint, at)

    def _contact(self, endpoint: str, status: str, round_trip: str, at: float, nodes: Collection[str]) -> bool:
        if endpoint not in self._seen or not self._views[endpoint].way.watched:
            return False
        if status in ("Removed", "Created", "Unknown", "NonQualified", "Updated"):
            return False
        reachable, answers = self._seen[endpoint].reachable, status in ("Reachable", "Avail")
        reachable.update(dict.fromkeys(nodes, answers))
        before = self._views[endpoint]
        away = tuple(sorted(node for node, there in reachable.items() if not there)) if any(reachable.values()) else ()
        milliseconds = int(round_trip) / 1000 if round_trip.isdigit() and answers else 0.0
        if not answers and away:
            milliseconds = before.round_trip  # of the Asterisk that it answers
        self._views[endpoint] = replace(before, round_trip=milliseconds, away_from=away)
        return self._settle(endpoint, at) or self._views[endpoint] != before

    def _settle(self, endpoint: str, at: float) -> bool:
        view, state = self._views[endpoint], _state(self._views[endpoint].way, self._seen[endpoint])
        if state is view.state:
            return False
        fault = {TrunkState.REJECTED: 403, TrunkState.UNREACHABLE: UNREACHED}.get(state)
        fresh = replace(view, state=state, since=at)
        self._views[endpoint] = replace(fresh, fault=fault, fault_at=at) if fault else fresh
        self._changes.append(TrunkChange(view.way.id, view.state, state, at))
        return True

    def _channel(self, uniqueid: str, name: str) -> bool:
        endpoint = endpoint_of(name)
        if endpoint not in self._views:
            return False
        self._channels[uniqueid] = endpoint
        return True

    def _hung_up(self, frame: Frame, at: float) -> bool:
        endpoint = self._channels.pop(frame.get("Uniqueid"), "")
        if not endpoint:
            return False
        code = frame.get("TechCause")
        if code.isdigit() and int(code) in FAULTS:
            self._views[endpoint] = replace(self._views[endpoint], fault=int(code), fault_at=at)
        return True


def endpoint_of(channel: str) -> str:
    """PJSIP/trunk-mobile-0000001a is a channel of trunk-mobile; "" for what is no trunk's."""
    return channel.removeprefix("PJSIP/").rpartition("-")[0] if channel.startswith(CHANNEL) else ""


def _state(way: TrunkWay, seen: _Seen) -> TrunkState:
    if seen.registration == "Rejected":
        return TrunkState.REJECTED
    if seen.reachable and not any(seen.reachable.values()):
        return TrunkState.UNREACHABLE
    if way.registers:
        return TrunkState.REGISTERED if seen.registration == "Registered" else TrunkState.REGISTERING
    return TrunkState.REACHABLE if any(seen.reachable.values()) else TrunkState.UNKNOWN
