"""When a caller begins and ends to speak, and which phrase was meant."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.phrases import likeness, meant
from ivr.recogniser import Kind, Recognised, Word, framed, from_vosk, packed, read_header, unpacked
from ivr.recogniser_worker import in_vocabulary
from ivr.speech import (
    ELSE_SECONDS,
    FRAME_BYTES,
    FRAME_SECONDS,
    LONGEST_SPEECH_SECONDS,
    WHOLE_PHRASE_SECONDS,
    Moment,
    SpeechGate,
    is_whole,
    level,
)

DICE = np.random.default_rng(1)


def sound(decibel: float, seconds: float) -> list[bytes]:
    """Noise of this loudness, as frames."""
    strength = 32768 * 10 ** (decibel / 20)
    return [
        DICE.normal(0, strength, FRAME_BYTES // 2).clip(-32768, 32767).astype("<i2").tobytes()
        for _ in range(round(seconds / FRAME_SECONDS))
    ]


def moments(gate: SpeechGate, frames: list[bytes]) -> list[tuple[Moment, float]]:
    """What the gate says, and in which second."""
    said = [(gate.hear(frame), number * FRAME_SECONDS) for number, frame in enumerate(frames, 1)]
    return [(moment, at) for moment, at in said if moment is not None]


@pytest.mark.parametrize("decibel", [-12.0, -30.0, -60.0])
def test_loudness_is_in_decibels_below_full_scale(decibel: float) -> None:
    assert level(b"".join(sound(decibel, 0.5))) == pytest.approx(decibel, abs=1.0)
    assert level(bytes(FRAME_BYTES)) == -100.0


@pytest.mark.parametrize("noise", [-70.0, -55.0, -45.0])
def test_speech_is_told_from_the_lines_own_noise(noise: float) -> None:
    said = moments(SpeechGate(), sound(noise, 1.0) + sound(-20, 0.8) + sound(noise, 1.0))
    assert [moment for moment, _ in said] == [Moment.BEGAN, Moment.ENDED]
    assert 1.0 < said[0][1] < 1.12
    assert said[1][1] - 1.8 == pytest.approx(ELSE_SECONDS, abs=0.05)


def test_who_has_said_a_whole_phrase_waits_less() -> None:
    gate = SpeechGate()
    moments(gate, sound(-60, 0.5) + sound(-20, 0.5))
    gate.whole = True
    assert moments(gate, sound(-60, 0.5))[0][1] == pytest.approx(WHOLE_PHRASE_SECONDS, abs=0.05)


def test_a_prompt_given_back_by_the_telephone_is_no_answer() -> None:
    gate = SpeechGate()
    gate.over_prompt = True
    assert moments(gate, sound(-70, 0.5) + sound(-42, 2.0)) == []
    assert [moment for moment, _ in moments(gate, sound(-20, 0.5))] == [Moment.BEGAN]


def test_a_click_is_no_speech() -> None:
    assert moments(SpeechGate(), sound(-60, 0.5) + sound(-10, 0.04) + sound(-60, 0.5)) == []


def test_a_cough_is_no_word_and_a_word_is_one() -> None:
    gate = SpeechGate()
    moments(gate, sound(-60, 0.5) + sound(-15, 0.1) + sound(-60, 0.6))
    assert not gate.was_word
    moments(gate, sound(-15, 0.4) + sound(-60, 0.6))
    assert gate.was_word


def test_a_radio_that_is_switched_on_becomes_the_lines_own_noise() -> None:
    said = moments(SpeechGate(), sound(-60, 1.0) + sound(-40, 8.0) + sound(-15, 0.6) + sound(-40, 1.0))
    assert [moment for moment, _ in said] == [Moment.BEGAN, Moment.ENDED] * 2


@given(levels=st.lists(st.floats(min_value=-90, max_value=-3), min_size=1, max_size=60))
def test_whatever_is_heard_beginning_and_end_alternate_and_no_speech_is_endless(levels: list[float]) -> None:
    gate = SpeechGate()
    said = moments(gate, [frame for decibel in levels for frame in sound(decibel, 0.5)])
    assert [moment for moment, _ in said][::2] == [Moment.BEGAN] * (-(-len(said) // 2))
    assert [moment for moment, _ in said][1::2] == [Moment.ENDED] * (len(said) // 2)
    lengths = [end - begin for (_, begin), (_, end) in zip(said[::2], said[1::2], strict=False)]
    assert all(length <= LONGEST_SPEECH_SECONDS + 0.1 for length in lengths)


ENGLISH = ("my case", "repair", "repair shop", "speak to an agent", "opening hours")
MANDARIN = ("查询进度", "预约保养", "人工服务", "道路救援", "投诉")


@pytest.mark.parametrize(
    ("said", "phrases", "phrase"),
    [
        ("repair", ENGLISH, "repair"),
        ("the repair shop please", ENGLISH, "repair shop"),
        ("speak to a agent", ENGLISH, "speak to an agent"),
        ("bananas and apples", ENGLISH, ""),
        ("预约 保养", MANDARIN, "预约保养"),
        ("我 要 预约 保养 谢谢", MANDARIN, "预约保养"),
        ("御 月 保 洋", MANDARIN, "预约保养"),  # other characters, the same sounds
        ("人 公 服 务", MANDARIN, "人工服务"),
        ("掏 素", MANDARIN, ""),
        ("今天 天气 不错", MANDARIN, ""),
        ("", MANDARIN, ""),
        ("repair", (), ""),
    ],
)
def test_the_phrase_that_was_meant_is_found(said: str, phrases: tuple[str, ...], phrase: str) -> None:
    assert meant(said, phrases)[0] == phrase


@pytest.mark.parametrize(("said", "phrase"), [("四十", "事实"), ("只是", "知识"), ("牛奶", "流来")])
def test_sounds_that_many_speakers_do_not_tell_apart_are_the_same(said: str, phrase: str) -> None:
    assert likeness(said, phrase) == 1.0


def test_two_phrases_that_sound_alike_are_asked_again_and_not_guessed() -> None:
    assert meant("试试", ("事实", "实施")) == ("", 0.0)
    assert meant("实施", ("事实", "实施")) == ("实施", 1.0)


@given(said=st.text(max_size=40), phrases=st.lists(st.text(max_size=20), max_size=5).map(tuple))
def test_only_an_expected_phrase_is_ever_meant(said: str, phrases: tuple[str, ...]) -> None:
    phrase, alike = meant(said, phrases)
    assert (phrase in phrases and 0 < alike <= 1) or (phrase, alike) == ("", 0.0)


def test_a_phrase_is_whole_when_no_longer_one_has_begun() -> None:
    assert is_whole("repair shop", ENGLISH)
    assert not is_whole("repair", ENGLISH)
    assert is_whole("预约 保养", MANDARIN)
    assert not is_whole("预约", MANDARIN)


WORDS = frozenset({"预约", "保养", "保", "养", "repair", "my", "case"})


@pytest.mark.parametrize(
    ("phrase", "spoken"),
    [
        ("预约保养", "预约 保养"),
        ("My case", "my case"),
        ("repairs", ""),
        ("mycase", ""),
        ("预约轮胎", ""),
    ],
)
def test_a_phrase_is_said_in_words_that_the_model_knows(phrase: str, spoken: str) -> None:
    assert in_vocabulary(phrase, WORDS.__contains__) == spoken


def test_what_is_none_of_the_phrases_lowers_the_confidence() -> None:
    word = {"word": "repair", "start": 0.1, "end": 0.5, "conf": 0.8}
    other = {"word": "[unk]", "start": 0.6, "end": 0.9, "conf": 1.0}
    assert from_vosk(iter([{"result": [word]}])).confidence == pytest.approx(0.8)
    assert from_vosk(iter([{"result": [word]}, {"result": [other]}])).confidence == pytest.approx(0.4)
    assert from_vosk(iter([{"result": [other]}])) == Recognised()
    assert from_vosk(iter([{"text": ""}])) == Recognised()


@given(payload=st.binary(max_size=2_000), leg=st.integers(0, 2**32 - 1), kind=st.sampled_from(Kind))
def test_a_frame_is_read_back_as_it_was_written(payload: bytes, leg: int, kind: Kind) -> None:
    frame = framed(kind, leg, payload)
    assert read_header(frame[:9]) == (kind, leg, len(payload))
    assert frame[9:] == payload


def test_a_result_crosses_the_border_whole() -> None:
    result = Recognised("预约 保养", 0.7, (Word("预约", 0.1, 0.5, 0.9), Word("保养", 0.6, 1.0, 0.5)))
    assert unpacked(packed(result)) == result
