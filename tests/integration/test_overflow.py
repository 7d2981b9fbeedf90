"""A queue nobody serves for too long, on a real Asterisk: the caller goes on to the second line, the place kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from acd.model import AgentId, Overflow, QueueId, Skill
from crm_core.history import events as feed
from crm_core.history.events import Outcome
from cti.workforce import AgentProfile, Workforce
from ivr.line import Caller, Enqueue, Finish, Line
from tests.integration import scenarios
from tests.integration.platform import Everybody, platform
from tests.integration.site import SiteUnderTest
from tests.integration.test_recovery import each_contact_once

HOTLINE = "4001718888"


class TwoLines(Everybody):
    """1001 knows repairs, 1002 only what the second line, "enquiry", asks for. `of_repair`: rules of the first."""

    def __init__(self, **of_repair: object) -> None:
        super().__init__()
        self._of_repair = of_repair

    async def current(self) -> Workforce:
        everybody = await super().current()
        first, second = everybody.queues
        repair = replace(first, skill=Skill("repair"), **self._of_repair)  # type: ignore[arg-type]
        agents = {"1001": {Skill("repair"): 5}, "1002": {second.skill: 5}}
        return Workforce(
            (repair, second), {AgentId(agent): AgentProfile(skills=skills) for agent, skills in agents.items()}
        )


async def test_after_the_wait_the_second_line_has_the_caller_and_both_visits_are_known(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    lines = TwoLines(overflow=(Overflow(to=QueueId("enquiry"), after_seconds=1),))
    async with platform(telephone_site, tmp_path, workforce=lines) as running:
        telephone_site.phone("1002", scenarios.phone_answers(hang_up_after=0.5))
        await running.bridge.desk.sign_in("1002", ready=True)
        telephone_site.call(HOTLINE, scenarios.caller("13900000001"))
        (end,) = await running.until_ended(1)
        assert end.outcome == Outcome.ANSWERED
        assert [queued.queue for queued in running.of(feed.CallQueued)] == ["repair", "enquiry"]
        left = [(visit.queue, visit.result) for visit in running.of(feed.CallLeftQueue)]
        assert left == [("repair", "overflow"), ("enquiry", "answered")]
        [talk] = running.of(feed.TalkBegan)
        assert talk.agent == "1002"
        each_contact_once(running.records)
        assert telephone_site.log_trouble() == []


async def first_or_second(line: Line, caller: Caller, report: Callable[[str, str], None]) -> Enqueue | Finish:
    """The second customer asks for the second line at once."""
    queue = "enquiry" if caller.number.endswith("2") else "repair"
    return Enqueue(queue=queue, topic=queue, path=("main", queue), language="zh-CN")


async def test_who_overflows_is_served_before_those_who_came_to_the_second_line_later(
    telephone_site: SiteUnderTest, tmp_path: Path
) -> None:
    lines = TwoLines(overflow=(Overflow(to=QueueId("enquiry"), after_seconds=2),))
    async with platform(telephone_site, tmp_path, workforce=lines, menu=first_or_second) as running:
        for queued, number in enumerate(("13900000001", "13900000002"), start=1):
            telephone_site.call(HOTLINE, scenarios.caller(number))
            await running.until(lambda queued=queued: len(running.of(feed.CallQueued)) == queued)
        await running.until(lambda: len(running.of(feed.CallQueued)) == 3)
        assert [queued.queue for queued in running.of(feed.CallQueued)] == ["repair", "enquiry", "enquiry"]
        telephone_site.phone("1002", scenarios.phone_answers(hang_up_after=0.5), calls=2)
        await running.bridge.desk.sign_in("1002", ready=True)
        await running.until_ended(2, 20)
        started = {start.call: start.caller for start in running.of(feed.ContactStarted)}
        served = [started[talk.call] for talk in running.of(feed.TalkBegan)]
        assert served == ["13900000001", "13900000002"]
        each_contact_once(running.records)
