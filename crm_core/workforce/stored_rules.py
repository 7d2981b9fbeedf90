"""A set of rules without a table of its own: the last saved version holds, so history and undo come with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import Invalid
from crm_core.workforce import versions
from crm_core.workforce.fields import Unusable
from crm_core.workforce.model import WorkforceVersion

Rules = TypeVar("Rules")


async def stored_state(session: AsyncSession, kind: str, subject: str) -> dict[str, Any] | None:
    """What the last save left; None = never saved."""
    latest = (
        select(WorkforceVersion.after)
        .where(WorkforceVersion.kind == kind, WorkforceVersion.subject == subject)
        .order_by(WorkforceVersion.number.desc())
        .limit(1)
    )
    return await session.scalar(latest)


@dataclass(frozen=True, slots=True)
class StoredRules(Generic[Rules]):
    """`first` holds until the first save. `read` and `write` turn a stored state into rules and back.

    `problems` gives one sentence for each field of a state that cannot be used.
    """

    kind: str
    subject: str
    first: Rules
    read: Callable[[Mapping[str, Any]], Rules]
    write: Callable[[Rules], dict[str, Any]]
    problems: Callable[[Mapping[str, Any]], list[Invalid]]

    async def now(self, session: AsyncSession) -> Rules:
        state = await stored_state(session, self.kind, self.subject)
        return self.read(state) if state else self.first

    async def save(
        self, session: AsyncSession, state: Mapping[str, Any], *, base: int | None, actor: str, at: datetime
    ) -> WorkforceVersion | None:
        """None = nothing changed. Raises Unusable with a sentence per field, or SavedMeanwhile."""
        wrong = self.problems(state)
        if wrong:
            raise Unusable(wrong)
        before = await stored_state(session, self.kind, self.subject) or self.write(self.first)
        after = self.write(self.read(state))
        return await versions.record(
            session, self.kind, self.subject, before=before, after=after, actor=actor, at=at, base=base
        )
