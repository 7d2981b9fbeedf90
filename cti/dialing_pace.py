"""One pacer for each campaign that calls, told by the feed what its attempts and agents do."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from math import floor

from acd.dialer import Mode, Pacer, PacingFigures, PastAnswer
from crm_core.history import campaign_events as told
from crm_core.history import events as feed
from cti.campaign_ports import CampaignPlan


class Paces:
    """Keeps pacers while their campaigns call, and how long talks and after-call work of each took."""

    def __init__(self) -> None:
        self._pacers: dict[int, Pacer] = {}
        self._queues: dict[int, str] = {}
        self._talks: dict[str, float] = {}  # call -> when the agent had the customer
        self._last: dict[str, int] = {}  # agent -> campaign of the last talk
        self._wrapping: dict[str, float] = {}
        self._waiting: dict[str, int] = {}  # call that was answered and has no agent yet -> campaign

    def of(self, plan: CampaignPlan) -> Pacer | None:
        """The campaign's pacer with the rules as they are now; None = it must begin."""
        known = self._pacers.get(plan.campaign)
        if known is not None and known.rules != plan.rules:
            if known.rules.mode is not plan.rules.mode or _limit(known) != _limit_of(plan):
                return None
            known.rules = plan.rules
        return known

    def begin(self, plan: CampaignPlan, past: Iterable[PastAnswer], ringing: Iterable[str], at: float) -> Pacer:
        """With what the database remembers, and the calls that are out already."""
        pacer = Pacer(plan.rules)
        pacer.restore(past)
        for call in ringing:
            pacer.placed(call, at)
        self._pacers[plan.campaign], self._queues[plan.campaign] = pacer, plan.queue
        return pacer

    def gone(self, campaigns: Collection[int]) -> list[int]:
        """Pacers of campaigns that do not call now are forgotten when their last line rings no more: they begin anew
        from the database."""
        over = [campaign for campaign, pacer in self._pacers.items() if campaign not in campaigns and not pacer.rings]
        for campaign in over:
            del self._pacers[campaign], self._queues[campaign]
        return over

    def of_queue(self, queue: str) -> list[Pacer]:
        """Of all campaigns whose calls this queue's agents take, those included whose last lines still ring."""
        return [pacer for campaign, pacer in self._pacers.items() if self._queues[campaign] == queue]

    @property
    def campaigns(self) -> tuple[int, ...]:
        """Those that call, and whose last lines still ring."""
        return tuple(self._pacers)

    def figures(self, campaign: int, at: float) -> PacingFigures | None:
        """What the campaign's pacer tells; None while it does not call."""
        pacer = self._pacers.get(campaign)
        return None if pacer is None else pacer.figures(at)

    def waiting(self, campaign: int) -> int:
        """Customers of this campaign who answered and have no agent yet."""
        return sum(one == campaign for one in self._waiting.values())

    def heard(self, event: told.CAMPAIGN_EVENTS) -> None:
        seconds = self._remember(event)
        pacer = self._pacers.get(event.campaign)
        if pacer is None:
            return
        match event:
            case told.AttemptRang():
                pacer.rang(event.call, event.at)
            case told.AttemptAnswered():
                pacer.answered(event.call, event.at, machine=event.machine == "machine" if event.machine else None)
            case told.AttemptConnected():
                pacer.connected(event.call, event.at)
            case told.AttemptEnded():
                if event.result == "dropped":
                    pacer.dropped(event.call, event.at)
                pacer.ended(event.call, event.at)
                if seconds is not None:
                    pacer.talked(seconds)

    def _remember(self, event: told.CAMPAIGN_EVENTS) -> float | None:
        """Who waits for an agent and who talks; gives the seconds of a talk that ended."""
        match event:
            case told.AttemptAnswered() if event.machine != "machine":
                self._waiting[event.call] = event.campaign
            case told.AttemptConnected():
                self._waiting.pop(event.call, None)
                self._talks[event.call], self._last[event.agent] = event.at, event.campaign
            case told.AttemptEnded():
                self._waiting.pop(event.call, None)
                began = self._talks.pop(event.call, None)
                return None if began is None else max(event.at - began, 0.0)
        return None

    def agent(self, event: feed.AgentStateChanged) -> None:
        """After-call work of a campaign's talk is measured."""
        began = self._wrapping.pop(event.agent, None)
        if event.state == "wrap_up":
            self._wrapping[event.agent] = event.at if began is None else began
            return
        pacer = self._pacers.get(self._last.get(event.agent, 0))
        if began is not None and pacer is not None:
            pacer.wrapped(max(event.at - began, 0.0))


def spare_agents(pacer: Pacer, at: float) -> int:
    """How many free agents no line may count on: one for each call that was dropped beyond the limit.

    Agents of a queue take its callers first, so an agent who was free when a line was dialled may be gone when the
    customer answers. Each such miss beyond what is allowed makes the campaign more careful, until the rolling window
    is within the limit again.
    """
    figures, rules = pacer.figures(at), pacer.rules
    by_share = floor(rules.abandon_limit_percent * figures.answers / 100)
    allowed = max(by_share, 1) if rules.abandon_limit_percent else 0
    return max(figures.drops - allowed, 0) if rules.mode is not Mode.VOICE else 0


def _limit(pacer: Pacer) -> tuple[float, float]:
    return pacer.rules.abandon_limit_percent, pacer.rules.window_seconds


def _limit_of(plan: CampaignPlan) -> tuple[float, float]:
    return plan.rules.abandon_limit_percent, plan.rules.window_seconds
