"""Commands speak the language of the terminal; what they refuse is a sentence in it."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import hotline
from agent_desktop import catalogues
from crm_core.schema import SchemaTooNew
from hotline.packages import SetupRefused
from hotline.terminal import sentence

BEFORE_THE_SETUP = {"packages.py", "bootstrap.py"}  # there is no catalogue yet


def said() -> Iterator[tuple[str, str]]:
    """Each sentence that is a literal: of a refusal, or marked with N_."""
    for file in Path(hotline.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
                continue
            if ast.unparse(node.func) == "N_" or (
                ast.unparse(node.func) == "SetupRefused" and file.name not in BEFORE_THE_SETUP
            ):
                yield file.name, str(node.args[0].value)


def test_every_sentence_of_a_command_is_translated() -> None:
    chinese = catalogues.merged("zh-CN")
    missing = sorted({(file, text) for file, text in said() if not (chinese.get(text) and chinese.get(text).string)})
    assert not missing


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
