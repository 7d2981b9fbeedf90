"""The lines as the records say: which trunks calls may take, what is shown, which number a carrier means. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Protocol

from crm_core.dialling import Destinations
from crm_core.lines.limits import DialLimits
from crm_core.lines.outgoing import OutgoingRules, sent

MOST_WAYS = 4  # a call that four carriers failed is not saved by a fifth, and the caller hears nothing meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class TrunkWay:
    """One trunk in use. `id` is that of the records, "settings" the line of the environment; `watched` = it is asked
    every few seconds whether it lives. `capacity` 0 = unknown. `outgoing` = calls out may take it.
    """

    id: str
    endpoint: str
    name: str = ""
    server: str = ""
    number_form: str = "digits"
    capacity: int = 0
    registers: bool = False
    watched: bool = True
    outgoing: bool = True


SETTINGS_WAY = TrunkWay(id="settings", endpoint="trunk", watched=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePlan:
    """`trunks` in the order in which calls try them. `numbers` maps every form of a number to the published one,
    `brands` published numbers to theirs. `first_number` is shown where no rule says another. `zone` is the site's.
    """

    trunks: tuple[TrunkWay, ...] = (SETTINGS_WAY,)
    rules: OutgoingRules = field(default_factory=OutgoingRules)
    limits: DialLimits = field(default_factory=DialLimits)
    numbers: Mapping[str, str] = field(default_factory=dict)
    brands: Mapping[str, str] = field(default_factory=dict)
    first_number: str = ""
    zone: tzinfo = UTC

    @property
    def destinations(self) -> Destinations:
        return self.limits.destinations

    def published(self, asked: str) -> str:
        """The number of ours that a carrier means; what is none of ours as it came."""
        return self.numbers.get(asked, asked)

    def shown(self, *, campaign: int = 0, brand: str = "", entry: str = "") -> str:
        """The number that a called person sees; `entry` = the one that this customer called."""
        return self.rules.shown(campaign=campaign, brand=brand or self.brands.get(entry, "")) or self.first_number

    def ways(self, usable: Callable[[TrunkWay], bool]) -> tuple[TrunkWay, ...]:
        """The trunks for a call out, those that work first: what is thought to be away is still the last hope."""
        able = [way for way in self.trunks if way.outgoing]
        return tuple(sorted(able, key=lambda way: not usable(way))[:MOST_WAYS])

    def route(self, digits: str, usable: Callable[[TrunkWay], bool], where: Callable[[str], str]) -> str:
        """HL_ROUTE for E.164 digits that are allowed: number@endpoint&number@endpoint."""
        ways = self.ways(usable)
        return "&".join(f"{sent(digits, way.number_form, self.rules, where)}@{way.endpoint}" for way in ways)


class LineSource(Protocol):
    """`hotline` answers: reads the records and, for `changed`, has Asterisk's files written and read again."""

    async def current(self) -> LinePlan: ...
    async def changed(self) -> LinePlan: ...
    async def brand_of(self, customer_id: int) -> str:
        """The brand of this customer's cars, "" for none or several."""
        ...


class SettingsOnly:
    """A site with nothing but the line of its settings."""

    def __init__(self, plan: LinePlan) -> None:
        self._plan = plan

    async def current(self) -> LinePlan:
        return self._plan

    async def changed(self) -> LinePlan:
        return self._plan

    async def brand_of(self, customer_id: int) -> str:
        return ""
