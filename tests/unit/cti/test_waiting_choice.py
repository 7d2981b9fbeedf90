"""The questions to a caller who wants to be called back or to leave a message, spoken over AGI."""

from __future__ import annotations

import asyncio
import shlex
import wave
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import pytest

from cti.agi import AgiServer
from cti.outgoing import dialable
from cti.prompt_line import PromptFolder
from cti.waiting_choice import ChoiceDesk, serve_choice
from ivr.catalogue import LANGUAGES, catalogue


@dataclass
class Choices:
    """What was booked or left; `quicker` = an agent has just taken the caller."""

    quicker: bool = False
    booked: list[tuple[str, str]] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    offered: tuple[str, ...] = ("callback", "message")

    def offers(self, call: str, choice: str) -> bool:
        return choice in self.offered

    async def book(self, call: str, number: str) -> bool:
        self.booked.append((call, number))
        return not self.quicker

    async def leave_message(self, call: str) -> bool:
        self.left.append(call)
        return not self.quicker


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> PromptFolder:
    folder = tmp_path_factory.mktemp("prompts")
    for language in LANGUAGES:
        (folder / language).mkdir()
        for name in catalogue()[language]:
            with wave.open(str(folder / language / f"{name}.wav"), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(8_000)
                file.writeframes(bytes(160))
    return PromptFolder(folder, folder / "joined")


async def session(
    desk: ChoiceDesk, *keys: str, choice: str = "callback", caller: str = "13900000001", diverted: bool = False
) -> tuple[dict[str, str], list[str]]:
    """A caller who presses these at the questions in turn; gives the variables set and the prompts that stood alone."""
    agi = AgiServer({"choice": partial(_serve, desk)})
    port = await agi.start("127.0.0.1", 0)
    variables = {"HL_LANG": "zh-CN", "HL_CHOICE": choice, "HL_DIVERTED": "1" if diverted else ""}
    said: list[str] = []
    waiting = list(keys)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"agi_network_script: choice\nagi_uniqueid: 1.1\nagi_callerid: {caller}\n\n".encode())
    while line := (await reader.readline()).decode():
        match shlex.split(line):
            case ["GET", "VARIABLE", name]:
                answer = f"200 result=1 ({variables.get(name, '')})"
            case ["SET", "VARIABLE", name, value]:
                variables[name] = value
                answer = "200 result=1"
            case ["GET", "DATA", *_]:
                answer = f"200 result={waiting.pop(0)}" if waiting else "200 result= (timeout)"
            case ["STREAM", "FILE", path, _]:
                said.append(Path(path).name)
                answer = "200 result=0 endpos=1"
            case _:
                answer = "200 result=0"
        writer.write(f"{answer}\n".encode())
    writer.close()
    await agi.stop()
    return variables, said


async def _serve(desk: ChoiceDesk, session: object) -> None:
    await serve_choice(session, desk)  # type: ignore[arg-type]


def desk_with(choices: Choices, prompts: PromptFolder) -> ChoiceDesk:
    return ChoiceDesk(choices=choices, prompts=prompts, dialable=lambda number: dialable(number, ("86",)))


async def test_the_callers_own_number_is_confirmed_with_one_key(prompts: PromptFolder) -> None:
    choices = Choices()
    variables, said = await session(desk_with(choices, prompts), "1")
    assert choices.booked == [("1.1", "+8613900000001")]
    assert (variables["HL_OUTCOME"], variables["HL_DONE"]) == ("callback", "1")
    assert said == ["callback-booked"]


async def test_another_number_is_keyed_in_and_confirmed(prompts: PromptFolder) -> None:
    choices = Choices()
    await session(desk_with(choices, prompts), "2", "01064661234", "1")
    assert choices.booked == [("1.1", "+861064661234")]


@pytest.mark.parametrize("typed", ["110", "1", "99900000000000", "16812345678"])
async def test_a_number_that_may_not_be_called_is_asked_again(prompts: PromptFolder, typed: str) -> None:
    choices = Choices()
    variables, said = await session(desk_with(choices, prompts), "2", typed, "13800138000", "1")
    assert said[0] == "callback-wrong"
    assert choices.booked in ([], [("1.1", "+8613800138000")])
    assert all(number == "+8613800138000" for _, number in choices.booked)
    assert variables.get("HL_DONE", "") == ("1" if choices.booked else "")


async def test_a_withheld_number_is_asked_for_at_once(prompts: PromptFolder) -> None:
    choices = Choices()
    await session(desk_with(choices, prompts), "13800138000", "1", caller="unknown")
    assert choices.booked == [("1.1", "+8613800138000")]


async def test_star_goes_back_into_the_line_and_so_does_silence(prompts: PromptFolder) -> None:
    for keys in (("*",), ()):
        choices = Choices()
        variables, said = await session(desk_with(choices, prompts), *keys)
        assert choices.booked == []
        assert "HL_DONE" not in variables
        assert said == ["place-kept"]


async def test_nothing_is_promised_to_a_caller_whom_an_agent_has_just_taken(prompts: PromptFolder) -> None:
    choices = Choices(quicker=True)
    variables, said = await session(desk_with(choices, prompts), "1")
    assert "HL_DONE" not in variables
    assert said == []


async def test_who_declines_the_callback_of_a_full_queue_is_led_to_a_message(prompts: PromptFolder) -> None:
    choices = Choices()
    variables, said = await session(desk_with(choices, prompts), "*", diverted=True)
    assert (choices.left, variables["HL_NEXT"], variables["HL_DONE"]) == (["1.1"], "message", "1")
    assert said == ["message-intro"]


async def test_a_message_may_be_thought_better_of(prompts: PromptFolder) -> None:
    choices = Choices()
    variables, said = await session(desk_with(choices, prompts), "*", choice="message")
    assert (choices.left, said) == ([], ["place-kept"])
    variables, _ = await session(desk_with(choices, prompts), choice="message")
    assert (choices.left, variables["HL_NEXT"]) == (["1.1"], "message")
    assert variables["HL_THANKS"].endswith("/zh-CN/message-saved")


async def test_a_queue_that_offers_no_callback_takes_none(prompts: PromptFolder) -> None:
    choices = Choices(offered=("message",))
    variables, said = await session(desk_with(choices, prompts), "1")
    assert (choices.booked, said) == ([], ["place-kept"])
    assert "HL_DONE" not in variables
