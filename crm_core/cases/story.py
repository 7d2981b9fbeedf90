"""Who did something to a case, by name: people of the centre and of dealers sign in by the same numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User


@dataclass(frozen=True, slots=True)
class PersonName:
    name: str
    name_en: str

    def of(self, language: str) -> str:
        return self.name_en if language == "en" and self.name_en else self.name


async def people_named(session: AsyncSession, numbers: Iterable[str]) -> dict[str, PersonName]:
    """By personnel number; who is unknown (the platform itself, a key of the API) is left out."""
    wanted = {number for number in numbers if number}
    rows = await session.execute(select(User.number, User.name, User.name_en).where(User.number.in_(wanted)))
    return {number: PersonName(name, name_en) for number, name, name_en in rows}
