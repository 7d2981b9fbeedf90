"""The command `hotline` starts fast: it loads what it is asked for."""

from __future__ import annotations

import gc
import subprocess
import sys
from contextlib import suppress
from importlib import import_module

import pytest

from hotline.cli import COMMANDS, app_of
from hotline.quiet_memory import unsearched

LOADED = "import sys; from hotline.cli import app_of; app_of({words}); print(*sys.modules)"


def loaded(*words: str) -> set[str]:
    said = subprocess.run(
        [sys.executable, "-c", LOADED.format(words=list(words))], capture_output=True, text=True, check=True
    )
    return set(said.stdout.split())


def test_a_command_loads_its_own_module_and_no_other_commands() -> None:
    assert loaded("call", "--times", "3") & set(COMMANDS.values()) == {"hotline.call"}


@pytest.mark.parametrize("words", [(), ("--help",), ("rnu",)])
def test_all_commands_are_there_where_none_is_named(words: tuple[str, ...]) -> None:
    app = app_of(words)
    functions = [one.callback.__name__ for one in app.registered_commands if one.callback]
    assert sorted([*functions, *(str(group.name) for group in app.registered_groups)]) == sorted(COMMANDS)


def test_garbage_is_searched_again_after_what_failed_to_load() -> None:
    with suppress(ModuleNotFoundError), unsearched():
        assert not gc.isenabled()
        import_module("hotline.nowhere")
    assert gc.isenabled()
