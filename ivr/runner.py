"""Takes one caller through a flow."""

from __future__ import annotations

from collections.abc import Callable

from ivr.flow import Ask, Flow, Leave, Play, State, begin, step
from ivr.line import Caller, CallerGone, Enqueue, Finish, Line, TakeMessage

HUNG_UP = "menu_only"


async def run_menu(
    flow: Flow, line: Line, caller: Caller, report: Callable[[str, str], None]
) -> Enqueue | Finish | TakeMessage:
    """Where the caller goes. `report(node, key)` is called for each question; a caller who hangs up gives menu_only.

    What is said before a question is played together with it: who knows the menu presses the key at once.
    """
    state, action = begin(
        flow, entry=caller.entry, language=caller.language, is_open=caller.open, closure=caller.closure
    )
    said: tuple[str, ...] = ()
    try:
        while not isinstance(action, Leave):
            key = ""
            match action:
                case Play(prompts=prompts):
                    said += prompts
                case Ask(prompts=prompts, seconds=seconds):
                    key = await line.ask(said + prompts, state.language, seconds=seconds, digits=1)
                    report(state.node, key)
                    said = ()
            state, action = step(flow, state, key)
        if said + action.prompts:
            await line.play(said + action.prompts, state.language)
    except CallerGone:
        return _finish(state, HUNG_UP)
    if action.message:
        return TakeMessage(
            topic=action.topic,
            outcome=action.outcome,
            path=state.path,
            language=state.language,
            language_chosen=state.language_known,
        )
    if not action.queue:
        return _finish(state, action.outcome)
    return Enqueue(
        queue=action.queue,
        topic=action.topic,
        path=state.path,
        language=state.language,
        language_chosen=state.language_known,
    )


def _finish(state: State, outcome: str) -> Finish:
    return Finish(outcome=outcome, path=state.path, language=state.language, language_chosen=state.language_known)
