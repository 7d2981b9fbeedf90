"""What a menu lets callers say, and which of it the installed model can never hear."""

from __future__ import annotations

from pathlib import Path

from ivr.flow import Flow
from ivr.flow_file import read_flow, shipped_flow
from ivr.hearing import phrases_of
from ivr.questions import YES_AND_NO, AskAloud, Menu


def flow_phrases(flow: Flow, language: str) -> tuple[str, ...]:
    """Every phrase of the flow in this language, each once, with the words for yes and no where it asks by voice."""
    asking = [node for node in flow.nodes.values() if isinstance(node, Menu | AskAloud)]
    expected = [phrase for node in asking for phrase in phrases_of(node.words, language)]
    if any(node.words or isinstance(node, AskAloud) for node in asking):
        expected += phrases_of(YES_AND_NO, language)
    return tuple(dict.fromkeys(expected))


def flow_of(file: Path | None) -> Flow:
    """The menu in this file, None = the shipped one. FlowUnreadable when it is none."""
    return shipped_flow() if file is None else read_flow(file.read_text(encoding="utf-8"))
