"""Reports go to a process of their own: who may not ask never reaches it, and what it answers is the page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent_desktop.reports.apart import Answer, Question, ReportsAway, ReportTakesTooLong
from agent_desktop.reports.turns import Turns
from crm_core.errors import PlatformError
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.report_day import QUEUES, settle

TOLD = Answer(
    status=200,
    headers=((b"content-type", b"text/html; charset=utf-8"), (b"server", b"uvicorn"), (b"vary", b"HX-Request")),
    body="<p>报表</p>".encode(),
)


class Room:
    """Keeps what it was asked; answers TOLD, or refuses."""

    def __init__(self, refuses: PlatformError | None = None) -> None:
        self.asked: list[Question] = []
        self._refuses = refuses

    async def answer(self, question: Question) -> Answer:
        self.asked.append(question)
        if self._refuses is not None:
            raise self._refuses
        return TOLD


def with_room(web: WebSite, refuses: PlatformError | None = None) -> Room:
    room = Room(refuses)
    web.app.state.config = replace(web.app.state.config, report_room=room)
    return room


async def test_a_report_is_what_the_other_process_tells(web: WebSite):
    await settle(web)
    room = with_room(web)
    answer = await web.client.get(QUEUES + "&row=total", headers={"HX-Request": "true"})
    assert (answer.text, answer.headers["vary"]) == ("<p>报表</p>", "HX-Request")
    assert "server" not in answer.headers
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    [question] = room.asked
    assert question.address == QUEUES + "&row=total"
    assert dict(question.headers)[b"hx-request"] == b"true"
    assert b"hl_session=" in dict(question.headers)[b"cookie"]


async def test_lists_and_files_of_a_report_go_there_too_and_the_list_of_reports_does_not(web: WebSite):
    await settle(web)
    room = with_room(web)
    for page in ("queues/calls?", "queues/export/csv?", "queues/export/pdf?"):
        assert (await web.client.get(QUEUES.replace("queues?", page))).content == TOLD.body
    assert 'href="/reports/queues"' in (await web.client.get("/reports")).text
    assert len(room.asked) == 3


async def test_who_is_not_signed_in_or_may_not_see_reports_never_reaches_the_other_process(web: WebSite):
    await settle(web)
    room = with_room(web)
    await web.enter(people.AGENT)
    assert (await web.client.get(QUEUES)).status_code == 403
    web.client.cookies.clear()
    assert (await web.client.get(QUEUES)).status_code == 303
    assert (await web.client.get("/api/v1/reports/queues?from=2026-07-01&to=2026-07-01")).status_code == 401
    assert not room.asked


async def test_where_a_question_came_from_is_said_by_us_only(web: WebSite):
    await settle(web)
    room = with_room(web)
    lies = {"X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "https", "Forwarded": "for=10.0.0.1"}
    await web.client.get(QUEUES, headers=lies)
    told = [(name, value) for name, value in room.asked[0].headers if b"forwarded" in name]
    assert told == [(b"x-forwarded-for", b"127.0.0.1"), (b"x-forwarded-proto", b"http")]


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (ReportTakesTooLong(60), "这张报表算了 60 秒仍未完成，已停止。请减少天数，或选更长的时段。"),
        (ReportsAway(), "不影响通话"),
    ],
)
async def test_a_report_that_cannot_be_had_is_a_sentence(web: WebSite, refused: PlatformError, sentence: str):
    await settle(web)
    with_room(web, refused)
    answer = await web.client.get(QUEUES)
    assert (answer.status_code, sentence in answer.text) == (503, True)


async def test_who_waits_too_long_for_a_turn_does_not_reach_the_other_process(web: WebSite):
    await settle(web)
    room = with_room(web)
    web.app.state.report_turns = Turns(at_once=0, most_waiting=0)
    assert (await web.client.get(QUEUES)).status_code == 503
    assert not room.asked
