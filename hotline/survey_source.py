"""What cti.survey asks: whether the customer of a call is asked after the talk, and which questions are spoken."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.consent.model import DoNotContact
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.queries import matrix
from crm_core.db import Database
from crm_core.history.model import Contact
from crm_core.surveys.rules import Survey, is_chosen
from crm_core.surveys.settings import survey_version, survey_versions
from cti.survey import AskedQuestion, Questions
from ivr.catalogue import LANGUAGES
from ivr.question_prompts import prompt_of


class DatabaseSurveys:
    """A cti.survey.SurveySource on the database; a version counts when its questions are spoken."""

    def __init__(self, database: Database, prompts: Path) -> None:
        self._database, self._prompts = database, prompts

    async def chosen(self, call: str, queue: str, language: str, matches: tuple[int, ...]) -> Questions | None:
        """The newest version that is spoken. Who refused surveys by telephone, or is on the list, is not asked."""
        async with self._database.begin() as session:
            versions = await survey_versions(session, queue)
            if not versions or not versions[0][1].on or not is_chosen(call, versions[0][1].share):
                return None
            for number, survey in versions:
                found = self._spoken(number, survey, language)
                if survey.on and found is not None:
                    return None if await _refuses(session, call, matches) else found
        return None

    async def version(self, queue: str, number: int, language: str) -> Questions | None:
        async with self._database.begin() as session:
            survey = await survey_version(session, queue, number)
        return self._spoken(number, survey, language) if survey else None

    def _spoken(self, number: int, survey: Survey, language: str) -> Questions | None:
        language = language if language in LANGUAGES else LANGUAGES[0]
        asked = tuple(AskedQuestion(id=one.id, prompt=prompt_of(one.text(language))) for one in survey.questions)
        there = all((self._prompts / language / f"{one.prompt}.wav").is_file() for one in asked)
        return Questions(version=number, asked=asked) if asked and there else None


async def _refuses(session: AsyncSession, call: str, matches: tuple[int, ...]) -> bool:
    """A customer whom we know for sure and who said no, or a number that nobody may ask anything."""
    contact = await session.get(Contact, call)
    if contact is not None and contact.caller:
        listed = select(DoNotContact.e164).where(DoNotContact.e164 == contact.caller)
        if await session.scalar(listed) is not None:
            return True
    customer = contact.customer_id if contact and contact.customer_id else matches[0] if len(matches) == 1 else None
    if customer is None:
        return False
    return (await matrix(session, customer))[Purpose.SURVEY, Channel.PHONE].given is False
