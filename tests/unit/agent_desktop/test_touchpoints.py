"""The register of contact points, and an interest in buying taken down in the call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from crm_core.clock import now
from crm_core.consent.model import Consent
from crm_core.history.model import Contact
from crm_core.leads.model import Lead, LeadEvent, Touchpoint
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

POINT = {"kind": "number", "name_zh": "400 热线", "name_en": "400 hotline", "address": "4001718888", "active": "1"}


async def post(web: WebSite, path: str, *, who: str = people.AGENT, **form: Any):
    entered = await web.enter(who)
    return await web.client.post(path, data={"csrf_token": entered.user.csrf, **form})


async def told(web: WebSite, contact: str, **entries: Any):
    entered = await web.enter()
    headers = {"X-CSRF-Token": entered.user.csrf, "Accept": "application/json"}
    return await web.client.post(f"/api/record/{contact}/lead", json=entries, headers=headers)


async def test_what_came_through_a_number_is_counted_at_its_place(web: WebSite):
    async with web.db.begin() as session:
        session.add(Touchpoint(code="hotline_400", **{**POINT, "active": True}))
        for ago in (1, 40):
            at = now() - timedelta(days=ago)
            session.add(Contact(id=f"c{ago}", direction="inbound", entry="4001718888", started_at=at, ended_at=at))
    await web.enter()
    page = (await web.client.get("/leads/touchpoints?days=7")).text
    assert "400-171-8888" in page
    assert "400 热线" in page


async def test_only_who_may_edit_rules_changes_the_register(web: WebSite):
    assert (await post(web, "/leads/touchpoints", new="1", code="x1", **POINT)).status_code == 403


async def test_an_interest_is_taken_down_in_the_call_with_its_consent(web: WebSite):
    made = await told(web, "old-1", model="远辰 E8", wish="周末试驾", consent="yes", words="可以打给我")
    assert made.status_code == 200, made.text
    async with web.db.begin() as session:
        lead = (await session.scalars(select(Lead))).one()
        proof = (await session.scalars(select(Consent))).one()
    assert (lead.number, lead.contact_id, lead.customer_id) == (made.json()["number"], "old-1", people.CHEN)
    assert (proof.contact_id, proof.given, proof.purpose) == ("old-1", True, "lead")


async def test_a_second_interest_in_a_call_is_offered_to_the_open_lead(web: WebSite):
    first = (await told(web, "old-1", model="远辰 E8")).json()["number"]
    refused = await told(web, "old-2", model="远辰 E6")
    assert refused.status_code == 409
    assert first in refused.json()["message"]
    assert (await told(web, "old-2", model="远辰 E6", mode="mention")).json()["number"] == first
    assert (await told(web, "old-2", model="远辰 E6", mode="again")).json()["number"] != first
    async with web.db.begin() as session:
        kinds = list(await session.scalars(select(LeadEvent.kind).order_by(LeadEvent.id)))
    assert kinds == ["captured", "mentioned", "captured"]


async def test_what_is_wrong_is_told_at_its_field_and_a_foreign_call_is_not_found(web: WebSite):
    wrong = await told(web, "old-1", wish="x", consent="yes")
    assert wrong.status_code == 200  # the call itself is the proof
    assert (await told(web, "old-2", mode="again")).json()["field"] == "wish"
    assert (await told(web, "old-2", mode="again", wish="x", buy_by="morgen")).json()["field"] == "buy_by"
    assert (await told(web, "nobody's", wish="x")).status_code == 404
    assert (await told(web, "old-1", wish="x" * 201)).status_code == 422
