"""The reports as their readers see them: a day counted by hand, each figure opened, files with types, bad questions."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from python_calamine import load_workbook
from sqlalchemy import select

from agent_desktop.reports.turns import TooManyReports, Turns
from crm_core.access.model import AuditEntry
from crm_core.customers.model import Customer
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.report_day import DAY, LEADER, QUEUES, REVIEWER, SUPERVISOR, at, seen, settle, words

TEN = str(int(at("10:00").timestamp()))


async def test_a_supervisor_finds_the_reports_in_the_rail_and_an_agent_does_not(web: WebSite):
    await settle(web)
    page = (await web.client.get("/reports")).text
    assert 'href="/reports/queues"' in page
    assert "队列时段" in words(page)
    await web.enter(people.AGENT)
    assert (await web.client.get("/reports")).status_code == 403
    assert 'href="/reports"' not in (await web.client.get("/desk")).text


@pytest.mark.parametrize("who", [LEADER, REVIEWER])
async def test_leaders_and_reviewers_see_reports_too(web: WebSite, who: str):
    await settle(web, who)
    assert 'href="/reports/queues"' in (await web.client.get("/reports")).text


async def test_the_day_is_counted_as_by_hand_beside_the_same_weekday_before(web: WebSite):
    await settle(web)
    page = await seen(web, QUEUES)
    for figure in (
        "呼入 8 上周四 +100.0%",
        "接起 4 50.0%",
        "放弃 2 另短放弃 1",
        "放弃率 28.6%",
        "服务水平 20 秒 50.0% 目标 80%",
    ):
        assert figure in page, figure
    assert "10:00 7 +75.0% 3 2 1 33.3% 40.0% 00:21 10:00 100.0%" in page
    assert "14:30 1" in page
    assert "08:00" not in page  # nobody called that early
    assert "8 通，逐通可查" in page


async def test_a_row_opens_down_to_the_calls_that_missed_and_what_became_of_them(web: WebSite):
    await settle(web)
    panel = await seen(web, f"{QUEUES}&row={TEN}&of=service_level", 200, **{"HX-Request": "true"})
    assert "10:00–10:30 服务水平" in panel
    assert "40.0% = 2 通 20 秒内接起 3 接起 + 2 放弃" in panel
    assert "服务水平 a（仅接起） 66.7%" in panel
    assert "未达标的 3 通" in panel
    assert "10:04 李敏 · 售后服务 放弃 01:12 10:21 再次来电，林晓梅接起 · 已解决" in panel
    assert "未再来电 · 建议回拨" in panel
    assert "10:09 王静怡 · 售后服务 等 00:51 林晓梅接起 · 维修" in panel
    assert "r-5" not in panel  # a short abandon is in neither number


async def test_each_figure_has_as_many_calls_behind_it_as_it_says(web: WebSite):
    await settle(web)
    for of, count in {"offered": 7, "answered": 3, "abandon_rate": 2, "short_abandoned": 1, "service_level": 3}.items():
        page = (await web.client.get(f"/reports/queues/calls?from={DAY}&to={DAY}&row={TEN}&of={of}")).text
        assert len(re.findall(r"<tr data-key", page)) == count, of
    answer = await web.client.get(f"{QUEUES}&row={TEN}&of=offered", headers={"HX-Request": "true"})
    assert 'href="/contacts/r-6"' in answer.text


async def test_one_queue_is_asked_alone_and_the_link_says_so(web: WebSite):
    await settle(web)
    page = await seen(web, f"{QUEUES}&queue=enquiry")
    assert "呼入 3" in page
    assert "产品咨询" in page
    whole = (await web.client.get(f"{QUEUES}&queue=enquiry&compare=none")).text
    link = re.search(r'data-link="([^"]+)"', whole)
    assert link
    assert link[1].replace("&amp;", "&") == f"/reports/queues?from={DAY}&to={DAY}&queue=enquiry&compare=none"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=2006-01-01&to=2026-01-01", "7,306 天超出这个时段的上限 4,400 天"),
        ("from=2026-07-16&to=2026-07-01", "结束日期早于开始日期"),
        (f"from={DAY}&to={DAY}&queue=nosuch", "没有队列 nosuch"),
        (f"from={DAY}&to={DAY}&step=7", "没有这种时段"),
        ("from=2026-01-01&to=2026-06-30&step=15", "181 天超出这个时段的上限 31 天"),
        ("from=yesterday&to=x", "日期写作 2026-07-16"),
        ("period=someday", "没有这个时间范围"),
        (f"from={DAY}&to={DAY}&compare=moon", "没有这种比较方式"),
        ("from=1890-01-01&to=1890-01-02", "这些日期没有数据"),
    ],
)
async def test_a_question_that_has_no_answer_is_told_in_a_sentence_and_the_filters_stay(
    web: WebSite, query: str, sentence: str
):
    await settle(web)
    answer = await web.client.get(f"/reports/queues?{query}")
    assert answer.status_code == 422
    assert sentence in words(answer.text)
    assert 'aria-label="筛选"' in answer.text
    assert (await web.client.get(f"/reports/queues/export/csv?{query}")).status_code == 422


async def test_the_sentences_are_english_for_an_english_reader(web: WebSite):
    await settle(web)
    token = re.search(r'csrf-token" content="([^"]+)"', (await web.client.get("/reports")).text)
    assert token
    await web.client.post("/language", data={"language": "en", "csrf_token": token[1]})
    page = await seen(web, "/reports/queues?from=2026-07-16&to=2026-07-01", 422)
    assert "The last day lies before the first." in page
    panel = await seen(web, f"{QUEUES}&row={TEN}&of=service_level", 200, **{"HX-Request": "true"})
    assert "2 taken within 20 s 3 taken + 2 abandoned" in panel


@pytest.mark.parametrize(
    ("asked", "offered", "told"),
    [
        (f"from={DAY}&to={DAY}&after=14:00&before=15:00", 1, "14:00–15:00"),
        (f"from={DAY}&to={DAY}&step=15&before=10:15", 6, "00:00–10:15"),
        (f"from=2026-07-06&to={DAY}&step=day&weekday=4", 12, "周四"),
        (
            f"from=2026-07-06&to={DAY}&step=60&weekday=3&weekday=4&after=10:00&before=11:00",
            11,
            "周三、周四 10:00–11:00",
        ),
        (f"from=2026-07-06&to={DAY}&step=day&weekday=1&weekday=5", 0, "周一、周五"),
    ],
)
async def test_single_weekdays_and_hours_are_counted_alone_down_to_their_calls(
    web: WebSite, asked: str, offered: int, told: str
):
    await settle(web)
    page = await seen(web, f"/reports/queues?{asked}")
    assert told in page
    assert f"{offered} 通，逐通可查" in page
    listed = (await web.client.get(f"/reports/queues/export/csv?{asked}&list=1&row=all&of=offered")).text
    assert len(listed.strip().splitlines()) - 1 == offered


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("from=2026-07-01&to=2026-07-31&step=day&after=08:00", "按钟点筛选需要 60 分钟或更短的时段"),
        ("from=2026-07-01&to=2026-07-31&step=week&weekday=1", "按星期筛选需要按天或更短的时段"),
        (f"from={DAY}&to={DAY}&after=12:00&before=08:00", "开始钟点在结束钟点之后"),
    ],
)
async def test_a_condition_that_the_step_cannot_answer_is_told(web: WebSite, asked: str, sentence: str):
    await settle(web)
    answer = await web.client.get(f"/reports/queues?{asked}")
    assert (answer.status_code, sentence in words(answer.text)) == (422, True)


async def test_what_is_no_weekday_and_no_hour_is_no_condition(web: WebSite):
    await settle(web)
    odd = "&weekday=9&weekday=%27&after=25:00&before=%3Cb%3E"
    assert "8 通，逐通可查" in await seen(web, QUEUES + odd)


async def test_a_day_without_calls_says_so(web: WebSite):
    await settle(web)
    assert "这段时间没有来电" in await seen(web, "/reports/queues?from=2026-05-01&to=2026-05-01")


async def test_what_is_no_report_is_not_found(web: WebSite):
    await settle(web)
    for path in ("/reports/nosuch", "/reports/nosuch/calls", "/reports/menus", "/reports/queues/export/doc"):
        assert (await web.client.get(path)).status_code == 404, path


def rows_of(content: bytes) -> list[list[Any]]:
    return load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()


async def test_the_workbook_has_times_shares_and_durations_as_numbers(web: WebSite):
    await settle(web)
    answer = await web.client.get(QUEUES.replace("queues?", "queues/export/xlsx?"))
    rows = rows_of(answer.content)
    heads = rows[3]
    assert heads[:3] == ["时段", "呼入", "比上周四"]
    ten = next(row for row in rows if row[0] == datetime.combine(date.fromisoformat(DAY), time(10)))
    assert ten[1:6] == [7, 0.75, 3, 2, 1]
    assert ten[6] == pytest.approx(2 / 6)
    assert ten[7] == pytest.approx(0.4)
    assert ten[8] in (timedelta(seconds=65 / 3), pytest.approx(65 / 3 / 86400)) or isinstance(ten[8], time | timedelta)
    assert rows[-1][:2] == ["合计", 8]
    assert "filename*=UTF-8''" in answer.headers["content-disposition"]


async def test_days_are_dates_in_the_workbook(web: WebSite):
    await settle(web)
    answer = await web.client.get(f"/reports/queues/export/xlsx?from=2026-07-13&to={DAY}")
    assert date(2026, 7, 16) in [row[0] for row in rows_of(answer.content)]


async def test_the_csv_is_read_as_chinese_and_begins_no_formula(web: WebSite):
    await settle(web)
    async with web.db.begin() as session:
        (await session.get_one(Customer, people.LI_MIN)).name = "=HYPERLINK(1)"
    path = f"/reports/queues/export/csv?from={DAY}&to={DAY}&list=1&row={TEN}&of=offered"
    answer = await web.client.get(path)
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[0][:2] == ["时间", "客户"]
    assert [line[1] for line in lines if "HYPERLINK" in line[1]] == ["'=HYPERLINK(1)"] * 2
    assert lines[1][0] == "2026-07-16 10:02"
    workbook = rows_of((await web.client.get(path.replace("csv", "xlsx"))).content)
    assert "=HYPERLINK(1)" in [row[1] for row in workbook]  # text, not a formula: it is read back as written


async def test_an_export_is_on_the_audit_log(web: WebSite):
    await settle(web)
    await web.client.get(QUEUES.replace("queues?", "queues/export/csv?"))
    async with web.db.begin() as session:
        entry = (await session.scalars(select(AuditEntry).where(AuditEntry.action == "report_exported"))).one()
    assert (entry.actor, entry.subject) == (SUPERVISOR, "report/queues")
    assert f"from={DAY}" in entry.detail


async def test_reports_take_turns_and_too_many_are_told_to_come_again():
    turns, running, most = Turns(at_once=2, most_waiting=3, wait=0.05), 0, 0

    async def report() -> bool:
        nonlocal running, most
        try:
            async with turns.turn():
                running += 1
                most = max(most, running)
                await asyncio.sleep(0.2)
                running -= 1
        except TooManyReports:
            return False
        return True

    served = await asyncio.gather(*(report() for _ in range(50)))
    assert most == 2
    assert sum(served) == 2  # the three who waited did not wait for ever


async def test_who_finds_no_turn_gets_a_sentence(web: WebSite):
    await settle(web)
    web.app.state.report_turns = Turns(at_once=0, most_waiting=0)
    answer = await web.client.get(QUEUES)
    assert answer.status_code == 503
    assert "请过几秒再试" in answer.text


async def test_the_panel_of_an_interval_tells_who_was_on_a_break_at_the_same_time(web: WebSite):
    await settle(web)
    half_past_ten = int(at("10:30").timestamp())
    page = await seen(web, f"{QUEUES}&row={half_past_ten}&of=offered")
    assert "同一时段 小休 1 人，计划 0 人" in page, page[-900:]
    assert f"/reports/states?from={DAY}" in (await web.client.get(f"{QUEUES}&row={half_past_ten}&of=offered")).text
    assert "同一时段" not in await seen(web, f"{QUEUES}&row=all&of=offered")
