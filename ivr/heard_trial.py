"""A menu tried by telephone: it is heard as callers hear it, and nothing of it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.flow import Flow
from ivr.line import Caller, Heard, Line, Listener
from ivr.operations import Answer, Asker
from ivr.question_prompts import prompt_of
from ivr.runner import Report, World, run_menu
from ivr.trial import Trial, answer_of
from ivr.trial_notices import Notices


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardTrial:
    """`flow` as it is being edited; `trial` says who calls and what operations end with; `notices` are spoken."""

    flow: Flow
    trial: Trial
    notices: Notices


async def hear(heard: HeardTrial, line: Line, report: Report) -> str:
    """The whole way of one person; gives the node at which it ended. `CallerGone` at hang-up after the last prompt."""
    trial = heard.trial
    telling = _Telling(line)
    caller = Caller(
        call="",
        number="",
        entry=trial.entry,
        matches=(0,) if trial.known else (),
        language=trial.language,
        open=trial.open,
        closure=trial.closure,
        facts=trial.facts,
    )
    world = World(operations=_Examples(heard, telling), queues=trial.queues.get)
    result = await run_menu(heard.flow, telling, caller, report, world=world)
    walked = result.walked
    node = walked.visits[-1].node if walked and walked.visits else ""
    sentence = heard.notices.ends.get(result.language, {}).get(node)
    if sentence and walked and not walked.hung_up:
        await telling.play((prompt_of(sentence),), result.language)
    return node


@dataclass(slots=True)
class _Examples:
    """`ivr.operations.Operations` without records. What would be done is told together with the next words."""

    heard: HeardTrial
    line: _Telling

    async def do(self, name: str, asker: Asker, facts: Mapping[str, str]) -> Answer:
        sentence = self.heard.notices.deeds.get(asker.language, {}).get(name)
        if sentence:
            self.line.ahead += (prompt_of(sentence),)
        return answer_of(name, self.heard.trial)


@dataclass(slots=True)
class _Telling:
    """A line that says first what is `ahead`. It listens where the real one does."""

    line: Line
    ahead: tuple[str, ...] = field(default=())

    def _with(self, prompts: tuple[str, ...]) -> tuple[str, ...]:
        prompts, self.ahead = self.ahead + prompts, ()
        return prompts

    async def play(self, prompts: tuple[str, ...], language: str) -> None:
        await self.line.play(self._with(prompts), language)

    async def ask(self, prompts: tuple[str, ...], language: str, *, seconds: float, digits: int) -> str:
        return await self.line.ask(self._with(prompts), language, seconds=seconds, digits=digits)

    def hears(self, language: str) -> bool:
        return isinstance(self.line, Listener) and self.line.hears(language)

    async def listen(
        self,
        prompts: tuple[str, ...],
        language: str,
        *,
        words: tuple[str, ...],
        seconds: float,
        digits: int,
        by_key: tuple[str, ...] | None = None,
    ) -> Heard:
        if not isinstance(self.line, Listener):
            return Heard(keys=await self.ask(prompts, language, seconds=seconds, digits=digits))
        said = self._with(prompts)
        return await self.line.listen(said, language, words=words, seconds=seconds, digits=digits, by_key=by_key)
