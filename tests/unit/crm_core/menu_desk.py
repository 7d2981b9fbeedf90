"""A menu's desk on a test's database, and callers who ask it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from crm_core.db import Database
from crm_core.dealers.areas import city_of_area_code, spelled
from ivr.operations import Answer, Asker
from ivr.self_service.asking import MenuSite
from ivr.self_service.desk import SelfService
from tests.unit.crm_core.builders import NOW

city_of_area_code("0431")  # the platform loads both when it starts, not in the first call
spelled("长春")
OWN = "+8613843107706"
STRANGE = "+8613900000001"
ZONE = ZoneInfo("Asia/Shanghai")


class Bookings:
    """Books every call back but those to `refused`."""

    def __init__(self, *refused: str) -> None:
        self.refused, self.booked = refused, []

    async def book_from_menu(self, call: str, number: str) -> bool:
        if number in self.refused:
            return False
        self.booked.append((call, number))
        return True


class MenuDesk:
    """`ask` as the menu does it. Prompts of stations are there for `prompts`."""

    def __init__(self, db: Database, *, prompts: tuple[str, ...] = (), base_url: str = "https://example.com") -> None:
        self.at, self.bookings = NOW, Bookings()
        site = MenuSite(zone=ZONE, name="远辰客户中心", base_url=base_url, has_prompt=lambda name, _: name in prompts)
        self.desk = SelfService(db, site, callbacks=self.bookings, now=self._now)

    def _now(self) -> datetime:
        return self.at

    async def ask(
        self, name: str, *, call: str = "c1", number: str = OWN, language: str = "zh-CN", **facts: str
    ) -> Answer:
        return await self.desk.do(name, asker(call, number, language), facts)

    async def identified(self, proof: str = "0618", **who: str) -> Answer:
        return await self.ask("identify", proof=proof, **who)


def asker(call: str = "c1", number: str = OWN, language: str = "zh-CN") -> Asker:
    return Asker(call=call, number=number, entry="4001718888", matches=(), language=language)


def words(answer: Answer) -> tuple[str, Mapping[str, str]]:
    return answer.result, answer.facts
