"""The captured streams, as frames and facts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cti.facts import Fact
from cti.frames import Frame, FrameReader
from cti.translate import translate

FOLDER = Path(__file__).parents[2] / "fixtures" / "ami"
BANNER = b"Asterisk Call Manager/9.0.0\r\n"


def stream(name: str) -> bytes:
    """What Asterisk sent, without the actions that were captured beside it."""
    parts = (FOLDER / f"{name}.txt").read_bytes().split(b"\r\n\r\n")
    sent = [part.strip(b"\r\n") for part in parts]
    return BANNER + b"".join(part + b"\r\n\r\n" for part in sent if part and not part.startswith(b"Action:"))


def frames(name: str) -> Iterator[Frame]:
    return FrameReader().feed(stream(name))


def facts(name: str) -> list[Fact]:
    return [fact for frame in frames(name) if (fact := translate(frame))]


def all_names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.txt"))
