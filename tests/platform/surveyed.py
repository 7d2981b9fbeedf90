"""What the walk of a voice survey needs in the database before it begins, and the customers who are called."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from benchmarks.korean_speech import REPAIR, RESERVE
from crm_core.access.model import User
from crm_core.campaigns.actions import save_campaign
from crm_core.campaigns.rules import FIRST_SETTINGS, state_of
from crm_core.care.rulebook import By, CareRule, Owner, Trigger, write_rules
from crm_core.care.settings import save_care_rules
from crm_core.clock import now
from crm_core.consent.actions import answer
from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.rules import HOLIDAY, WEEKEND, WORKDAY, ContactRules
from crm_core.consent.rules import state_of as stored_rules
from crm_core.consent.settings import save_contact_rules
from crm_core.customers.model import Customer
from crm_core.db import Database, make_engine
from crm_core.integration.keys import create_key
from crm_core.integration.scopes import Scope
from crm_core.questionnaires import actions
from crm_core.questionnaires.questions import Branch, Content, Kind, Option, Question, Words
from tests.browser.people import _hash_of_password
from tests.unit.crm_core.builders import a_customer, a_vehicle

DEALER, DEALER_CODE = "5101", "JL001"
ALWAYS = dict.fromkeys((WORKDAY, WEEKEND, HOLIDAY), ((0, 1440),))
# Korean words stand for the English ones: no package registry has an English model of the live recogniser.
VISITS = (Option(id="mend", words=Words("维修", REPAIR)), Option(id="keep", words=Words("预约", RESERVE)))
CONTENT = Content(
    title=Words("新车两周回访", "Two weeks with your car"),
    greeting=Words("您好，这里是远辰汽车，想了解您的新车。", "Hello, this is Yuanchen Motors about your new car."),
    thanks=Words("谢谢，再见。", "Thank you, goodbye."),
    questions=(
        Question(
            id="what", kind=Kind.CHOICE, words=Words("您为什么联系过我们？", "Why did you call us?"), options=VISITS
        ),
        Question(
            id="all",
            kind=Kind.RATING,
            words=Words("您对交车满意吗？", "Are you satisfied with the delivery?"),
            topic=Words("交车", "Delivery"),
            branches=(Branch(to="why", on=("1", "2")), Branch(to="friends")),
        ),
        Question(id="why", kind=Kind.COMMENT, words=Words("请告诉我们原因。", "Please tell us why.")),
        Question(
            id="friends", kind=Kind.NPS, words=Words("会把我们推荐给朋友吗？", "Would you recommend us to friends?")
        ),
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Surveyed:
    """`vins` by customer, in the order in which their cars are handed over; `token` is the DMS's key."""

    campaign: int
    questionnaire: int
    token: str
    vins: dict[int, str]


async def settle_survey(database_url: str, languages: dict[str, str], at: datetime) -> Surveyed:
    """A voice campaign that a rule of care fills; customers by name, each with a language."""
    database = Database(make_engine(database_url))
    try:
        async with database.begin() as session:
            by: dict[str, Any] = {"actor": "test", "at": at}
            rules = stored_rules(ContactRules(hours=ALWAYS))
            await save_contact_rules(session, rules, base=None, **by)
            row = await actions.create(session, CONTENT, **by)
            await actions.publish(session, row.id, **by)
            form: dict[str, Any] = {
                "name": "新车两周回访",
                "mode": "voice",
                "purpose": "survey",
                "questionnaire_id": row.id,
            }
            settings = replace(FIRST_SETTINGS, most_lines=1)
            campaign = await save_campaign(session, None, {**form, "settings": state_of(settings)}, **by)
            rule = CareRule(
                id="two_weeks", name_zh="交车两周语音回访", trigger=Trigger.DELIVERY, days=14, owner=Owner.CONSULTANT,
                by=By.CENTRE, campaign=campaign.id, purpose=Purpose.SURVEY,
            )  # fmt: skip
            await save_care_rules(session, write_rules([rule]), base=None, **by)
            key = await create_key(session, name="DMS", scopes=[Scope.WRITE_VEHICLES], **by)
            vins = {}
            for place, (name, language) in enumerate(languages.items()):
                customer = await _a_willing_customer(session, name, f"+861380431{place:04}", language, at)
                car = await a_vehicle(session, customer, f"吉A{place:05}", dealer_id=1, sold_on=None)
                vins[customer.id] = car.vin
            _dealers_person(session)
            return Surveyed(campaign=campaign.id, questionnaire=row.id, token=key.token, vins=vins)
    finally:
        await database.close()


async def _a_willing_customer(session: AsyncSession, name: str, number: str, language: str, at: datetime) -> Customer:
    customer = await a_customer(session, name, number, language=language, dealer_id=1)
    willing: dict[str, Any] = {"contact_id": "", "words": "可以回访", "actor": "test", "at": at}
    await answer(session, customer.id, Purpose.SURVEY, Channel.PHONE, True, **willing)
    return customer


def _dealers_person(session: AsyncSession) -> None:
    person = User(number=DEALER, name="孙丽", name_en="Sun Li", roles="dealer_relations", dealer_id=1)
    person.password_hash = _hash_of_password()
    session.add(person)


async def change_status(database_url: str, campaign: int, act: Callable[..., Awaitable[object]]) -> None:
    """`act` is `start` or `pause` of crm_core.campaigns.actions."""
    database = Database(make_engine(database_url))
    try:
        async with database.begin() as session:
            await act(session, campaign, actor="test", at=now())
    finally:
        await database.close()
