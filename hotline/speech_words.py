"""The menu whose phrases are looked at, and what the installed models can never hear of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ivr.flow import Flow
from ivr.flow_file import read_flow, shipped_flow
from ivr.recogniser import RecogniserLost
from ivr.recogniser_pool import never_heard
from ivr.vocabulary import Ask


def flow_of(file: Path | None) -> Flow:
    """The menu in this file, None = the shipped one. FlowUnreadable when it is none."""
    return shipped_flow() if file is None else read_flow(file.read_text(encoding="utf-8"))


def asking(models: Mapping[str, Path]) -> Ask:
    """Starts a language's model for each question: for commands, which end after it."""

    async def ask(language: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
        if language not in models:
            raise RecogniserLost(f"there is no model of {language}")
        return await never_heard(models[language], phrases)

    return ask
