"""Weekly reports and news flashes as people work on them: drafted, edited, sent, kept; and the media actions' list."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from agent_desktop.reports.bulletin_jobs import FLASHES, WEEKLY, bulletin_handlers, last_monday, next_monday
from agent_desktop.reports.bulletin_mailing import BulletinMailer
from agent_desktop.reports.mail_server import MailServer
from crm_core.bulletins.actions import MAIL_JOB
from crm_core.bulletins.model import Bulletin
from crm_core.cases.model import Case
from crm_core.clock import now
from crm_core.jobs.runner import Due, JobRunner
from crm_core.media.model import MediaAction
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.post_office import PostOffice, with_mail
from tests.unit.agent_desktop.report_day import REVIEWER, SUPERVISOR, settle_day
from tests.unit.agent_desktop.test_reports import seen

ZONE = ZoneInfo("Asia/Shanghai")
WEEK = "2026-07-13"  # the Monday of the day that one can count by hand


async def settle(web: WebSite, who: str = SUPERVISOR) -> None:
    async with web.db.begin() as session:
        await settle_day(session)
    await web.enter(who)


async def post(web: WebSite, path: str, **fields: object) -> int:
    page = (await web.client.get("/reports/bulletins")).text
    token = re.search(r'csrf-token" content="([^"]+)"', page)
    assert token
    answer = await web.client.post(path, data={"csrf_token": token[1], **fields})
    return answer.status_code


async def only(web: WebSite) -> Bulletin:
    async with web.db.begin() as session:
        (row,) = await session.scalars(select(Bulletin))
        return row


async def test_a_weekly_report_is_drafted_edited_and_sent(web: WebSite, office: tuple[PostOffice, MailServer]):
    post_office, server = office
    await settle(web)
    with_mail(web)
    assert await post(web, "/reports/bulletins", week=WEEK) == 303
    row = await only(web)
    assert "本周来电 8 通" in row.text
    page = await seen(web, f"/reports/bulletins/{row.id}")
    assert "周报 7-13 – 7-19" in page
    address = f"/reports/bulletins/{row.id}"
    assert await post(web, f"{address}/save", title="七月第三周", text="## 概况\n\n一切正常", revision=1) == 303
    assert await post(web, f"{address}/save", title="x", text="y", revision=1) == 409  # somebody saved meanwhile
    sent = {"title": "七月第三周", "text": "## 概况\n\n都好", "recipients": "gm@yuanchen.example", "revision": 2}
    for nobody in ("nobody", "gm@elsewhere.example"):
        assert await post(web, f"{address}/send", **{**sent, "recipients": nobody}) == 422
    assert await post(web, f"{address}/send", **sent) == 303
    page = await seen(web, address)
    assert "都好" in page
    assert "gm@yuanchen.example" in page
    assert await post(web, f"{address}/drop") == 409
    assert (await only(web)).status == "sent"
    post_office.answer = "451 later"
    runner = mailer(web, server)
    await runner.run_due(now())
    assert "尚未发出：" in await seen(web, address)
    post_office.answer = "250 OK"
    await runner.run_due(now() + timedelta(minutes=5))
    (letter,) = post_office.letters
    assert (letter["Subject"], letter["To"]) == ("七月第三周", "gm@yuanchen.example")
    assert "来电: 8" in (letter.get_body(("plain",)) or letter).get_content()
    assert "<h2>概况</h2>" in (letter.get_body(("html",)) or letter).get_content()
    assert "已发出" in await seen(web, address)


async def test_without_a_mail_server_a_bulletin_is_closed_for_the_archive_only(web: WebSite):
    await settle(web)
    await post(web, "/reports/bulletins", week=WEEK)
    address = f"/reports/bulletins/{(await only(web)).id}"
    fields = {"title": "周报", "text": "都好", "revision": 1}
    assert await post(web, f"{address}/send", **fields, recipients="gm@yuanchen.example") == 422
    assert await post(web, f"{address}/send", **fields, recipients="") == 303
    assert (await only(web)).mailed == ""


def mailer(web: WebSite, server: MailServer) -> JobRunner:
    one = BulletinMailer(
        database=web.db, rendering=web.app.state.rendering, server=server, address="https://hotline.example"
    )
    return JobRunner(web.db, {MAIL_JOB: one.send})


async def test_the_same_week_is_drafted_once(web: WebSite):
    await settle(web)
    for _ in range(2):
        assert await post(web, "/reports/bulletins", week=WEEK) == 303
    await only(web)
    assert await post(web, "/reports/bulletins", week="nonsense") == 422


async def test_a_reviewer_reads_and_does_not_write(web: WebSite):
    await settle(web)
    await post(web, "/reports/bulletins", week=WEEK)
    row = await only(web)
    await web.enter(REVIEWER)
    assert 'id="edit"' not in (await web.client.get(f"/reports/bulletins/{row.id}")).text
    assert await post(web, f"/reports/bulletins/{row.id}/drop") == 403
    await web.enter(people.AGENT)
    assert (await web.client.get("/reports/bulletins")).status_code == 403


async def test_what_customers_said_cannot_become_markup_of_a_flash(web: WebSite):
    await settle(web)
    at = now()
    async with web.db.begin() as session:
        for number in range(3):
            session.add(
                Case(number=f"GD-{number}", kind="complaint", title="刹车失灵 <b>[x](javascript:1)|", opened_at=at,
                     customer_id=people.CHEN)
            )  # fmt: skip
        await session.flush()
        job = Due(kind=FLASHES, key="site", due_at=at, payload={})
        again = await bulletin_handlers(ZONE)[FLASHES](session, job, at)
    assert again is not None
    assert again > at
    row = await only(web)
    assert (row.kind, row.subject, row.made_by) == ("flash", "topic/brakes", "system")
    html = (await web.client.get(f"/reports/bulletins/{row.id}")).text
    body = html.split('class="words"', 1)[1].split("</article>", 1)[0]
    assert "GD-0" in body
    assert "<b>" not in body
    assert "javascript:" not in re.sub(r">[^<]*<", "><", body)


async def test_monday_at_six_the_week_before_is_drafted(web: WebSite):
    await settle(web)
    monday = datetime(2026, 7, 20, 6, 0, tzinfo=ZONE).astimezone(UTC)
    async with web.db.begin() as session:
        job = Due(kind=WEEKLY, key="site", due_at=monday, payload={})
        again = await bulletin_handlers(ZONE)[WEEKLY](session, job, monday)
    assert again == datetime(2026, 7, 27, 6, 0, tzinfo=ZONE)
    assert (await only(web)).first_day == date(2026, 7, 13)
    assert last_monday(monday, ZONE) == date(2026, 7, 13)
    assert next_monday(datetime(2026, 7, 22, tzinfo=UTC), ZONE) == datetime(2026, 7, 27, 6, 0, tzinfo=ZONE)


async def test_rules_are_checked_and_kept(web: WebSite):
    await settle(web)
    good = {"topic_times": 5, "topic_hours": 48, "abandon_percent": 0, "abandon_minutes": 15, "abandon_calls": 20}
    assert await post(web, "/reports/bulletins/rules", **good, recipients="a@b.cn") == 303
    page = (await web.client.get("/reports/bulletins/rules")).text
    assert 'value="48"' in page
    assert "a@b.cn" in page
    assert await post(web, "/reports/bulletins/rules", **{**good, "topic_hours": 0}, recipients="") == 422


async def test_a_media_action_is_entered_removed_and_brought_back(web: WebSite):
    await settle(web)
    fields = {"name": "长春车展", "medium": "event", "first_day": "2026-07-01", "last_day": "2026-07-05"}
    assert await post(web, "/reports/media/actions", **fields, cost_yuan="abc") == 422
    assert await post(web, "/reports/media/actions", **fields, cost_yuan="5000") == 303
    async with web.db.begin() as session:
        (row,) = await session.scalars(select(MediaAction))
    assert "长春车展" in await seen(web, "/reports/media?from=2026-07-01&to=2026-07-31")
    assert await post(web, f"/reports/media/actions/{row.id}/remove") == 303
    assert "长春车展" not in await seen(web, "/reports/media?from=2026-07-01&to=2026-07-31")
    assert await post(web, f"/reports/media/actions/{row.id}/restore") == 303
    assert "长春车展" in await seen(web, "/reports/media?from=2026-07-01&to=2026-07-31")
