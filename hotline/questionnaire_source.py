"""What cti.questionnaire asks: the version of a questionnaire that is put to a customer without an agent."""

from __future__ import annotations

import asyncio
from pathlib import Path

from crm_core.db import Database
from crm_core.questionnaires.queries import Asked, asked
from crm_core.questionnaires.saying import sentences
from ivr.question_prompts import lacking


class DatabaseQuestionnaires:
    """A cti.questionnaire.QuestionnaireSource on the database; a version counts when every sentence can be heard."""

    def __init__(self, database: Database, prompts: Path) -> None:
        self._database, self._prompts = database, prompts

    async def asked(self, questionnaire: int, version: int, language: str) -> Asked | None:
        async with self._database.begin() as session:
            found = await asked(session, questionnaire, version)
        if found is None or not found.content.questions:
            return None
        said = {language: sentences(found.content).get(language, [])}
        missing = await asyncio.to_thread(lacking, self._prompts, said)
        return found if said[language] and not missing else None
