"""The demo site's shift plan as its agents worked, weeks to come, requests, and callers from before the history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from random import Random
from typing import Any

from crm_core.demo.staff import MEMBERS, Member
from crm_core.shifts.kinds import FIRST_KINDS, Kind
from crm_core.shifts.times import monday_of
from crm_core.workforce.holidays import shipped_year

WEEKS_BEFORE = 4
OLDER_DAYS = range(31, 92)
"""Before the demo's month of contacts: so a forecast has thirteen weeks to learn from."""
_KIND_OF = {8.0: FIRST_KINDS[0], 9.5: FIRST_KINDS[1], 12.5: FIRST_KINDS[2]}
_SHARES = {"repair": 0.37, "enquiry": 0.26, "complaint": 0.10, "suggestion": 0.055, "rescue": 0.055, "vip": 0.06}
_HANDLING = {"repair": 196, "enquiry": 171, "complaint": 281, "suggestion": 131, "rescue": 211, "vip": 201}
_HOURS = (62, 98, 104, 92, 60, 66, 84, 88, 82, 66, 48, 40, 29)  # from 8 to 21
_OF_DAY = (840, 850, 830, 835, 860, 400, 335)


def shift_rows(now: datetime, zone: tzinfo) -> dict[str, list[dict[str, Any]]]:
    """Rows of the tables of shifts and of older volumes."""
    today = now.astimezone(zone).date()
    this_week = monday_of(today)
    rows: list[dict[str, Any]] = []
    for week in range(-WEEKS_BEFORE, 3):
        monday = this_week + timedelta(days=7 * week)
        for cell in _week(monday, as_worked=week <= 0):
            rows.append({**cell, "published": False})
            if week < 2:
                rows.append({**cell, "published": True})
    return {
        "planned_shift": rows,
        "plan_publication": [
            {
                "week": this_week + timedelta(days=7 * week),
                "actor": "2001",
                "at": now - timedelta(days=max(3 - 7 * week, 1)),
                "agents": [one.number for one in MEMBERS],
            }
            for week in range(-WEEKS_BEFORE, 2)
        ],
        "shift_wish": _wishes(this_week + timedelta(days=7), now),
        "past_volume": list(_older(today)),
    }


def _week(monday: date, *, as_worked: bool) -> Iterator[dict[str, Any]]:
    """As the demo's floor works: all weekdays, two thirds at the weekend; weeks ahead give everybody two days off."""
    for place, member in enumerate(MEMBERS):
        for ahead in range(7):
            day = monday + timedelta(days=ahead)
            if as_worked and ahead >= 5 and (place + (day.toordinal() - 1) // 7) % 3 == 0:
                continue
            if not as_worked and ahead in _days_off(place, monday):
                continue
            yield _cell(member, day, _KIND_OF[member.shift])


def _days_off(place: int, monday: date) -> tuple[int, int]:
    """Most at the weekend, some in the week, in turn."""
    turn = (place + monday.toordinal() // 7) % 7
    return ((5, 6), (5, 6), (5, 6), (0, 6), (1, 5), (2, 6), (3, 5))[turn]


def _cell(member: Member, day: date, kind: Kind) -> dict[str, Any]:
    breaks = [list(span) for span in kind.breaks]
    return {
        "agent": member.number,
        "day": day,
        "kind": kind.id,
        "begins": kind.begins,
        "ends": kind.ends,
        "breaks": breaks,
    }


def _wishes(monday: date, now: datetime) -> list[dict[str, Any]]:
    empty = {"other": "", "agreed_at": None, "decided_at": None, "decided_by": "", "answer": ""}
    asked = now - timedelta(hours=20)
    leave = {"agent": "1005", "kind": "leave", "first_day": monday + timedelta(days=3), "note": "陪孩子开家长会"}
    leave |= {"last_day": monday + timedelta(days=3), "state": "asked", "asked_at": asked}
    swap = {"agent": "1009", "kind": "swap", "first_day": monday + timedelta(days=1), "note": "上午要去医院复查"}
    swap |= {"last_day": monday + timedelta(days=1), "other": "1007", "state": "agreed"}
    return [{**empty, **leave}, {**empty, **swap, "asked_at": asked, "agreed_at": now - timedelta(hours=3)}]


def _older(today: date) -> Iterator[dict[str, Any]]:
    special = {
        one.day: one.kind for year in {today.year - 1, today.year} for one in shipped_year(year) if one.day < today
    }
    for ago in OLDER_DAYS:
        day = today - timedelta(days=ago)
        random = Random(f"yuanchen before {day}")
        kind = special.get(day, "")
        total = _OF_DAY[0 if kind == "workday" else day.weekday()] * random.uniform(0.92, 1.07)
        total *= 0.55 if kind == "holiday" else 1.0
        for queue, share in _SHARES.items():
            yield {
                "queue": queue,
                "day": day,
                "counts": _counts(random, total * share),
                "handling_seconds": _HANDLING[queue],
            }


def _counts(random: Random, total: float) -> list[int]:
    counts = [0] * 48
    for hour in random.choices(range(8, 21), _HOURS, k=round(total * random.uniform(0.95, 1.05))):
        counts[hour * 2 + (random.random() < 0.5)] += 1
    return counts
