"""The pages of outbound campaigns: what they show, save, refuse and export."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from acd.dialer import PacingFigures, Slow
from agent_desktop.campaigns import live
from agent_desktop.campaigns.hours import OpenSpans, meeting
from agent_desktop.campaigns.live import CampaignHub
from agent_desktop.campaigns.picture import CampaignPicture, read_picture
from agent_desktop.campaigns.regions import REGIONS
from agent_desktop.campaigns.words import SLOW
from crm_core.access.model import AuditEntry, User
from crm_core.access.passwords import hashed_now
from crm_core.campaigns.filling import filling_handlers
from crm_core.campaigns.model import Campaign, CampaignAttempt, CampaignEntry
from crm_core.care.rulebook import By, write_rules
from crm_core.care.settings import care_rules, save_care_rules
from crm_core.clock import now
from crm_core.consent import decision
from crm_core.customers.model import Customer
from crm_core.dealers.model import CareTask
from crm_core.history.campaign_events import AttemptPlaced
from crm_core.jobs.runner import JobRunner
from crm_core.questionnaires import actions as questionnaire_actions
from crm_core.questionnaires.comment_wishes import heed_comment
from crm_core.questionnaires.model import Answer, Response
from crm_core.questionnaires.templates import COMPLAINT, TWO_WEEKS
from reports.campaigns import two_months
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

BOSS, REVIEWER = "2001", "4001"
PLAN = {
    "name": "交车两周满意度调查",
    "purpose": "survey",
    "in_name_of": "sales_consultant",
    "mode": "predictive",
    "queue": "enquiry",
    "questionnaire": "",
    "abandon_limit_percent": "3.0",
    "lines_per_agent": "1.5",
    "most_lines": "20",
    "ring_seconds": "25",
    "most_attempts": "3",
    "windows": "09:00-12:00, 14:00-20:00",
    "language": "",
    "script": "0",
    **{f"minutes_{name}": "180" for name in ("no_answer", "busy", "machine", "hung_up", "refused", "failed")},
    "minutes_dropped": "4320",
    **{f"most_{name}": "1" for name in ("no_answer", "busy", "machine", "hung_up", "refused", "failed", "dropped")},
}


@pytest.fixture
async def site(web: WebSite) -> WebSite:
    """A supervisor signed in; a quality reviewer may only look."""
    async with web.db.begin() as session:
        for number, role in ((BOSS, "supervisor"), (REVIEWER, "quality")):
            user = User(number=number, name="王海燕", name_en="Wang Haiyan", roles=role, language="zh-CN")
            user.password_hash = hashed_now(people.PASSWORD)
            session.add(user)
    await signed_in(web, BOSS)
    return web


async def signed_in(web: WebSite, number: str) -> None:
    entered = await web.enter(number)
    web.client.headers["X-CSRF-Token"] = entered.user.csrf


async def made(site: WebSite, **more: object) -> int:
    answer = await site.client.post("/campaigns/new", data={**PLAN, **more})
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/campaigns/(\d+)/entries", answer.headers["location"])
    assert found is not None
    return int(found[1])


async def on_the_list(site: WebSite, campaign: int, customer: int, **more: object) -> int:
    async with site.db.begin() as session:
        entry = CampaignEntry(campaign_id=campaign, customer_id=customer, due_at=now(), added_at=now(), **more)
        session.add(entry)
        await session.flush()
        return entry.id


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_every_page_opens_in_both_languages_empty_and_full(site: WebSite, language: str):
    async with site.db.begin() as session:
        await session.execute(update(User).values(language=language))
    number = await made(site)
    below = ("", "/edit", "/entries", "/refused", "/unsettled", "/refused.csv")
    for full in (False, True):
        if full:
            entry = await on_the_list(site, number, people.CHEN, state="unsettled", attempts=1)
            why = {"reason": decision.COMPLAINT, "reason_values": {"number": "TS-1"}}
            await on_the_list(site, number, people.LI_MIN, state="refused", **why)
            async with site.db.begin() as session:
                call = {"call": "ob-1-1-1", "number": 1, "e164": "+8613843107706", "result": "unsettled"}
                session.add(
                    CampaignAttempt(
                        **call, campaign_id=number, entry_id=entry, customer_id=people.CHEN, placed_at=now()
                    )
                )
            assert (await site.client.get(f"/campaigns/{number}/entries/{entry}")).status_code == 200
        for path in ("/campaigns", "/campaigns/new", *(f"/campaigns/{number}{one}" for one in below)):
            answer = await site.client.get(path)
            assert answer.status_code == 200, path
    shown = (await site.client.get(f"/campaigns/{number}")).text
    assert ("放弃率" in shown) == (language == "zh-CN")
    assert ("有未结投诉" in shown) == (language == "zh-CN")


async def test_a_plan_is_saved_and_adjusted_as_a_version_while_an_older_form_is_refused_without_loss(site: WebSite):
    number = await made(site)
    shown = (await site.client.get(f"/campaigns/{number}/edit")).text
    assert "09:00-12:00, 14:00-20:00" in shown
    first = {**PLAN, "base": "1", "abandon_limit_percent": "0", "ring_seconds": "30"}
    assert (await site.client.post(f"/campaigns/{number}/edit", data=first)).status_code == 303
    late = {**PLAN, "base": "1", "name": "另一个名字"}
    answer = await site.client.post(f"/campaigns/{number}/edit", data=late)
    assert answer.status_code == 409
    assert "另一个名字" in answer.text
    assert "有人同时保存了" in answer.text
    async with site.db.begin() as session:
        row = await session.get_one(Campaign, number)
        assert (row.revision, row.settings["abandon_limit_percent"], row.settings["ring_seconds"]) == (2, 0, 30)
        actions = list(await session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("campaign_%"))))
    assert actions == ["campaign_made", "campaign_saved"]


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("name", "", "请填写名称"),
        ("abandon_limit_percent", "7", "0 到 5"),
        ("abandon_limit_percent", "viel", "0 到 5"),
        ("ring_seconds", "5", "15 到 60"),
        ("most_lines", "0", "1 到 500"),
        ("most_attempts", "99", "1 到 10"),
        ("windows", "9 bis 12", "9 bis 12"),
        ("queue", "", "请选择由哪个队列"),
        ("minutes_dropped", "60", "4320"),
        ("detection_most_words", "31", "1 到 30"),
        ("detection_total", "2400", "监听总时长须长于"),
    ],
)
async def test_a_plan_that_cannot_be_is_refused_at_its_field_and_keeps_what_was_typed(
    site: WebSite, field: str, typed: str, told: str
):
    answer = await site.client.post("/campaigns/new", data={**PLAN, "name": "保留我", field: typed})
    assert answer.status_code == 422
    assert told in answer.text
    assert field == "name" or "保留我" in answer.text
    async with site.db.begin() as session:
        assert await session.scalar(select(Campaign.id)) is None


async def test_a_campaign_goes_from_the_test_to_running_to_a_pause_and_to_its_end(site: WebSite):
    number = await made(site)
    assert (await site.client.post(f"/campaigns/{number}/start")).status_code == 409
    await on_the_list(site, number, people.CHEN)
    acts = (("sample", {"count": "1"}), ("start", {}), ("pause", {}), ("start", {}), ("end", {"why": "召回优先"}))
    for act, form in acts:
        assert (await site.client.post(f"/campaigns/{number}/{act}", data=form)).status_code == 303, act
    assert (await site.client.post(f"/campaigns/{number}/start")).status_code == 409
    shown = (await site.client.get(f"/campaigns/{number}")).text
    assert "召回优先" in shown
    assert "/start" not in shown
    again = (await site.client.get(f"/campaigns/new?like={number}")).text
    assert "09:00-12:00, 14:00-20:00" in again


async def test_who_only_looks_sees_no_act_and_may_do_none(site: WebSite):
    number = await made(site)
    entry = await on_the_list(site, number, people.CHEN)
    await signed_in(site, REVIEWER)
    shown = (await site.client.get(f"/campaigns/{number}")).text
    assert "formaction" not in shown
    for path in ("start", "pause", "end", "edit", f"entries/{entry}/remove"):
        assert (await site.client.post(f"/campaigns/{number}/{path}")).status_code == 403


async def test_a_customer_is_taken_off_the_list_and_brought_back(site: WebSite):
    number = await made(site)
    entry = await on_the_list(site, number, people.CHEN)
    answer = await site.client.post(f"/campaigns/{number}/entries/{entry}/remove")
    assert f"entries/{entry}/back" in (await site.client.get(answer.headers["location"])).text
    refused = (await site.client.get(f"/campaigns/{number}/refused")).text
    assert "由 王海燕 移出名单" in refused
    assert (await site.client.post(f"/campaigns/{number}/entries/{entry}/back")).status_code == 303
    async with site.db.begin() as session:
        assert (await session.get_one(CampaignEntry, entry)).state == "waiting"


async def test_who_was_not_called_is_listed_by_reason_and_exported_without_formulas(site: WebSite):
    number = await made(site)
    why = {"reason": decision.COMPLAINT, "reason_values": {"number": "=1+1"}}
    await on_the_list(site, number, people.CHEN, state="refused", **why)
    await on_the_list(site, number, people.LI_MIN, state="refused", reason=decision.NOT_ASKED)
    shown = (await site.client.get(f"/campaigns/{number}/refused", params={"reason": decision.NOT_ASKED})).text
    assert "李敏" in shown
    assert "陈建国" not in shown
    answer = await site.client.get(f"/campaigns/{number}/refused.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert "+8613843107706" not in answer.text
    async with site.db.begin() as session:
        kept = await session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "campaign_refused_exported"))
        assert list(kept) == [f"campaign/{number}"]


async def test_a_person_decides_what_became_of_an_unsettled_call(site: WebSite):
    number = await made(site)
    entry = await on_the_list(site, number, people.CHEN, state="unsettled", attempts=1)
    assert (await site.client.post(f"/campaigns/{number}/unsettled/{entry}", data={"how": "magic"})).status_code == 422
    assert (await site.client.post(f"/campaigns/{number}/unsettled/{entry}", data={"how": "again"})).status_code == 303
    assert (await site.client.post(f"/campaigns/{number}/unsettled/{entry}", data={"how": "again"})).status_code == 409
    async with site.db.begin() as session:
        assert (await session.get_one(CampaignEntry, entry)).state == "waiting"


async def test_the_board_counts_dropped_calls_of_the_last_day_against_the_limit(site: WebSite):
    number = await made(site)
    async with site.db.begin() as session:
        for place, became in enumerate(("answered", "dropped", "machine", "hung_up", "no_answer", "spoke_up")):
            entry = CampaignEntry(campaign_id=number, customer_id=people.CHEN, subject=str(place), due_at=now())
            entry.added_at, entry.attempts, entry.state = now(), 1, "done"
            session.add(entry)
            await session.flush()
            at = now() - timedelta(hours=1)
            machine = "machine" if became in ("machine", "spoke_up") else "human"
            result = "answered" if became == "spoke_up" else became
            call = {"call": f"ob-{number}-{entry.id}-1", "number": 1, "e164": "+8613843107706", "result": result}
            answered = None if result == "no_answer" else at
            session.add(
                CampaignAttempt(
                    **call,
                    campaign_id=number,
                    entry_id=entry.id,
                    customer_id=people.CHEN,
                    placed_at=at,
                    answered_at=answered,
                    machine=machine,
                )
            )
    shown = (await site.client.get(f"/campaigns/{number}")).text
    assert "25.0%" in shown
    assert "1 / 4 人接听" in shown
    assert "录音机 1，误判真人 1 · 未接 1" in shown
    assert "真人误判为录音机</dt><dd>1 / 6</dd>" in shown
    assert "真人被当作录音机后又开口 1 次" in (await site.client.get(f"/campaigns/{number}/edit")).text


async def test_the_board_of_a_campaign_without_a_list_names_the_rule_that_fills_it_and_offers_the_start(site: WebSite):
    number = await made(site, purpose="care")
    async with site.db.begin() as session:
        rules = [replace(one, by=By.CENTRE, campaign=number) for one in (await care_rules(session))[:1]]
        await save_care_rules(session, write_rules(tuple(rules)), base=None, actor=BOSS, at=now())
    shown = (await site.client.get(f"/campaigns/{number}")).text
    assert "由关怀规则填入：交车两周回访" in shown
    assert f"/campaigns/{number}/start" in shown
    assert (await site.client.post(f"/campaigns/{number}/start")).status_code == 303


async def test_a_list_is_filled_from_pasted_numbers_and_says_what_became_of_each(site: WebSite, tmp_path: Path):
    number = await made(site)
    form = {"numbers": f"{people.CHEN_NUMBER}\nkeine Nummer\n{people.SHARED_NUMBER}"}
    assert (await site.client.post(f"/campaigns/{number}/fill/numbers", data=form)).status_code == 303
    shown = (await site.client.get(f"/campaigns/{number}/entries")).text
    assert "正在添加客户" in shown
    assert (await site.client.post(f"/campaigns/{number}/fill/check")).status_code == 409
    await JobRunner(site.db, filling_handlers(tmp_path / "imports", ZoneInfo("Asia/Shanghai"))).run_due(now())
    shown = (await site.client.get(f"/campaigns/{number}/entries")).text
    assert "陈建国" in shown
    assert "号码有误" in shown
    assert "可否拨打" in shown
    assert (await site.client.post(f"/campaigns/{number}/fill/segment", data={"segment": "x"})).status_code == 422
    assert (await site.client.post(f"/campaigns/{number}/fill/segment", data={"segment": "99"})).status_code == 404
    assert (await site.client.post(f"/campaigns/{number}/fill/numbers", data={"numbers": " "})).status_code == 409


async def test_the_proof_of_every_call_is_exported_and_the_export_is_on_record(site: WebSite):
    number = await made(site)
    entry = await on_the_list(site, number, people.CHEN, state="done", attempts=1)
    consent = {"id": 7, "given": True, "at": "2026-07-01T02:00:00+00:00", "words": "=可以回访"}
    async with site.db.begin() as session:
        call = CampaignAttempt(call="ob-1-1-1", campaign_id=number, entry_id=entry, customer_id=people.CHEN, number=1)
        call.e164, call.result, call.settled_by, call.placed_at = "+8613804317706", "answered", "event", now()
        call.evidence = {"purpose": "survey", "consent": consent, "consent_needed": True}
        session.add(call)
    told = (await site.client.get(f"/campaigns/{number}/evidence.csv")).content.decode("utf-8-sig")
    head, line = list(csv.reader(io.StringIO(told)))
    cells = dict(zip(head, line, strict=True))
    assert (cells["电话"], cells["通话结果"], cells["同意原话"]) == ("8613804317706", "与坐席通话", "'=可以回访")
    assert json.loads(cells["核对的全部内容（JSON）"])["consent_needed"] is True
    await signed_in(site, REVIEWER)
    assert (await site.client.get(f"/campaigns/{number}/evidence.csv")).status_code == 403
    async with site.db.begin() as session:
        done = select(AuditEntry.action).where(AuditEntry.action == "campaign_evidence_exported")
        assert len(list(await session.scalars(done))) == 1


async def test_two_who_watch_are_told_the_same_as_a_fresh_page_and_it_is_counted_once(
    site: WebSite, monkeypatch: pytest.MonkeyPatch
):
    number = await made(site)
    counted: list[int] = []

    async def counting(session: AsyncSession, row: Campaign, at: datetime, zone: tzinfo) -> CampaignPicture:
        counted.append(row.id)
        return await read_picture(session, row, at, zone)

    monkeypatch.setattr(live, "read_picture", counting)
    hub: CampaignHub = site.app.state.campaigns
    async with hub.running(), hub.watching(number, ("zh-CN", True)) as one, hub.watching(number, ("en", False)) as two:
        first, second = [orjson.loads(await watcher.take() or b"") for watcher in (one, two)]
        assert len(counted) == 1
        assert set(first["regions"]) == set(second["regions"]) == set(REGIONS)
        assert "formaction" in first["regions"]["head"] or "entries" in first["regions"]["head"]
        assert "<button" not in second["regions"]["head"]
        entry = await on_the_list(site, number, people.CHEN)
        site.telephony.tell(
            AttemptPlaced(at=0.0, call=f"ob-{number}-{entry}-1", campaign=number, entry=entry, e164="+8")
        )
        shown = first["regions"]
        while ">1</a>" not in shown["funnel"]:
            told = orjson.loads(await asyncio.wait_for(one.take(), 10) or b"")
            shown |= told["regions"]
        fresh = await hub.regions(await hub.picture(number), ("zh-CN", True))
        assert {name: shown[name] for name in REGIONS if name != "team"} == {
            name: fresh[name] for name in REGIONS if name != "team"
        }


@pytest.mark.parametrize("slow", [one for one in Slow if one])
async def test_the_board_says_in_words_what_keeps_the_dialer_from_more_calls(site: WebSite, slow: Slow):
    number = await made(site)
    told = (await site.client.get(f"/campaigns/{number}")).text
    assert "预计接听" not in told
    site.telephony.paces[number] = PacingFigures(
        ringing=6,
        lines_per_agent=1.5,
        answer_rate=0.4,
        expected_answers=2.4,
        expected_free=3.1,
        answers=331,
        drops=6,
        left=0,
        reserved=2,
        slow=slow,
    )
    told = (await site.client.get(f"/campaigns/{number}")).text
    assert "2.4 / 3.1" in told
    assert SLOW[slow.value] not in told  # in Chinese
    assert "只为空闲坐席拨打" in told


def test_hours_of_a_campaign_narrow_those_of_the_rules_and_the_next_call_waits_for_them():
    assert meeting([(540, 1200)], [(480, 720), (840, 1260)]) == ((540, 720), (840, 1200))
    assert meeting([(540, 1200)], []) == ((540, 1200),)
    assert meeting([], [(540, 720)]) == ()
    at = datetime(2026, 7, 16, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
    morning, noon = at + timedelta(hours=13), at + timedelta(hours=16)
    spans = OpenSpans((), ((morning, noon),))
    assert spans.first_open(at) == morning
    assert spans.first_open(morning + timedelta(hours=1)) == morning + timedelta(hours=1)
    assert spans.first_open(noon) is None
    assert spans.first_open(None) is None


async def test_work_on_a_list_shows_how_far_it_is_is_stopped_and_what_it_added_is_taken_back(
    site: WebSite, tmp_path: Path
):
    number = await made(site)
    page, numbers = f"/campaigns/{number}/entries", {"numbers": people.CHEN_NUMBER}
    assert (await site.client.post(f"/campaigns/{number}/fill/numbers", data=numbers)).status_code == 303
    running = (await site.client.get(page)).text
    assert 'max="1" value="0"' in running
    (stop,) = re.findall(r'action="(/campaigns/\d+/fill/\d+/stop)"', running)
    assert (await site.client.post(stop)).status_code == 303
    assert (await site.client.post(stop)).status_code == 409
    assert (await site.client.post(f"/campaigns/{number}/fill/numbers", data=numbers)).status_code == 303
    runner = JobRunner(site.db, filling_handlers(tmp_path / "imports", ZoneInfo("Asia/Shanghai")))
    await runner.run_due(now())
    (undo,) = re.findall(r'action="(/campaigns/\d+/fill/\d+/undo)"', (await site.client.get(page)).text)
    assert (await site.client.post(undo)).status_code == 303
    await runner.run_due(now())
    empty = (await site.client.get(page)).text
    assert "名单中还没有客户" in empty
    assert "/undo" not in empty
    assert (await site.client.post(f"/campaigns/{number}/fill/import", data={"import": "7"})).status_code == 404


async def test_the_board_tells_the_change_against_last_month(site: WebSite):
    _, this = two_months(now(), ZoneInfo("Asia/Shanghai"))
    async with site.db.begin() as session:
        asked = await questionnaire_actions.create(session, TWO_WEEKS, actor=BOSS, at=now())
        await questionnaire_actions.publish(session, asked.id, actor=BOSS, at=now())
        number = asked.id
    campaign = await made(site, questionnaire=f"{number}/0")
    entry = await on_the_list(site, campaign, people.CHEN, state="done")
    question = next(one.id for one in TWO_WEEKS.questions if one.kind.value == "rating")
    async with site.db.begin() as session:
        for place in range(20):
            at, value = (this, 5) if place < 10 else (this - timedelta(days=1), 5 if place < 18 else 1)
            row = Response(call=f"ob-{campaign}-{entry}-{place}", questionnaire_id=number, version=1)
            row.campaign_id, row.entry_id, row.customer_id = campaign, entry, people.CHEN
            row.how, row.result, row.began_at = "agent", "complete", at
            session.add(row)
            await session.flush()
            answer = {"question": question, "questionnaire_id": number, "value": value, "at": at}
            session.add(Answer(response_id=row.id, **answer))
    shown = (await site.client.get(f"/campaigns/{campaign}")).text
    assert "比上月 +20.0" in shown


async def test_who_is_told_of_a_wish_in_a_comment_reads_the_sentence_and_is_not_told_again(site: WebSite):
    number = await made(site)
    entry = await on_the_list(site, number, people.CHEN, state="done", attempts=1)
    call = f"ob-{number}-{entry}-1"
    async with site.db.begin() as session:
        attempt = CampaignAttempt(call=call, campaign_id=number, entry_id=entry, customer_id=people.CHEN, number=1)
        attempt.e164, attempt.placed_at, attempt.result = "+8613843107706", now(), "answered_by_voice"
        asked = await questionnaire_actions.create(session, COMPLAINT, actor=BOSS, at=now())
        session.add(attempt)
        response = Response(call=call, questionnaire_id=asked.id, version=1, customer_id=people.CHEN, how="key")
        response.began_at = now()
        session.add(response)
        await session.flush()
        assert await heed_comment(session, response.id, "以后别打电话了", at=now()) == "以后别打电话了"
    assert "在留言中要求不再来电" in (await site.client.get("/campaigns")).text
    shown = (await site.client.get(f"/campaigns/{number}/entries/{entry}")).text
    assert "“以后别打电话了”" in shown
    assert "在留言中要求不再来电" not in (await site.client.get("/campaigns")).text


async def test_the_board_tells_what_dealers_skipped_and_why(site: WebSite):
    number = await made(site, purpose="care")
    async with site.db.begin() as session:
        dealer = (await session.get_one(Customer, people.CHEN)).dealer_id
    for place, (status, why) in enumerate(
        (("open", ""), ("skipped", "sold_car"), ("skipped", "sold_car"), ("done", ""))
    ):
        entry = await on_the_list(site, number, people.CHEN, state="handed", subject=str(place), dealer_id=dealer)
        async with site.db.begin() as session:
            task = CareTask(kind="handed", subject=f"entry/{entry}", customer_id=people.CHEN, purpose="care")
            task.entry_id, task.dealer_id, task.status, task.reason = entry, dealer, status, why
            task.due_on = now().date()
            session.add(task)
    shown = (await site.client.get(f"/campaigns/{number}")).text
    assert "转给经销商：处理中 1，已联系 1，跳过 2: 车已卖出 2" in shown
