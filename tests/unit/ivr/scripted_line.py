"""A caller, the records and the queues of a test: they do what they are told, and keep what they met."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ivr.flow import Flow, QueueState
from ivr.line import Caller, CallerGone, Heard, Result
from ivr.operations import Answer, Asker
from ivr.runner import World, run_menu

CALLER = Caller(
    call="c1", number="13800138000", entry="4001718888", matches=(7,), language="zh-CN", open=True, closure=""
)


class ScriptedLine:
    """Answers each question with the next of `answers`: keys, or Heard; "hang up" hangs up. Then nothing more."""

    def __init__(self, *answers: str | Heard) -> None:
        self.answers, self.heard, self.questions = list(answers), list[tuple[str, str]](), list[str]()

    async def play(self, prompts: tuple[str, ...], language: str) -> None:
        self.heard += [(language, prompt) for prompt in prompts]

    async def ask(self, prompts: tuple[str, ...], language: str, *, seconds: float, digits: int) -> str:
        answer = await self._next(prompts, language)
        return answer[:digits] if isinstance(answer, str) else answer.keys[:digits]

    async def _next(self, prompts: tuple[str, ...], language: str) -> str | Heard:
        await self.play(prompts, language)
        answer = self.answers.pop(0) if self.answers else ""
        if answer == "hang up":
            raise CallerGone
        return answer


class ScriptedEar(ScriptedLine):
    """Also understands speech, in these languages."""

    languages: tuple[str, ...] = ("zh-CN", "en")

    def hears(self, language: str) -> bool:
        return language in self.languages

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
        answer = await self._next(prompts, language)
        return Heard(keys=answer[:digits]) if isinstance(answer, str) else answer


@dataclass
class ScriptedRecords:
    """Operation -> answer, or an exception; what is not told is unavailable."""

    answers: Mapping[str, Answer | Exception] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    async def do(self, name: str, asker: Asker, facts: Mapping[str, str]) -> Answer:
        self.asked.append((name, dict(facts)))
        answer = self.answers.get(name, Answer(result="unavailable"))
        if isinstance(answer, Exception):
            raise answer
        return answer


async def walked(
    flow: Flow,
    line: ScriptedLine,
    *,
    caller: Caller = CALLER,
    records: ScriptedRecords | None = None,
    queues: Mapping[str, QueueState] | None = None,
) -> tuple[Result, list[str], list[tuple[str, str]]]:
    """The result, the nodes entered, and the questions with what was reported of the answers."""
    told: list[tuple[str, str]] = []
    ticks = iter(range(10_000))
    world = World(operations=records or ScriptedRecords(), queues=(queues or {}).get, clock=lambda: float(next(ticks)))
    result = await run_menu(flow, line, caller, lambda node, key: told.append((node, key)), world=world)
    assert result.walked is not None
    return result, [visit.node for visit in result.walked.visits], told
