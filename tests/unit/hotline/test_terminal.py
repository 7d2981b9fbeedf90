"""Commands speak the language of the terminal; what they refuse is a sentence in it."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import hotline
from agent_desktop import catalogues
from crm_core.schema import SchemaTooNew
from hotline.first_words import CHINESE, first_told
from hotline.packages import SetupRefused
from hotline.terminal import sentence

FRONT_DOOR = Path(hotline.__file__).parent
SPEAKERS = {"echo", "print", "add_row", "add_column"}  # what they are given reaches a person
REFUSALS = {
    "SetupRefused",
    "BackupRefused",
    "CertificateRefused",
    "AsteriskUnavailable",
    "KamailioUnavailable",
    "report",
}
TRANSLATED = {"told", "say", "word", "read", "N_", "first_told"}
TWO_WORDS = re.compile(r"[A-Za-z]{2,}[ ,:]+[a-z]{2,}")
FOR_DEVELOPERS = {"bench.py", "ready.py", "service_state.py"}


def calls(*rooms: str) -> Iterator[tuple[str, ast.Call]]:
    for file in (file for room in rooms for file in (FRONT_DOOR.parent / room).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and node.args:
                yield file.name, node


def called(call: ast.Call) -> str:
    return ast.unparse(call.func).split(".")[-1]


def said() -> Iterator[tuple[str, str]]:
    """Each sentence that is a literal: of a refusal, of a report, or marked with N_."""
    for file, call in calls("hotline", "asterisk_conf", "ivr"):
        first = call.args[0]
        if called(call) in {"N_", "SetupRefused", "first_told", "Sentence", "Progress", "report"} and isinstance(
            first, ast.Constant
        ):
            yield file, str(first.value)


def test_every_sentence_of_a_command_is_translated() -> None:
    chinese = catalogues.merged("zh-CN")
    missing = sorted(
        {
            (file, text)
            for file, text in said()
            if " " in text and text not in CHINESE and not (chinese.get(text) and chinese.get(text).string)
        }
    )
    assert not missing


def pieces(node: ast.AST) -> Iterator[str]:
    """The texts of an expression that no translation has gone over; a gap reads as 0."""
    if isinstance(node, ast.Call) and called(node) in TRANSLATED:
        return
    if isinstance(node, ast.JoinedStr):
        yield "".join(part.value if isinstance(part, ast.Constant) else "0" for part in node.values)
        gaps = [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        yield from (text for gap in gaps for text in pieces(gap))
    elif isinstance(node, ast.Constant):
        yield node.value if isinstance(node.value, str) else ""
    else:
        yield from (text for part in ast.iter_child_nodes(node) for text in pieces(part))


def in_english_only() -> Iterator[tuple[str, int, str]]:
    """What a command prints, or refuses, and the catalogue cannot know: written in place, or with its gaps filled."""
    for file, call in calls("hotline"):
        if called(call) in SPEAKERS:
            found = [text for part in call.args for text in pieces(part) if TWO_WORDS.search(text)]
            yield from ((file, call.lineno, text) for text in found)
        elif called(call) in REFUSALS and isinstance(call.args[0], ast.JoinedStr):
            yield file, call.lineno, ast.unparse(call.args[0])


def test_a_command_prints_nothing_that_cannot_be_chinese() -> None:
    assert not [one for one in in_english_only() if one[0] not in FOR_DEVELOPERS]


def test_what_is_said_before_the_set_up_is_said_in_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert first_told("Missing system packages. Run: {command}", command="make") == "缺少系统软件包。请运行：make"
    before = {text for file, text in said() if file in {"bootstrap.py", "packages.py"}}
    assert {text for text in before if text not in CHINESE} == set()


def test_a_refusal_reads_in_the_language_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = SetupRefused("Port {port} needs root. Set {setting} to one above 1023.", port=443, setting="HOTLINE_X")
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert sentence(refused) == "端口 443 需要 root 权限。请把 HOTLINE_X 设为大于 1023 的端口。"
    assert sentence(SchemaTooNew("9999", "0052")).startswith("数据库结构为 9999")
    assert sentence(SetupRefused("{ is text as it is")) == "{ is text as it is"
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert sentence(refused) == str(refused)


def test_the_command_itself_refuses_in_chinese(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hotline", "serve", "--quick", "--bind", "here"],
        env={"LANG": "zh_CN.UTF-8", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "PYTHONIOENCODING": "utf-8"},
        capture_output=True, text=True, check=False, encoding="utf-8",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "here 不是地址。请填写本机的一个地址，或用 0.0.0.0 表示全部。\n")
