"""A waiting caller pressed a key: call me back, or a message. A session is cut the moment an agent becomes free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from crm_core.errors import PlatformError
from crm_core.history.events import Outcome
from cti.agi_session import AgiSession
from cti.contacts import cleaned_number
from cti.prompt_line import PromptFolder
from ivr.catalogue import number_prompts

LONGEST_SECONDS = 180
ANSWER_SECONDS, DIGIT_SECONDS, WAY_BACK_SECONDS = 6.0, 5.0, 0.5
TRIES = 3
MOST_DIGITS = 15
CHINA = "86"


class Choices(Protocol):
    """cti.callbacks.Callbacks. `book` and `leave_message` say False when an agent was quicker than the caller."""

    def offers(self, call: str, choice: str) -> bool: ...
    async def book(self, call: str, number: str) -> bool: ...
    async def leave_message(self, call: str) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceDesk:
    """`dialable` gives the digits to dial, or raises a PlatformError for a number that may not be called."""

    choices: Choices
    prompts: PromptFolder
    dialable: Callable[[str], str]


async def serve_choice(session: AgiSession, desk: ChoiceDesk) -> None:
    """From the key to HL_DONE=1; without it the dialplan brings the caller back to the music, the place kept."""
    await session.set_variable("TIMEOUT(absolute)", str(LONGEST_SECONDS))  # until then the dialplan doubts us
    call = session.variables.get("agi_uniqueid", "")
    asking = _Asking(session, desk, await session.get_variable("HL_LANG"))
    diverted = await session.get_variable("HL_DIVERTED") == "1"
    choice = "message" if await session.get_variable("HL_CHOICE") == "message" else "callback"
    if not diverted and not desk.choices.offers(call, choice):
        await asking.say("place-kept")
        return
    if choice == "message":
        await _message(asking, call, may_go_back=not diverted)
        return
    number = await _number(asking, cleaned_number(session.variables.get("agi_callerid", "")))
    if number and await desk.choices.book(call, f"+{number}"):
        await session.set_variable("HL_OUTCOME", str(Outcome.CALLBACK))
        await asking.say("callback-booked")
        await session.set_variable("HL_DONE", "1")
    elif not number and diverted:
        await _message(asking, call, may_go_back=False)
    elif not number:
        await asking.say("place-kept")


class _Asking:
    def __init__(self, session: AgiSession, desk: ChoiceDesk, language: str) -> None:
        self.session, self.desk, self.language = session, desk, language

    async def say(self, prompt: str) -> None:
        await self.session.stream_file(self.path(prompt))

    def path(self, prompt: str) -> str:
        return self.desk.prompts.path(prompt, self.language)

    async def ask(self, *prompts: str, seconds: float, digits: int = 1) -> str:
        path = await self.desk.prompts.joined(prompts, self.language)
        return await self.session.get_data(path, seconds=seconds, digits=digits)


async def _message(asking: _Asking, call: str, *, may_go_back: bool) -> None:
    if may_go_back:
        key = await asking.ask("message-intro", "message-way-back", seconds=WAY_BACK_SECONDS)
        if key == "*":
            await asking.say("place-kept")
            return
    else:
        await asking.say("message-intro")
    if await asking.desk.choices.leave_message(call):
        await asking.session.set_variable("HL_THANKS", asking.path("message-saved"))
        await asking.session.set_variable("HL_NEXT", "message")
        await asking.session.set_variable("HL_DONE", "1")


async def _number(asking: _Asking, caller: str) -> str:
    """The digits that the caller agrees to, "" = wants to go back, or said nothing that we understand."""
    digits = _dialable(asking, caller)
    for _ in range(TRIES):
        digits, agreed = await _step(asking, digits)
        if agreed:
            return digits
    return ""


async def _step(asking: _Asking, digits: str) -> tuple[str, bool]:
    """One question: the number now known, and whether the talk about it is over."""
    if not digits:
        return await _enter(asking), False
    spoken = number_prompts(digits.removeprefix(CHINA))
    key = await asking.ask("callback-number", *spoken, "callback-confirm", seconds=ANSWER_SECONDS)
    match key:
        case "1":
            return digits, True
        case "2":
            return await _enter(asking), False
        case "*":
            return "", True
    return digits, False


async def _enter(asking: _Asking) -> str:
    """A number that was keyed in, "" when it may not be called."""
    digits = _dialable(asking, await asking.ask("callback-enter", seconds=DIGIT_SECONDS, digits=MOST_DIGITS))
    if not digits:
        await asking.say("callback-wrong")
    return digits


def _dialable(asking: _Asking, number: str) -> str:
    try:
        return asking.desk.dialable(number) if number else ""
    except PlatformError:
        return ""
