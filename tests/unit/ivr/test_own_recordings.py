"""Own recordings: what is refused, what callers hear at once, and the way back to the voice."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_core.errors import Invalid, Refused
from cti.prompt_line import PromptFolder
from ivr.catalogue import catalogue
from ivr.flow_file import shipped_flow
from ivr.own_recordings import MOST_BYTES, Kind, OwnRecordings, read_upload
from ivr.saying import file_of, own_prompts
from ivr.telephone_audio import LOUDNESS_DB, RATE, fault_of
from tests.unit.ivr.test_prompts import Hum, everywhere, make, pitch, tone

MENU = catalogue()["zh-CN"]["menu"]


def sent(samples: object, rate: int = 44100, form: str = "WAV") -> bytes:
    file = BytesIO()
    soundfile.write(file, samples, rate, format=form)
    return file.getvalue()


@pytest.fixture
def shelf(tmp_path: Path) -> OwnRecordings:
    return OwnRecordings(tmp_path / "out", tmp_path / "own", voices=everywhere(Hum(660)))


@pytest.mark.parametrize("form", ["WAV", "FLAC", "OGG", "MP3"])
def test_a_recording_of_every_usual_form_becomes_as_loud_as_the_other_prompts(form: str):
    quiet = np.stack([tone(500, rate=44100, level=0.02)] * 2, axis=1)
    samples = read_upload(sent(quiet, form=form))
    spoken = samples[RATE // 5 : RATE * 3 // 5]
    assert 20 * np.log10(np.sqrt((spoken**2).mean())) == pytest.approx(LOUDNESS_DB, abs=1)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "no sound"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt nothing of the kind", "no sound"),
        (b"<script>alert(1)</script>" * 100, "no sound"),
        (sent(tone(500, rate=44100))[:20], "no sound"),
        (sent(np.stack([tone(500)] * 3, axis=1), RATE), "no sound"),
        (sent(np.zeros(RATE), RATE), "silent"),
        (sent(np.zeros(0), RATE), "silent"),
        (sent(np.zeros(RATE * 181), RATE), "3 minutes"),
        (sent(np.zeros(44100 * 60 * 60), 44100, "FLAC"), "3 minutes"),  # small, and an hour of sound
        (b"\0" * (MOST_BYTES + 1), "5 MB"),
    ],
)
def test_what_is_no_recording_is_refused_with_its_reason(content: bytes, sentence: str):
    with pytest.raises(Invalid, match=sentence):
        read_upload(content)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400), st.integers(0, 60))
def test_a_spoilt_file_is_refused_or_read_but_never_breaks(rubbish: bytes, at: int):
    whole = sent(tone(500, 0.2), RATE)
    try:
        samples = read_upload(whole[:at] + rubbish + whole[at + len(rubbish) :])
    except Invalid:
        return
    assert np.isfinite(samples).all()
    assert np.abs(samples).max() <= 1


def test_a_recording_is_heard_at_once_and_stays_when_the_voices_run_again(tmp_path: Path, shelf: OwnRecordings):
    out = tmp_path / "out"
    make(out, own=tmp_path / "own")
    assert shelf.kind("zh-CN", "menu") is Kind.VOICE
    shelf.keep("zh-CN", "menu", MENU, read_upload(sent(tone(1200, rate=44100))))
    assert shelf.kind("zh-CN", "menu") is Kind.OWN
    assert pitch(out / "zh-CN/menu.wav") == pytest.approx(1200, abs=2)
    assert fault_of(out / "zh-CN/menu.wav") == ""
    make(out, own=tmp_path / "own")
    assert pitch(out / "zh-CN/menu.wav") == pytest.approx(1200, abs=2)


async def test_prompts_that_are_joined_for_a_caller_are_joined_anew_with_the_recording(
    tmp_path: Path, shelf: OwnRecordings
):
    make(tmp_path / "out", own=tmp_path / "own")
    folder = PromptFolder(tmp_path / "out", tmp_path / "joined")
    before = await folder.sound(("menu", "goodbye"), "zh-CN")
    shelf.keep("zh-CN", "menu", MENU, read_upload(sent(tone(1200, 3, rate=44100))))
    assert len(await folder.sound(("menu", "goodbye"), "zh-CN")) > len(before) + 2 * RATE


def test_the_voice_that_spoke_before_speaks_again_and_the_recording_is_not_lost(tmp_path: Path, shelf: OwnRecordings):
    out = tmp_path / "out"
    make(out, own=tmp_path / "own")
    for hertz in (1200, 1500):
        shelf.keep("zh-CN", "menu", MENU, read_upload(sent(tone(hertz, rate=44100))))
    shelf.take_back("zh-CN", "menu", shelf.voice_of("zh-CN", "menu", MENU))
    assert shelf.kind("zh-CN", "menu") is Kind.VOICE
    assert pitch(out / "zh-CN/menu.wav") == pytest.approx(440, abs=2)  # the one of before, not the one of now
    assert (tmp_path / "own/zh-CN/menu.wav.former").is_file()
    make(out, own=tmp_path / "own")
    assert pitch(out / "zh-CN/menu.wav") == pytest.approx(440, abs=2)
    with pytest.raises(Refused):
        shelf.take_back("zh-CN", "menu", tone(440))


def test_a_text_that_no_voice_spoke_before_is_spoken_when_its_recording_is_taken_back(
    tmp_path: Path, shelf: OwnRecordings
):
    shelf.keep("zh-CN", "own-new", MENU, read_upload(sent(tone(1200, rate=44100))))
    shelf.take_back("zh-CN", "own-new", shelf.voice_of("zh-CN", "own-new", MENU))
    assert pitch(tmp_path / "out/zh-CN/own-new.wav") == pytest.approx(660, abs=2)


def test_without_a_voice_the_recording_stays(tmp_path: Path):
    mute = OwnRecordings(tmp_path / "out", tmp_path / "own", voices=everywhere(Hum(660, breaks_after=0)))
    mute.keep("zh-CN", "own-new", MENU, read_upload(sent(tone(1200, rate=44100))))
    with pytest.raises(Refused):
        mute.voice_of("zh-CN", "own-new", MENU)
    assert mute.kind("zh-CN", "own-new") is Kind.OWN


def test_a_recording_of_a_flows_own_text_is_used_for_this_text_alone(tmp_path: Path, shelf: OwnRecordings):
    name, parts = next(iter(own_prompts(shipped_flow())["zh-CN"].items()))
    shelf.keep("zh-CN", name, parts, read_upload(sent(tone(1200, rate=44100))))
    make(tmp_path / "out", own=tmp_path / "own")
    assert pitch(tmp_path / f"out/zh-CN/{name}.wav") == pytest.approx(1200, abs=2)
    assert file_of(parts[0].text) == name != file_of(parts[0].text + "。")


def test_a_recording_made_while_the_voice_speaks_is_not_covered_by_it(tmp_path: Path, shelf: OwnRecordings):
    class Slow(Hum):
        def speak(self, texts, folder):
            yield from super().speak(texts, folder)
            shelf.keep("zh-CN", "menu", MENU, read_upload(sent(tone(1200, rate=44100))))

    make(tmp_path / "out", own=tmp_path / "own", voices=everywhere(Slow(440)))
    assert pitch(tmp_path / "out/zh-CN/menu.wav") == pytest.approx(1200, abs=2)
