"""What begins on a customer's page: a new case, a new lead, an answer on consent written down in place."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from crm_core.cases.model import Case
from crm_core.consent.model import Consent
from crm_core.customers.model import Customer
from crm_core.vehicles.model import VehicleRole
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

CUSTOMER = f"/customers/{people.CHEN}"


async def page(web: WebSite, path: str, status: int = 200) -> str:
    answer = await web.client.get(path)
    assert answer.status_code == status, answer.text[:400]
    return answer.text


async def vehicle_of_chen(web: WebSite) -> int:
    async with web.db.begin() as session:
        owned = select(VehicleRole.vehicle_id).where(VehicleRole.customer_id == people.CHEN)
        return (await session.scalars(owned)).first() or 0


async def cases(web: WebSite) -> int:
    async with web.db.begin() as session:
        return await session.scalar(select(func.count()).select_from(Case)) or 0


async def test_the_page_offers_a_new_case_and_a_new_lead_and_shows_the_worth_in_its_head(web: WebSite):
    async with web.db.begin() as session:
        (await session.get_one(Customer, people.CHEN)).rfm = "543"
    await web.enter()
    shown = await page(web, CUSTOMER)
    assert f'href="/cases/new?customer={people.CHEN}"' in shown
    assert f'href="/leads/new?customer={people.CHEN}"' in shown
    head = shown[shown.index('class="tags"') : shown.index('class="roles"')]
    assert "5 4 3" in head


async def test_the_kind_is_asked_first_and_then_what_it_asks(web: WebSite):
    await web.enter()
    first = await page(web, f"/cases/new?customer={people.CHEN}")
    assert 'name="title"' not in first
    asked = await page(web, f"/cases/new?customer={people.CHEN}&kind=complaint")
    assert 'name="field.demand"' in asked


async def test_a_case_is_opened_for_the_customers_own_vehicle(web: WebSite):
    who = await web.enter()
    vehicle = await vehicle_of_chen(web)
    form = {"csrf_token": who.csrf, "customer": str(people.CHEN), "kind": "repair", "title": "天窗漏水"}
    answer = await web.client.post("/cases/new", data=form | {"vehicle_id": str(vehicle or "")})
    assert answer.status_code == 303, answer.text[:500]
    shown = await page(web, answer.headers["location"])
    assert "天窗漏水" in shown
    proposed = await page(web, f"/cases/new?customer={people.CHEN}&kind=enquiry")
    assert "天窗漏水" in proposed


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [({"title": " "}, "title-error"), ({"vehicle_id": "99999"}, "vehicle_id-error"), ({"kind": "'; --"}, "请选择")],
)
async def test_what_is_wrong_is_said_at_its_field_and_nothing_is_kept(
    web: WebSite, wrong: dict[str, str], sentence: str
):
    who = await web.enter()
    before = await cases(web)
    form = {
        "csrf_token": who.csrf,
        "customer": str(people.CHEN),
        "kind": "repair",
        "title": "x",
        "detail": "<b>kept</b>",
    }
    answer = await web.client.post("/cases/new", data=form | wrong)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "<b>kept</b>" not in answer.text
    assert await cases(web) == before


@pytest.mark.parametrize("customer", ["", "0", "99999999", "1 OR 1=1", "x" * 12])
async def test_without_a_customer_the_page_says_where_to_find_one(web: WebSite, customer: str):
    await web.enter()
    assert 'href="/customers"' in await page(web, f"/cases/new?customer={customer}", 404)


async def answer_consent(web: WebSite, token: str, status: int, **form: object) -> str:
    answer = await web.client.post(f"{CUSTOMER}/consents", data={"csrf_token": token, **form})
    assert answer.status_code == status, answer.text[:400]
    return answer.text


async def test_an_answer_is_written_down_where_the_matrix_stands(web: WebSite):
    who = await web.enter()
    assert 'name="asked"' not in await page(web, CUSTOMER)
    assert 'name="asked"' in await page(web, f"{CUSTOMER}?edit=consents")
    await answer_consent(web, who.csrf, 303, asked=["survey/phone", "care/sms"], given="yes", words="可以，周末打")
    async with web.db.begin() as session:
        rows = list(await session.scalars(select(Consent).where(Consent.words == "可以，周末打")))
    assert {(row.purpose, row.channel, row.given) for row in rows} == {
        ("survey", "phone", True),
        ("care", "sms", True),
    }
    assert "可以，周末打" in await page(web, CUSTOMER)


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"asked": ["survey/phone"], "given": "yes", "words": ""}, "客户"),
        ({"asked": ["survey/phone"], "words": "好"}, "请选择"),
        ({"asked": [], "given": "no", "words": "不要"}, "请"),
        ({"asked": ["survey/' OR 1"], "given": "no", "words": "不要"}, "请"),
    ],
)
async def test_an_answer_without_its_question_or_proof_is_refused_and_stays_typed(
    web: WebSite, form: dict[str, object], sentence: str
):
    who = await web.enter()
    text = await answer_consent(web, who.csrf, 422, **form)
    assert sentence in text[text.index('id="consents"') :]
    async with web.db.begin() as session:
        assert not await session.scalar(select(func.count()).select_from(Consent).where(Consent.words == "不要"))


async def test_who_may_not_edit_customers_writes_no_answer_down(web: WebSite):
    who = await web.enter(people.AGENT)
    answer = await web.client.post(
        "/customers/99999/consents", data={"csrf_token": who.csrf, "given": "no", "asked": "survey/sms"}
    )
    assert answer.status_code == 404
