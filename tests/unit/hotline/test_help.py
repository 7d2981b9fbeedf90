"""Who asks a command for help reads it in the language of the terminal."""

from __future__ import annotations

import os
import subprocess
import sys

import typer

from agent_desktop import catalogues
from hotline.help_words import msgids, parts_of
from tests.command import app

NAMES_OF_BENCHES = "One of "  # followed by what a developer may measure


def shown(locale: str, *typed: str) -> str:
    """What a terminal of 80 columns shows, without blanks, line ends and frames."""
    command = [sys.executable, "-m", "hotline", *typed, "--help"]
    said = subprocess.run(
        command, env={**os.environ, "LC_ALL": locale, "COLUMNS": "80"}, capture_output=True, text=True, check=True
    ).stdout
    return "".join(said.replace("│", "").split())


def test_every_help_text_of_a_command_is_translated() -> None:
    chinese = catalogues.merged("zh-CN")
    texts = {text for part in parts_of(typer.main.get_command(app)) for text in msgids(part.help)}
    missing = sorted(
        text
        for text in texts
        if not text.startswith(NAMES_OF_BENCHES) and not (chinese.get(text) and chinese.get(text).string)
    )
    assert not missing, "add these to agent_desktop/locales/zh_CN/LC_MESSAGES/help.po:\n" + "\n".join(missing)


def test_no_chinese_sentence_is_cut_at_the_edge_of_the_terminal() -> None:
    text = shown("zh_CN.UTF-8")
    assert "…" not in text
    assert "不改动任何内容。有故障则退出码为1。" in text


def test_a_chinese_terminal_reads_the_options_of_a_command_and_their_frames_in_chinese() -> None:
    text = shown("zh_CN.UTF-8", "backup")
    assert all(
        words in text for words in ("参数", "选项", "之后只保留这么多份；0=全部。[默认：0]", "显示本说明并退出。")
    )


def test_help_is_english_elsewhere() -> None:
    assert "Dialthehotlineasacustomer" in shown("C.UTF-8")
