"""What callers hear of a node's prompts, in each language. A prompt named in a request is looked up, never a path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from agent_desktop.flows.forms import all_prompts
from crm_core.errors import NotFound
from ivr.catalogue import LANGUAGES, Part, catalogue
from ivr.flow import Flow
from ivr.own_recordings import Kind, OwnRecordings
from ivr.saying import file_of, text_of


@dataclass(frozen=True, slots=True)
class Sound:
    """One prompt in one language. `file` is the prompt's name on the shelf: another text is another file."""

    prompt: str
    language: str
    file: str
    parts: Sequence[Part]
    kind: Kind = Kind.NONE
    made: int = 0  # changes with the sound, so that a browser does not play an old one

    @property
    def text(self) -> str:
        return "".join(part.text for part in self.parts)


def shelf_of(request: Request) -> OwnRecordings:
    shelf: OwnRecordings = request.app.state.own_recordings
    return shelf


def sound_of(flow: Flow | None, prompt: str, language: str) -> Sound:
    """Raises NotFound for a prompt that this flow cannot play in this language."""
    if flow is not None and language in flow.languages and language in LANGUAGES:
        own = text_of(flow, prompt, language)
        if own:
            return Sound(prompt, language, file_of(own[1]), (Part(*own),))
        parts = catalogue()[language].get(prompt)
        if parts:
            return Sound(prompt, language, prompt, parts)
    raise NotFound("There is no prompt {prompt}.", prompt=prompt)


def sounds_of(flow: Flow, node: Mapping[str, Any], shelf: OwnRecordings) -> list[Sound]:
    """Of all prompts of a node, in the form's order; facts are spoken in pieces and have none."""
    found = []
    for prompt in (one for one in all_prompts(node, flow.languages) if not one.startswith("{")):
        for language in flow.languages:
            try:
                found.append(_on(shelf, sound_of(flow, prompt, language)))
            except NotFound:  # no text in any language: the checker tells
                continue
    return found


def _on(shelf: OwnRecordings, sound: Sound) -> Sound:
    kind = shelf.kind(sound.language, sound.file)
    made = 0 if kind is Kind.NONE else shelf.path(sound.language, sound.file).stat().st_mtime_ns
    return Sound(sound.prompt, sound.language, sound.file, sound.parts, kind, made)
