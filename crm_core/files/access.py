"""Who may have a file: whoever may see the thing it is attached to. What no check speaks for is denied."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.actions import SignedInUser
from crm_core.access.reach import Reach
from crm_core.files.model import StoredFile

Check = Callable[[AsyncSession, SignedInUser, Reach, str], Awaitable[bool]]
"""Whether this person, with this reach, may see the subject with this id (the part after the slash)."""


async def may_have(
    checks: Mapping[str, Check], session: AsyncSession, user: SignedInUser, reach: Reach, file: StoredFile
) -> bool:
    """`checks` by the subject's kind, e.g. "case" for "case/17"."""
    kind, _, subject_id = file.subject.partition("/")
    check = checks.get(kind)
    return check is not None and await check(session, user, reach, subject_id)
