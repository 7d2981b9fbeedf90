"""What commands say, in the language of the terminal."""

from __future__ import annotations

import os
from collections.abc import Mapping

import typer

from agent_desktop import catalogues
from crm_core.errors import PlatformError
from hotline.packages import SetupRefused


def language_of(environment: Mapping[str, str]) -> str:
    """zh-CN for a Chinese locale, else English: a terminal that says nothing may have no Chinese signs."""
    named = next((environment[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if environment.get(name)), "")
    return "zh-CN" if named.lower().startswith("zh") else "en"


def word(language: str, message: str) -> str:
    return catalogues.load(language).gettext(message)


def told(message_id: str, **values: object) -> str:
    """A key of the catalogue with its gaps, for who sits at this terminal."""
    message = word(language_of(os.environ), message_id)
    return message.format(**values) if values else message


def say(message_id: str, **values: object) -> None:
    typer.echo(told(message_id, **values))


def sentence(refused: Exception) -> str:
    """Why a command does not go on; English where the catalogue does not know the sentence."""
    if isinstance(refused, SetupRefused | PlatformError):
        return told(refused.message_id, **refused.values)
    return str(refused)
