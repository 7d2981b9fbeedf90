"""Whatever callers say, press and break while a question by voice is asked: it ends in one answer, or a hang-up."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.audio_socket import Key, Sound, StreamEnded
from cti.listening import Listening, Question
from ivr.line import NOT_UNDERSTOOD, Heard
from ivr.recogniser import Recognised, RecogniserLost

COMMANDS = ("repair", "rescue")
LOUD, QUIET = (
    np.random.default_rng(1).normal(0, strength, 160).clip(-32768, 32767).astype("<i2").tobytes()
    for strength in (6_000, 15)
)


class Caller:
    """The stream of one caller: what happens, in order; then the hang-up, or silence without end."""

    def __init__(self, items: Sequence[Sound | Key], *, stays: bool = False) -> None:
        self._stays = stays
        self._items: asyncio.Queue[Sound | Key] = asyncio.Queue()
        for item in items:
            self.does(item)
        self.told: list[bytes] = []

    def does(self, item: Sound | Key) -> None:
        self._items.put_nowait(item)

    async def read(self) -> Sound | Key:
        if self._items.empty() and not self._stays:
            raise StreamEnded("hung up")
        return await self._items.get()

    def write(self, samples: bytes) -> None:
        self.told.append(samples)


class Leg:
    """A recogniser that says what it is told to; None = it is lost."""

    def __init__(self, *says: Recognised | None) -> None:
        self._says, self.words, self.heard = list(says), "", 0

    def hear(self, sound: bytes) -> None:
        self.heard += len(sound)

    async def finish(self) -> Recognised:
        said = self._says.pop(0) if self._says else Recognised()
        if said is None:
            raise RecogniserLost("gone")
        return said


async def answer(
    caller: Caller,
    leg: Leg,
    *,
    phrases: tuple[str, ...] = COMMANDS,
    digits: int = 1,
    prompt: bytes = b"",
    wait: float = 0.2,
    by_key: bytes | None = None,
) -> Heard:
    question = Question(phrases=phrases, language="en", seconds=wait, digits=digits)
    return await Listening(caller, leg, question, prompt, prompt if by_key is None else by_key).run()  # type: ignore[arg-type]


def sound(frame: bytes, seconds: float) -> list[Sound | Key]:
    return [Sound(frame)] * round(seconds / 0.02)


WORD = [*sound(QUIET, 0.3), *sound(LOUD, 0.5), *sound(QUIET, 0.6)]


@pytest.mark.parametrize(
    ("says", "heard"),
    [
        (Recognised("repair", 0.9), Heard(words="repair", confidence=0.9)),
        (Recognised("the repair please", 0.5), Heard(words="repair", confidence=0.5)),
        (Recognised("something else", 0.9), Heard(words="something else", confidence=0.0)),
        (Recognised(), Heard(words=NOT_UNDERSTOOD)),
    ],
)
async def test_the_answer_is_one_of_the_phrases_or_what_was_said(says: Recognised, heard: Heard) -> None:
    assert await answer(Caller(WORD), Leg(says)) == heard


async def test_free_speech_is_given_as_it_is_and_silence_in_it_is_waited_out() -> None:
    leg = Leg(Recognised(), Recognised("my car is broken", 0.7))
    heard = await answer(Caller([*WORD, *WORD]), leg, phrases=())
    assert heard == Heard(words="my car is broken", confidence=0.7)


async def test_only_what_lies_around_speech_goes_to_the_recogniser() -> None:
    leg = Leg(Recognised("repair", 0.9))
    await answer(Caller([*sound(QUIET, 10.0), *WORD]), leg)
    assert leg.heard / 16_000 == pytest.approx(0.4 + 0.5 + 0.42, abs=0.1)


async def test_when_the_recogniser_is_lost_the_prompt_is_played_again_and_a_key_counts() -> None:
    caller = Caller(WORD, stays=True)
    asked = asyncio.ensure_future(answer(caller, Leg(None), prompt=LOUD * 10, wait=1.0))
    await asyncio.sleep(0.5)
    assert caller.told[-10:] == [LOUD] * 10
    caller.does(Key("5"))
    assert await asked == Heard(keys="5")


async def test_what_is_played_then_is_the_question_by_keys_and_without_one_the_menu_goes_on_at_once() -> None:
    caller = Caller(WORD, stays=True)
    asked = asyncio.ensure_future(answer(caller, Leg(None), prompt=LOUD * 40, wait=1.0, by_key=QUIET * 10))
    await asyncio.sleep(0.5)
    assert caller.told[-10:] == [QUIET] * 10
    caller.does(Key("5"))
    assert await asked == Heard(keys="5")
    began = asyncio.get_running_loop().time()
    assert await answer(Caller(WORD, stays=True), Leg(None), prompt=LOUD * 10, wait=5.0, by_key=b"") == Heard()
    assert asyncio.get_running_loop().time() - began < 1.0


async def test_who_says_nothing_and_sends_nothing_is_waited_for_no_longer_than_asked() -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    assert await answer(Caller([], stays=True), Leg()) == Heard()
    assert loop.time() - began < 0.5


@given(
    items=st.lists(
        st.one_of(
            st.sampled_from([Sound(LOUD), Sound(QUIET), Sound(b""), Sound(b"\x01"), Sound(LOUD * 5)]),
            st.sampled_from("0123456789*#").map(Key),
            st.sampled_from([WORD, sound(LOUD, 1.0), sound(QUIET, 1.0)]),
        ),
        max_size=40,
    ),
    says=st.lists(st.one_of(st.none(), st.builds(Recognised, st.sampled_from(["", "repair", "x"]), st.just(0.5)))),
    phrases=st.sampled_from([COMMANDS, ()]),
    digits=st.integers(0, 4),
)
def test_every_question_ends_in_one_answer_or_the_hang_up(
    items: list[Sound | Key | list[Sound | Key]],
    says: list[Recognised | None],
    phrases: tuple[str, ...],
    digits: int,
) -> None:
    flat = [one for item in items for one in (item if isinstance(item, list) else [item])]
    try:
        heard = asyncio.run(answer(Caller(flat), Leg(*says), phrases=phrases, digits=digits, prompt=LOUD, wait=5.0))
    except StreamEnded:
        return
    assert len(heard.keys) <= digits
    assert not (heard.keys and heard.words)
    assert 0 <= heard.confidence <= 1
