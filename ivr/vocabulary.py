"""Which phrases of a flow the site's recognisers can never hear, asked of them once for each phrase."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ivr.position import Flow
from ivr.recogniser import RecogniserLost
from ivr.site_findings import Unknown, flow_phrases

Ask = Callable[[str, tuple[str, ...]], Awaitable[tuple[str, ...]]]
"""(language, phrases) -> those that can never be heard. Raises RecogniserLost where nothing listens in the language."""
MOST_KEPT = 20_000


async def nothing_listens(language: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
    """A site without recognisers: callers press keys, and no word is wrong."""
    raise RecogniserLost(f"there is no recogniser of {language}")


class Vocabulary:
    """Remembers what is heard: the editor looks at every phrase at each step."""

    def __init__(self, ask: Ask = nothing_listens) -> None:
        self._ask = ask
        self._heard: dict[tuple[str, str], bool] = {}

    async def unknown(self, flow: Flow) -> Unknown:
        """By language; one in which nothing listens now is left out. Never raises for a recogniser that is away."""
        return {
            language: found
            for language in flow.languages
            if (found := await self._unknown(language, flow_phrases(flow, language))) is not None
        }

    async def _unknown(self, language: str, phrases: tuple[str, ...]) -> frozenset[str] | None:
        new = tuple(phrase for phrase in phrases if (language, phrase) not in self._heard)
        try:
            deaf = frozenset(await self._ask(language, new)) if new else frozenset()
        except RecogniserLost:
            return None
        if len(self._heard) > MOST_KEPT:
            self._heard.clear()
        self._heard |= {(language, phrase): phrase not in deaf for phrase in new}
        return frozenset(phrase for phrase in phrases if not self._heard.get((language, phrase), phrase not in deaf))
