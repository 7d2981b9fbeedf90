"""What the gate answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Answer(StrEnum):
    YES = "yes"  # 可以
    NOT_NOW = "not_now"  # 暂不: the reason passes by itself
    NO = "no"  # 不可: only the customer can change it


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`reason` is a catalogue key with `values` in its gaps, as in crm_core.errors; "" when the answer is yes.

    `until`: when a "not now" ends, as far as that is known.
    """

    answer: Answer
    reason: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    until: datetime | None = None

    @property
    def yes(self) -> bool:
        return self.answer is Answer.YES
