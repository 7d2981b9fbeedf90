"""What can be done on the page of a case: the word in the address, the form, the action of the records."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.reach import EVERYTHING
from crm_core.cases import actions, desk_actions, entries, loop_actions, merging, rescue_actions
from crm_core.cases.queries import by_number
from crm_core.errors import Invalid

Form = Mapping[str, str]
Act = Callable[[AsyncSession, int, Form, ZoneInfo, str, datetime], Awaitable[object]]


def _words(form: Form, name: str = "words") -> str:
    return form.get(name, "")


def _whole(form: Form, name: str) -> int | None:
    """None for nothing; Invalid for what is no whole number."""
    typed = form.get(name, "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 10):
        raise Invalid("Enter a whole number.", field=name)
    return int(typed)


def _local(form: Form, name: str, zone: ZoneInfo) -> datetime | None:
    typed = form.get(name, "").strip()
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=zone)
    except ValueError:
        raise Invalid("Choose a day and a time.", field=name) from None


def _degrees(form: Form, name: str) -> float | None:
    typed = form.get(name, "").strip()
    if not typed:
        return None
    try:
        return float(typed)
    except ValueError:
        raise Invalid("This is no position: latitude -90 to 90, longitude -180 to 180.", field="latitude") from None


async def _send(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await loop_actions.send(s, case, _whole(f, "dealer_id") or 0, words=_words(f), actor=actor, at=at)


async def _withdraw(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await loop_actions.withdraw(s, case, words=_words(f), actor=actor, at=at)


async def _answer(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await loop_actions.answer_support(s, case, words=_words(f), actor=actor, at=at)


async def _confirm(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    satisfied = f.get("satisfied", "")
    if satisfied not in ("yes", "no"):
        raise Invalid("Choose what the customer said.", field="satisfied")
    score = _whole(f, "score")
    await loop_actions.confirm(s, case, satisfied=satisfied == "yes", score=score, words=_words(f), actor=actor, at=at)


async def _place(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    position = (_degrees(f, "latitude"), _degrees(f, "longitude"))
    if position == (None, None) and f.get("near"):
        position = await rescue_actions.position_of_city(s, f["near"])
    place = rescue_actions.Place(
        road=_words(f, "road"),
        km=_words(f, "km"),
        landmark=_words(f, "landmark"),
        latitude=position[0],
        longitude=position[1],
    )
    await rescue_actions.set_place(s, case, place, actor=actor, at=at)


async def _dispatch(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await rescue_actions.dispatch(s, case, _whole(f, "dealer_id") or 0, words=_words(f), actor=actor, at=at)


async def _decline(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await rescue_actions.decline(s, case, words=_words(f), reach=EVERYTHING, actor=actor, at=at)


async def _accept_rescue(s: AsyncSession, case: int, _f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await rescue_actions.accept_rescue(s, case, reach=EVERYTHING, actor=actor, at=at)


async def _under_way(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    minutes = _whole(f, "minutes") or 0
    await rescue_actions.under_way(
        s, case, minutes=minutes, truck=_words(f, "truck"), reach=EVERYTHING, actor=actor, at=at
    )


async def _arrived(s: AsyncSession, case: int, _f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await rescue_actions.arrived(s, case, reach=EVERYTHING, actor=actor, at=at)


async def _helped(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await rescue_actions.helped(s, case, words=_words(f), reach=EVERYTHING, actor=actor, at=at)


async def _confirm_rescue(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    satisfied = f.get("satisfied", "")
    if satisfied not in ("yes", "no"):
        raise Invalid("Choose what the customer said.", field="satisfied")
    score = _whole(f, "score")
    await rescue_actions.confirm_rescue(
        s, case, helped=satisfied == "yes", score=score, words=_words(f), actor=actor, at=at
    )


async def _note(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    shown = f.get("for_dealer") == "1"
    await actions.write_note(s, case, _words(f), for_dealer=shown, reach=EVERYTHING, actor=actor, at=at)


async def _answered(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await actions.answered(s, case, _words(f), actor=actor, at=at)


async def _close(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await actions.close_case(s, case, result=f.get("result", "solved"), words=_words(f), actor=actor, at=at)


async def _reopen(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await actions.reopen(s, case, _words(f), actor=actor, at=at)


async def _step(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await actions.finish_step(s, case, f.get("step", ""), actor=actor, at=at)


async def _level(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await desk_actions.set_level(s, case, f.get("level", ""), words=_words(f), actor=actor, at=at)


async def _assign(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await desk_actions.assign(s, case, f.get("owner", ""), words=_words(f), actor=actor, at=at)


async def _dealer(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await desk_actions.give_to_dealer(s, case, _whole(f, "dealer_id"), words=_words(f), actor=actor, at=at)


async def _pause(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    reason = f.get("reason", "")
    await desk_actions.pause(s, case, reason, words=_words(f), reach=EVERYTHING, actor=actor, at=at)


async def _resume(s: AsyncSession, case: int, _f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    await desk_actions.resume(s, case, reach=EVERYTHING, actor=actor, at=at)


async def _merge(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    """`number` names the repeat, which ends here."""
    other = await by_number(s, f.get("number", "").strip().upper())
    if other is None:
        raise Invalid("There is no such case.", field="number")
    await merging.merge(s, case, other.id, actor=actor, at=at)


async def _unmerge(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    other = await by_number(s, f.get("number", ""))
    await merging.unmerge(s, other.id if other else case, actor=actor, at=at)


async def _fields(s: AsyncSession, case: int, f: Form, _z: ZoneInfo, actor: str, at: datetime) -> None:
    entered = {name.removeprefix("field."): value for name, value in f.items() if name.startswith("field.")}
    await entries.save_entries(s, case, title=_words(f, "title"), entered=entered, actor=actor, at=at)


ACTS: Mapping[str, Act] = {
    "send": _send,
    "withdraw": _withdraw,
    "answer": _answer,
    "confirm": _confirm,
    "place": _place,
    "dispatch": _dispatch,
    "decline": _decline,
    "accept-rescue": _accept_rescue,
    "under-way": _under_way,
    "arrived": _arrived,
    "helped": _helped,
    "confirm-rescue": _confirm_rescue,
    "note": _note,
    "answered": _answered,
    "close": _close,
    "reopen": _reopen,
    "step": _step,
    "level": _level,
    "assign": _assign,
    "dealer": _dealer,
    "pause": _pause,
    "resume": _resume,
    "merge": _merge,
    "unmerge": _unmerge,
    "fields": _fields,
}
