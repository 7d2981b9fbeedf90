"""What a check of the recordings may find, as words for pages and programs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FindingKind(StrEnum):
    """About files: changed, cut, missing, swapped. About rows: row_changed, row_missing, unsealed. About the chain:
    chain_changed, chain_missing, chain_rewritten."""

    CHANGED = "changed"
    CUT = "cut"
    MISSING = "missing"
    SWAPPED = "swapped"
    ROW_CHANGED = "row_changed"
    ROW_MISSING = "row_missing"
    UNSEALED = "unsealed"
    CHAIN_CHANGED = "chain_changed"
    CHAIN_MISSING = "chain_missing"
    CHAIN_REWRITTEN = "chain_rewritten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`name` is the file, or the seal's number; `told` says more in English, for logs and experts."""

    kind: FindingKind
    name: str
    recording: int | None = None
    told: str = ""
