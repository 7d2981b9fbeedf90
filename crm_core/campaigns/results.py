"""What becomes of an entry after an attempt: called again at a time, done, or at its end and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_core.campaigns.rules import DROPPED_REST, Settings

UNUSED = ("not_placed", "withdrawn")
"""Results of attempts that never reached the customer: they do not count."""
ANSWERED = ("answered", "answered_by_voice")
WRONG_NUMBER = frozenset({1, 22, 28})
"""Q.850: unallocated, changed, incomplete. Dialling it again reaches nobody."""
NO_SUCH_NUMBER = "The network says that this number does not exist."
ALL_USED = "All attempts are used."
UNKNOWN_END = "Nobody knows whether the customer was reached. A person decides."
MERGED = "The customer stands on this list under another record, which was merged with this one."
_LONGEST_UNUSED = 6


def rest_mark(entry_id: int) -> str:
    """The end of a subject whose customer stands on the list under another record, see campaigns.merging."""
    return f"~{entry_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """The entry's state; `due_at` when it is waiting, `reason` when it is at its end without being done."""

    state: str
    due_at: datetime | None = None
    reason: str = ""


def after_attempt(settings: Settings, results: Sequence[str], *, cause: int, at: datetime) -> After:
    """`results` are those of all attempts of the entry, in order; the last one became known at `at`."""
    result = results[-1]
    if result in ANSWERED:
        return After(state="done")
    if result == "unsettled":
        return After(state="unsettled", reason=UNKNOWN_END)
    if result in UNUSED:
        return After(state="waiting", due_at=at + _rest_of_unused(results))
    if result in ("failed", "refused") and cause in WRONG_NUMBER:
        return After(state="exhausted", reason=NO_SUCH_NUMBER)
    due_at = next_due(settings, results, at)
    return After(state="waiting", due_at=due_at) if due_at else After(state="exhausted", reason=ALL_USED)


def next_due(settings: Settings, results: Sequence[str], at: datetime) -> datetime | None:
    """When the next attempt may be made after these results; None = not at all. 72 h after a dropped call at least."""
    result = results[-1]
    used = sum(one not in UNUSED for one in results)
    retry = settings.retries.get(result)
    if retry is None or used >= settings.most_attempts or results.count(result) > retry.most:
        return None
    rest = timedelta(minutes=retry.minutes)
    return at + (max(rest, DROPPED_REST) if result == "dropped" else rest)


def _rest_of_unused(results: Sequence[str]) -> timedelta:
    """A line that does not work is tried less and less often: 1 min, then twice as long each time, at most 32 min."""
    tries = next((n for n, one in enumerate(reversed(results)) if one not in UNUSED), len(results))
    return timedelta(minutes=2 ** min(tries - 1, _LONGEST_UNUSED - 1))
