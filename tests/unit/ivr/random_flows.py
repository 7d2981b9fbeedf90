"""Flows of every kind of node that the checker lets pass, and callers and records that do anything."""

from __future__ import annotations

from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from ivr.catalogue import catalogue
from ivr.checker import check_flow
from ivr.flow import (
    Announce,
    AskAloud,
    CallBack,
    Case,
    ChooseLanguage,
    Collect,
    Consent,
    Decide,
    Do,
    End,
    Flow,
    IfOpen,
    Menu,
    Message,
    Node,
    Question,
    Queue,
    QueueState,
    Say,
    SpokenFact,
    Survey,
    Transfer,
    successors,
)
from ivr.line import CallerGone, Heard
from ivr.operations import OPERATIONS, UNAVAILABLE, Answer, Asker

QUEUES = ("repair", "rescue")
P = ("menu",)
_WORDS = {"zh-CN": {"1": ("维修",), "2": ("投诉",)}, "en": {"1": ("repair",)}}
_OPEN = [operation for operation in OPERATIONS.values() if not operation.identified]


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    """Ways lead on, or from a menu's key back to a menu: so that loops come, but none that silence cannot leave."""
    count = draw(st.integers(1, 12))
    names = [f"n{number}" for number in range(count)]
    nodes: dict[str, Node] = {}
    for number in reversed(range(count)):
        ahead = [*names[number + 1 :], "agent", "end", "message"]
        nodes[names[number]] = draw(_node(ahead, names))
    nodes |= {
        "agent": Queue(queue="repair", topic="repair", prompts=draw(st.sampled_from([(), P]))),
        "end": End(outcome="menu_only", prompts=draw(st.sampled_from([(), P]))),
        "message": Message(prompts=P),
    }
    kept = _reached(nodes, {"n0", "agent"})
    flow = Flow(
        name="random",
        languages=("zh-CN", "en"),
        start="n0",
        give_up="agent",
        nodes={name: node for name, node in nodes.items() if name in kept},
        limit=draw(st.integers(5, 60)),
    )
    assume(not any(finding.is_error for finding in check_flow(flow, catalogue(), QUEUES)))
    return flow


def _reached(nodes: dict[str, Node], starts: set[str]) -> set[str]:
    seen: set[str] = set()
    ahead = list(starts)
    while ahead:
        name = ahead.pop()
        if name not in seen:
            seen.add(name)
            ahead += successors(nodes[name])
    return seen


def _node(ahead: list[str], names: list[str]) -> st.SearchStrategy[Node]:
    on, anywhere = st.sampled_from(ahead), st.sampled_from([*names, "agent"])
    said = st.sampled_from([(), P])
    seconds, tries = st.floats(1, 15), st.integers(1, 5)
    case = st.builds(
        Case,
        when=st.sampled_from(
            [{"open": "yes"}, {"queue.repair.waiting": "> 3"}, {"nuisance": ">= 5"}, {"language": ("en", "ko")}]
        ),
        then=on,
    )
    words = st.sampled_from([{}, _WORDS])
    keys = st.fixed_dictionaries({"1": on, "2": on}, optional={"9": anywhere, "*": anywhere})
    confirm = st.sampled_from([{}, {"1": P}])
    asked = st.sampled_from([{"by_key": P, "digits": 4}, {"by_key": P, "keys": {"1": "x"}}, {}])
    return st.one_of(
        st.builds(Say, prompts=said, then=on),
        st.builds(Announce, then=on),
        st.builds(IfOpen, open=on, closed=on, emergency=on),
        st.builds(Decide, cases=st.lists(case, max_size=3).map(tuple), otherwise=on),
        *[st.sampled_from(_OPEN).flatmap(lambda operation: _doing(operation, on, said))] * 5,
        st.builds(
            Menu, prompts=st.just(P), keys=keys, give_up=on, words=words, confirm=confirm, seconds=seconds, tries=tries
        ),
        st.builds(
            Collect, fact=st.just("number"), prompts=st.just(P), then=on, give_up=on, min=st.integers(0, 3),
            max=st.integers(3, 9), seconds=seconds, tries=tries,
        ),
        asked.flatmap(
            lambda fields: st.builds(
                AskAloud, fact=st.just("area"), prompts=st.just(P), then=on, give_up=on, words=words,
                confirm=st.sampled_from([(), (*P, SpokenFact(fact="area"))]), seconds=seconds, tries=tries,
                **{name: st.just(value) for name, value in fields.items()},  # type: ignore[attr-defined]
            )
        ),
        st.builds(
            ChooseLanguage, prompts=st.just(P), keys=st.just({"1": "zh-CN", "2": "en"}), then=on, again=st.booleans()
        ),
        st.builds(Consent, purpose=st.just("news"), prompts=st.just(P), yes=on, no=on, unavailable=on),
        st.builds(
            Survey, questions=st.lists(st.builds(Question, id=st.just("q"), prompts=st.just(P)), min_size=1, max_size=5)
            .map(tuple), then=on,
        ),
        st.builds(CallBack, queue=st.just("repair"), refused=on),
        st.builds(Transfer, number=st.just("13812345678"), unreachable=on, prompts=said),
    )  # fmt: skip


def _doing(operation: Any, on: st.SearchStrategy[str], said: st.SearchStrategy[tuple[str, ...]]) -> Any:
    ways = st.fixed_dictionaries(dict.fromkeys((*operation.results, UNAVAILABLE), on))
    given = st.just(dict.fromkeys(operation.takes, ""))
    return st.builds(Do, operation=st.just(operation.name), ways=ways, given=given, prompts=said)


replies = st.lists(
    st.one_of(
        st.text(alphabet="0123456789*#", max_size=8),
        st.builds(
            Heard,
            words=st.sampled_from(["", "维修", "投诉 维修", "东京", "是", "不是", "yes"]),
            confidence=st.floats(0, 1),
        ),
        st.builds(Heard, keys=st.sampled_from(["1", "9", "*", "77"])),
        st.just("hang up"),
    ),
    max_size=40,
)
states = st.builds(
    QueueState, waiting=st.integers(0, 9), ready=st.integers(0, 2), wait=st.one_of(st.none(), st.floats(0, 900))
)


class AnyLine:
    """Counts how long there was nothing to hear, without waiting for it."""

    def __init__(self, answers: list[str | Heard], *, can_hear: bool) -> None:
        self.answers, self.can_hear = list(answers), can_hear
        self.questions, self.silence, self.longest_silence = 0, 0.0, 0.0
        self.operations, self.most_operations = 0, 0  # with nothing to hear between them

    def pass_silently(self, seconds: float) -> None:
        self.silence += seconds
        self.longest_silence = max(self.longest_silence, self.silence)

    async def play(self, prompts: tuple[str, ...], language: str) -> None:
        assert prompts
        assert language in ("zh-CN", "en")
        self.silence, self.operations = 0.0, 0

    async def ask(self, prompts: tuple[str, ...], language: str, *, seconds: float, digits: int) -> str:
        answer = await self._answer(prompts, language, seconds)
        return (answer if isinstance(answer, str) else answer.keys).split("#")[0][:digits]

    def hears(self, language: str) -> bool:
        return self.can_hear

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
        assert self.can_hear
        answer = await self._answer(prompts, language, seconds)
        return Heard(keys=answer[:digits]) if isinstance(answer, str) else answer

    async def _answer(self, prompts: tuple[str, ...], language: str, seconds: float) -> str | Heard:
        await self.play(prompts, language)
        self.questions += 1
        answer = self.answers.pop(0) if self.answers else ""
        if answer == "hang up":
            raise CallerGone
        if not answer or (isinstance(answer, Heard) and not answer.keys and not answer.words):
            self.pass_silently(seconds)
        return answer


class AnyRecords:
    """Answers by turns: each of the results, none that was ever agreed, late, not at all, or with an error."""

    def __init__(self, line: AnyLine, turns: list[int]) -> None:
        self._line, self._turns = line, list(turns)

    async def do(self, name: str, asker: Asker, facts: object) -> Answer:
        self._line.pass_silently(2.0)
        self._line.operations += 1
        self._line.most_operations = max(self._line.most_operations, self._line.operations)
        turn = self._turns.pop(0) if self._turns else 0
        results = [*OPERATIONS[name].results, "what nobody agreed"]
        if turn == 6:
            raise TimeoutError
        if turn == 7:
            raise RuntimeError("the records are away")
        return Answer(result=results[turn % len(results)], facts={"station": "station-1", "case_number": "7", "x": "y"})
