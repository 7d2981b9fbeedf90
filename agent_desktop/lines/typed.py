"""What was typed into the forms of lines, as settings; a number that is none stays as it was typed."""

from __future__ import annotations

import re
from typing import Any

from starlette.datastructures import FormData

from agent_desktop.admin.forms import number, text
from agent_desktop.lines.words import LIMITS
from crm_core.workforce.versions import State

_BETWEEN = re.compile(r"[\s()（）./‐-―-]+")
_SPLIT = re.compile(r"[\s,;，；、]+")


def words_in(form: FormData, name: str) -> list[str]:
    """Several values in one field, by spaces, commas or lines."""
    return [one for one in _SPLIT.split(text(form, name)) if one][:100]


def trunk_from(form: FormData) -> tuple[State, str | None]:
    """The settings, and the secret that was typed; None = it stays."""
    names = ("name", "kind", "host", "transport", "username", "dtmf", "caller_id", "number_form")
    state: State = {name: text(form, name) for name in names}
    state |= {name: number(text(form, name)) for name in ("port", "capacity", "position")}
    state["codecs"] = [one for one in text(form, "codecs").split(",") if one]
    state["sources"] = words_in(form, "sources")
    state["in_use"] = text(form, "in_use") == "1"
    return state, text(form, "secret") or None


def digits_of(typed: str) -> str:
    """A number as people write it: 400-171 8888."""
    return _BETWEEN.sub("", typed)


def number_from(form: FormData) -> State:
    state: State = {name: text(form, name) for name in ("name", "brand", "menu", "queue")}
    state["trunks"] = [str(one) for one in form.getlist("trunks")]
    return state | {"in_use": text(form, "in_use") == "1", "position": number(text(form, "position"))}


def outgoing_from(form: FormData) -> State:
    """Rows that are left empty are dropped; the order is the places that were typed beside the trunks."""
    places = {str(trunk): number(text(form, f"place_{trunk}")) for trunk in form.getlist("trunk")}
    used = {trunk: place for trunk, place in places.items() if isinstance(place, int) and place > 0}
    return {
        "default_shown": text(form, "default_shown"),
        "by_brand": _pairs(form, "brand", "brand_shown"),
        "by_campaign": _pairs(form, "campaign", "campaign_shown"),
        "order": sorted(used, key=lambda trunk: (used[trunk], trunk)),
        "home_area": text(form, "home_area"),
        "mobile_zero": text(form, "mobile_zero") == "1",
        "local_short": text(form, "local_short") == "1",
    }


def _pairs(form: FormData, key: str, value: str) -> dict[str, str]:
    rows = zip(form.getlist(key), form.getlist(value), strict=False)
    return {str(one).strip(): str(shown).strip() for one, shown in rows if str(one).strip() and str(shown).strip()}


def limits_from(form: FormData) -> dict[str, Any]:
    state: dict[str, Any] = {name: words_in(form, name) for name in ("allowed", "denied")}
    for whose in ("agent", "campaign"):
        state |= {f"{whose}_{name}": number(text(form, f"{whose}_{name}")) for name, _ in LIMITS}
    return state | {name: text(form, name) for name in ("night_from", "night_until", "why")}
