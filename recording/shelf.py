"""Which form a finished recording should take next. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from recording.files import ENCRYPTED

LOCAL, STORE = "", "s3"


class Step(StrEnum):
    """What is done to a recording: it is compressed, encrypted, or moved to the store."""

    COMPRESS = "compress"
    ENCRYPT = "encrypt"
    MOVE = "move"


@dataclass(frozen=True, slots=True, kw_only=True)
class Aims:
    """What the site wants of all recordings. `compress_after` None = they stay as they were packed."""

    encrypt: bool = False
    store: bool = False
    compress_after: timedelta | None = None

    @property
    def any(self) -> bool:
        return self.encrypt or self.store or self.compress_after is not None


def next_step(file: str, place: str, *, began: datetime, held: bool, at: datetime, aims: Aims) -> Step | None:
    """None = it is as the site wants it. What is held as evidence is not compressed: its samples stay."""
    old = aims.compress_after is not None and began < at - aims.compress_after
    if old and not held and file.removesuffix(ENCRYPTED).endswith(".flac"):
        return Step.COMPRESS
    if aims.encrypt and not file.endswith(ENCRYPTED):
        return Step.ENCRYPT
    if aims.store and place == LOCAL:
        return Step.MOVE
    return None


def is_loss_free(step: Step) -> bool:
    """Whether the sound file inside stays the same, byte for byte."""
    return step is not Step.COMPRESS
