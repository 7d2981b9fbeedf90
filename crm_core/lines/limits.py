"""Where and how much may be dialled out: a stolen login must not become a telephone bill. Pure.

Denied by default. The figures are the site's own until somebody changes them (design goals, S3): far above what a
person does by hand, far below what a script would.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from crm_core.dialling import Destinations
from crm_core.errors import Invalid
from crm_core.workforce.fields import within

_PREFIX = re.compile(r"[1-9][0-9]{0,9}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
MOST_PREFIXES = 60
# Satellite telephones of Tiantong and of the older service, and the international numbers that cost most.
DENIED = ("86174", "861349", "870", "881", "882", "883", "979", "1900")
HIGHEST = {"in_a_minute": 600, "in_an_hour": 20_000, "at_once": 500, "same_number_in_an_hour": 600}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Calls in a minute and in an hour, outside legs at once; calls to one number in an hour, of all who dial.

    `distinct_in_an_hour` counts numbers, 0 = no limit of its own; so does `at_night_in_an_hour` calls at night.
    """

    in_a_minute: int = 6
    in_an_hour: int = 90
    at_once: int = 4
    same_number_in_an_hour: int = 12
    distinct_in_an_hour: int = 0
    at_night_in_an_hour: int = 0


OF_AGENT = Limits(distinct_in_an_hour=60, at_night_in_an_hour=30)
OF_CAMPAIGN = Limits(
    in_a_minute=120, in_an_hour=4_000, at_once=60, same_number_in_an_hour=12, distinct_in_an_hour=4_000
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DialLimits:
    """`night_from` to `night_until`, "22:00" and "07:00" at the site. `why` is the reason of the last change."""

    allowed: tuple[str, ...] = ("86",)
    denied: tuple[str, ...] = DENIED
    agent: Limits = OF_AGENT
    campaign: Limits = OF_CAMPAIGN
    night_from: str = "22:00"
    night_until: str = "07:00"
    why: str = field(default="", compare=False)

    @property
    def destinations(self) -> Destinations:
        return Destinations(self.allowed, self.denied)

    def is_night(self, time: str) -> bool:
        """`time` is "23:05" at the site. The same beginning and end = there is no night."""
        begin, end = self.night_from, self.night_until
        return begin <= time < end if begin <= end else time >= begin or time < end


FIRST = DialLimits()


def limits_from(state: Mapping[str, Any]) -> DialLimits:
    return DialLimits(
        allowed=tuple(state["allowed"]),
        denied=tuple(state["denied"]),
        agent=Limits(**{name: state[f"agent_{name}"] for name in asdict(OF_AGENT)}),
        campaign=Limits(**{name: state[f"campaign_{name}"] for name in asdict(OF_CAMPAIGN)}),
        night_from=state["night_from"],
        night_until=state["night_until"],
        why=state["why"],
    )


def state_of(limits: DialLimits) -> dict[str, Any]:
    agent = {f"agent_{name}": value for name, value in asdict(limits.agent).items()}
    campaign = {f"campaign_{name}": value for name, value in asdict(limits.campaign).items()}
    places = {"allowed": list(limits.allowed), "denied": list(limits.denied)}
    night = {"night_from": limits.night_from, "night_until": limits.night_until}
    return {**places, **agent, **campaign, **night, "why": limits.why}


def problems(state: Mapping[str, Any]) -> list[Invalid]:
    """One sentence for each field that cannot be used. A change needs its reason."""
    found = []
    for name in ("allowed", "denied"):
        prefixes = state[name]
        if len(prefixes) > MOST_PREFIXES or not all(_PREFIX.fullmatch(one) for one in prefixes):
            found.append(Invalid("A prefix is a country code and digits, without + and 0: 86 or 8613.", field=name))
    for whose in ("agent", "campaign"):
        for name, most in HIGHEST.items():
            found += within(dict(state), f"{whose}_{name}", 0 if name == "at_once" else 1, most)
        for name in ("distinct_in_an_hour", "at_night_in_an_hour"):
            found += within(dict(state), f"{whose}_{name}", 0, 20_000)
    for name in ("night_from", "night_until"):
        if not _TIME.fullmatch(str(state[name])):
            found.append(Invalid("A time of day is written 21:30.", field=name))
    if not str(state["why"]).strip() or len(state["why"]) > 200:
        found.append(Invalid("Write why this is changed: it stays in the history.", field="why"))
    return found
