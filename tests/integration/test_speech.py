"""Callers answer by voice on a real Asterisk: AudioSocket, the real engine, barge-in, and everything that may break."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import numpy as np
import pytest
import pytest_asyncio
import soundfile
from structlog.testing import capture_logs

from benchmarks.korean_speech import CAR, COMMANDS, OTHER_WORDS, REPAIR, RESERVE, spoken
from cti.agi import AgiServer
from cti.agi_session import AgiSession
from cti.audio_socket import AudioStream
from cti.prompt_line import PromptFolder
from cti.speech_line import Ears, SpeechLine
from ivr.line import NOT_UNDERSTOOD, CallerGone, Heard
from ivr.recogniser_pool import Recognisers
from tests.integration import scenarios
from tests.integration.ami import ami_session
from tests.integration.ears import level
from tests.integration.mouth import Mouth
from tests.integration.site import CUSTOMERS, SiteUnderTest
from tests.korean_model import korean_model


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> PromptFolder:
    """A question of two seconds, as a hum: what is heard of it is easily told from silence."""
    folder = tmp_path_factory.mktemp("prompts")
    (folder / "zh-CN").mkdir()
    for name, hertz in (("question", 440), ("by-key", 880)):
        hum = 0.2 * np.sin(2 * np.pi * hertz * np.arange(2 * 8000) / 8000)
        soundfile.write(folder / "zh-CN" / f"{name}.wav", hum, 8000, subtype="PCM_16")
    return PromptFolder(folder, folder / "joined")


@dataclass
class Question:
    """Asks every caller once; what came of it and when."""

    ears: Ears
    prompts: PromptFolder
    phrases: tuple[str, ...] = COMMANDS
    seconds: float = 3.0
    digits: int = 1
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    answers: asyncio.Queue[tuple[Heard | None, float]] = field(default_factory=asyncio.Queue)
    key_afterwards: bool = False
    by_key: tuple[str, ...] | None = None

    async def serve(self, session: AgiSession) -> None:
        await session.set_variable("TIMEOUT(absolute)", "60")
        await session.answer()
        line: SpeechLine = self.ears.line(session, self.prompts)
        self.asked.set()
        try:
            heard = await line.listen(
                ("question",),
                "ko",
                words=self.phrases,
                seconds=self.seconds,
                digits=self.digits,
                by_key=self.by_key,
            )
        except CallerGone:
            self.answers.put_nowait((None, time.monotonic()))
            raise
        self.answers.put_nowait((heard, time.monotonic()))
        if self.key_afterwards:
            await asyncio.sleep(0.5)
            keys = await line.ask(("question",), "ko", seconds=3, digits=1)
            self.answers.put_nowait((Heard(keys=keys), time.monotonic()))
        await session.set_variable("HL_OUTCOME", "menu_only")
        await session.set_variable("HL_DONE", "1")


@asynccontextmanager
async def asking(site: SiteUnderTest, question: Question) -> AsyncIterator[None]:
    server = AgiServer({"menu": question.serve})
    await server.start(site.site.host, site.site.agi_port)
    try:
        async with asyncio.timeout(40):
            yield
    finally:
        await server.stop()


pytestmark = pytest.mark.asyncio(loop_scope="module")  # a model takes seconds to load: one for all


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ears() -> AsyncIterator[Ears]:
    mine = Ears(Recognisers({"ko": korean_model()}, others={"ko": OTHER_WORDS}))
    await mine.start()
    async with asyncio.timeout(60):
        await mine.recognisers.until_ready("ko")
    yield mine
    await mine.stop()


async def answer(
    site: SiteUnderTest, question: Question, mouth: Mouth, *, after: float, words: str = "", keys: str = ""
) -> tuple[Heard | None, float]:
    """The caller hears the question for `after` seconds, then speaks or presses; the result and when it was there."""
    site.call("4001718888", mouth.spoken(scenarios.caller()))
    await question.asked.wait()
    await asyncio.sleep(after)
    if words:
        mouth.say(spoken(words))
    for key in keys:
        mouth.press(key)
    return await question.answers.get()


async def test_callers_who_speak_are_understood(
    telephone_site: SiteUnderTest, prompts: PromptFolder, ears: Ears
) -> None:
    understood = []
    for _ in range(3):  # the machine of a test has other work as well: one of them may be asked by keys instead
        question = Question(ears, prompts)
        with Mouth(CUSTOMERS) as mouth:
            async with asking(telephone_site, question):
                heard, _ = await answer(telephone_site, question, mouth, after=2.5, words=REPAIR)
                assert heard is not None
                if heard.words:
                    understood.append(heard)
    assert [heard.words for heard in understood[:2]] == [REPAIR, REPAIR]
    assert all(heard.confidence > 0.6 for heard in understood)
    assert ears.recognisers.legs("ko") == 0
    assert telephone_site.log_trouble() == []


async def test_who_speaks_over_the_prompt_silences_it_at_once(
    telephone_site: SiteUnderTest, prompts: PromptFolder, ears: Ears
) -> None:
    question = Question(ears, prompts)
    with Mouth(CUSTOMERS) as mouth:
        async with asking(telephone_site, question):
            heard, _ = await answer(telephone_site, question, mouth, after=0.7, words=RESERVE)
            assert heard is not None
            assert heard.words == RESERVE
            assert mouth.prompt_after_speech() < 0.3
    assert telephone_site.log_trouble() == []


async def test_a_prompt_is_played_whole_and_without_gaps_while_nobody_speaks(
    telephone_site: SiteUnderTest, prompts: PromptFolder, ears: Ears
) -> None:
    question = Question(ears, prompts, seconds=1.0)
    with Mouth(CUSTOMERS) as mouth:
        async with asking(telephone_site, question):
            heard, _ = await answer(telephone_site, question, mouth, after=0.0)
            assert heard == Heard()
            loud = mouth.loud_since(0.0)
    assert 1.9 < loud[-1] - loud[0] < 2.2
    assert len(loud) >= 98
    assert telephone_site.log_trouble() == []


async def test_a_key_silences_the_prompt_and_is_the_answer(
    telephone_site: SiteUnderTest, prompts: PromptFolder, ears: Ears
) -> None:
    question = Question(ears, prompts, key_afterwards=True)
    with Mouth(CUSTOMERS) as mouth:
        async with asking(telephone_site, question):
            heard, at = await answer(telephone_site, question, mouth, after=0.7, keys="4")
            assert heard == Heard(keys="4")
            silent_from = await asyncio.to_thread(mouth.silent_for, 0.2, at)
            assert silent_from - at < 0.3
            assert await asyncio.to_thread(mouth.prompt_again, 3.0)
            mouth.press("7")
            afterwards, _ = await question.answers.get()
            assert afterwards == Heard(keys="7")  # the session is back and asks in the usual way
    assert telephone_site.log_trouble() == []


async def test_several_keys_are_gathered_and_none_is_lost(
    telephone_site: SiteUnderTest, prompts: PromptFolder, ears: Ears
) -> None:
    question = Question(ears, prompts, digits=6)
    with Mouth(CUSTOMERS) as mouth:
        async with asking(telephone_site, question):
            heard, _ = await answer(telephone_site, question, mouth, after=0.5, keys="13578#")
    assert heard == Heard(keys="13578")
    assert telephone_site.log_trouble() == []


async def test_what_is_no_command_is_told_as_not_understood(
    telephone_site: SiteUnderTest, prompts: PromptFolder, ears: Ears
) -> None:
    question = Question(ears, prompts)
    with Mouth(CUSTOMERS) as mouth:
        async with asking(telephone_site, question):
            heard, _ = await answer(telephone_site, question, mouth, after=2.5, words=CAR)
    assert heard == Heard(words=NOT_UNDERSTOOD)
    assert telephone_site.log_trouble() == []


async def test_a_caller_who_hangs_up_while_we_listen_leaves_no_recogniser_behind(
    telephone_site: SiteUnderTest, prompts: PromptFolder, ears: Ears
) -> None:
    question = Question(ears, prompts, seconds=20.0)
    with Mouth(CUSTOMERS) as mouth:
        async with asking(telephone_site, question):
            telephone_site.call("4001718888", mouth.spoken(scenarios.caller(hang_up_after=1.0)))
            heard, _ = await question.answers.get()
    assert heard is None
    assert ears.recognisers.legs("ko") == 0
    own_words = ("Failed to receive frame", "Failed to forward frame")  # Asterisk's, on a caller who left
    assert [line for line in telephone_site.log_trouble() if not any(words in line for words in own_words)] == []


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
async def test_when_the_recogniser_is_lost_the_caller_hears_the_question_by_keys_and_presses(
    telephone_site: SiteUnderTest, prompts: PromptFolder, ears: Ears, blow: signal.Signals
) -> None:
    question = Question(ears, prompts, by_key=("by-key",))
    with Mouth(CUSTOMERS) as mouth:
        async with asking(telephone_site, question):
            telephone_site.call("4001718888", mouth.spoken(scenarios.caller()))
            await question.asked.wait()
            await asyncio.sleep(0.5)
            mouth.say(spoken(REPAIR))
            await asyncio.sleep(0.15)
            os.kill(ears.recognisers.pids("ko")[0], blow)
            again = await asyncio.to_thread(mouth.prompt_again, 5.0)
            assert again, "dead air"
            heard_now = mouth.sound_since(time.monotonic() - 0.1)
            assert level(heard_now, 880) > 0.1 > level(heard_now, 440)
            mouth.press("2")
            heard, _ = await question.answers.get()
            assert heard == Heard(keys="2")
            await ears.recognisers.until_ready("ko")  # and the next caller can speak again
    assert telephone_site.log_trouble() == []


async def test_a_broken_model_means_keys_only_and_one_warning(
    telephone_site: SiteUnderTest, prompts: PromptFolder, tmp_path: Path
) -> None:
    broken = tmp_path / "model"
    (broken / "am").mkdir(parents=True)
    (broken / "am" / "final.mdl").write_bytes(b"no model")
    mine = Ears(Recognisers({"ko": broken}))
    with capture_logs() as logs:
        await mine.start()
        question = Question(mine, prompts)
        with Mouth(CUSTOMERS) as mouth:
            async with asking(telephone_site, question):
                heard, _ = await answer(telephone_site, question, mouth, after=0.7, keys="3")
        await asyncio.sleep(2.5)  # time for a second start, which fails as well
        await mine.stop()
    assert heard == Heard(keys="3")
    assert [entry["event"] for entry in logs if entry["log_level"] == "warning"] == ["recogniser_away"]
    assert telephone_site.log_trouble() == []


@pytest.mark.parametrize(
    "rubbish",
    [b"", b"GET / HTTP/1.1\r\n\r\n", b"\x01\x00\x10" + bytes(16), b"\x10\xff\xff" + bytes(2000), b"\x01\x00\x02ab"],
    ids=["nothing", "browser", "unknown", "too-long", "short"],
)
async def test_a_stranger_at_the_socket_is_shown_out_and_no_caller_notices(
    telephone_site: SiteUnderTest, prompts: PromptFolder, ears: Ears, rubbish: bytes
) -> None:
    question = Question(ears, prompts, seconds=8.0)
    host, port = ears.sockets.address.split(":")
    with Mouth(CUSTOMERS) as mouth:
        async with asking(telephone_site, question):
            telephone_site.call("4001718888", mouth.spoken(scenarios.caller()))
            await question.asked.wait()
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(rubbish)
            assert await asyncio.to_thread(mouth.prompt_again, 5.0)  # else the first word is spoken to nobody
            mouth.say(spoken(REPAIR))
            heard, _ = await question.answers.get()
            with suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
    assert heard is not None
    assert heard.words == REPAIR
    assert telephone_site.log_trouble() == []


async def test_a_server_that_does_not_read_harms_no_call(telephone_site: SiteUnderTest) -> None:
    """A platform that stands still in the middle of a question: the caller can still hang up."""
    ended = asyncio.Event()

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await ended.wait()
        writer.close()

    async def serve(session: AgiSession) -> None:
        await session.answer()
        with suppress(CallerGone):
            await session.command("EXEC", "AudioSocket", f"{uuid4()},127.0.0.1:{port}", seconds=30)
        ended.set()

    server = await asyncio.start_server(deaf, "127.0.0.1", 0, limit=1)
    port = server.sockets[0].getsockname()[1]
    agi = AgiServer({"menu": serve})
    await agi.start(telephone_site.site.host, telephone_site.site.agi_port)
    with Mouth(CUSTOMERS) as mouth:
        call = telephone_site.call("4001718888", mouth.spoken(scenarios.caller(hang_up_after=6.0)))
        async with asyncio.timeout(20):
            await ended.wait()
        assert await asyncio.to_thread(call.wait) == 0
    await agi.stop()
    server.close()


async def test_when_the_platform_dies_in_a_question_the_dialplan_asks_again(
    telephone_site: SiteUnderTest, prompts: PromptFolder, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both connections break without a word, as at kill -9."""
    question = Question(ears, prompts)
    sessions: list[AgiSession] = []
    streams: list[asyncio.Future[AudioStream]] = []
    expect = ears.sockets.expect

    async def serve(session: AgiSession) -> None:
        sessions.append(session)
        await question.serve(session)

    def noted() -> tuple[UUID, asyncio.Future[AudioStream]]:
        identity, coming = expect()
        streams.append(coming)
        return identity, coming

    monkeypatch.setattr(ears.sockets, "expect", noted)
    agi = AgiServer({"menu": serve})
    await agi.start(telephone_site.site.host, telephone_site.site.agi_port)
    with Mouth(CUSTOMERS) as mouth, ami_session(telephone_site) as ami:
        telephone_site.call("4001718888", mouth.spoken(scenarios.caller()))
        async with asyncio.timeout(30):
            await question.asked.wait()
            assert await asyncio.to_thread(mouth.prompt_again, 3.0)
            question.asked.clear()
            for writer in ((await streams[0])._writer, sessions[0]._writer):
                writer.transport.abort()
            told = await asyncio.to_thread(ami.event, "UserEvent: HLAgi")
            assert (told["Try"], told["Done"]) == ("0", "0")
            assert await question.answers.get() == (None, pytest.approx(time.monotonic(), abs=5))
            await question.asked.wait()
            await asyncio.sleep(2.5)
            mouth.say(spoken(REPAIR))
            heard, _ = await question.answers.get()
    assert heard is not None
    assert heard.words == REPAIR
    await agi.stop()


async def test_models_are_loaded_only_when_the_calls_that_live_are_known_again() -> None:
    """Loading takes a core for seconds, and callers are waiting for a platform that was just started."""
    mine, in_step = Ears(Recognisers({"en": Path("nowhere")})), asyncio.Event()
    with capture_logs() as logs:
        await mine.start(in_step)
        await asyncio.sleep(0.5)
        assert logs == []
        in_step.set()
        async with asyncio.timeout(30):
            while not logs:  # noqa: ASYNC110 - a process has to begin and end
                await asyncio.sleep(0.05)
        await mine.stop()
    assert logs[0]["event"] == "recogniser_away"
