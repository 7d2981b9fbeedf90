"""`--help` in the language of the terminal: what stands in the commands' docstrings and options is the msgid."""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from typing import Any

import typer
from rich.table import Table
from typer import rich_utils

from agent_desktop import catalogues
from hotline.terminal import language_of, told

LIBRARY_DOMAIN = "messages"  # what the library of commands asks gettext for; our compiled file has the same name

LIBRARY_WORDS = (
    "ARGUMENTS_PANEL_TITLE",
    "OPTIONS_PANEL_TITLE",
    "COMMANDS_PANEL_TITLE",
    "ERRORS_PANEL_TITLE",
    "DEFAULT_STRING",
    "REQUIRED_LONG_STRING",
    "RICH_HELP",
    "ABORTED_TEXT",
)


class Folding(Table):
    """Chinese has no blanks to break a line at: what the library's table would cut off goes on in the next line."""

    def add_row(self, *cells: Any, **style: Any) -> None:
        super().add_row(*cells, **style)
        for column in self.columns:
            column.overflow = "fold"


def command_in_words(app: typer.Typer) -> Any:
    """The command with all below it, each help text in the language of the terminal; an unknown text stays English."""
    command = typer.main.get_command(app)
    if language_of(os.environ) == "zh-CN":
        gettext.bindtextdomain(LIBRARY_DOMAIN, str(catalogues.LOCALES))
        library = vars(rich_utils)  # it has read its words already, and offers no setting for them nor for its tables
        library.update({name: told(library[name]) for name in LIBRARY_WORDS} | {"Table": Folding})
        for part in parts_of(command):
            part.help = "\n\n".join(told(text) for text in msgids(part.help))
    return command


def parts_of(command: Any) -> Iterator[Any]:
    """A command, its arguments and options, and the same of every command below it: all that have a help text."""
    yield from (
        part for part in (command, *command.params, command.get_help_option(typer.Context(command))) if helped(part)
    )
    for below in getattr(command, "commands", {}).values():
        yield from parts_of(below)


def helped(part: Any) -> bool:
    return bool(getattr(part, "help", None))


def msgids(text: str) -> list[str]:
    """The paragraphs of a help text, each on one line, however the source breaks it."""
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
