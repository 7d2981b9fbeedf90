"""A menu in the terminal: what callers hear as text, what they answer, which nodes they come through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape

from agent_desktop.words import N_
from crm_core.clock import now
from crm_core.errors import Invalid
from hotline.terminal import told
from ivr.catalogue import catalogue
from ivr.flow import Connect, Deaf, Flow, Leave, Listen, LookAt, Perform, Play, QueueState, State, step
from ivr.hours import WEEKDAYS, shipped_hours
from ivr.position import Action, Reply
from ivr.questions import Prompts, SpokenFact
from ivr.saying import how_said, text_of
from ivr.spoken import say
from ivr.trial import HANG_UP, SILENCE, Trial, answer_of, first_turn, reply_to, spoken_or_keyed

QUESTION = "key, - for nothing, 'hang up'"


def caller_of(
    *,
    time: str,
    closed: bool,
    closure: str,
    facts: Mapping[str, str],
    language: str,
    entry: str,
    listens: bool,
    results: Mapping[str, str],
) -> Trial:
    """The caller whom the options describe. Without a time, the present one; Invalid for one that is none."""
    at = moment(time, shipped_hours().zone)
    told = {"time": f"{at:%H:%M}", "weekday": WEEKDAYS[at.weekday()], **facts}
    return Trial(
        entry=entry,
        language=language,
        open=not closed and shipped_hours().is_open(at),
        closure=closure,
        listens=listens,
        facts=told,
        results=results,
    )


def moment(of_day: str, zone: ZoneInfo) -> datetime:
    """Today at this time of the site, the present for ""."""
    today = now().astimezone(zone)
    if not of_day:
        return today
    try:
        return datetime.combine(today.date(), time.fromisoformat(of_day), zone)
    except ValueError as wrong:
        raise Invalid("A time of day is written 21:30.", field="time") from wrong


class Walker:
    """Asks on the terminal where the answers end, unless all of them were given."""

    def __init__(self, flow: Flow, trial: Trial, console: Console) -> None:
        self._flow, self._trial, self._console = flow, trial, console
        self._kinds = how_said(flow)
        self._shown = 0

    def walk(self, answers: Sequence[str] | None) -> Leave | None:
        """To the end of the menu; None when the caller hung up. `answers` None = ask for each."""
        given = iter(answers) if answers is not None else None
        state, action = first_turn(self._flow, self._trial)
        self._tell(state)
        while not isinstance(action, Leave):
            self._hear(state, self._prompts_of(action))
            reply = self._reply(action, given)
            if reply is None:
                self._console.print(f"[yellow]{told(N_('the caller hangs up'))}[/]")
                return None
            state, action = step(self._flow, state, reply)
            self._tell(state)
        self._hear(state, action.prompts)
        self._console.print(f"[bold]{escape(end_of(action))}[/]")
        self._console.print(escape("path: " + " > ".join(node for node, _ in state.trail)))
        return action

    def _tell(self, state: State) -> None:
        for node, by in state.trail[self._shown :]:
            kind = self._flow.nodes[node].kind
            self._console.print(f"[cyan]{escape(node)}[/] [dim]{kind}{escape(f' ← {by}') if by else ''}[/]")
        self._shown = len(state.trail)

    def _prompts_of(self, action: Action) -> Prompts:
        if isinstance(action, Listen) and not self._trial.listens:
            return action.by_key if action.digits else ()
        return action.prompts

    def _hear(self, state: State, prompts: Prompts) -> None:
        for prompt in prompts:
            self._console.print(f"  “{escape(self._text(state, prompt))}”")

    def _text(self, state: State, prompt: str | SpokenFact) -> str:
        if isinstance(prompt, SpokenFact):
            value = state.facts.get(prompt.fact, "")
            pieces = (
                say(value, self._kinds[prompt.fact], state.language) if value and prompt.fact in self._kinds else ()
            )
            return "".join(self._spoken(piece, state.language) for piece in pieces) + f" [{prompt.fact} {value or '-'}]"
        own = text_of(self._flow, prompt, state.language)
        return own[1] if own else self._spoken(prompt, state.language)

    @staticmethod
    def _spoken(prompt: str, language: str) -> str:
        parts = catalogue().get(language, {}).get(prompt)
        return " ".join(part.text for part in parts) if parts else f"[{prompt}]"

    def _reply(self, action: Action, given: Iterator[str] | None) -> Reply | None:
        match action:
            case Play():
                return ""
            case LookAt(queues=queues):
                return {queue: self._trial.queues.get(queue, QueueState(waiting=0, ready=1)) for queue in queues}
            case Perform(operation=operation):
                answer = answer_of(operation, self._trial)
                self._console.print(f"  [dim]{operation} → {escape(answer.result)}[/]")
                return answer
            case Connect(number=number, dealer=dealer):
                reply = reply_to(action, self._trial, iter(()))
                self._console.print(f"  [dim]transfer → {escape(number or dealer)} → {reply}[/]")
                return reply
            case Listen(digits=0) if not self._trial.listens:
                return Deaf()
        typed = next(given, SILENCE) if given is not None else self._asked()
        self._console.print(f"  [green]{escape(typed)}[/]")
        return None if typed == HANG_UP else spoken_or_keyed(typed, may_speak=self._trial.listens)

    def _asked(self) -> str:
        try:
            return self._console.input(f"  {QUESTION}: ").strip() or SILENCE
        except EOFError:
            return HANG_UP


def end_of(leave: Leave) -> str:
    """Where the menu leads in the end, in one line."""
    if leave.message:
        return f"→ voice message, else {leave.outcome}"
    if leave.queue:
        extra = (f", priority {leave.priority:+}" if leave.priority else "") + (
            f", first agents with {', '.join(leave.tags)}" if leave.tags else ""
        )
        return f"→ queue {leave.queue}{extra}"
    return f"→ end: {leave.outcome}"
