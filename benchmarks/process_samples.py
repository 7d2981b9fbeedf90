"""What a process holds for itself and keeps open, looked at again and again, and how fast that grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HOUR = 3600.0


@dataclass(slots=True)
class Samples:
    """Of one process: seconds since the begin, MB of its own memory, open descriptors."""

    at: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)

    def put(self, at: float, pid: int) -> None:
        """Raises OSError when the process is gone."""
        memory, descriptors = own_memory(pid), sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
        self.at.append(at)
        self.memory.append(memory)
        self.descriptors.append(descriptors)


def own_memory(pid: int) -> float:
    """MB that the process holds for itself, without files that it shares with others."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    return 0.0


def slope(at: Sequence[float], values: Sequence[float]) -> float:
    """Of the straight line through the points by least squares, per hour; 0 for fewer than two."""
    if len(at) < 2:
        return 0.0
    mean_at, mean = sum(at) / len(at), sum(values) / len(values)
    spread = sum((one - mean_at) ** 2 for one in at)
    return HOUR * sum((one - mean_at) * (value - mean) for one, value in zip(at, values, strict=True)) / spread


def settled(samples: Samples, since: float) -> Samples:
    """Only what was seen from that second on."""
    first = next((place for place, at in enumerate(samples.at) if at >= since), len(samples.at))
    return Samples(samples.at[first:], samples.memory[first:], samples.descriptors[first:])


def tenths(samples: Samples, seconds: float) -> str:
    """MB at each tenth of the time, so that one sees whether it levels off: "180 204 211 …"."""
    marks = [seconds * tenth / 10 for tenth in range(1, 11)]
    return " ".join(
        f"{max((at, memory) for at, memory in zip(samples.at, samples.memory, strict=True) if at <= mark)[1]:.0f}"
        for mark in marks
        if samples.at and samples.at[0] <= mark
    )
