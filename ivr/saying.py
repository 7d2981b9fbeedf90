"""What a flow's prompts are as files: the product's by name, the flow's own by their text, facts in pieces. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from ivr.catalogue import Part
from ivr.operations import OPERATIONS, Spoken
from ivr.position import Flow
from ivr.questions import AskAloud, Collect, Prompts, SpokenFact

Say = Callable[[str, Spoken, str], tuple[str, ...]]
"""(value, how it is said, language) -> prompts; see `ivr.spoken.say`."""


def text_of(flow: Flow, name: str, language: str) -> tuple[str, str] | None:
    """(language it is written in, text) of the flow's own prompt, else None. What lacks is taken from the first one."""
    for written in dict.fromkeys((language, flow.languages[0])):
        text = flow.texts.get(written, {}).get(name)
        if text:
            return written, text
    return None


def file_of(text: str) -> str:
    """The prompt's name: another text is another file, so that a running call keeps what its version says."""
    return f"own-{hashlib.sha256(text.encode()).hexdigest()[:20]}"


def own_prompts(flow: Flow) -> Mapping[str, Mapping[str, tuple[Part, ...]]]:
    """What must be spoken for this flow beside the catalogue, in the catalogue's shape."""
    names = dict.fromkeys(name for texts in flow.texts.values() for name in texts)
    spoken: dict[str, dict[str, tuple[Part, ...]]] = {language: {} for language in flow.languages}
    for language, files in spoken.items():
        for found in filter(None, (text_of(flow, name, language) for name in names)):
            files[file_of(found[1])] = (Part(*found),)
    return spoken


def how_said(flow: Flow) -> Mapping[str, Spoken]:
    """Each fact that operations or questions of this flow may give, and how it is said."""
    kinds = {name: spoken for operation in OPERATIONS.values() for name, spoken in operation.gives.items()}
    asked = {node.fact: node.say for node in flow.nodes.values() if isinstance(node, Collect | AskAloud)}
    return asked | kinds


class Speech:
    """Makes files of a flow's prompts."""

    def __init__(self, flow: Flow, say: Say) -> None:
        self._flow, self._say, self._kinds = flow, say, how_said(flow)

    def files(self, prompts: Prompts, facts: Mapping[str, str], language: str) -> tuple[str, ...]:
        """To be played one after the other. A fact that is not known is passed over."""
        return tuple(file for prompt in prompts for file in self._one(prompt, facts, language))

    def _one(self, prompt: str | SpokenFact, facts: Mapping[str, str], language: str) -> tuple[str, ...]:
        if isinstance(prompt, SpokenFact):
            value = facts.get(prompt.fact, "")
            return self._say(value, self._kinds.get(prompt.fact, Spoken.DIGITS), language) if value else ()
        own = text_of(self._flow, prompt, language)
        return (file_of(own[1]) if own else prompt,)
