"""One attempt of a campaign to reach a customer, and the one result that it gets. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

from crm_core.history.campaign_events import AttemptAnswered, AttemptConnected, AttemptEnded, AttemptRang
from crm_core.history.events import HistoryEvent

CONNECT_SECONDS = 2.0  # as asterisk_conf's site has it: after that the dialplan plays the message
LAST_OFFER_SECONDS = 0.3  # before it: what a phone that answers by itself needs

MACHINE, UNSURE = "machine", "unsure"
MACHINE_WORDS = {"HUMAN": "human", "MACHINE": MACHINE, "NOTSURE": UNSURE}
"""AMDSTATUS -> our word; HANGUP is none: the customer left before it could tell."""

_CALL = re.compile(r"ob-([1-9][0-9]{0,9})-([1-9][0-9]{0,9})-([1-9][0-9]{0,5})")
_BUSY, _REFUSED = frozenset({486, 600}), frozenset({403, 603})
_NO_ANSWER = frozenset({408, 480, 487})
_BY_CAUSE = {17: "busy", 21: "refused", 16: "no_answer", 18: "no_answer", 19: "no_answer"}  # Q.850


class AttemptId(NamedTuple):
    campaign: int
    entry: int
    number: int


def attempt_of(call: str) -> AttemptId | None:
    """What a ChannelId says, None for one that is no campaign's."""
    found = _CALL.fullmatch(call)
    return AttemptId(*(int(part) for part in found.groups())) if found else None


@dataclass(slots=True)
class Attempt:
    """What is known of it until its contact is over. Times 0 = not yet.

    `detects`: machine detection listens first, so who answered is told when that is known. `gone`: why there is no
    word of its end: "never" (no channel of it was ever seen) or "unseen" (there was one, and nobody saw what became of
    it).
    """

    campaign: int
    entry: int
    detects: bool = False
    rang: bool = False
    answered_at: float = 0.0
    answer_told: bool = False
    machine: str = ""
    connected: bool = False
    dropped: bool = False
    asked: bool = False
    recalled: bool = False
    cause: int = 0
    sip_code: int = 0
    gone: str = ""

    def is_late(self, queued_at: float, at: float) -> bool:
        """Whether the message is about to begin, so that no phone may be rung any more."""
        return not self.connected and at - queued_at > CONNECT_SECONDS - LAST_OFFER_SECONDS

    def rings(self, call: str, at: float) -> list[HistoryEvent]:
        if self.rang or self.answered_at:
            return []
        self.rang = True
        return [AttemptRang(at=at, call=call, campaign=self.campaign)]

    def answers(self, call: str, at: float) -> list[HistoryEvent]:
        self.answered_at = self.answered_at or at
        return [] if self.detects else self._tell_answer(call)

    def heard(self, call: str, word: str) -> list[HistoryEvent]:
        """What machine detection says."""
        self.machine = self.machine or word
        return self._tell_answer(call)

    def connects(self, call: str, agent: str, at: float) -> list[HistoryEvent]:
        """An agent and the customer hear each other for the first time."""
        if self.connected:
            return []
        self.connected = True
        told = self._tell_answer(call, at)
        return [*told, AttemptConnected(at=at, call=call, campaign=self.campaign, agent=agent)]

    def ends(self, call: str, at: float, settled_by: str) -> list[HistoryEvent]:
        """Once, when the contact is over."""
        told = self._tell_answer(call) if self.answered_at else []
        end = AttemptEnded(
            at=at,
            call=call,
            campaign=self.campaign,
            result=self.result(),
            cause=self.cause,
            sip_code=self.sip_code,
            settled_by=settled_by,
        )
        return [*told, end]

    def _tell_answer(self, call: str, at: float = 0.0) -> list[HistoryEvent]:
        if self.answer_told:
            return []
        self.answer_told = True
        self.answered_at = self.answered_at or at
        machine = self.machine or (UNSURE if self.detects else "")
        return [AttemptAnswered(at=self.answered_at, call=call, campaign=self.campaign, machine=machine)]

    def result(self) -> str:
        """A word of CampaignAttempt.result."""
        if self.connected:
            return "answered"
        if self.asked:
            return "answered_by_voice"
        if self.dropped:
            return "dropped"
        if self.machine == MACHINE and not self.recalled:
            return "machine"
        if self.answered_at:
            return "hung_up"
        return self._unanswered()

    def _unanswered(self) -> str:
        if self.gone:
            return "not_placed" if self.gone == "never" else "unsettled"
        if self.sip_code in _BUSY or self.sip_code in _REFUSED:
            return "busy" if self.sip_code in _BUSY else "refused"
        if self.sip_code in _NO_ANSWER:
            return "no_answer"
        if self.sip_code >= 400:
            return "failed"
        return _BY_CAUSE.get(self.cause, "failed")
