"""Other systems ask for figures: the same as the pages', with numerator and denominator, page by page, or as a file."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta

import pytest

from crm_core.clock import now
from crm_core.history.model import AgentStint, Contact, QueueVisit
from crm_core.integration.scopes import Scope
from tests.unit.agent_desktop.test_api import Api, api

__all__ = ["api"]  # the fixture


async def a_day(api: Api) -> str:
    """Three callers of today: one answered after 10 s, one after 40 s, one who gave up after 30 s; gives the day."""
    zone = api.web.app.state.site.zone
    day = now().astimezone(zone).date() - timedelta(days=1)
    at = datetime(day.year, day.month, day.day, 10, 5, tzinfo=zone)
    async with api.web.db.begin() as session:
        for name, result, wait in (("a", "answered", 10.0), ("b", "answered", 40.0), ("c", "abandoned", 30.0)):
            contact = Contact(id=f"r-{name}", direction="inbound", caller="+8613800000001", started_at=at)
            contact.queue, contact.outcome, contact.ended_at = "repair", result, at + timedelta(minutes=3)
            session.add(contact)
            await session.flush()
            left = at + timedelta(seconds=wait)
            visit = QueueVisit(contact_id=contact.id, queue="repair", entered_at=at, left_at=left, result=result)
            visit.answered_at, visit.wait_seconds = left if result == "answered" else None, wait
            session.add(visit)
        session.add(AgentStint(agent="1018", state="talking", began_at=at, ended_at=at + timedelta(minutes=5)))
    return day.isoformat()


async def test_a_service_level_comes_with_numerator_and_denominator(api: Api):
    day = await a_day(api)
    answer = await api.ask("GET", f"/reports/queues?from={day}&to={day}&step=day&queue=repair")
    (item,) = answer.json()["items"]
    assert (item["of"], item["day"], item["counts"]["offered"], item["counts"]["answered"]) == ("repair", day, 3, 2)
    assert item["metrics"]["service_level"] == {"numerator": 1, "denominator": 3, "value": pytest.approx(1 / 3)}
    assert item["metrics"]["average_speed_of_answer"]["value"] == 25


async def test_an_agents_seconds_are_told(api: Api):
    day = await a_day(api)
    answer = await api.ask("GET", f"/reports/agents?from={day}&to={day}&step=day&agent=1018")
    (item,) = answer.json()["items"]
    assert (item["of"], item["counts"]["talking"]) == ("1018", 300)


async def test_contacts_come_page_by_page_without_telephone_numbers(api: Api):
    day = await a_day(api)
    path = f"/reports/contacts?from={day}&to={day}&queue=repair&limit=2"
    first = (await api.ask("GET", path)).json()
    second = (await api.ask("GET", f"{path}&cursor={first['next']}")).json()
    ids = [item["id"] for item in (*first["items"], *second["items"])]
    assert {"r-a", "r-b", "r-c"} <= set(ids)
    assert len(ids) == len(set(ids))
    assert "13800000001" not in str(first)
    abandoned = (await api.ask("GET", f"/reports/contacts?from={day}&to={day}&outcome=abandoned")).json()["items"]
    assert "r-c" in [item["id"] for item in abandoned]
    assert {item["outcome"] for item in abandoned} == {"abandoned"}


async def test_intervals_come_page_by_page_and_are_the_same_together(api: Api):
    day = await a_day(api)
    path = f"/reports/queues?from={day}&to={day}&step=15"
    whole = (await api.ask("GET", path)).json()["items"]
    pieces, cursor = [], ""
    while cursor is not None:
        answer = (await api.ask("GET", f"{path}&limit=1&cursor={cursor}")).json()
        pieces += answer["items"]
        cursor = answer["next"]
    assert pieces == whole


async def test_who_accepts_csv_gets_a_file(api: Api):
    day = await a_day(api)
    answer = await api.ask("GET", f"/reports/queues?from={day}&to={day}&step=day&queue=repair", Accept="text/csv")
    (row,) = csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")))
    assert answer.headers["content-type"].startswith("text/csv")
    assert (row["of"], row["offered"], float(row["service_level"])) == ("repair", "3", pytest.approx(1 / 3))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=2026-01-02&to=2026-01-01", "The last day lies before the first"),
        ("from=2006-01-01&to=2026-01-01&step=15", "are too many for this step"),
        ("from=yesterday", "A day is written like"),
        ("queue=nowhere", "There is no queue nowhere"),
        ("step=7", "There is no step of this name"),
        ("cursor=%22", "This cursor is none of ours"),
    ],
)
async def test_what_cannot_be_answered_is_a_sentence(api: Api, query: str, sentence: str):
    answer = await api.ask("GET", f"/reports/queues?{query}")
    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]


async def test_figures_of_the_centre_need_their_scope_and_no_dealers_key(api: Api):
    other = await api.with_key(scopes=[Scope.READ_CONTACTS.value])
    assert (await other.ask("GET", "/reports/queues")).status_code == 403
    dealers = await api.with_key(dealer_id=1)
    for path in ("/reports/queues", "/reports/agents", "/reports/contacts", "/reports/metrics"):
        assert (await dealers.ask("GET", path)).status_code == 404


async def test_every_figure_has_its_definition(api: Api):
    told = (await api.ask("GET", "/reports/metrics")).json()["items"]
    assert {"service_level", "abandon_rate", "occupancy"} <= {one["id"] for one in told}
    assert all(one["words_zh"] and one["words_en"] for one in told)
