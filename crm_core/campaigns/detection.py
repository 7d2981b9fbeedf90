"""How machine detection listens to who answered, in the order of Asterisk's AMD(): bounds, what was measured. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from crm_core.errors import Invalid


class Part(NamedTuple):
    """`low` to `high` milliseconds; of `most_words` a number of words, of `threshold` a loudness of 0 to 32767."""

    name: str
    low: int
    high: int


PARTS = (
    Part("initial_silence", 500, 10_000),
    Part("greeting", 500, 10_000),
    Part("silence_after", 100, 3_000),
    Part("total", 2_000, 15_000),
    Part("shortest_word", 20, 500),
    Part("gap", 20, 500),
    Part("most_words", 1, 30),
    Part("threshold", 32, 2_048),
    Part("longest_word", 500, 15_000),
)
MEASURED = (2500, 1500, 500, 5000, 100, 50, 5, 256, 5000)
"""The best of five sets on 36 people and 30 machines: 4 people were taken for machines, 1 machine for a person."""


def detection_problems(detection: Sequence[object]) -> list[Invalid]:
    """One sentence for each number that AMD() must not be given; its field is "detection_" and the part's name."""
    if len(detection) != len(PARTS):
        return [Invalid("Choose from the list.", field="detection")]
    wrong = [
        Invalid("Enter a number from {low} to {high}.", low=part.low, high=part.high, field=f"detection_{part.name}")
        for part, value in zip(PARTS, detection, strict=True)
        if type(value) is not int or not part.low <= value <= part.high
    ]
    if not wrong and int(str(detection[3])) <= max(int(str(detection[0])), int(str(detection[1]))):
        wrong.append(
            Invalid("Listen longer than the first silence and the greeting may last.", field="detection_total")
        )
    return wrong
