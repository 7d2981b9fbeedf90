"""The soak tells growth from noise: a leak is a slope, a cache that fills in the first third is none."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from asterisk_conf.install import AsteriskUnavailable
from asterisk_conf.process import AsteriskProcess
from benchmarks.process_samples import Samples, own_memory, settled, slope, tenths
from benchmarks.soak import SHORT, Told, channels, reports_of, result


def test_what_grows_by_two_megabytes_an_hour_is_told_through_the_noise() -> None:
    dice, at = Random("soak"), [float(second) for second in range(0, 7200, 5)]
    memory = [180 + 2 * second / 3600 + dice.gauss(0, 0.4) for second in at]
    assert slope(at, memory) == pytest.approx(2.0, abs=0.2)
    assert slope(at, [180 + dice.gauss(0, 0.4) for _ in at]) == pytest.approx(0.0, abs=0.2)


def test_a_cache_that_fills_at_first_is_no_growth() -> None:
    at = [float(second) for second in range(600)]
    memory = [min(180.0, 100 + second) for second in at]
    samples = settled(Samples(at, memory, [20] * 600), 200.0)
    assert (samples.at[0], slope(samples.at, samples.memory), slope(samples.at, samples.descriptors)) == (200.0, 0, 0)


def test_the_curve_shows_whether_it_levels_off() -> None:
    at = [float(second) for second in range(0, 101, 5)]
    assert tenths(Samples(at, [min(130.0, 100 + second) for second in at]), 100.0) == (
        "110 120 130 130 130 130 130 130 130 130"
    )
    assert tenths(Samples(), 100.0) == ""


def test_one_sample_has_no_slope() -> None:
    assert slope([], []) == slope([1.0], [5.0]) == 0.0


def test_a_process_is_looked_at_from_outside(tmp_path: Path) -> None:
    samples = Samples()
    samples.put(0.0, os.getpid())
    with (tmp_path / "open").open("w"):
        samples.put(1.0, os.getpid())
    assert samples.descriptors[1] == samples.descriptors[0] + 1
    assert 10 < own_memory(os.getpid()) < 10_000


class LateAsterisk(AsteriskProcess):
    """Does not answer on its socket in time."""

    def __init__(self) -> None:
        """Nothing is started."""

    def rx(self, command: str, *, seconds: float = 10.0) -> str:
        raise AsteriskUnavailable(f"{command}: no answer in {seconds} s")


def test_samples_of_hours_outlive_an_asterisk_that_does_not_answer_at_the_end() -> None:
    at = [float(second) for second in range(0, SHORT.seconds, 2)]
    seen = Samples(at, [100 + second / 3600 for second in at], [20] * len(at))
    told = Told(processes={"platform": seen}, channels_left=channels(LateAsterisk()))
    figures = result(SHORT, told)["figures"]
    assert figures["platform_mb_per_h"] == pytest.approx(1.0)
    assert figures["channels_left"] == "unknown"


def test_a_thread_that_ends_while_it_is_looked_at_hides_no_process_of_reports(tmp_path: Path) -> None:
    tasks = tmp_path / "7" / "task"
    for thread in ("7", "8", "9"):
        (tasks / thread).mkdir(parents=True)
    (tasks / "7" / "children").write_text("12 ")
    (tasks / "8" / "children").mkdir()  # listed and not to be read, as of a thread that has just ended
    (tasks / "9" / "children").write_text("13 ")
    (tmp_path / "13").mkdir()
    (tmp_path / "13" / "cmdline").write_bytes(b"python\0-m\0hotline.report_process\0")
    assert reports_of(7, tmp_path) == {"reports": 13}
