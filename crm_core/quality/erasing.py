"""A customer is forgotten: what reviewers and agents wrote about the talk goes, the marks and the score stay."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Text, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from crm_core.quality.model import QualityReview
from crm_core.quality.scoring import Marks
from crm_core.quality.stored import load_marks, store_marks


def has_words(contact: InstrumentedAttribute[str]) -> ColumnElement[bool]:
    """Whether a review of the call has any; a remark of a mark is a "note" in its JSON until it is erased."""
    worded = or_(
        QualityReview.comment != "",
        QualityReview.answer != "",
        QualityReview.decision != "",
        cast(QualityReview.marks, Text).contains('"note"'),
    )
    return select(QualityReview.id).where(QualityReview.contact_id == contact, worded).exists()


async def words_of_reviews(session: AsyncSession, contact: str) -> list[str]:
    """Takes the words out of every review of the call, and gives what they were."""
    found: list[str] = []
    rows = select(QualityReview).where(QualityReview.contact_id == contact).order_by(QualityReview.id)
    for row in await session.scalars(rows):
        marks = load_marks(row.marks)
        found += [row.comment, row.answer, row.decision, *(one.note for one in marks.evidence.values())]
        places = {name: {"at": list(one.at)} for name, one in marks.evidence.items() if one.at}
        row.marks = {**store_marks(Marks(points=marks.points, knocked=marks.knocked)), "evidence": places}
        row.comment = row.answer = row.decision = ""
    return [one for one in found if one]
