"""The commands of every day speak Chinese on a Chinese terminal, and programs are told the same as before."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from crm_core.errors import Sentence
from crm_core.history.model import Contact, Leg
from hotline import call as call_command
from hotline.call_steps import line
from hotline.set_up import Report, run_side_by_side
from ivr.prompts import Progress
from tests.command import app
from tests.ports import free_port

AT = datetime(2026, 11, 27, 9, 30, tzinfo=UTC)


@pytest.fixture
def site(tmp_path: Path) -> dict[str, str]:
    ports = {name: str(free_port()) for name in ("HOTLINE_WEB_PORT", "HOTLINE_SIP_PORT", "HOTLINE_AMI_PORT")}
    return {
        "LC_ALL": "zh_CN.UTF-8",
        "HOTLINE_RUN_DIR": str(tmp_path / "run"),
        "HOTLINE_DEMO": "0",
        "HOTLINE_NEW_PASSWORD": "correct horse",
        **ports,
    }


def test_status_tells_each_part_in_chinese_and_programs_in_english(site: dict[str, str]):
    shown = CliRunner().invoke(app, ["status"], env={**site, "COLUMNS": "200"}).output
    assert all(word in shown for word in ("部分", "状况", "网页", "没有程序在监听", "尚未建立", "没有主进程"))
    told = json.loads(CliRunner().invoke(app, ["status", "--json"], env=site).output)
    details = {part["name"]: part["detail"] for part in told["parts"]}
    assert (details["web"], details["database"]) == ("nobody listens", "not made yet")
    assert details["public address"].startswith("warning: links in messages")


def test_who_makes_a_user_is_told_in_chinese_what_comes_next(site: dict[str, str]):
    made = CliRunner().invoke(app, ["user", "1018", "林晓梅", "--role", "agent", "--skill", "repair=5"], env=site)
    assert made.output.startswith("1018 林晓梅 可以在 http")
    assert "正在运行的平台下次启动后才认得这部新话机。" in made.output


def test_who_writes_units_is_told_in_chinese_what_comes_next(site: dict[str, str], tmp_path: Path):
    written = CliRunner().invoke(app, ["units", "--to", str(tmp_path / "u"), "--user", "nobody"], env=site)
    assert f"已写入 {tmp_path / 'u' / 'hotline.service'}。" in written.output
    assert "接下来：systemctl daemon-reload" in written.output


def test_the_story_of_a_call_is_told_in_words(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    contact = Contact(id="c-1", menu_path="main>repair", queue="repair", outcome="answered", ended_by="customer")
    contact.started_at = contact.answered_at = contact.ended_at = AT
    contact.visits = []
    contact.legs = [Leg(id="c-1-1", agent="1018", why="last_agent", offered_at=AT, answered_at=AT)]
    timeline = call_command.Timeline()
    told: list[str] = []
    call_command._tell(timeline, contact, lambda step, _, detail: told.append(line(step, detail)))
    assert told == [
        "接起               ",
        "菜单               main > repair",
        "分配               坐席 1018（上次接待过这位客户）",
        "坐席接听           坐席 1018",
        "结束               已接听，由客户结束",
        "通话编号           c-1",
    ]
    plain = call_command._result(timeline, contact)["timeline"]
    assert [(one["step"], one["detail"]) for one in plain][2:5] == [
        ("offered", "agent 1018 (last_agent)"),
        ("agent answered", "agent 1018"),
        ("ended", "answered by customer"),
    ]


def test_the_set_up_tells_what_it_does_and_not_each_step_of_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    log = io.StringIO()

    def speak(report: Report) -> None:
        far = {"language": "zh", "total": 88, "voice": "v"}
        for count in range(10, 90, 10):
            report(Progress("{language}: {count} of {total} prompts spoken ({voice})", {**far, "count": count}))
        report(Sentence("{language}: {count} prompts spoken ({voice})", {**far, "count": 88}))

    run_side_by_side(
        {"Prompts": speak, "Asterisk": lambda report: report("Fetching Asterisk (about 300 MB, once)")},
        Console(file=log, width=100),
    )
    lines = [line for line in log.getvalue().splitlines() if "：" in line]
    assert sorted(lines) == [
        "Asterisk：正在取得 Asterisk（约 300 MB，仅一次）",
        "提示音：zh：已合成 88 条提示音（v）",
    ]
