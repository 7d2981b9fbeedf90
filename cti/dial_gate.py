"""The gate of every leg to the outside: where it may go and how much may go; what is refused is kept and told.

A stolen login, a menu, a campaign and a test call ask the same. What the limits are: crm_core.lines.limits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

import structlog

from crm_core.dialling import NumberNotAllowed, dialable
from crm_core.errors import Refused
from cti.dial_caps import CapHit, DialCaps
from cti.line_plan import LinePlan

log = structlog.get_logger(__name__)

SAME_ALARM_SECONDS = 60.0
KEPT_HITS = 50
MOST_DIGITS = 20  # of what was dialled, in an alarm: it may be anything
TEST, MENU, CALLBACK, CAMPAIGN = "test", "menu", "callback", "campaign/"
"""Who dials, besides agents by their number; a campaign is `campaign/<id>`."""
_NOT_DIGITS = re.compile(r"[^0-9]+")


class DialGate:
    """`alarm` is told a refusal, at most once a minute the same one of the same person; `changed` of each."""

    def __init__(
        self,
        plan: LinePlan,
        clock: Callable[[], float],
        alarm: Callable[[CapHit], None],
        changed: Callable[[], None],
    ) -> None:
        self._clock, self._alarm, self._changed = clock, alarm, changed
        self._agents, self._campaigns, self._tests = (DialCaps(is_night=self._is_night) for _ in range(3))
        self.refusals = 0  # since the start
        self.hits: list[CapHit] = []  # the newest last, as the page shows them
        self._told: dict[tuple[str, str], float] = {}
        self.take(plan)

    def take(self, plan: LinePlan) -> None:
        """These limits hold from now on; what was dialled in the last hour counts."""
        self._plan = plan
        self._agents.limits = self._tests.limits = plan.limits.agent
        self._campaigns.limits = plan.limits.campaign

    def _is_night(self, at: float) -> bool:
        local = datetime.fromtimestamp(at, UTC).astimezone(self._plan.zone)
        return self._plan.limits.is_night(local.strftime("%H:%M"))

    def dialable(self, who: str, number: str) -> str:
        """E.164 digits of what somebody wishes to dial. NumberNotAllowed is an alarm, NumberNotDialable is a slip."""
        try:
            return dialable(number, self._plan.destinations)
        except NumberNotAllowed as refused:
            self.refused(who, number, refused)
            raise

    def allow(self, who: str, digits: str, *, live: int) -> None:
        """Before the leg is made: counted, or refused with a sentence and an alarm. `live` are this one's legs now."""
        self.dialable(who, f"+{digits}")
        try:
            self._caps(who).allow(who, digits, self._clock(), live=live)
        except Refused as refused:
            self.refused(who, digits, refused)
            raise

    def _caps(self, who: str) -> DialCaps:
        if who.startswith(CAMPAIGN):
            return self._campaigns
        return self._tests if who == TEST else self._agents

    def refused(self, who: str, number: str, refusal: Exception) -> None:
        """Somebody's own limit was met, or a destination that is not allowed was wished for."""
        at, name = self._clock(), type(refusal).__name__
        hit = CapHit(who, _NOT_DIGITS.sub("", number)[:MOST_DIGITS], name, at)
        log.error("dialling_refused", agent=who, reason=str(refusal))
        self.refusals += 1
        self.hits = [*self.hits[1 - KEPT_HITS :], hit]
        if at - self._told.get((who, name), 0.0) >= SAME_ALARM_SECONDS:
            self._told = {key: then for key, then in self._told.items() if at - then < SAME_ALARM_SECONDS}
            self._told[who, name] = at
            self._alarm(hit)
        self._changed()
