"""Quarters of an hour in UTC, counted from 1970: the smallest time any figure is kept for. Pure.

The offset of every time zone is a multiple of a quarter, so that each hour and day of a site is made of whole ones.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

QUARTER = timedelta(minutes=15)
LONGEST_STINT = timedelta(days=31)
"""A state that lasts longer is a fault of a clock or a lost sign-out, and is not counted."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def quarter_of(at: datetime) -> int:
    """The quarter an instant lies in."""
    return (at - _EPOCH) // QUARTER


def quarter_start(quarter: int) -> datetime:
    return _EPOCH + quarter * QUARTER


def microseconds(at: datetime) -> int:
    """Since 1970, exact."""
    return (at - _EPOCH) // timedelta(microseconds=1)
