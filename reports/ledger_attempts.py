"""A campaign's calls in the check of a day: each attempt ends in exactly one result, and its call tells the same. Pure.

An attempt is written before its call is placed, the call when Asterisk was asked: each can be there without the other
for a moment, after a kill for as long as nobody looked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from reports.ledger import LONGEST_CALL, by_contact
from reports.ledger_rows import GROUPS, AttemptRow, ContactRow, Finding, Group, Kind, LedgerDay, LegRow

UNTOLD = 30.0  # seconds from a call's end until its attempt's result must be there
OPEN = "open"
REACHED = frozenset({"answered", "answered_by_voice", "machine", "dropped", "hung_up"})
NOT_REACHED = frozenset({"no_answer", "busy", "refused", "failed"})
NEVER_CALLED = frozenset({"not_placed", "withdrawn"})
UNSETTLED = "unsettled"  # a person decides; its call may have ended in any way
RESULTS = REACHED | NOT_REACHED | NEVER_CALLED | {UNSETTLED}
"""Every word that `CampaignAttempt.result` may hold when the attempt is over."""
CALL_PREFIX = "ob-"
_CUT_SHORT = frozenset({Group.INTERRUPTED, Group.AWAY})


def attempt_sums(attempts: tuple[AttemptRow, ...]) -> dict[str, int]:
    """How many attempts ended how; one that is still under way is open."""
    return dict(Counter(one.result if one.result in RESULTS else OPEN for one in attempts))


def check_attempts(day: LedgerDay) -> list[Finding]:
    """Attempts that were placed on the day, and its calls that say they belong to a campaign."""
    contacts = {one.id: one for one in (*day.contacts, *day.others)}
    legs = by_contact(day.legs)
    found: list[Finding] = []
    for attempt in day.attempts:
        found += _attempt(attempt, contacts.get(attempt.call), legs.get(attempt.call, []), day.now)
    known = {attempt.call for attempt in day.attempts}
    for contact in day.contacts:
        if contact.id.startswith(CALL_PREFIX) and contact.id not in known:
            facts = {"started": contact.started, "ended": contact.ended, "outcome": contact.outcome or ""}
            found.append(Finding(kind=Kind.CALL_WITHOUT_ATTEMPT, subject=contact.id, contact=contact.id, detail=facts))
    return found


def _attempt(attempt: AttemptRow, contact: ContactRow | None, legs: list[LegRow], now: float) -> Iterator[Finding]:
    facts = {"result": attempt.result, "placed": attempt.placed, "ended": attempt.ended}
    if attempt.result not in RESULTS:
        if attempt.result or _should_be_over(attempt, contact, now):
            yield _named(Kind.ATTEMPT_WITHOUT_RESULT, attempt, facts)
        return
    if contact is None:
        if attempt.result in REACHED | NOT_REACHED and now - attempt.placed > UNTOLD:
            yield _named(Kind.ATTEMPT_WITHOUT_CALL, attempt, facts)
        return
    talked = any(leg.answered is not None for leg in legs)
    if _contradicts(attempt.result, contact) or (attempt.result == "answered" and not talked):
        yield _named(Kind.ATTEMPT_DIFFERS, attempt, {**facts, "outcome": contact.outcome or ""})


def _should_be_over(attempt: AttemptRow, contact: ContactRow | None, now: float) -> bool:
    if contact is not None and contact.ended is not None:
        return contact.ended < now - UNTOLD
    return now - attempt.placed > LONGEST_CALL


def _contradicts(result: str, contact: ContactRow) -> bool:
    """A call that nobody saw end tells nothing about who was reached."""
    group = _group(contact)
    if group is None or group in _CUT_SHORT or result == UNSETTLED:
        return False
    return group is not (Group.REACHED if result in REACHED else Group.NOT_REACHED)


def _group(contact: ContactRow) -> Group | None:
    words: Mapping[str, Group] = {str(outcome): group for outcome, group in GROUPS.items()}
    return words.get(contact.outcome or "")


def _named(kind: Kind, attempt: AttemptRow, facts: Mapping[str, object]) -> Finding:
    return Finding(kind=kind, subject=attempt.call, contact=attempt.call, detail=facts)
