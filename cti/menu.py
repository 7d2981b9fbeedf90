"""One caller's menu session: who is it, what do they want, where do they go. Every step is reported at once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

import structlog

from crm_core.history.events import Outcome
from cti.agi_session import AgiSession
from cti.contacts import cleaned_number
from cti.directory import CallerCard, CallerDirectory, look_up
from cti.outside import Dialling, NobodyOutside, Outside
from cti.prompt_line import PromptFolder, PromptLine
from ivr.line import Caller, CallerGone, Enqueue, Finish, Line, PutThrough, Result, TakeMessage

log = structlog.get_logger(__name__)

RESCUE = "rescue"  # the topic of a queue that takes everybody in turn

LONGEST_SECONDS = 600  # of a caller's stay in the menu: self-service takes its time


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuReport:
    """Something that became known in the menu of `call`, at `at`."""

    call: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Identified(MenuReport):
    card: CallerCard


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed(MenuReport):
    node: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left(MenuReport):
    result: Result


Menu = Callable[[Line, Caller, Callable[[str, str], None]], Awaitable[Result]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuDesk:
    """What every menu session needs. `menu` is ivr.runner.run_menu with the site's flow."""

    menu: Menu
    directory: CallerDirectory
    prompts: PromptFolder
    report: Callable[[MenuReport], None]
    clock: Callable[[], float]
    line: Callable[[AgiSession, PromptFolder], Line] = PromptLine
    outside: Outside = field(default_factory=NobodyOutside)
    queue_or_first: Callable[[str], str] = lambda queue: queue  # cti.workforce.Workforce's


async def serve_caller(session: AgiSession, desk: MenuDesk) -> None:
    """From the first command to HL_DONE=1. `CallerGone` and `AgiFault` end it; the dialplan then decides."""
    call = session.variables.get("agi_uniqueid", "")
    number = cleaned_number(session.variables.get("agi_callerid", ""))
    await session.set_variable("TIMEOUT(absolute)", str(LONGEST_SECONDS))  # until then the dialplan doubts us
    entry = cleaned_number(await session.get_variable("HL_ENTRY"))
    card = await look_up(desk.directory, number, entry)
    unreached = desk.outside.unreached(call)
    if unreached is None:
        desk.report(Identified(call=call, at=desk.clock(), card=card))
    if card.blocked:
        finish = Finish(outcome=str(Outcome.BLOCKED), path=(), language="")
        desk.report(Left(call=call, at=desk.clock(), result=finish))
        await _finish(session, finish)
        return
    await session.answer()
    caller = Caller(
        call=call,
        number=number,
        entry=entry,
        matches=card.matches,
        language=card.language,
        open=card.open,
        closure=card.closure,
        facts={"class": card.customer_class, "nuisance": str(card.nuisance), **card.facts},
        unreached=unreached,
    )
    result = await _through_the_menu(session, desk, card, caller)
    if result.language_chosen and card.matches and result.language != card.language:
        await _remember(desk.directory, card.matches, result.language)


async def _through_the_menu(session: AgiSession, desk: MenuDesk, card: CallerCard, caller: Caller) -> Result:
    """To the menu's result, which the dialplan is told. Who may not be put through goes on in the menu."""
    call = caller.call

    def pressed(node: str, key: str) -> None:
        desk.report(Pressed(call=call, at=desk.clock(), node=node, key=key))

    while True:
        result = await desk.menu(desk.line(session, desk.prompts), caller, pressed)
        desk.report(Left(call=call, at=desk.clock(), result=result))
        match result:
            case Enqueue():
                await _enqueue(session, desk, card, result)
            case TakeMessage():
                await _take_message(session, desk, result)
            case Finish():
                await _finish(session, result)
            case PutThrough() if (dialling := await desk.outside.begin(call, result)) is not None:
                await _put_through(session, result, dialling)
            case _:
                caller = replace(caller, unreached=result)
                continue
        return result


async def _put_through(session: AgiSession, result: PutThrough, dialling: Dialling) -> None:
    """The dialplan dials, and leads back to this menu when nobody answers."""
    values = {
        "HL_TOPIC": result.topic,
        "HL_LANG": result.language,
        **dialling.ways,
        "HL_LEG": dialling.leg,
        "HL_NUMBER": dialling.number,
        "HL_DIAL_SECONDS": str(dialling.ring),
        "HL_NEXT": "external",
        "HL_DONE": "1",
    }
    await session.set_variables(values)


async def _enqueue(session: AgiSession, desk: MenuDesk, card: CallerCard, result: Enqueue) -> None:
    queue = desk.queue_or_first(result.queue)
    if queue != result.queue:  # the shipped menu on a site that has not made all of its queues, say
        log.error("menu_names_no_queue", queue=result.queue, instead=queue)
    values = {
        "HL_QUEUE": queue,
        "HL_SINCE": f"{desk.clock():.6f}",
        "HL_PRIO": str(_priority(card, result)),
        "HL_TOPIC": result.topic,
        "HL_LANG": result.language,
        "HL_MATCH": "-".join(str(match) for match in card.matches),
        "HL_DONE": "1",
    }
    await session.set_variables(values)


def _priority(card: CallerCard, result: Enqueue) -> int:
    """A nuisance waits behind the others, but never for a rescue."""
    own = max(card.priority, 0) if result.topic == RESCUE else card.priority
    return own + result.priority


async def _take_message(session: AgiSession, desk: MenuDesk, result: TakeMessage) -> None:
    """The dialplan records; who says nothing has the outcome that the menu gave."""
    values = {
        "HL_TOPIC": result.topic,
        "HL_LANG": result.language,
        "HL_THANKS": desk.prompts.path("message-saved", result.language),
        "HL_OUTCOME": result.outcome,
        "HL_NEXT": "message",
        "HL_DONE": "1",
    }
    await session.set_variables(values)


async def _finish(session: AgiSession, result: Finish) -> None:
    try:
        await session.set_variable("HL_OUTCOME", result.outcome)
        await session.set_variable("HL_DONE", "1")
    except CallerGone:
        return  # the caller was first; the report has gone out already


async def _remember(directory: CallerDirectory, customers: tuple[int, ...], language: str) -> None:
    try:
        await directory.remember_language(customers, language)
    except Exception:
        log.exception("language_not_remembered")
