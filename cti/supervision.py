"""Supervisors who listen to a talk, whisper, barge in, or take it over. No I/O, no clock.

A supervisor's phone is a call of its own, `spy-...`, that joins nobody: ChanSpy hangs on the agent's channel. Only a
take-over makes an agent's leg of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from crm_core.history import events as feed
from cti import facts as f
from cti import sound
from cti.book import ContactBook
from cti.deeds import Silence, Step
from cti.live import SUPERVISORS, LiveSupervision
from cti.node_marks import node_of
from cti.supervisor_leg import Freed, Join, Leave, Place, Ring, Supervision, Wish
from cti.taking_over import hand_over, talk_of
from cti.views import SupervisionView

TAKE = "take"
SUPERVISING = "supervising"
"""The reason of the break of somebody who would be ready, while they listen."""
MODES = ("listen", "whisper", "barge")
RING_SECONDS = 30.0


class Supervisions:
    """By supervisor: each has one phone. `take` gives the steps that have gathered, `wishes` what Asterisk must do."""

    def __init__(self, book: ContactBook) -> None:
        self._book = book
        self._by: dict[str, Supervision] = {}
        self._out: list[Step] = []
        self._wishes: list[Wish] = []

    def of(self, supervisor: str) -> Supervision | None:
        return self._by.get(supervisor)

    def views(self) -> tuple[SupervisionView, ...]:
        return tuple(
            SupervisionView(
                supervisor=one.supervisor,
                agent=one.agent,
                call=one.call,
                mode=one.mode,
                connected=one.connected,
                since=one.since,
            )
            for one in self._by.values()
        )

    def take(self) -> list[Step]:
        out, self._out = self._out, []
        return out

    def wishes(self) -> list[Wish]:
        wishes, self._wishes = self._wishes, []
        return wishes

    # ---- what the supervisor asks

    def begin(self, supervision: Supervision, at: float) -> None:
        self._by[supervision.supervisor] = supervision
        self._changed(supervision, at)

    def change(self, one: Supervision, wanted: Supervision, at: float) -> Supervision:
        """Another mode, or another agent's talk, with the phone that is in the supervisor's hand.

        A talk in another Asterisk can be heard there only: this leg ends, and the phone is rung once more for `wanted`.
        Gives the supervision that goes on.
        """
        if one.next is not None or wanted.node != one.node:
            return self._elsewhere(one, wanted)
        if one.agent != wanted.agent:
            self._out.append(_record(one, at, mode=""))
            one.since = at
        one.agent, one.call, one.mode = wanted.agent, wanted.call, wanted.mode
        self._changed(one, at)
        if one.connected:
            self._wishes.append(Place(one))
        return one

    def _elsewhere(self, one: Supervision, wanted: Supervision) -> Supervision:
        if one.next is None:
            self._wishes.append(Leave(one.channel or one.uniqueid))
        wanted.was_ready = one.was_ready
        one.next = wanted
        return wanted

    def end(self, one: Supervision, at: float) -> None:
        """The leg is over; what was to come after it begins."""
        if self._by.get(one.supervisor) is not one:
            return
        del self._by[one.supervisor]
        self._out.append(_record(one, at, mode=""))
        if one.next is None:
            self._wishes.append(Freed(one.supervisor))
        else:
            self.begin(one.next, at)
            self._wishes.append(Ring(one.next))

    def _changed(self, one: Supervision, at: float) -> None:
        self._out.append(_record(one, at, mode=one.mode))

    # ---- what Asterisk tells

    def tell(self, fact: f.Fact) -> None:
        """Facts of supervisors' legs; all others change nothing here."""
        match fact:
            case f.Told(name="HLSpy"):
                self._spies(fact)
            case f.Told(name="HLTaking"):
                self._ready_to_take(fact)
            case f.BridgeEntered():
                self._joined(fact)
            case f.ChannelHungUp() if (one := self._of_channel(fact.uniqueid)) is not None:
                self.end(one, fact.at)
            case f.OriginateEnded(success=False) if (one := self._of_channel(fact.call)) is not None:
                self.end(one, fact.at)

    def _of_channel(self, uniqueid: str) -> Supervision | None:
        if not uniqueid.startswith(SUPERVISORS):
            return None
        return next((one for one in self._by.values() if one.uniqueid == uniqueid), None)

    def _spies(self, fact: f.Told) -> None:
        one = self._of_channel(fact.uniqueid)
        if one is None:
            return
        fresh = not one.connected
        one.channel, one.connected, one.heard = fact.channel, True, fact.headers.get("Mode", "")
        if fresh:
            one.since = fact.at
            self._changed(one, fact.at)
        if one.heard != one.mode or fact.headers.get("Agent") != one.agent:
            self._wishes.append(Place(one))

    def _ready_to_take(self, fact: f.Told) -> None:
        one = self._of_channel(fact.uniqueid)
        if one is None:
            return
        one.channel, one.connected, one.heard = fact.channel, True, TAKE
        talk = talk_of(self._book, one.agent)
        if talk is None or talk.call != one.call or one.mode != TAKE:
            self._wishes.append(Leave(fact.channel))
        else:
            one.file = fact.headers.get("File", "")
            if talk.pause is not None:  # before the customer comes: it is confirmed when the leg is the talk's
                self._out.append(Silence(talk.call, fact.channel, on=True, pause=sound.written(talk.pause)))
            self._wishes.append(Join(one))

    def _joined(self, fact: f.BridgeEntered) -> None:
        one = self._of_channel(fact.uniqueid)
        contact = self._book.contacts.get(one.call) if one is not None else None
        if one is None or one.mode != TAKE or contact is None:
            return
        del self._by[one.supervisor]
        self._out.append(_record(one, fact.at, mode=""))
        self._out += hand_over(self._book, contact, one, fact)

    # ---- after a restart or a cut link

    def compare(
        self,
        live: Iterable[LiveSupervision],
        at: float,
        resting: Iterable[str] = (),
        is_asked: Callable[[str], bool] = lambda _: True,
    ) -> None:
        """What Asterisk shows is believed: who is not there has ended, who is new is taken over.

        `resting` are those on a break of ours: who listens no longer is freed from it. `is_asked`: whether this
        Asterisk is the one of that channel.
        """
        there = {one.uniqueid: one for one in live}
        for one in [one for one in self._by.values() if not one.channel or is_asked(one.channel)]:
            if one.uniqueid not in there and (one.connected or at - one.since > RING_SECONDS + 5.0):
                self.end(one, at)
        for found in there.values():
            known = self._of_channel(found.uniqueid)
            if known is None:
                since, node = at - found.seconds, node_of(found.channel)
                known = Supervision(
                    found.supervisor, found.agent, found.call, found.mode, found.uniqueid, since, node=node
                )
                self._by[found.supervisor] = known
            known.channel, known.heard = found.channel, found.mode
            if found.up and not known.connected:
                known.connected = True
                self._changed(known, at)
        self._wishes += [Freed(agent) for agent in resting if agent not in self._by]


def _record(one: Supervision, at: float, *, mode: str) -> feed.SupervisionChanged:
    return feed.SupervisionChanged(
        at=at, call=one.call, agent=one.agent, supervisor=one.supervisor, mode=mode, connected=one.connected
    )
