"""A menu is checked, tried, tested and published in the terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hotline import ivr_command
from ivr.flow_file import shipped_text
from tests.command import app

GOOD = shipped_text()
BAD = GOOD.replace("queue: rescue,", "queue: nobody,")


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("COLUMNS", "200")
    return {"HOTLINE_RUN_DIR": str(tmp_path / "run"), "HOTLINE_CACHE_DIR": str(tmp_path / "cache")}


def ivr(site: dict[str, str], *words: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["ivr", *words], env=site, input=typed)


def file_of(tmp_path: Path, text: str) -> str:
    path = tmp_path / "menu.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_without_a_database_the_shipped_menu_is_good_and_keeps_its_test_cases(site):
    checked = ivr({**site, "HOTLINE_PUBLIC_URL": "https://hotline.example.com"}, "check")
    assert (checked.exit_code, checked.output) == (0, "0 errors, 0 warnings\n")
    warned = ivr(site, "check")  # nobody outside could open the link for the place
    assert (warned.exit_code, "HOTLINE_PUBLIC_URL" in warned.output) == (0, True)
    tested = ivr(site, "test")
    assert tested.exit_code == 0
    assert "✓ a rescue while all agents talk" in tested.output


def test_a_fault_is_told_with_node_and_remedy_in_both_languages(site, tmp_path):
    english = ivr(site, "check", file_of(tmp_path, BAD))
    assert english.exit_code == 1
    assert "Node rescue uses the queue nobody, which does not exist. Make it or choose another." in english.output
    chinese = ivr(site, "check", file_of(tmp_path, BAD), "--language", "zh-CN")
    assert "节点 rescue 用到队列 nobody，没有这个队列。" in chinese.output


def test_a_caller_is_walked_through_the_menu_with_what_is_heard_and_the_way(site):
    tried = ivr(site, "try", "main", "--answers", "6,1,30618,1,hang up", "--closed")
    assert tried.exit_code == 0
    for said in ("自助服务请按六", "您的工单号是", "identify → right", "case_due 2026-11-30", "the caller hangs up"):
        assert said in tried.output
    assert tried.output.index("closed") < tried.output.index("own-case-told")


def test_without_answers_each_question_is_asked_until_the_caller_hangs_up(site):
    tried = ivr(site, "try", "main", "--language", "en", typed="8\n4\n")
    assert tried.exit_code == 0
    assert "That is not a valid choice" in tried.output
    assert "→ queue repair" in tried.output
    assert tried.output.splitlines()[-1].endswith("main > repair")
    assert "the caller hangs up" in ivr(site, "try", "main").output


@pytest.mark.parametrize(
    ("options", "end"),
    [
        (("--class", "vip"), "→ queue vip, priority +5"),
        (("--nuisance", "9"), "→ end: menu_only"),
        (("--time", "22:15"), "→ voice message"),
        (("--listens", "--answers", "say repair"), "→ queue repair"),
        ((), "→ queue enquiry"),
    ],
)
def test_time_class_and_words_of_the_caller_decide_the_way(site, tmp_path, options, end):
    text = """
name: small
languages: [en]
start: a
give_up: agent
nodes:
  a:
    kind: decide
    cases:
      - {when: {class: vip}, then: vip}
      - {when: {nuisance: ">= 5"}, then: short}
      - {when: {time: ">= 21:00"}, then: night}
    otherwise: menu
  menu: {kind: menu, prompts: [menu], keys: {4: repair}, words: {en: {4: [repair]}}, give_up: agent}
  vip: {kind: queue, queue: vip, topic: vip, priority: 5}
  short: {kind: end, outcome: menu_only}
  night: {kind: message}
  repair: {kind: queue, queue: repair, topic: repair}
  agent: {kind: queue, queue: enquiry, topic: ""}
"""
    words = options if "--time" in options else (*options, "--time", "10:00")
    given = () if "--answers" in options else ("--answers", "-,-,-")
    assert end in ivr(site, "try", file_of(tmp_path, text), "--language", "en", *words, *given).output


def test_a_test_case_that_fails_tells_the_way_it_took(site, tmp_path):
    cases = tmp_path / "cases.yaml"
    cases.write_text("four is rescue: {answers: ['4'], path: [main, rescue]}\n")
    tested = ivr(site, "test", "--cases", str(cases))
    assert tested.exit_code == 1
    assert "✗ four is rescue" in tested.output
    assert "main > repair" in tested.output


def test_a_menu_is_published_with_its_prompts_and_a_bad_one_is_not(site, tmp_path, monkeypatch):
    spoken: list[str] = []
    monkeypatch.setattr(ivr_command, "make_prompts", lambda _, **given: spoken.append(given["flows"][0].name))
    put = ivr(site, "publish", file_of(tmp_path, GOOD.replace("limit: 80", "limit: 70")), "--note", "the first")
    assert put.exit_code == 0, put.output
    assert "Version 1 of main is in force for new calls." in put.output
    assert spoken == ["main"]
    refused = ivr(site, "publish", file_of(tmp_path, BAD))
    assert str(refused.exception) == "The flow main cannot be published: 1 errors, 0 failing test cases."
    assert "queue nobody" in refused.output
    assert spoken == ["main"]
    again = ivr(site, "publish", file_of(tmp_path, GOOD))
    assert "Version 2 of main" in again.output  # nothing of the refused one was kept


@pytest.mark.parametrize("words", [("check", "no-such-flow"), ("check", "."), ("try", "main", "--time", "25:99")])
def test_what_cannot_be_used_gets_one_sentence(site, words):
    refused = ivr(site, *words)
    assert refused.exit_code == 1
    assert str(refused.exception)
