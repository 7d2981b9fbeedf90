"""Low answers: a case with what was said, and when it is closed, the customer is asked again. Each once."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from sqlalchemy import String, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.entries import add_entry
from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.cases.actions import open_case
from crm_core.cases.model import Case
from crm_core.db import storable
from crm_core.history.model import Contact, ContactKind
from crm_core.jobs.runner import Due, Handler
from crm_core.questionnaires.answering import FOLLOWS, answers_of
from crm_core.questionnaires.model import Answer, Response
from crm_core.questionnaires.queries import asked
from crm_core.questionnaires.questions import Content, Given, Question, low_answers, on_the_way

WATCH = "low_answers"
EVERY = timedelta(seconds=10)
BROKEN_OFF = timedelta(minutes=15)
"""Whoever said nothing more for so long after the beginning was heard as far as it went."""
HEARD_BY = timedelta(minutes=1)
"""So long a case waits for the text of a spoken comment, which it tells."""
ASK_AGAIN = timedelta(days=1)
"""From the case's end to the next call: the customer must have seen that it is solved."""
DUE = timedelta(days=1)
MOST = 200
BY = "system"


def low_answer_watch(zone: tzinfo) -> Handler:
    """The handler of `WATCH`; `zone` is the site's, for the cases' numbers."""

    async def handle(session: AsyncSession, job: Due, at: datetime) -> datetime:
        await look_for_low_answers(session, at, zone)
        await ask_again(session, at)
        return at + EVERY

    return handle


async def look_for_low_answers(session: AsyncSession, at: datetime, zone: tzinfo) -> int:
    """Looks at each ended round once, by the thresholds of the version that was asked; gives how many were low."""
    over = or_(Response.ended_at.is_not(None), Response.began_at <= at - BROKEN_OFF)
    unheard = select(Answer.question).where(
        Answer.response_id == Response.id, Answer.sound != "", Answer.text_state == "", Answer.at > at - HEARD_BY
    )
    fresh = select(Response).where(Response.looked_at.is_(None), over, ~unheard.exists())
    fresh = fresh.order_by(Response.began_at).limit(MOST)
    count = 0
    for row in await session.scalars(fresh.with_for_update()):
        row.looked_at = at
        version = await asked(session, row.questionnaire_id, row.version)
        if version is None:
            continue
        given = {one.question: one for one in await answers_of(session, row.id)}
        low = low_answers(version.content, _on_the_way(version.content, given))
        row.low = bool(low)
        count += row.low
        if low and row.case_id is None:
            await _open_case(session, row, version.content, low, given, at=at, zone=zone)
    await session.flush()
    return count


async def ask_again(session: AsyncSession, at: datetime) -> int:
    """An entry in the same campaign after each closed case, unless the campaign has ended; gives how many are new."""
    subject = FOLLOWS + cast(Response.id, String)
    there = select(CampaignEntry.id).where(
        CampaignEntry.campaign_id == Response.campaign_id, CampaignEntry.subject == subject
    )
    closed = await session.execute(
        select(Response, Campaign.id, Case.closed_at)
        .join(Case, Case.id == Response.case_id)
        .join(Campaign, Campaign.id == Response.campaign_id)
        .where(Case.closed_at.is_not(None), Campaign.status.in_(("running", "paused")))
        .where(Response.follows_id.is_(None), ~there.exists())
        .limit(MOST)
    )
    found = closed.all()
    for first, campaign, closed_at in found:
        due_at = (closed_at or at) + ASK_AGAIN
        await add_entry(
            session, campaign, first.customer_id, at=at, subject=f"{FOLLOWS}{first.id}", due_at=due_at,
            vehicle_id=first.vehicle_id,
        )  # fmt: skip
    return len(found)


def _on_the_way(content: Content, given: dict[str, Answer]) -> dict[str, Given]:
    answers = {name: Given(value=one.value, choice=one.choice, text=one.text) for name, one in given.items()}
    return on_the_way(content, answers)


async def _open_case(
    session: AsyncSession,
    row: Response,
    content: Content,
    low: list[Question],
    given: dict[str, Answer],
    *,
    at: datetime,
    zone: tzinfo,
) -> None:
    """Due a day later, or earlier by the rules of cases; linked to the call, and so to its recording."""
    language = row.language
    lines = [_line(one, given[one.id], language) for one in content.questions if one.id in given]
    heading = f"{content.title.text(language)} · {low[0].topic.text(language) or low[0].words.text(language)}"
    contact = await session.get(Contact, row.call)
    case = await open_case(
        session,
        customer_id=row.customer_id,
        kind=ContactKind.COMPLAINT,
        title=f"{heading} {_said(low[0], given[low[0].id], language)}",
        detail="\n".join(lines),
        vehicle_id=row.vehicle_id,
        dealer_id=row.dealer_id,
        due_at=at + DUE,
        contact_id=contact.id if contact else "",
        actor=BY,
        at=at,
        zone=zone,
    )
    row.case_id = case.id


def _line(question: Question, answer: Answer, language: str) -> str:
    return storable(f"{question.words.text(language)} {_said(question, answer, language)}".strip(), 2400)


def _said(question: Question, answer: Answer, language: str) -> str:
    """The answer's own words, in the language in which the customer was asked."""
    option = question.option(answer.choice) if answer.choice else None
    if option is not None:
        return option.words.text(language)
    if question.kind == "yes_no" and answer.value is not None:
        words = ("Yes", "No") if language == "en" else ("是", "否")
        return words[0] if answer.value else words[1]
    if answer.value is not None:
        return str(answer.value) if language == "en" else f"{answer.value} 分"
    return answer.text
