"""The check of a day: each contact ends in exactly one outcome, its parts lie within it, and the sums agree. Pure.

Times may differ by TOLERANCE before it is worth a word: Asterisk's events of one call come from several threads.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from typing import TypeVar

from crm_core.history.events import Outcome
from reports.ledger_rows import (
    GROUPS,
    OUTBOUND,
    ContactRow,
    Finding,
    Group,
    Kind,
    LedgerDay,
    LegRow,
    StintRow,
    Sums,
    VisitRow,
)
from reports.metrics import QueueCounts

TOLERANCE = 2.0  # seconds
LONGEST_CALL = 8 * 3600.0  # seconds; an older contact without an end is one whose end was lost
NOBODY_TALKED = frozenset(
    {
        Outcome.ABANDONED,
        Outcome.MENU_ONLY,
        Outcome.OUT_OF_HOURS,
        Outcome.BLOCKED,
        Outcome.VOICEMAIL,
        Outcome.CALLBACK,
        Outcome.TURNED_AWAY,
        Outcome.SHORT_RING,
        Outcome.WRONG_NUMBER,
        Outcome.NOT_REACHED,
        Outcome.ENDED_WHILE_AWAY,
    }
)
Row = TypeVar("Row", VisitRow, LegRow)


def check(day: LedgerDay) -> list[Finding]:
    """What does not agree among our own rows, in the order of the contacts."""
    visits, legs = by_contact(day.visits), by_contact(day.legs)
    found: list[Finding] = []
    for contact in day.contacts:
        parts = visits.get(contact.id, []), legs.get(contact.id, [])
        found += _outcome(contact, *parts, day.now)
        found += _parts(contact, *parts)
    return [*found, *_busy_twice(day.legs), *_stints(day.stints)]


def sums(day: LedgerDay) -> Sums:
    """How many contacts ended how; a contact without an outcome is open."""
    visits = by_contact(day.visits)
    groups: dict[bool, Counter[Group]] = {True: Counter(), False: Counter()}
    for contact in day.contacts:
        groups[contact.inbound][group_of(contact, visits.get(contact.id, []), day.short_seconds)] += 1
    return Sums(
        offered=sum(contact.inbound for contact in day.contacts),
        outbound=sum(not contact.inbound for contact in day.contacts),
        groups={str(group): count for group, count in groups[True].items()},
        outbound_groups={str(group): count for group, count in groups[False].items()},
    )


def group_of(contact: ContactRow, visits: Sequence[VisitRow], short_seconds: Mapping[str, float]) -> Group:
    """The one place of a contact in the equation. A word that is no outcome counts as open."""
    if contact.outcome not in list(Outcome):
        return Group.OPEN
    group = GROUPS[Outcome(contact.outcome)]
    last = max(visits, key=lambda visit: visit.entered, default=None)
    if group is Group.ABANDONED and last is not None and (last.wait or 0.0) < short_seconds.get(last.queue, 0.0):
        return Group.SHORT_ABANDON
    return group


def compare_counts(
    rows: Mapping[str, QueueCounts], report: Mapping[str, QueueCounts], board: Mapping[str, QueueCounts]
) -> tuple[dict[str, dict[str, tuple[float, float, float]]], list[Finding]]:
    """The queues' figures as the rows, the reports and the board have them, and where one of them is different."""
    table: dict[str, dict[str, tuple[float, float, float]]] = {}
    found = []
    for queue in sorted({*rows, *report, *board}):
        three = [asdict(counts.get(queue, QueueCounts())) for counts in (rows, report, board)]
        table[queue] = {name: (three[0][name], three[1][name], three[2][name]) for name in three[0]}
        differing = {
            name: list(values) for name, values in table[queue].items() if max(values) - min(values) > 0.001
        }  # sums of seconds are added in another order by each
        if differing:
            found.append(Finding(kind=Kind.SUMS_DIFFER, subject=queue, detail={"figures": differing}))
    return table, found


def by_contact(rows: Iterable[Row]) -> dict[str, list[Row]]:
    gathered: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        gathered[row.contact].append(row)
    return gathered


def _outcome(contact: ContactRow, visits: list[VisitRow], legs: list[LegRow], now: float) -> Iterator[Finding]:
    facts = {"outcome": contact.outcome or "", "started": contact.started, "ended": contact.ended}
    if contact.outcome not in list(Outcome):
        if contact.ended is not None or contact.outcome or now - contact.started > LONGEST_CALL:
            yield Finding(kind=Kind.NO_OUTCOME, subject=contact.id, contact=contact.id, detail=facts)
        return
    outcome = Outcome(contact.outcome)
    talked = [leg.id for leg in legs if leg.answered is not None]
    wrong = None
    if contact.inbound is (GROUPS[outcome] in OUTBOUND) and outcome not in (Outcome.LOST, Outcome.ENDED_WHILE_AWAY):
        wrong = Kind.WRONG_DIRECTION
    elif outcome in NOBODY_TALKED and talked:
        wrong, facts = Kind.TALK_NOT_COUNTED, {**facts, "legs": talked}
    elif outcome in (Outcome.ANSWERED, Outcome.PUT_THROUGH) and not talked:
        wrong = Kind.ANSWER_WITHOUT_TALK
    elif outcome is Outcome.ABANDONED and not visits:
        wrong = Kind.ABANDON_WITHOUT_QUEUE
    if wrong is not None:
        yield Finding(kind=wrong, subject=contact.id, contact=contact.id, detail=facts)


def _parts(contact: ContactRow, visits: list[VisitRow], legs: list[LegRow]) -> Iterator[Finding]:
    spans = [(f"visit/{visit.id}", visit.queue, visit.entered, visit.left) for visit in visits]
    spans += [(f"leg/{leg.id}", leg.agent, leg.offered, leg.ended) for leg in legs]
    for subject, name, began, ended in spans:
        facts = {"name": name, "began": began, "ended": ended, "from": contact.started, "until": contact.ended}
        late = contact.ended is not None and max(began, ended or began) > contact.ended + TOLERANCE
        if began < contact.started - TOLERANCE or late or (ended is not None and ended < began):
            yield Finding(kind=Kind.PART_OUTSIDE, subject=subject, contact=contact.id, detail=facts)
        elif contact.ended is not None and ended is None:
            yield Finding(kind=Kind.PART_OPEN, subject=subject, contact=contact.id, detail=facts)
    for one, other in pairwise(sorted(visits, key=lambda visit: visit.entered)):
        if one.left is None or one.left > other.entered + TOLERANCE:
            facts = {"name": one.queue, "other": other.queue, "ended": one.left, "began": other.entered}
            yield Finding(kind=Kind.VISITS_OVERLAP, subject=f"visit/{other.id}", contact=contact.id, detail=facts)


def _busy_twice(legs: Iterable[LegRow]) -> Iterator[Finding]:
    talks: dict[str, list[tuple[float, float, str, str]]] = defaultdict(list)
    for leg in legs:
        if leg.kind == "agent" and leg.answered is not None and leg.ended is not None:
            talks[leg.agent].append((leg.answered, leg.ended, leg.id, leg.contact))
    for agent, spans in talks.items():
        for (_, ended, one, first), (began, _, other, second) in pairwise(sorted(spans)):
            if first != second and ended > began + TOLERANCE:
                facts = {"agent": agent, "other": one, "ended": ended, "began": began}
                yield Finding(kind=Kind.TALKS_OVERLAP, subject=other, contact=second, detail=facts)


def _stints(stints: Iterable[StintRow]) -> Iterator[Finding]:
    """Between sign-in and sign-out an agent is in one state at a time, and always in one."""
    of_agent: dict[str, list[StintRow]] = defaultdict(list)
    for stint in stints:
        of_agent[stint.agent].append(stint)
    for agent, rows in of_agent.items():
        for one, other in pairwise(sorted(rows, key=lambda row: row.began)):
            facts = {"agent": agent, "state": one.state, "other": other.state, "ended": one.ended, "began": other.began}
            subject = f"{agent}/{other.began:.0f}"
            if one.ended is None or one.ended > other.began + TOLERANCE:
                yield Finding(kind=Kind.STINTS_OVERLAP, subject=subject, detail=facts)
            elif other.began > one.ended + TOLERANCE and one.signed_out is False:
                yield Finding(kind=Kind.STINT_GAP, subject=subject, detail=facts)
