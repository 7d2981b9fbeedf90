"""A campaign that has called for a day: 1,240 on the list, talks, drops, answers of three dealers, who was left out."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.campaigns.rules import FIRST_SETTINGS, state_of
from crm_core.cases.model import Case
from crm_core.consent import decision
from crm_core.customers.model import Customer
from crm_core.questionnaires import actions
from crm_core.questionnaires.model import Answer, Response
from crm_core.questionnaires.templates import TWO_WEEKS

BUSY, EMPTY = 1, 2
LISTED, CALLED = 1240, 711
_LEFT_OUT = (
    (decision.NOT_ASKED, {}, 97),
    (decision.COMPLAINT, {"number": "TS-0710-0176"}, 54),
    (decision.TOO_OFTEN, {"count": 3, "days": 30, "most": 3}, 41),
    (decision.STOPPED, {"why": "律师函"}, 22),
    (decision.NO_ADDRESS, {}, 14),
)
_ENDS = ("answered",) * 68 + ("machine",) * 9 + ("no_answer",) * 15 + ("busy",) * 4 + ("hung_up",) * 3 + ("dropped",)
_SAID = ("交车时充电线没给，说了两次没人理。", "上牌拖了十天，销售不接电话。", "车身有划痕，说好补漆没有下文。")


async def settle_campaigns(session: AsyncSession, at: datetime) -> None:
    """The busy one is running, the empty one is a draft."""
    asked = await actions.create(session, TWO_WEEKS, actor="2001", at=at)
    await actions.publish(session, asked.id, actor="2001", at=at)
    settings = {**state_of(FIRST_SETTINGS), "windows": [[540, 720], [840, 1200]]}
    for ident, name, status in ((BUSY, "交车两周满意度调查", "running"), (EMPTY, "新能源车主四周回访", "draft")):
        row = Campaign(id=ident, name=name, status=status, mode="predictive", purpose="survey", queue="enquiry")
        row.in_name_of, row.questionnaire_id, row.questionnaire_version = "sales_consultant", asked.id, 0
        row.settings, row.created_by, row.created_at, row.ended_why = settings, "2001", at, ""
        row.started_at = at - timedelta(hours=20) if status == "running" else None
        session.add(row)
    session.add_all(
        [
            Customer(id=1000 + n, name=f"{'张李王赵陈刘'[n % 6]}{'立敏静磊娟洋'[n % 5]}", created_at=at)
            for n in range(LISTED)
        ]
    )
    await session.flush()
    dice = random.Random(11)
    reasons: list[Any] = [(reason, values) for reason, values, count in _LEFT_OUT for _ in range(count)]
    entries = [_entry(n, at, reasons) for n in range(LISTED)]
    session.add_all(entries)
    await session.flush()
    calls = [_call(dice, entry, at) for entry in entries[:CALLED]]
    session.add_all(calls)
    await session.flush()
    await _answers(session, dice, calls, asked.id, at)


def _entry(number: int, at: datetime, reasons: list[tuple[str, dict[str, object]]]) -> CampaignEntry:
    entry = CampaignEntry(campaign_id=BUSY, customer_id=1000 + number, due_at=at, added_at=at - timedelta(days=1))
    entry.dealer_id, entry.subject = 1 + number % 3, ""
    entry.attempts = 1 if number < CALLED else 0
    entry.state = "done" if number < CALLED else "waiting"
    entry.ended_at = at - timedelta(minutes=(CALLED - number) * 1.5) if number < CALLED else None
    left_out = number - CALLED
    if 0 <= left_out < len(reasons):
        entry.state, (entry.reason, entry.reason_values) = "refused", reasons[left_out]
    return entry


def _call(dice: random.Random, entry: CampaignEntry, at: datetime) -> CampaignAttempt:
    result = dice.choice(_ENDS)
    entry.result = result
    placed = at - timedelta(hours=dice.uniform(0.1, 22))
    call = CampaignAttempt(call=f"ob-{BUSY}-{entry.id}-1", campaign_id=BUSY, entry_id=entry.id, number=1)
    call.customer_id, call.e164, call.placed_at, call.result = entry.customer_id, "+8613843107706", placed, result
    call.machine = "machine" if result == "machine" else "human"
    if result in ("answered", "machine", "hung_up", "dropped"):
        call.answered_at = placed + timedelta(seconds=12)
    call.ended_at = placed + timedelta(seconds=40)
    if result == "answered":
        call.connected_at, call.agent = placed + timedelta(seconds=12.3), "1018"
        call.ended_at = call.connected_at + timedelta(seconds=dice.uniform(60, 240))
    return call


async def _answers(
    session: AsyncSession, dice: random.Random, calls: list[CampaignAttempt], asked: int, at: datetime
) -> None:
    answered = [call for call in calls if call.result == "answered"][:402]
    responses = [_response(call, asked) for call in answered]
    session.add_all(responses)
    await session.flush()
    for place, response in enumerate(responses):
        session.add_all(_given(dice, response, _SAID[place] if place < 3 else ""))
        if place < 3:
            case = Case(number=f"GD-0716-02{place:02}", kind="complaint", title="低分回访", steps="[]")
            case.customer_id, case.opened_at, case.due_at = (
                response.customer_id,
                at,
                at + timedelta(hours=20 * place - 3),
            )
            session.add(case)
            await session.flush()
            response.low, response.case_id, response.model = True, case.id, "远辰 E8"
            response.began_at = response.ended_at = at - timedelta(minutes=20 * place + 5)


def _response(call: CampaignAttempt, asked: int) -> Response:
    row = Response(call=call.call, questionnaire_id=asked, version=1, campaign_id=BUSY, entry_id=call.entry_id)
    row.customer_id, row.dealer_id, row.how, row.result = (
        call.customer_id,
        1 + call.customer_id % 3,
        "agent",
        "complete",
    )
    row.began_at, row.ended_at = call.placed_at, call.ended_at
    return row


def _given(dice: random.Random, response: Response, said: str) -> Iterator[Answer]:
    for question in TWO_WEEKS.questions:
        one = Answer(response_id=response.id, question=question.id, questionnaire_id=response.questionnaire_id)
        one.at, one.value = response.began_at, None
        match question.kind.value:
            case "rating":
                one.value = 2 if said else dice.choice((1, 2, 3, 3, 4, 4, 4, 5, 5, 5, 5, 5))
            case "nps":
                one.value = dice.choice((3, 6, 7, 8, 9, 9, 10, 10))
            case "yes_no":
                one.value = dice.choice((0, 1))
            case "choice":
                one.choice = dice.choice(question.options).id
            case "comment":
                one.text = said
        yield one
