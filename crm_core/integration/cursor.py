"""A place in a list as an opaque word: the sort value and id of the last row given, so that inserts move nothing."""

from __future__ import annotations

import base64
import binascii
import json
from datetime import datetime

from crm_core.errors import Invalid


class CursorWrong(Invalid):
    def __init__(self) -> None:
        super().__init__("This cursor is none of ours. Begin again without one.", field="cursor")


def write_cursor(*place: int | str | datetime) -> str:
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in place]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def read_id(cursor: str) -> int:
    """The id of a cursor over rows in the order of their ids; "" = 0. Raises CursorWrong."""
    if not cursor:
        return 0
    (number,) = _read(cursor, 1)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < 2**31:
        raise CursorWrong
    return number


def read_moment(cursor: str) -> tuple[datetime, str] | None:
    """The time and id of a cursor over rows in the order of their times; None for "". Raises CursorWrong."""
    if not cursor:
        return None
    text, identity = _read(cursor, 2)
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not isinstance(identity, str) or "\0" in identity:
        raise CursorWrong
    return moment, identity


def _read(cursor: str, length: int) -> list[object]:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        place = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise CursorWrong from None
    if not isinstance(place, list) or len(place) != length:
        raise CursorWrong
    return place
