"""The form of a station's data, as the dealer and the centre fill it in."""

from __future__ import annotations

from typing import Any

from starlette.datastructures import FormData

from agent_desktop.admin.forms import number, text
from crm_core.dealers.model import Dealer
from crm_core.dealers.services import SERVICES, offered
from crm_core.dealers.station_actions import State
from crm_core.dealers.stations import hours_of
from crm_core.errors import Invalid
from crm_core.workforce.spans import SpansWrong, read_spans, write_spans

DAYS = 7
CENTRE = ("name", "short_name", "province", "city", "region", "relations_manager")


def shown(dealer: Dealer) -> dict[str, Any]:
    """The fields as they stand in the form: hours and days as a person types them."""
    hours = hours_of(dealer.week, dealer.opens, dealer.closes, ())
    fields: dict[str, Any] = {f"day{day}": write_spans(hours.week[day]) for day in range(DAYS)}
    fields |= {"closed_days": "\n".join(dealer.closed_days), "services": offered(dealer.services, dealer.station_at)}
    fields |= {"latitude": dealer.latitude, "longitude": dealer.longitude, "active": dealer.active}
    fields |= {"phone": dealer.phone, "rescue_phone": dealer.rescue_phone, "address": dealer.address}
    return fields | {name: getattr(dealer, name) for name in CENTRE}


def typed_of(form: FormData, *, centre: bool) -> dict[str, Any]:
    """What was typed, to show it again."""
    names = [*(f"day{day}" for day in range(DAYS)), "closed_days", "latitude", "longitude", "phone", "rescue_phone"]
    fields: dict[str, Any] = {name: text(form, name) for name in [*names, "address", *(CENTRE if centre else ())]}
    fields["services"] = [word for word in SERVICES if word in form.getlist("services")]
    if centre:
        fields["active"] = text(form, "active") == "1"
    return fields


def state_of(typed: dict[str, Any]) -> tuple[State, list[Invalid]]:
    """The state to save, and what is wrong with the hours of single days."""
    week: list[list[list[int]]] = []
    wrong: list[Invalid] = []
    for day in range(DAYS):
        try:
            week.append(read_spans(typed[f"day{day}"]))
        except SpansWrong as problem:
            wrong.append(SpansWrong(problem.message_id, **problem.values, field=f"day{day}"))
            week.append([])
    state = {name: value for name, value in typed.items() if not name.startswith("day")}
    state["closed_days"] = typed["closed_days"].replace(",", " ").replace("，", " ").split()
    return {**state, "week": week}, wrong


def base_number(form: FormData) -> int | None:
    """The number of the save that the page was made from."""
    found = number(text(form, "base"))
    return found if isinstance(found, int) else None
