"""The figures of a time counted once more, by nothing but plain Python over the rows: what the stored ones must equal.

Written from the words of the requirements, not from the product's code: it shares no function with it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

Row = dict[str, Any]


class Limits(NamedTuple):
    service: int  # T
    short: int  # s


def micro(span: timedelta) -> int:
    return span.days * 86_400_000_000 + span.seconds * 1_000_000 + span.microseconds


def visits_between(visits: Iterable[Row], queue: str, start: datetime, end: datetime) -> list[Row]:
    return [v for v in visits if v["queue"] == queue and start <= v["entered_at"] < end and v["result"] is not None]


class Counted:
    """Of finished visits; `limits` gives the thresholds of a visit."""

    def __init__(self, visits: list[Row], limits: Callable[[Row], Limits]) -> None:
        def wait(visit: Row) -> Fraction:
            return Fraction(round(visit["wait_seconds"] * 1_000_000), 1_000_000)

        answered = [v for v in visits if v["result"] == "answered"]
        gone = [v for v in visits if v["result"] == "abandoned"]
        long = [v for v in gone if wait(v) >= limits(v).short]
        self.A, self.B = len(answered), len(gone)
        self.short = len(gone) - len(long)
        self.A_in_T = len([v for v in answered if wait(v) <= limits(v).service])
        self.B_in_T = len([v for v in gone if wait(v) <= limits(v).service])
        self.overflowed = len([v for v in visits if v["result"] == "overflow"])
        self.O = len(visits) - self.overflowed
        self.elsewhere = len([v for v in visits if v["result"] in ("callback", "voicemail")])
        self.F = self.overflowed + self.elsewhere
        self.wait_A, self.wait_B = sum(map(wait, answered), Fraction()), sum(map(wait, long), Fraction())

    def metrics(self) -> dict[str, tuple[Fraction | int, int]]:
        late = self.A - self.A_in_T
        return {
            "abandon_rate": (self.B - self.short, self.O - self.short),
            "abandon_rate_all": (self.B, self.O),
            "abandon_rate_answered": (self.B - self.short, self.A + self.B - self.short),
            "short_abandon_rate": (self.short, self.O),
            "service_level": (self.A_in_T, self.A + self.B - self.short),
            "service_level_a": (self.A_in_T, self.A),
            "service_level_b": (self.A_in_T + self.B_in_T, self.A + self.B),
            "service_level_c": (self.A_in_T, self.A + self.B),
            "service_level_d": (self.A_in_T, self.A + (self.B - self.B_in_T)),
            "service_level_e": (self.A - late, self.A + self.B),
            "service_level_e_s": (self.A - late, self.A + self.B - self.short),
            "service_level_e_f": (self.A - late, self.A + self.B + self.F),
            "service_level_e_sf": (self.A - late, self.A + self.B - self.short + self.F),
            "service_level_e_b": (self.A - late, self.A),
            "service_level_e_fb": (self.A - late, self.A + self.F),
            "service_level_f": (self.A_in_T, self.O - self.short),
            "average_speed_of_answer": (self.wait_A, self.A),
            "average_abandon_time": (self.wait_B, self.B - self.short),
        }


def seconds_in(stints: Iterable[Row], agent: str, state: str, *, start: datetime, end: datetime) -> Fraction:
    """Of stints that have an end."""
    total = 0
    for stint in stints:
        if stint["agent"] == agent and stint["state"] == state:
            began, ended = max(stint["began_at"], start), min(stint["ended_at"], end)
            total += micro(ended - began) if ended > began else 0
    return Fraction(total, 1_000_000)


def calls_in(legs: Iterable[Row], agent: str, start: datetime, end: datetime) -> dict[str, int]:
    mine = [leg for leg in legs if leg["agent"] == agent]
    offers = [
        leg
        for leg in mine
        if start <= leg["offered_at"] < end
        and leg["why"] not in ("dialled", "outbound", "picked_up", "take_over")
        and (leg["direction"] == "inbound" or leg["queue"])
    ]
    talks = [leg for leg in mine if leg["answered_at"] and leg["ended_at"] and start <= leg["ended_at"] < end]
    return {
        "offered": len(offers),
        "missed": len([leg for leg in offers if leg["result"] in ("no_answer", "declined")]),
        "handled": len(talks),
        "outbound": len([leg for leg in talks if leg["direction"] == "outbound"]),
    }


def agent_metrics(spent: dict[str, Fraction], handled: int) -> dict[str, tuple[Fraction, Fraction | int]]:
    talk, hold, after = spent["talking"], spent["hold"], spent["wrap_up"]
    idle = spent["ready"] + spent["ringing"]
    return {
        "average_handling_time": (talk + hold + after, handled),
        "occupancy": (talk + hold + after, talk + hold + after + idle),
        "utilization": (talk + hold, talk + hold + after + idle),
    }
