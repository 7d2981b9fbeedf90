"""The further reports as their readers see them: every one in both languages, grouped each way, opened and taken."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import update

from agent_desktop.reports.catalogue import REPORTS, report_of
from crm_core.access.model import User
from crm_core.cases.model import Case, CaseStage
from crm_core.history.model import Leg
from crm_core.leads.model import Lead
from crm_core.media.model import MediaAction
from crm_core.segments.model import CustomerWorth
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.report_day import DAY, SUPERVISOR, at, settle_day
from tests.unit.agent_desktop.test_reports import seen

KINDS = ("abandoned", "repeats", "transfers", "states", "cases", "trace", "leads", "value", "media")
OF_DAY = f"from={DAY}&to={DAY}"


async def settle(web: WebSite) -> None:
    """The day that one can count by hand, and beside its calls some work."""
    noon = at("12:00")
    async with web.db.begin() as session:
        await settle_day(session)
        late = Case(number="GD-0716-0001", kind="complaint", title="空调异响", customer_id=people.CHEN, opened_at=noon)
        late.due_at, late.respond_by, late.owner = noon + timedelta(hours=2), noon + timedelta(hours=1), people.AGENT
        lead = Lead(number="XS-0716-0001", customer_id=people.CHEN, source="web", status="won", created_at=noon)
        show = MediaAction(name="长春车展", medium="event", first_day=noon.date(), last_day=noon.date(), at=noon)
        worth = CustomerWorth(customer_id=people.CHEN, kind="person", known_since=noon.date(), computed_at=noon)
        given = Leg(id="r-1-9", contact_id="r-1", agent=people.AGENT, queue="repair", given_to="queue:enquiry")
        given.offered_at = noon
        session.add_all([late, lead, show, worth, given])
        await session.flush()
        step = CaseStage(case_id=late.id, stage="record", began_at=noon, due_at=noon + timedelta(minutes=30))
        session.add(step)
    await web.enter(SUPERVISOR)


def test_every_further_report_is_on_the_list():
    assert {one.id for one in REPORTS} >= set(KINDS)


@pytest.mark.parametrize("report", KINDS)
async def test_a_report_is_shown_grouped_each_way_in_both_languages(web: WebSite, report: str):
    await settle(web)
    entry = report_of(report)
    assert entry is not None
    for choice in entry.choices:
        for value in choice.options:
            assert "Traceback" not in await seen(web, f"{entry.address}?{OF_DAY}&{choice.name}={value}")
    async with web.db.begin() as session:
        await session.execute(update(User).values(language="en"))
    english = await seen(web, f"{entry.address}?{OF_DAY}")
    assert not [sign for sign in english if "\u4e00" <= sign <= "\u9fff" and sign not in _NAMES]


_NAMES = set("一组远辰热线王海燕陈建国长春车展空调异响吉林")
"""People, places and titles stay as they were written."""


async def test_callers_who_gave_up_are_followed_to_the_call_in_which_they_were_served(web: WebSite):
    await settle(web)
    page = await seen(web, f"/reports/abandoned?{OF_DAY}&by=queue")
    assert "放弃来电及其后续" in page
    panel = await seen(web, f"/reports/abandoned?{OF_DAY}&row=repair&of=abandoned")
    assert "李敏" in panel  # gave up at 10:04, was served at 10:21
    assert "10:21" in panel
    never = await seen(web, f"/reports/abandoned?{OF_DAY}&row=all&of=never")
    assert "未再联系" in never


async def test_what_lies_behind_a_figure_is_as_many_as_it_says(web: WebSite):
    await settle(web)
    listed = (await web.client.get(f"/reports/abandoned/calls?{OF_DAY}&row=all&of=abandoned")).text
    assert listed.count("/contacts/r-") == 3


async def test_an_overdue_complaint_is_traced_to_who_holds_it(web: WebSite):
    await settle(web)
    assert "空调异响" in await seen(web, f"/reports/cases?{OF_DAY}&row=all&of=overdue")
    traced = await seen(web, f"/reports/trace?{OF_DAY}&by=person")
    assert "GD-0716-0001" in traced
    row = next(part for part in traced.split(" ") if "林晓梅" in part)
    assert row


async def test_a_lead_opens_from_its_source(web: WebSite):
    await settle(web)
    assert "XS-0716-0001" in await seen(web, f"/reports/leads?{OF_DAY}&by=source&row=web&of=won")


async def test_too_few_to_say_anything_is_said_so(web: WebSite):
    await settle(web)
    assert "数据不足" in await seen(web, f"/reports/media?{OF_DAY}")
    assert "横线表示数据不足" in await seen(web, f"/reports/value?{OF_DAY}")


async def test_an_unknown_row_opens_nothing_and_breaks_nothing(web: WebSite):
    await settle(web)
    for report in KINDS:
        odd = quote("x'\"<b>")
        assert "x'\"<b>" not in (await web.client.get(f"/reports/{report}?{OF_DAY}&row={odd}&of={odd}&by={odd}")).text


async def test_files_of_a_report_hold_its_rows(web: WebSite):
    await settle(web)
    for report in KINDS:
        answer = await web.client.get(f"/reports/{report}/export/csv?{OF_DAY}")
        assert answer.status_code == 200, report
        assert answer.text.startswith("\ufeff")
    leads = (await web.client.get(f"/reports/leads/export/csv?{OF_DAY}&by=source")).text
    assert "100" in leads or "1.0" in leads or ",1," in leads


async def test_an_agent_sees_none_of_them(web: WebSite):
    await settle(web)
    await web.enter(people.AGENT)
    for report in KINDS:
        assert (await web.client.get(f"/reports/{report}")).status_code == 403
