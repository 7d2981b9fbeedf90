"""Who rings on a demo day: mostly customers, some numbers that nobody knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from crm_core.demo import names
from crm_core.demo.cases import CHEN

_Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Caller:
    """`customer_id` None = nobody we know."""

    number: str
    customer_id: int | None
    vehicle_id: int | None
    model: str
    language: str
    vip: bool


class Callers:
    """Built of rows of the tables customer, customer_phone, vehicle and vehicle_role."""

    def __init__(self, customers: _Rows, phones: _Rows, vehicles: _Rows, roles: _Rows) -> None:
        by_id = {row["id"]: row for row in customers}
        vehicle_by_id = {row["id"]: row for row in vehicles}
        driven = {role["customer_id"]: vehicle_by_id[role["vehicle_id"]] for role in roles}
        self._known = [
            _caller(phone["e164"], by_id[phone["customer_id"]], driven.get(phone["customer_id"]))
            for phone in phones
            # Chen Jianguo's calls are told in `cases`, so that his card reads as one story.
            if phone["customer_id"] != CHEN and not _sleeps(phone["customer_id"])
        ]

    def known(self, random: Random) -> Caller:
        return random.choice(self._known)

    def anybody(self, random: Random) -> Caller:
        """A customer in two of three calls."""
        if random.random() < 0.66:
            return self.known(random)
        return Caller(names.mobile(random), None, None, "", "zh-CN" if random.random() < 0.97 else "en", False)


def _sleeps(customer_id: int) -> bool:
    """Every hotline has customers whom nobody has heard of for a long time: here one in nine."""
    return customer_id > 100 and customer_id % 9 == 4


def _caller(number: str, customer: Mapping[str, Any], vehicle: Mapping[str, Any] | None) -> Caller:
    return Caller(
        number=number,
        customer_id=customer["id"],
        vehicle_id=vehicle["id"] if vehicle else None,
        model=vehicle["model"] if vehicle else "",
        language=customer["language"] or "zh-CN",
        vip=customer["customer_class"] != "standard",
    )
