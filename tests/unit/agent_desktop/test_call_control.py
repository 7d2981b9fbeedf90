"""What the desk asks of call control: rights, the audit of calls that leave the house, sentences for what cannot be."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from crm_core.access.model import AuditEntry
from crm_core.clock import now
from crm_core.history.model import Contact
from tests.browser import people
from tests.browser.desk_site import a_call
from tests.unit.agent_desktop.conftest import WebSite

ASKED = ("hand-over", "back", "conference", "leave", "drop-party", "park")


async def in_a_call(web: WebSite) -> dict[str, str]:
    """林晓梅 talks with 陈建国; 王芳 is free. Gives the headers of a request of her page."""
    entered = await web.enter()
    for agent in (people.AGENT, people.ENGLISH_AGENT):
        await web.telephony.sign_in(agent, ready=True)
    web.telephony.ring(people.AGENT, a_call("c1", people.CHEN_NUMBER, matches=(people.CHEN,)))
    web.telephony.answer(people.AGENT)
    web.telephony.wishes.clear()
    return {"X-CSRF-Token": entered.csrf}


async def post(web: WebSite, headers: dict[str, str], way: str, **body: object) -> Any:
    return await web.client.post(f"/api/call/{way}", json=body, headers=headers)


async def audited(web: WebSite) -> list[tuple[str, str, str]]:
    async with web.db.begin() as session:
        calls = select(AuditEntry).where(AuditEntry.action != "sign_in").order_by(AuditEntry.id)
        rows = await session.scalars(calls)
        return [(row.action, row.subject, row.detail) for row in rows]


async def test_a_colleague_is_asked_and_handed_the_call(web: WebSite):
    headers = await in_a_call(web)
    assert (await post(web, headers, "consult", kind="agent", value=people.ENGLISH_AGENT)).status_code == 200
    web.telephony.calls.party_answers(people.AGENT)
    assert (await post(web, headers, "hand-over")).status_code == 200
    assert web.telephony.wishes == [
        ("consult", people.AGENT, "agent", people.ENGLISH_AGENT),
        ("hand_over", people.AGENT),
    ]
    assert ("consulted", "c1", "agent/1019") not in await audited(web)


async def test_a_masked_number_is_transferred_to_without_the_page_knowing_it(web: WebSite):
    headers = await in_a_call(web)
    answer = await post(web, headers, "transfer", kind="customer", value=str(people.WANG))
    assert answer.status_code == 200
    assert "3704320099" not in answer.text
    assert web.telephony.wishes == [("transfer", people.AGENT, "number", "+8613704320099")]
    assert await audited(web) == [("transferred", "c1", "number/+8613704320099")]


async def test_a_dealer_is_given_by_its_entry_and_audited(web: WebSite):
    headers = await in_a_call(web)
    await post(web, headers, "consult", kind="dealer", value="1")
    assert web.telephony.wishes == [("consult", people.AGENT, "dealer", "1")]
    assert await audited(web) == [("consulted", "c1", "dealer/1")]


@pytest.mark.parametrize(
    ("kind", "value", "status", "sentence"),
    [
        ("queue", "repair", 409, "不能咨询队列，只能把电话转给它。"),
        ("dealer", "77", 404, "没有这家经销商。"),
        ("number", "12345", 422, "12345 不是完整的电话号码。"),
        ("customer", "4 OR 1=1", 404, "没有这一项。"),
        ("contact", "nobody", 404, "没有这次联系。"),
        ("trunk", "x", 422, ""),
    ],
)
async def test_a_target_that_cannot_be_asked_is_answered_with_a_sentence(
    web: WebSite, kind: str, value: str, status: int, sentence: str
):
    headers = await in_a_call(web)
    answer = await post(web, headers, "consult", kind=kind, value=value)
    assert answer.status_code == status
    assert sentence in answer.json()["message"]
    assert web.telephony.wishes == []
    assert await audited(web) == []


async def test_a_refused_consult_leaves_no_line_in_the_audit(web: WebSite):
    headers = await in_a_call(web)
    await web.telephony.take_break(people.ENGLISH_AGENT, "lunch")
    answer = await post(web, headers, "consult", kind="agent", value=people.ENGLISH_AGENT)
    assert answer.status_code == 409
    assert await audited(web) == []


@pytest.mark.parametrize("way", ["consult", "transfer"])
async def test_without_a_call_nothing_is_given_away(web: WebSite, way: str):
    entered = await web.enter()
    answer = await post(web, {"X-CSRF-Token": entered.csrf}, way, kind="number", value="+8613704320099")
    assert (answer.status_code, answer.json()["message"]) == (409, "您现在没有通话。")
    assert web.telephony.wishes == []


@pytest.mark.parametrize("way", [*ASKED, "digits", "drop-message", "pick-up", "consult", "transfer"])
async def test_another_page_or_a_person_without_a_phone_controls_no_call(web: WebSite, way: str):
    await in_a_call(web)
    assert (await post(web, {}, way)).status_code == 403
    administrator = await web.enter(people.ADMIN)
    assert (await post(web, {"X-CSRF-Token": administrator.csrf}, way)).status_code == 403
    assert web.telephony.wishes == []


async def test_two_who_pick_up_the_same_call_get_it_once(web: WebSite):
    headers = await in_a_call(web)
    assert (await post(web, headers, "park")).json() == {"slot": "P1"}
    assert (await post(web, headers, "pick-up", slot="P1")).status_code == 200
    assert (await post(web, headers, "pick-up", slot="P1")).status_code == 409
    assert (await post(web, headers, "pick-up", slot="P1'; --")).status_code == 422


@pytest.mark.parametrize(("digits", "status"), [("12*#", 200), ("", 422), ("1,w", 422), ("1" * 33, 422)])
async def test_only_keys_of_a_telephone_are_sent(web: WebSite, digits: str, status: int):
    headers = await in_a_call(web)
    assert (await post(web, headers, "digits", digits=digits)).status_code == status


async def test_only_a_message_of_ours_is_left_on_a_machine(web: WebSite):
    headers = await in_a_call(web)
    assert (await post(web, headers, "drop-message", message="../../etc/passwd")).status_code == 404
    assert (await post(web, headers, "drop-message", message="call_again")).status_code == 200


async def test_a_caller_in_the_list_is_dialled_by_the_contact(web: WebSite):
    entered = await web.enter()
    await web.telephony.sign_in(people.AGENT, ready=True)
    async with web.db.begin() as session:
        session.add(Contact(id="hidden", direction="inbound", caller="", started_at=now()))
    headers = {"X-CSRF-Token": entered.csrf}
    assert (await post(web, headers, "dial", kind="contact", value="hidden")).status_code == 422
    assert (await post(web, headers, "dial", kind="contact", value="old-1")).status_code == 200
    assert web.telephony.wishes[-1] == ("dial", people.AGENT, people.CHEN_NUMBER)
    call = web.telephony.desk(people.AGENT).call
    assert call is not None
    assert call.matches == (people.CHEN,)


async def test_a_colleagues_short_number_that_is_keyed_means_the_colleague_and_is_never_dialled(web: WebSite):
    headers = await in_a_call(web)
    assert (await post(web, headers, "consult", kind="number", value=people.ENGLISH_AGENT)).status_code == 200
    assert web.telephony.wishes == [("consult", people.AGENT, "agent", people.ENGLISH_AGENT)]
    refused = await post(web, headers, "dial", number=people.ENGLISH_AGENT)
    assert refused.status_code == 409
    assert f"{people.ENGLISH_AGENT} 是同事的分机" in refused.text
