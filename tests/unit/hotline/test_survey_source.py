"""Who is asked after the talk: by the queue's settings, by the share, never who refused, never what is not spoken."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from crm_core.clock import now
from crm_core.consent.model import Consent, DoNotContact
from crm_core.db import Database, make_engine
from crm_core.history.model import Contact
from crm_core.jobs.runner import Due
from crm_core.questionnaires import actions
from crm_core.questionnaires.queries import asked
from crm_core.questionnaires.templates import COMPLAINT
from crm_core.surveys.settings import PROMPTS, save_survey
from crm_core.tables import METADATA
from hotline import survey_prompts
from hotline.survey_prompts import question_speaker, questionnaire_speaker
from hotline.survey_source import DatabaseSurveys
from ivr.question_prompts import prompt_of, speak
from tests.browser import people
from tests.unit.ivr.test_prompts import hum

QUESTION = {"id": "q1", "zh": "您满意吗？", "en": "Were you satisfied?"}


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(make_engine(f"sqlite+aiosqlite:///{tmp_path / 'hotline.db'}"))
    async with database.engine.begin() as connection:
        await connection.run_sync(METADATA.create_all)
    async with database.begin() as session:
        await people.settle(session)
        session.add(Contact(id="c-1", direction="inbound", caller=people.CHEN_NUMBER, started_at=now()))
    yield database
    await database.close()


async def settle(database: Database, **changed: Any) -> None:
    state = {"on": True, "share": 100, "low": 2, "questions": [QUESTION], **changed}
    async with database.begin() as session:
        await save_survey(session, "repair", state, base=None, actor="3001", at=now())


async def ask(database: Database, prompts: Path, language: str = "zh-CN", call: str = "c-1") -> tuple[str, ...]:
    found = await DatabaseSurveys(database, prompts).chosen(call, "repair", language, (people.CHEN,))
    return tuple(one.prompt for one in found.asked) if found else ()


@pytest.fixture
def spoken(tmp_path: Path) -> Path:
    speak(tmp_path / "prompts", {"zh-CN": [QUESTION["zh"]], "en": [QUESTION["en"]]}, voices=hum)
    return tmp_path / "prompts"


async def test_a_queue_that_asks_asks_in_the_callers_language(database, spoken):
    await settle(database)
    assert await ask(database, spoken) == (prompt_of("您满意吗？"),)
    assert await ask(database, spoken, "en") == (prompt_of("Were you satisfied?"),)


@pytest.mark.parametrize("changed", [{"on": False}, {"share": 0}])
async def test_a_queue_that_is_off_or_asks_no_share_asks_nobody(database, spoken, changed: dict[str, Any]):
    await settle(database, **changed)
    assert await ask(database, spoken) == ()


async def test_a_queue_without_questions_asks_nobody(database, spoken):
    assert await ask(database, spoken) == ()


async def test_until_new_questions_are_spoken_the_ones_before_are_asked(database, spoken):
    await settle(database)
    new = {"id": "q1", "zh": "问题解决了吗？", "en": "Is it solved?"}
    await settle(database, questions=[new])
    source = DatabaseSurveys(database, spoken)
    found = await source.chosen("c-1", "repair", "zh-CN", ())
    assert found is not None
    assert (found.version, found.asked[0].prompt) == (1, prompt_of("您满意吗？"))
    speak(spoken, {"zh-CN": [new["zh"]], "en": [new["en"]]}, voices=hum)
    newest = await source.chosen("c-1", "repair", "zh-CN", ())
    assert newest is not None
    assert newest.version == 2
    earlier = await source.version("repair", 1, "zh-CN")
    assert earlier is not None
    assert earlier.asked[0].prompt == prompt_of("您满意吗？")


async def test_who_refused_surveys_by_telephone_is_not_asked(database, spoken):
    await settle(database)
    async with database.begin() as session:
        session.add(Consent(customer_id=people.CHEN, purpose="survey", channel="phone", given=False, at=now()))
    assert await ask(database, spoken) == ()


async def test_a_number_that_nobody_may_contact_is_not_asked(database, spoken):
    await settle(database)
    async with database.begin() as session:
        session.add(DoNotContact(e164=people.CHEN_NUMBER, at=now()))
    assert await ask(database, spoken) == ()


async def test_saved_questions_are_spoken_in_the_background(database, tmp_path, monkeypatch):
    await settle(database)
    monkeypatch.setattr(survey_prompts, "speak", lambda out, texts: speak(out, texts, voices=hum))
    job = Due(kind=PROMPTS, key="site", due_at=now(), payload={})
    async with database.begin() as session:
        await question_speaker(tmp_path / "prompts")(session, job, now())
    assert await ask(database, tmp_path / "prompts") == (prompt_of("您满意吗？"),)


async def test_a_published_questionnaire_may_be_asked_by_machine_when_it_is_spoken(database, tmp_path, monkeypatch):
    async with database.begin() as session:
        row = await actions.create(session, COMPLAINT, actor="3001", at=now())
        await actions.publish(session, row.id, actor="3001", at=now())
        before = await asked(session, row.id)
    monkeypatch.setattr(survey_prompts, "speak", lambda out, texts: speak(out, texts, voices=hum))
    job = Due(kind=actions.SPEAKING, key="site", due_at=now(), payload={})
    async with database.begin() as session:
        await questionnaire_speaker(tmp_path / "prompts")(session, job, now())
        after = await asked(session, row.id)
    assert before is not None
    assert after is not None
    assert (before.spoken, after.spoken) == (False, True)
    assert (tmp_path / "prompts/en" / f"{prompt_of(COMPLAINT.greeting.en)}.wav").is_file()
