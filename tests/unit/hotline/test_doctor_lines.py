"""The doctor looks at the lines that were entered on the pages, and at what answers each published number."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from crm_core.clock import now
from crm_core.db import Database, make_engine
from crm_core.lines.model import PublishedNumber, Trunk
from crm_core.migrate import upgrade
from crm_core.workforce.actions import add_queue
from crm_core.workforce.model import QueueRow
from hotline.doctor import lines
from hotline.doctor.findings import Finding, State
from hotline.settings import Settings
from tests.ports import free_port

TOLD = ({"unicom": 1, "mobile": 0},)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(run_dir=tmp_path, web_port=free_port(), hotline_numbers=("4001718888",))
    upgrade(settings.database)
    return settings


async def keep(settings: Settings, *rows: Trunk | PublishedNumber) -> None:
    database = Database(make_engine(settings.database))
    async with database.begin() as session:
        session.add_all(rows)
        queue = QueueRow(id="repair", name_zh="维修", name_en="Repair", skill="repair", position=1)
        await add_queue(session, queue, actor="9001", at=now())
    await database.close()


def trunk(name: str, called: str) -> Trunk:
    return Trunk(id=name, name=called, host="192.0.2.10", position=1 if name == "unicom" else 2)


def said(found: list[Finding]) -> list[tuple[State, str]]:
    return [(one.state, one.sentence("zh-CN")) for one in found]


@pytest.fixture
def metrics(settings: Settings) -> Iterator[list[dict[str, int]]]:
    """A site that answers for its trunks: each answer once, and the last for ever."""
    answers = list(TOLD)

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            told = answers.pop(0) if len(answers) > 1 else answers[0]
            lines = (
                "# TYPE hotline_trunk_up gauge",
                *(f'hotline_trunk_up{{trunk="{t}"}} {u}' for t, u in told.items()),
            )
            self.wfile.write(("\n".join(lines) + "\n").encode())

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", settings.web_port), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    yield answers
    server.shutdown()
    server.server_close()


def test_a_site_without_lines_of_its_own_is_asked_for_those_of_the_settings(settings: Settings):
    assert [one.state for one in lines.trunks(settings.model_copy(update={"demo": True}))] == [State.ABSENT]
    no_carrier = [(State.WARNING, "还没有接入运营商：打不进来，也打不出去。")]
    assert said(lines.trunks(settings.model_copy(update={"demo": False}))) == no_carrier
    assert said(lines.numbers(settings)) == [(State.ABSENT, "/admin/lines/numbers 中没有发布号码；现在接听 4001718888")]


@pytest.mark.usefixtures("metrics")
def test_each_trunk_is_told_as_telephony_sees_it(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    asyncio.run(keep(settings, trunk("unicom", "联通"), trunk("mobile", "移动")))
    assert said(lines.trunks(settings)) == [(State.OK, "已录入：联通, 移动")]
    monkeypatch.setattr(lines, "is_running", lambda _: True)
    monkeypatch.setattr(lines, "LOGIN_SECONDS", 0.0)
    assert said(lines.trunks(settings)) == [(State.OK, "联通 正常"), (State.FAULT, "移动 未登录或没有应答。")]


def test_a_trunk_that_is_just_logging_in_has_a_moment_for_it(
    settings: Settings, metrics: list[dict[str, int]], monkeypatch: pytest.MonkeyPatch
):
    asyncio.run(keep(settings, trunk("unicom", "联通"), trunk("mobile", "移动")))
    monkeypatch.setattr(lines, "is_running", lambda _: True)
    metrics.append({"unicom": 1, "mobile": 1})
    assert said(lines.trunks(settings)) == [(State.OK, "联通 正常"), (State.OK, "移动 正常")]


def test_a_number_whose_flow_leads_to_queues_that_are_not_made_is_to_be_watched(settings: Settings):
    menu, queue = (
        PublishedNumber(number="4001718888", menu="main"),
        PublishedNumber(number="8008201111", queue="repair"),
    )
    asyncio.run(keep(settings, menu, queue))
    [(state, sentence)] = said(lines.numbers(settings))
    assert state is State.WARNING
    assert sentence.startswith("4001718888：")
    assert "suggestion" in sentence
    assert "repair" not in sentence
