"""Reports kept and mailed: through a real SMTP server, with the rights their owner has on that day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from agent_desktop.reports.mail_server import MailServer
from agent_desktop.reports.mailing import ReportMailer
from crm_core.access.model import AuditEntry, User
from crm_core.clock import now
from crm_core.jobs.model import Job
from crm_core.jobs.runner import JobRunner
from crm_core.saved_reports.actions import MAIL_JOB
from crm_core.saved_reports.model import SavedReport
from crm_core.saved_reports.timing import Timing
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.post_office import AWAY, PostOffice, with_mail
from tests.unit.agent_desktop.report_day import LEADER, SUPERVISOR, settle, words

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
FORM = {
    "report": "queues", "query": "queue=repair", "name": "每日售后", "period": "yesterday", "form": "pdf",
    "every": "daily", "at": "08:00", "recipients": "boss@yuanchen.example, team@yuanchen.example",
}  # fmt: skip


async def keep(web: WebSite, who: str = SUPERVISOR, **changed: str) -> int:
    entered = await web.enter(who)
    answer = await web.client.post("/reports/saved", data={**FORM, "csrf_token": entered.user.csrf, **changed})
    return answer.status_code


def mailer(web: WebSite, server: MailServer) -> JobRunner:
    one = ReportMailer(
        database=web.db, rendering=web.app.state.rendering, server=server, address="https://hotline.example"
    )
    return JobRunner(web.db, {MAIL_JOB: one.send})


async def the_saved(web: WebSite) -> SavedReport:
    async with web.db.begin() as session:
        return (await session.scalars(select(SavedReport))).one()


async def test_a_report_is_mailed_at_its_time_with_its_file_and_a_link(
    web: WebSite, office: tuple[PostOffice, MailServer]
):
    post, server = office
    await settle(web)
    with_mail(web)
    assert await keep(web) == 303
    row = await the_saved(web)
    assert row.next_at
    assert row.next_at.astimezone(SHANGHAI).strftime("%H:%M") == "08:00"
    assert await mailer(web, server).run_due(now()) == 0  # not yet
    await mailer(web, server).run_due(row.next_at)
    (letter,) = post.letters
    assert letter["To"] == "boss@yuanchen.example, team@yuanchen.example"
    assert letter["Subject"].startswith("每日售后 · 昨天")
    body = letter.get_body(("plain",))
    assert body
    text = body.get_content()
    assert "呼入: 0" in text
    # The link names the days, not "yesterday": it shows the same when it is opened tomorrow.
    assert re.search(r"https://hotline\.example/reports/queues\?from=[0-9-]{10}&to=[0-9-]{10}&queue=repair", text)
    (attached,) = letter.iter_attachments()
    assert attached.get_filename().startswith("队列时段 ")
    assert attached.get_content().startswith(b"%PDF")
    row = await the_saved(web)
    assert (row.result, row.tries) == ("sent", 0)
    assert row.next_at > now()
    page = words((await web.client.get("/reports/saved")).text)
    assert "每日售后 队列时段 每天 08:00 · PDF" in page
    assert "已发送" in page


async def test_a_server_that_refuses_is_tried_again_and_the_list_says_what_it_said(
    web: WebSite, office: tuple[PostOffice, MailServer]
):
    post, server = office
    post.answer = "451 mailbox busy"
    await settle(web)
    with_mail(web)
    await keep(web)
    first = await the_saved(web)
    assert first.next_at
    await mailer(web, server).run_next(first.next_at)
    row = await the_saved(web)
    assert row.result == "failed"
    assert "mailbox busy" in row.told
    assert row.next_at
    assert row.next_at - now() < timedelta(minutes=1)
    assert "mailbox busy" in (await web.client.get("/reports/saved")).text
    post.answer = "250 OK"
    await mailer(web, server).run_next(row.next_at)
    assert len(post.letters) == 1
    assert (await the_saved(web)).result == "sent"


async def test_a_server_that_is_away_is_given_up_until_the_next_regular_time(web: WebSite):
    await settle(web)
    with_mail(web)
    await keep(web)
    tries = 0
    row = await the_saved(web)
    regular = row.next_at
    while row.next_at == regular or row.tries:
        assert row.next_at
        await mailer(web, AWAY).run_next(row.next_at)
        row, tries = await the_saved(web), tries + 1
        regular = None
        assert tries < 20
    assert tries == 6
    assert row.next_at
    assert row.next_at.astimezone(SHANGHAI).strftime("%H:%M") == "08:00"


@pytest.mark.parametrize(
    ("change", "result"),
    [
        ({"roles": "agent"}, "not_allowed"),
        ({"disabled_at": datetime(2026, 1, 1, tzinfo=UTC)}, "owner_gone"),
    ],
)
async def test_who_may_not_see_it_any_more_gets_no_mail(
    web: WebSite, office: tuple[PostOffice, MailServer], change: dict[str, object], result: str
):
    post, server = office
    await settle(web)
    with_mail(web)
    await keep(web)
    row = await the_saved(web)
    async with web.db.begin() as session:
        await session.execute(update(User).where(User.number == SUPERVISOR).values(**change))
    assert row.next_at
    await mailer(web, server).run_next(row.next_at)
    assert post.letters == []
    row = await the_saved(web)
    assert (row.result, row.paused) == (result, True)


async def test_a_domain_that_was_taken_off_the_list_gets_no_mail(web: WebSite, office: tuple[PostOffice, MailServer]):
    post, server = office
    await settle(web)
    with_mail(web)
    await keep(web)
    row = await the_saved(web)
    assert row.next_at
    await mailer(web, replace(server, domains=("other.example",))).run_next(row.next_at)
    assert post.letters == []
    assert (await the_saved(web)).result == "no_server"


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"recipients": "boss@elsewhere.example"}, "报表只能发到这些域名"),
        ({"recipients": "boss@sub.yuanchen.example"}, "报表只能发到这些域名"),
        ({"recipients": "boss"}, "不是邮件地址"),
        ({"recipients": ""}, "至少填写一个地址"),
        ({"recipients": "a@yuanchen.example\r\nBcc:x@yuanchen.example"}, "不是邮件地址"),
        ({"name": "  "}, "请填写名称"),
        ({"every": "hourly"}, "请从列表中选择"),
        ({"every": "weekly", "weekday": "9"}, "请从列表中选择"),
        ({"at": "25:00"}, "请从列表中选择"),
        ({"at": "soon"}, "时间写作 08:00"),
        ({"form": "exe"}, "请从列表中选择"),
    ],
)
async def test_what_cannot_be_is_told_and_the_form_keeps_its_entries(
    web: WebSite, changed: dict[str, str], sentence: str
):
    await settle(web)
    with_mail(web)
    entered = await web.enter(SUPERVISOR)
    answer = await web.client.post("/reports/saved", data={**FORM, "csrf_token": entered.user.csrf, **changed})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="queue=repair"' in answer.text


async def test_without_a_mail_server_a_report_can_be_kept_and_not_mailed(web: WebSite):
    await settle(web)
    assert await keep(web) == 422
    assert await keep(web, every="") == 303
    page = await web.client.get("/reports/saved")
    assert "HOTLINE_SMTP_HOST" in page.text
    link = re.search(r'class="t" href="(/reports/queues[^"]+)"', page.text)
    assert link
    assert (await web.client.get(link[1].replace("&amp;", "&"))).status_code == 200


async def test_it_is_paused_resumed_sent_at_once_and_removed_by_its_owner_only(
    web: WebSite, office: tuple[PostOffice, MailServer]
):
    post, server = office
    await settle(web)
    with_mail(web)
    await keep(web)
    row = await the_saved(web)
    stranger = await web.enter(LEADER)
    for saved_id in (row.id, 999):
        answer = await web.client.post(f"/reports/saved/{saved_id}/pause", data={"csrf_token": stranger.user.csrf})
        assert answer.status_code == 404
    assert "每日售后" not in (await web.client.get("/reports/saved")).text
    owner = await web.enter(SUPERVISOR)

    async def act(name: str) -> SavedReport | None:
        path = f"/reports/saved/{row.id}/{name}"
        answer = await web.client.post(path, data={"csrf_token": owner.user.csrf})
        assert answer.status_code == 303
        async with web.db.begin() as session:
            return await session.get(SavedReport, row.id)

    paused = await act("pause")
    assert paused
    assert paused.paused
    async with web.db.begin() as session:
        assert (await session.scalars(select(Job).where(Job.kind == MAIL_JOB))).all() == []
    await act("send")
    await mailer(web, server).run_due(now())
    assert len(post.letters) == 1  # also while the plan rests
    resumed = await act("resume")
    assert resumed
    assert resumed.next_at
    assert await act("remove") is None
    async with web.db.begin() as session:
        deeds = set(await session.scalars(select(AuditEntry.action).where(AuditEntry.action.like("report_%"))))
        assert (await session.scalars(select(Job).where(Job.kind == MAIL_JOB))).all() == []
    assert deeds == {"report_saved", "report_paused", "report_sent", "report_resumed", "report_removed"}


async def test_an_agent_keeps_no_reports(web: WebSite):
    await settle(web)
    with_mail(web)
    assert await keep(web, people.AGENT) == 403


@pytest.mark.parametrize(
    ("timing", "after", "zone", "due"),
    [
        (Timing(every="daily", minute=480), "2026-07-16T07:59+08:00", SHANGHAI, "2026-07-16T08:00+08:00"),
        (Timing(every="daily", minute=480), "2026-07-16T08:00+08:00", SHANGHAI, "2026-07-17T08:00+08:00"),
        (Timing(every="weekly", minute=0, weekday=1), "2026-07-16T12:00+08:00", SHANGHAI, "2026-07-20T00:00+08:00"),
        (
            Timing(every="monthly", minute=540, month_day=28),
            "2026-07-28T09:00+08:00",
            SHANGHAI,
            "2026-08-28T09:00+08:00",
        ),
        # New York skips two o'clock on 8 March 2026, and has one o'clock twice on 1 November.
        (Timing(every="daily", minute=150), "2026-03-07T12:00-05:00", NEW_YORK, "2026-03-08T03:30-04:00"),
        (Timing(every="daily", minute=90), "2026-11-01T01:30-04:00", NEW_YORK, "2026-11-02T01:30-05:00"),
    ],
)
def test_the_next_time_is_by_the_sites_clock(timing: Timing, after: str, zone: ZoneInfo, due: str):
    assert timing.after(datetime.fromisoformat(after), zone) == datetime.fromisoformat(due)


async def test_a_kept_report_is_changed_by_its_owner_alone_and_mailed_at_the_new_time(web: WebSite):
    await settle(web)
    with_mail(web)
    assert await keep(web) == 303
    row = await the_saved(web)
    at = f"/reports/saved/{row.id}/edit"
    page = (await web.client.get(at)).text
    assert 'value="每日售后"' in page
    assert "boss@yuanchen.example, team@yuanchen.example" in page
    entered = await web.enter(SUPERVISOR)
    form = {
        **FORM,
        "csrf_token": entered.user.csrf,
        "name": "每周售后",
        "every": "weekly",
        "weekday": "3",
        "at": "09:30",
    }
    wrong = await web.client.post(at, data={**form, "recipients": "boss@elsewhere.example"})
    assert wrong.status_code == 422
    assert 'value="每周售后"' in wrong.text
    assert f"/reports/saved/{row.id}/edit" in wrong.text
    # Which report it is, is not a matter of the form.
    answer = await web.client.post(
        at, data={**form, "report": "agents", "query": "x=1", "recipients": "b@yuanchen.example"}
    )
    assert answer.status_code == 303
    changed = await the_saved(web)
    assert (changed.id, changed.name, changed.report, changed.query) == (row.id, "每周售后", "queues", "queue=repair")
    assert changed.recipients == ["b@yuanchen.example"]
    assert changed.next_at
    assert changed.next_at.astimezone(SHANGHAI).strftime("%u %H:%M") == "3 09:30"
    other = await web.enter(LEADER)
    assert (await web.client.get(at)).status_code == 404
    assert (await web.client.post(at, data={**form, "csrf_token": other.user.csrf})).status_code == 404


async def test_the_form_of_a_new_report_opens_with_what_is_in_front(web: WebSite):
    await settle(web)
    answer = await web.client.get("/reports/saved/new?report=queues&period=yesterday")
    assert answer.status_code == 200
    assert 'action="/reports/saved"' in answer.text
