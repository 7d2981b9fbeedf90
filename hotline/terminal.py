"""What commands say, in the language of the terminal."""

from __future__ import annotations

import os

import typer

from agent_desktop import catalogues
from crm_core.errors import PlatformError, Sentence
from hotline.first_words import CHINESE, language_of
from hotline.packages import SetupRefused

__all__ = ["language_of", "read", "say", "sentence", "tell", "told", "word"]


def word(language: str, message: str) -> str:
    found = catalogues.load(language).gettext(message)
    return CHINESE.get(message, message) if found == message and language == "zh-CN" else found


def told(message_id: str, **values: object) -> str:
    """A key of the catalogue with its gaps, for who sits at this terminal."""
    message = word(language_of(os.environ), message_id)
    return message.format(**values) if values else message


def say(message_id: str, **values: object) -> None:
    typer.echo(told(message_id, **values))


def tell(news: Sentence | str) -> None:
    """What a part that knows no terminal reports of its work."""
    typer.echo(read(news))


def read(news: Sentence | str) -> str:
    """A sentence, or a key of the catalogue, in the language of this terminal."""
    return told(news) if isinstance(news, str) else told(news.message_id, **news.values)


def sentence(refused: Exception) -> str:
    """Why a command does not go on; English where the catalogue does not know the sentence."""
    if isinstance(refused, SetupRefused | PlatformError):
        return told(refused.message_id, **refused.values)
    return str(refused)
