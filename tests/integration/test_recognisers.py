"""Recognisers in processes of their own, with the real engine: many callers, crashes, broken models."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from typer.testing import CliRunner

from benchmarks.korean_speech import CAR, COMMANDS, OTHER_WORDS, REPAIR, RESERVE, quiet, spoken
from ivr.recogniser import HEADER_BYTES, Kind, Recognised, RecogniserLost, read_header
from ivr.recogniser_leg import RecogniserLeg
from ivr.recogniser_pool import Recognisers
from tests.command import app
from tests.korean_model import korean_model


@pytest.fixture
async def recognisers() -> AsyncIterator[Recognisers]:
    pool = Recognisers({"ko": korean_model()}, most_legs=3, others={"ko": OTHER_WORDS})
    pool.start()
    async with asyncio.timeout(60):
        await pool.until_ready("ko")
    yield pool
    await pool.stop()


async def told(leg: RecogniserLeg, text: str, *, pace: float = 0.0) -> Recognised:
    """What the leg makes of this, piece by piece as a call brings it; `pace` seconds per piece of 100 ms."""
    sound = quiet(0.3) + spoken(text) + quiet(0.3)
    for start in range(0, len(sound), 1600):
        leg.hear(sound[start : start + 1600])
        await asyncio.sleep(pace)
    if pace:
        await leg.caught_up()
    return await leg.finish()


async def test_callers_speak_at_the_same_time_and_each_is_understood(recognisers: Recognisers) -> None:
    legs = [await recognisers.open("ko", COMMANDS) for _ in range(3)]
    results = await asyncio.gather(
        *(told(leg, text) for leg, text in zip(legs, (REPAIR, RESERVE, REPAIR), strict=True))
    )
    assert [result.text for result in results] == [REPAIR, RESERVE, REPAIR]
    word = results[0].words[0]
    assert word.text == REPAIR
    assert 0.2 < word.start < word.end < 1.5
    for leg in legs:
        leg.close()
    assert recognisers.legs("ko") == 0


async def test_one_caller_too_many_is_sent_to_the_keys_and_served_when_another_has_gone(
    recognisers: Recognisers,
) -> None:
    legs = [await recognisers.open("ko", COMMANDS) for _ in range(3)]
    assert not recognisers.hears("ko")
    with pytest.raises(RecogniserLost):
        await recognisers.open("ko", COMMANDS)
    legs[0].close()
    assert recognisers.hears("ko")


async def test_a_leg_hears_one_answer_after_the_other(recognisers: Recognisers) -> None:
    leg = await recognisers.open("ko", COMMANDS)
    assert [(await told(leg, text)).text for text in (REPAIR, CAR, RESERVE)] == [REPAIR, "", RESERVE]


async def test_free_speech_is_told_word_by_word_while_it_is_spoken(recognisers: Recognisers) -> None:
    seen: list[str] = []
    leg = await recognisers.open("ko", (), seen.append)
    result = await told(leg, "안녕하세요 고객 센터 입니다", pace=0.1)
    assert len(seen) >= 2
    assert result.text


async def test_a_word_that_the_model_does_not_know_is_named_before_a_flow_uses_it(recognisers: Recognisers) -> None:
    assert await recognisers.unknown("ko", (REPAIR, "hello", "예약 확인")) == ("hello",)
    with pytest.raises(RecogniserLost, match="vocabulary"):
        await recognisers.open("ko", ("hello",))
    assert recognisers.legs("ko") == 0
    with capture_logs() as logs:
        for _ in range(2):
            leg = await recognisers.open("ko", ("hello", REPAIR))
            assert (await told(leg, REPAIR)).text == REPAIR
            leg.close()
    assert [entry["phrases"] for entry in logs if entry["event"] == "phrases_never_heard"] == [["hello"]]


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV])
async def test_a_process_that_dies_or_hangs_is_replaced_and_its_callers_are_told(
    recognisers: Recognisers, blow: signal.Signals
) -> None:
    leg = await recognisers.open("ko", COMMANDS)
    victim = recognisers.pids("ko")[0]
    os.kill(victim, blow)
    began = time.monotonic()
    with capture_logs() as logs, pytest.raises(RecogniserLost):
        await told(leg, REPAIR)
    assert time.monotonic() - began < 3.0
    with capture_logs() as logs:
        async with asyncio.timeout(30):
            while victim in recognisers.pids("ko"):  # noqa: ASYNC110 - the hung one is noticed only after a while
                await asyncio.sleep(0.05)
            await recognisers.until_ready("ko")
    assert sum(entry["event"] == "recogniser_away" for entry in logs) <= 1
    assert (await told(await recognisers.open("ko", COMMANDS), REPAIR)).text == REPAIR


async def test_a_missing_and_a_broken_model_are_warned_of_once_each(tmp_path: Path) -> None:
    (tmp_path / "broken" / "am").mkdir(parents=True)
    (tmp_path / "broken" / "am" / "final.mdl").write_bytes(bytes(1000))
    pool = Recognisers({"en": tmp_path / "missing", "zh-CN": tmp_path / "broken"})
    with capture_logs() as logs:
        pool.start()
        await asyncio.sleep(4.5)  # two starts and a half, with the back-off
        assert not pool.hears("en")
        assert not pool.hears("zh-CN")
        await pool.stop()
    warned = [entry["language"] for entry in logs if entry["event"] == "recogniser_away"]
    assert sorted(warned) == ["en", "zh-CN"]


async def test_the_process_ends_with_the_platform(recognisers: Recognisers) -> None:
    pid = recognisers.pids("ko")[0]
    await recognisers.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_a_recogniser_whose_platform_was_killed_ends_by_itself() -> None:
    """Its input ends with the platform, however that ends."""
    command = [sys.executable, "-m", "ivr.recogniser_worker", str(korean_model())]
    ended = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)
    assert ended.returncode == 0
    assert read_header(ended.stdout[:HEADER_BYTES])[0] is Kind.READY


def test_an_operator_can_ask_which_words_will_be_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_SPEECH_MODELS", json.dumps({"ko": str(korean_model())}))
    told = CliRunner().invoke(app, ["speech", "words", "ko", REPAIR, "hello"])
    assert told.exit_code == 1
    assert told.output.splitlines()[0] == f"{REPAIR}: heard"
    assert told.output.splitlines()[1].startswith("hello: never heard")
