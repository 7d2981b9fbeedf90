"""Questions that a supervisor wrote become prompt files once, in both languages, and never half."""

from __future__ import annotations

import pytest

from ivr.question_prompts import NotSpoken, lacking, prompt_of, speak
from ivr.telephone_audio import fault_of
from tests.unit.ivr.test_prompts import Hum, everywhere, hum

TEXTS = {"zh-CN": ["您满意吗？", "解决了吗？"], "en": ["Were you satisfied?"]}


def test_each_sentence_is_spoken_once_and_can_be_played(tmp_path):
    assert speak(tmp_path, TEXTS, voices=hum) == 3
    assert speak(tmp_path, TEXTS, voices=everywhere()) == 0
    assert fault_of(tmp_path / "zh-CN" / f"{prompt_of('您满意吗？')}.wav") == ""


def test_the_same_words_are_the_same_prompt_whatever_the_spaces():
    assert prompt_of("Were you  satisfied?") == prompt_of(" Were you satisfied?\n")
    assert prompt_of("满意") != prompt_of("不满意")


def test_a_voice_that_breaks_leaves_the_work_to_the_next_one(tmp_path):
    assert speak(tmp_path, TEXTS, voices=everywhere(Hum(440, breaks_after=1), Hum(880))) == 3
    assert lacking(tmp_path, TEXTS) == {}


def test_what_no_voice_can_speak_is_told_and_nothing_silent_is_left(tmp_path):
    with pytest.raises(NotSpoken):
        speak(tmp_path, TEXTS, voices=everywhere(Hum(440, breaks_after=0)))
    assert lacking(tmp_path, TEXTS) == TEXTS
