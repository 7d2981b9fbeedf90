"""One customer and the questions, with an agent or by a link: begun, answered, an answer changed or taken back, ended.

The telephone's own rounds come by the feed (`told.py`) into the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.campaigns.model import CampaignEntry
from crm_core.customers.model import Customer
from crm_core.db import storable
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.questionnaires.model import Answer, Response
from crm_core.questionnaires.queries import Asked, asked
from crm_core.questionnaires.questions import Given, Question, fits, next_question, on_the_way
from crm_core.vehicles.model import Vehicle

LONGEST_COMMENT = 2000
FOLLOWS = "response/"
"""The subject of a campaign's entry that asks again after a low answer: this and the first response's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """How far a customer has come. `question` None = everything that applies was answered."""

    response: Response
    asked: Asked
    answers: dict[str, Given]
    question: Question | None


async def new_response(
    session: AsyncSession,
    call: str,
    *,
    questionnaire: int,
    version: int,
    how: str,
    language: str,
    customer_id: int,
    entry: CampaignEntry | None = None,
    agent: str = "",
    at: datetime,
) -> Response:
    """The row, with whose work is judged as it is now. The call's other row, if there is one, is given back."""
    found = await session.scalar(select(Response).where(Response.call == call))
    if found is not None:
        return found
    customer = await session.get_one(Customer, customer_id)
    vehicle_id = entry.vehicle_id if entry else None
    model = await session.scalar(select(Vehicle.model).where(Vehicle.id == vehicle_id)) if vehicle_id else ""
    row = Response(
        call=storable(call, 64),
        questionnaire_id=questionnaire,
        version=version,
        campaign_id=entry.campaign_id if entry else None,
        entry_id=entry.id if entry else None,
        customer_id=customer_id,
        vehicle_id=vehicle_id,
        dealer_id=(entry.dealer_id if entry else None) or customer.dealer_id,
        model=storable(model or "", 60),
        adviser=storable((entry.in_name_of if entry else "") or customer.service_adviser, 40),
        agent=storable(agent, 16),
        how=how,
        language=language if language == "en" else "zh-CN",
        began_at=at,
        result="",
        low=False,
        follows_id=await _followed(session, entry),
    )
    session.add(row)
    await session.flush()
    return row


async def begin(
    session: AsyncSession,
    call: str,
    *,
    questionnaire: int,
    version: int = 0,
    how: str,
    language: str,
    customer_id: int,
    entry: CampaignEntry | None = None,
    agent: str = "",
    at: datetime,
) -> Round:
    """`version` 0 = the one in force now. A call that was begun goes on where it was. Refused when nothing is asked."""
    found = await asked(session, questionnaire, version)
    if found is None:
        raise Refused("This questionnaire is not published.")
    row = await new_response(
        session, call, questionnaire=questionnaire, version=found.version, how=how, language=language,
        customer_id=customer_id, entry=entry, agent=agent, at=at,
    )  # fmt: skip
    return await round_of(session, row.call)


async def round_of(session: AsyncSession, call: str) -> Round:
    """Raises NotFound."""
    row = await session.scalar(select(Response).where(Response.call == call).with_for_update())
    found = await asked(session, row.questionnaire_id, row.version) if row else None
    if row is None or found is None:
        raise NotFound("Nobody was asked anything here.")
    answers = {one.question: _given(one) for one in await answers_of(session, row.id)}
    return Round(response=row, asked=found, answers=answers, question=next_question(found.content, answers))


async def answers_of(session: AsyncSession, response: int) -> Sequence[Answer]:
    """In the order in which they were given."""
    return list(await session.scalars(select(Answer).where(Answer.response_id == response).order_by(Answer.at)))


async def give(session: AsyncSession, call: str, question: str, given: Given, *, at: datetime) -> Round:
    """The answer to the next question, or another one to a question that was answered. What it leaves aside goes.

    Raises Invalid for an answer that the question does not have, Refused for an ended round or a question whose turn
    it is not.
    """
    now = await round_of(session, call)
    one = now.asked.content.question(question)
    if now.response.result:
        raise Refused("These questions were answered to the end.")
    if one is None or (question not in now.answers and now.question != one):
        raise Refused("It is not this question's turn.")
    if not fits(one, given):
        raise Invalid("Choose one of the answers.", field=question)
    given = replace(given, text=storable(given.text.strip(), LONGEST_COMMENT))
    await put_answer(session, now.response, question, given, at=at)
    kept = on_the_way(now.asked.content, {**now.answers, question: given})
    await _drop(session, now.response, set(now.answers) - set(kept))
    now.response.looked_at = None
    await session.flush()
    return replace(now, answers=kept, question=next_question(now.asked.content, kept))


async def put_answer(session: AsyncSession, row: Response, question: str, given: Given, *, at: datetime) -> Answer:
    """Write or replace one answer's row."""
    answer = await session.get(Answer, (row.id, question))
    if answer is None:
        answer = Answer(response_id=row.id, question=question, questionnaire_id=row.questionnaire_id)
        session.add(answer)
    answer.value, answer.choice, answer.at = given.value, storable(given.choice, 16), at
    answer.text, answer.sound = storable(given.text, LONGEST_COMMENT), storable(given.sound, 120)
    answer.text_state = ""
    await session.flush()
    return answer


async def take_back(session: AsyncSession, call: str, *, at: datetime) -> Round:
    """Undoes the last answer. Raises Refused when there is none, or the round is over."""
    now = await round_of(session, call)
    if now.response.result or not now.answers:
        raise Refused("There is no answer to take back.")
    on_path = list(on_the_way(now.asked.content, now.answers))
    last = on_path[-1] if on_path else next(reversed(now.answers))
    await _drop(session, now.response, {last})
    left = {name: given for name, given in now.answers.items() if name != last}
    now.response.looked_at = None
    await session.flush()
    return replace(now, answers=left, question=next_question(now.asked.content, left))


async def finish(session: AsyncSession, call: str, *, result: str = "complete", at: datetime) -> Response:
    """`result`: complete or declined. "complete" needs every question's answer; ending twice changes nothing."""
    now = await round_of(session, call)
    row = now.response
    if row.result:
        return row
    if result == "complete" and now.question is not None:
        raise Refused("Some questions are not answered yet.")
    row.result, row.ended_at, row.looked_at = result, at, None
    await session.flush()
    return row


def _given(answer: Answer) -> Given:
    return Given(value=answer.value, choice=answer.choice, text=answer.text, sound=answer.sound)


async def _drop(session: AsyncSession, row: Response, questions: set[str]) -> None:
    if questions:
        await session.execute(delete(Answer).where(Answer.response_id == row.id, Answer.question.in_(questions)))


async def _followed(session: AsyncSession, entry: CampaignEntry | None) -> int | None:
    """The low response after which this entry asks again, if it is one of the same customer."""
    number = entry.subject.removeprefix(FOLLOWS) if entry and entry.subject.startswith(FOLLOWS) else ""
    if entry is None or not number.isdecimal():
        return None
    first: int | None = await session.scalar(
        select(Response.id).where(Response.id == int(number), Response.customer_id == entry.customer_id)
    )
    return first
