"""How a customer's page puts facts into order and figures: months, filters with counts, money, life strips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo
from itertools import groupby

from agent_desktop.customers.words import GROUPS
from crm_core.customers.timeline import Kind, TimelineEntry
from crm_core.customers.view_facts import LifeMark


@dataclass(frozen=True, slots=True)
class Month:
    """The entries of one month; `year` is to be shown where it is not that of the month before."""

    year: int
    month: int
    entries: tuple[TimelineEntry, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A mark of a life strip: `place` is a percentage of its length."""

    place: float
    on: date
    kind: str


def months(entries: Sequence[TimelineEntry], zone: tzinfo) -> list[Month]:
    """Entries in their order, by the site's months; consents of one moment are one entry."""

    def month_of(entry: TimelineEntry) -> tuple[int, int]:
        local = entry.at if entry.day_only else entry.at.astimezone(zone)
        return local.year, local.month

    return [Month(year, month, tuple(found)) for (year, month), found in groupby(together(entries), month_of)]


def together(entries: Iterable[TimelineEntry]) -> list[TimelineEntry]:
    """Answers that a customer gave at one moment with one meaning are told once, with all their purposes."""
    told: list[TimelineEntry] = []
    for entry in entries:
        last = told[-1] if told else None
        if last and entry.kind is Kind.CONSENT and _same_answer(last, entry):
            continue
        told.append(entry)
    return told


def answers_beside(entries: Sequence[TimelineEntry], shown: TimelineEntry) -> list[TimelineEntry]:
    """All answers that stand behind one shown consent."""
    return [entry for entry in entries if _same_answer(shown, entry)]


def _same_answer(one: TimelineEntry, other: TimelineEntry) -> bool:
    return (one.kind, one.at, one.status, one.person) == (other.kind, other.at, other.status, other.person)


def filters(counts: Mapping[Kind, int]) -> list[tuple[str, str, int]]:
    """(word for the address, msgid, how many) of the filters that show something, and of "all"."""
    total = sum(counts.values())
    summed = [(word, name, sum(counts[kind] for kind in kinds)) for word, (name, kinds) in GROUPS.items()]
    return [(word, name, count if word else total) for word, name, count in summed if count or not word]


def strip(marks: Sequence[LifeMark], today: date) -> list[Spot]:
    """From the delivery to the next service or today; marks nearer than 3 % to the one before are left out."""
    if not marks:
        return []
    first, last = marks[0].on, max(marks[-1].on, today)
    length = max((last - first) / timedelta(days=1), 1.0)
    spots: list[Spot] = []
    for mark in marks:
        place = 2 + 96 * ((mark.on - first) / timedelta(days=1)) / length
        if not spots or place - spots[-1].place >= 3 or mark.kind in ("open_visit", "next_service"):
            spots.append(Spot(round(place, 1), mark.on, mark.kind))
    return spots


def hidden_mail(address: str) -> str:
    """chen***@example.cn: what lies before the @ is cut after four signs."""
    name, at, rest = address.partition("@")
    return f"{name[: min(4, max(1, len(name) - 2))]}***{at}{rest}" if at else address
