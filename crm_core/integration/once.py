"""Idempotency: the same key and request twice is one effect and one answer, also when both come at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.errors import Invalid, Refused
from crm_core.integration.model import KeptAnswer

KEPT_FOR = timedelta(days=2)
_WORD = re.compile(r"[\x21-\x7e]{1,80}")


class OtherRequest(Refused):
    def __init__(self) -> None:
        super().__init__("This idempotency key was used for another request. Use a new one.")


class StillRunning(Refused):
    def __init__(self) -> None:
        super().__init__("The same request is being worked on. Ask again in a second.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str]


def checked(word: str) -> str:
    """Raises Invalid for a missing key, or one with spaces or control characters."""
    if not _WORD.fullmatch(word):
        raise Invalid("Send the header Idempotency-Key: 1 to 80 visible characters.", field="Idempotency-Key")
    return word


async def claim(session: AsyncSession, key_id: int, word: str, digest: str, at: datetime) -> Answer | KeptAnswer:
    """The answer given before, or a row to be filled by `keep` in this same transaction.

    Whoever claims second waits for the end of the first one's transaction (the unique key does it), and then either
    gets its answer or, when it was rolled back, does the work.
    """
    found = select(KeptAnswer).where(KeptAnswer.key_id == key_id, KeptAnswer.word == word)
    known = await session.scalar(found)
    if known is None:
        row = KeptAnswer(key_id=key_id, word=word, digest=digest, at=at)
        try:
            async with session.begin_nested():
                session.add(row)
            return row
        except IntegrityError:
            known = (await session.scalars(found.execution_options(populate_existing=True))).one_or_none()
    if known is None or known.status == 0:
        raise StillRunning
    if known.digest != digest:
        raise OtherRequest
    return Answer(status=known.status, body=known.body, headers=known.headers)


def keep(row: KeptAnswer, answer: Answer) -> None:
    row.status, row.body, row.headers = answer.status, answer.body, dict(answer.headers)


async def sweep(session: AsyncSession, at: datetime) -> None:
    """Answers older than two days are forgotten: nobody repeats a request after that."""
    await session.execute(delete(KeptAnswer).where(KeptAnswer.at < at - KEPT_FOR))
