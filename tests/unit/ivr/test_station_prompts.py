"""The names of stations are spoken once, again when they change, and never stop a caller from hearing something."""

import numpy as np
import pytest
import soundfile

from ivr.operations import Spoken
from ivr.spoken import say
from ivr.station_prompts import INDEX, StationName, make_station_prompts, prompt_of, spoken_name
from ivr.telephone_audio import fault_of
from ivr.voices import VoiceFailed

NAMES = [StationName(code="YC1001", name="金达远辰"), StationName(code="JL002", name="博众远辰")]


class Hum:
    """A voice that hums, and keeps what it was given to say."""

    def __init__(self, fails=False):
        self.id, self.said, self.fails = "hum", [], fails

    def speak(self, texts, folder):
        for number, text in enumerate(texts):
            if self.fails:
                raise VoiceFailed("lost its breath")
            self.said.append(text)
            path = folder / f"{number}.wav"
            soundfile.write(path, 0.1 * np.sin(np.arange(8000) * 0.3), 8000)
            yield path


def make(folder, stations=NAMES, *voices):
    voices = voices or (Hum(),)
    return make_station_prompts(folder, stations, tell=lambda _: None, voices=lambda *_: voices), voices[-1]


def test_each_name_is_a_file_that_asterisk_plays_in_both_languages(tmp_path):
    made, voice = make(tmp_path)
    assert made == 4
    assert voice.said == ["金达远辰。", "博众远辰。", "Jin Da Yuan Chen station.", "Bo Zhong Yuan Chen station."]
    for language in ("zh-CN", "en"):
        for station in NAMES:
            assert not fault_of(tmp_path / language / f"{prompt_of(station.code)}.wav")


def test_what_is_there_is_not_spoken_again_and_a_new_name_is(tmp_path):
    make(tmp_path)
    assert make(tmp_path)[0] == 0
    made, voice = make(tmp_path, [StationName(code="YC1001", name="新名字"), NAMES[1]])
    assert (made, voice.said) == (2, ["新名字。", "Xin Ming Zi station."])
    (tmp_path / "en" / "station-jl002.wav").unlink()
    assert make(tmp_path)[0] == 3  # the old name is back, and the lost file


@pytest.mark.parametrize("index", ["", "[]", "{", "\ud83d"])
def test_a_spoilt_index_is_made_anew(tmp_path, index):
    make(tmp_path)
    (tmp_path / INDEX).write_bytes(index.encode(errors="replace"))
    assert make(tmp_path)[0] == 4


def test_a_voice_that_breaks_gives_way_to_the_next_and_none_at_all_is_no_error(tmp_path):
    assert make(tmp_path, NAMES, Hum(fails=True), Hum())[0] == 4
    assert make(tmp_path / "silent", NAMES, Hum(fails=True))[0] == 0


def test_the_prompt_of_a_station_can_be_played_as_a_fact():
    assert say(prompt_of("YC1001"), Spoken.PROMPT, "zh-CN") == ("station-yc1001",)
    assert spoken_name("长春 4S", "en") == "Chang Chun 4S station."
