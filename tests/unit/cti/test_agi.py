"""The menu's server: it speaks AGI as Asterisk does, and no caller or stranger can make it say anything else."""

from __future__ import annotations

import asyncio
import io
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from asterisk.agi import AGI
from hypothesis import given, settings
from hypothesis import strategies as st

from cti.agi import AgiServer
from cti.agi_session import AgiFault, AgiSession, quoted
from cti.directory import CallerCard
from cti.frames import HostileValue
from cti.menu import Identified, Left, MenuDesk, MenuReport, serve_caller
from cti.prompt_line import PromptFolder
from ivr.line import Caller, CallerGone, Enqueue, Finish, Line

GREETING = b"agi_network_script: menu\nagi_uniqueid: 1.1\nagi_callerid: 13900000001\n\n"


class Asterisk:
    """The other side of one session: answers by the command's first words, and remembers what was asked."""

    def __init__(self, answers: dict[str, str] | None = None) -> None:
        self.answers = answers or {}
        self.asked: list[str] = []

    async def talk(self, port: int, greeting: bytes = GREETING) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(greeting)
        while line := (await reader.readline()).decode().rstrip("\n"):
            self.asked.append(line)
            answer = next((text for start, text in self.answers.items() if line.startswith(start)), "200 result=0")
            writer.write(answer.encode() + b"\n")
        writer.close()


@asynccontextmanager
async def server(serve: Callable[[AgiSession], Awaitable[None]]) -> AsyncIterator[int]:
    agi = AgiServer({"menu": serve})
    try:
        yield await agi.start("127.0.0.1", 0)
    finally:
        await agi.stop()


async def said(command: Callable[[AgiSession], Awaitable[Any]], *answers: str) -> Any:
    """What `command` gives, or the exception it raises, when Asterisk answers with these lines and then hangs up."""
    reader = asyncio.StreamReader()
    reader.feed_data("".join(line + "\n" for line in answers).encode())
    reader.feed_eof()

    class Writer:
        def write(self, data: bytes) -> None:
            pass

        async def drain(self) -> None:
            pass

    try:
        return await command(AgiSession(reader, Writer()))  # type: ignore[arg-type]
    except (AgiFault, CallerGone) as raised:
        return type(raised)


def oracle(command: Callable[[AGI], Any], answer: str) -> Any:
    """What pyst2 makes of the same answer."""
    return command(AGI(io.StringIO(f"agi_x: y\n\n{answer}\n"), io.StringIO(), io.StringIO()))


@pytest.mark.parametrize("answer", ["200 result=0 endpos=8000", "200 result=53 endpos=800", "200 result=42 endpos=1"])
async def test_a_key_during_a_prompt_is_the_key_that_pyst2_sees(answer: str) -> None:
    assert await said(lambda s: s.stream_file("x", "5*"), answer) == oracle(lambda a: a.stream_file("x", "5*"), answer)


@pytest.mark.parametrize("answer", ["200 result=135", "200 result=12 (timeout)", "200 result= (timeout)"])
async def test_gathered_keys_are_those_that_pyst2_sees(answer: str) -> None:
    mine = await said(lambda s: s.get_data("x", seconds=2, digits=4), answer)
    theirs = oracle(lambda a: a.get_data("x", 2_000, 4), answer) if "result= " not in answer else ""
    assert mine == theirs


@pytest.mark.parametrize("value", ["repair", "a (b) c", "hangup", "endpos=7", "张三", ""])
async def test_a_variable_is_given_back_whole(value: str) -> None:
    assert await said(lambda s: s.get_variable("X"), f"200 result=1 ({value})") == value


async def test_a_variable_that_is_not_set_is_empty() -> None:
    assert await said(lambda s: s.get_variable("X"), "200 result=0") == ""


@pytest.mark.parametrize(
    ("answers", "result"),
    [
        (["HANGUP"], CallerGone),
        ([], CallerGone),
        (["511 Command Not Permitted on a dead channel"], CallerGone),
        (["100 Trying", "200 result=1 (yes)"], "yes"),
        (["510 Invalid or unknown command"], AgiFault),
        (["520-Invalid command syntax.", "Usage: x", "520 End of proper usage."], AgiFault),
        (["nonsense"], AgiFault),
    ],
)
async def test_every_answer_of_asterisk_is_understood(answers: list[str], result: Any) -> None:
    assert await said(lambda s: s.get_variable("X"), *answers) == result


async def test_minus_one_is_a_missing_file_while_the_caller_is_there() -> None:
    assert await said(lambda s: s.stream_file("x"), "200 result=-1 endpos=0", "200 result=0", "200 result=6") == ""
    assert await said(lambda s: s.stream_file("x"), "200 result=-1 endpos=0") is CallerGone


@given(st.text(max_size=60))
@settings(max_examples=500, deadline=None)
def test_an_argument_stays_one_argument(value: str) -> None:
    if any(bad in value for bad in "\r\n\0"):
        with pytest.raises(HostileValue):
            quoted(value)
    else:
        assert shlex.split(quoted(value)) == [value] or "\\" in value or "$" in value or "`" in value
        assert "\n" not in quoted(value)


async def knows(number: str, entry: str) -> CallerCard:
    return CallerCard(matches=(12, 15), language="en", last_agent="1018", priority=3)


class Directory:
    def __init__(self, caller: Callable[[str, str], Awaitable[CallerCard]] = knows) -> None:
        self.asked_for, self._caller = list[tuple[str, str]](), caller
        self.remembered: list[tuple[tuple[int, ...], str]] = []

    async def caller(self, number: str, entry: str) -> CallerCard:
        self.asked_for.append((number, entry))
        return await self._caller(number, entry)

    async def remember_language(self, customers: tuple[int, ...], language: str) -> None:
        self.remembered.append((customers, language))


async def served(
    menu: Callable[..., Awaitable[Enqueue | Finish]], directory: Directory, asterisk: Asterisk, folder: Path
) -> list[MenuReport]:
    reports: list[MenuReport] = []
    desk = MenuDesk(
        menu=menu,
        directory=directory,
        prompts=PromptFolder(folder, folder / "cache"),
        report=reports.append,
        clock=lambda: 100.5,
    )
    async with server(lambda session: serve_caller(session, desk)) as port:
        await asterisk.talk(port)
    return reports


async def wants_repair(line: Line, caller: Caller, report: Callable[[str, str], None]) -> Enqueue | Finish:
    report("main", await line.ask(("menu",), "en", seconds=3, digits=1))
    return Enqueue(queue="repair", topic="repair", path=("main",), language="zh-CN", language_chosen=True)


async def test_the_menu_leaves_its_result_on_the_channel_and_says_done_last(tmp_path: Path) -> None:
    asterisk = Asterisk({"GET DATA": "200 result=4", 'GET VARIABLE "HL_ENTRY"': "200 result=1 (4001718888)"})
    directory = Directory()
    reports = await served(wants_repair, directory, asterisk, tmp_path)
    assert directory.asked_for == [("13900000001", "4001718888")]
    assert directory.remembered == [((12, 15), "zh-CN")]
    assert asterisk.asked[2] == "ANSWER"
    told = "HL_QUEUE=repair,HL_SINCE=100.500000,HL_PRIO=3,HL_TOPIC=repair,HL_LANG=zh-CN,HL_MATCH=12-15,HL_DONE=1"
    assert asterisk.asked[4:] == [f'EXEC "MSet" "{told}"']
    assert [type(report).__name__ for report in reports] == ["Identified", "Pressed", "Left"]


async def test_what_mset_could_misread_is_set_by_itself_and_the_order_is_kept() -> None:
    asterisk = Asterisk()

    async def sets(session: AgiSession) -> None:
        await session.set_variables({"HL_LANG": "en", "HL_TOPIC": "a,HL_DONE=1", "HL_MATCH": "", "HL_DONE": "1"})

    async with server(sets) as port:
        await asterisk.talk(port)
    assert asterisk.asked == [
        'EXEC "MSet" "HL_LANG=en"', 'SET VARIABLE "HL_TOPIC" "a,HL_DONE=1"', 'EXEC "MSet" "HL_MATCH=,HL_DONE=1"',
    ]  # fmt: skip


async def test_a_dead_directory_holds_no_caller(tmp_path: Path) -> None:
    async def hangs(number: str, entry: str) -> CallerCard:
        await asyncio.Event().wait()
        return CallerCard()

    reports = await served(wants_repair, Directory(hangs), Asterisk(), tmp_path)
    assert isinstance(reports[0], Identified)
    assert reports[0].card == CallerCard()


async def test_a_blocked_caller_is_not_answered(tmp_path: Path) -> None:
    async def blocked(number: str, entry: str) -> CallerCard:
        return CallerCard(blocked=True)

    asterisk = Asterisk()
    reports = await served(wants_repair, Directory(blocked), asterisk, tmp_path)
    assert "ANSWER" not in asterisk.asked
    assert asterisk.asked[-2:] == ['SET VARIABLE "HL_OUTCOME" "blocked"', 'SET VARIABLE "HL_DONE" "1"']
    assert isinstance(reports[-1], Left)


@pytest.mark.parametrize(
    "noise",
    [
        b"",
        b"\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"agi_network_script: menu\n" * 500,
        b"agi_x: " + b"y" * 100_000 + b"\n\n",
        b"agi_network_script: root\n\n",
        b"\xff\xfe\x00\n\n",
    ],
)
async def test_strangers_are_shown_the_door_and_callers_served_meanwhile(noise: bytes) -> None:
    calls = 0

    async def serve(session: AgiSession) -> None:
        nonlocal calls
        calls += 1

    async with server(serve) as port:
        strangers = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        for _, writer in strangers:
            writer.write(noise)
        await Asterisk().talk(port)
        for _, writer in strangers:
            writer.close()
    assert calls == 1


async def test_a_forged_second_value_does_not_replace_asterisks_own() -> None:
    seen: list[str] = []

    async def serve(session: AgiSession) -> None:
        seen.append(session.variables["agi_uniqueid"])

    async with server(serve) as port:
        await Asterisk().talk(port, b"agi_network_script: menu\nagi_uniqueid: 1.1\nagi_uniqueid: 6.6\n\n")
    assert seen == ["1.1"]


async def test_a_question_of_several_prompts_is_one_file(tmp_path: Path) -> None:
    import wave

    folder = tmp_path / "zh-CN"
    folder.mkdir()
    for name, frames in (("sorry", 80), ("menu", 160)):
        with wave.open(str(folder / f"{name}.wav"), "wb") as out:
            out.setparams((1, 2, 8_000, 0, "NONE", ""))
            out.writeframes(b"\1\0" * frames)
    prompts = PromptFolder(tmp_path, tmp_path / "cache")
    path = await prompts.joined(("sorry", "menu"), "zh-CN")
    with wave.open(path + ".wav", "rb") as joined:
        assert joined.getnframes() == 240
    assert await prompts.joined(("sorry", "menu"), "zh-CN") == path
    assert await prompts.joined(("menu",), "xx") == str(folder / "menu")


async def test_joined_files_of_long_ago_make_room_and_those_that_may_play_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os
    import wave

    monkeypatch.setattr("cti.prompt_line.MOST_JOINED", 1)
    (tmp_path / "en").mkdir()
    for name in ("n-1", "n-2", "n-3"):
        with wave.open(str(tmp_path / "en" / f"{name}.wav"), "wb") as out:
            out.setparams((1, 2, 8_000, 0, "NONE", ""))
            out.writeframes(b"\1\0" * 80)
    prompts = PromptFolder(tmp_path, tmp_path / "cache")
    long_ago = Path(await prompts.joined(("n-1", "n-2"), "en") + ".wav")
    os.utime(long_ago, (1.0, 1.0))
    young = Path(await prompts.joined(("n-2", "n-3"), "en") + ".wav")
    latest = Path(await prompts.joined(("n-3", "n-1"), "en") + ".wav")
    left = await asyncio.to_thread(lambda: {path.name for path in (tmp_path / "cache").iterdir()})
    assert left == {young.name, latest.name}
