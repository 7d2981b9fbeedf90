"""How a panel of a wallboard lies on its page, and what the panels and figures are called."""

from __future__ import annotations

from dataclasses import dataclass

from agent_desktop.words import N_
from crm_core.boards.settings import COLUMNS, Panel

CELL_WIDTH, CELL_HEIGHT = 76, 83  # units of the drawing of 1920 x 1080, see wallboard.css
_HEAD, _ROW = 62, 72

PANELS = {
    "waiting": N_("Waiting now"),
    "longest": N_("Longest wait"),
    "level": N_("Service level"),
    "abandon": N_("Abandon rate"),
    "offered": N_("Offered"),
    "answered": N_("Taken"),
    "asa": N_("Average answer time"),
    "aht": N_("Average handling time"),
    "queues": N_("Queues"),
    "states": N_("Agents by state"),
    "agents": N_("List of agents"),
    "curve": N_("Calls against last week"),
    "curve_level": N_("Service level against last week"),
    "curve_abandon": N_("Abandon rate against last week"),
    "service": N_("Campaigns, surveys, dealers"),
    "campaigns": N_("Outbound campaigns"),
    "surveys": N_("Surveys"),
    "dealers": N_("Complaints at dealers"),
    "responses": N_("Responses to the media"),
    "message": N_("Message to the floor"),
    "clock": N_("Clock on the wall"),
}
LIMIT_WORDS = {
    "waiting": N_("Callers waiting"),
    "longest": N_("Longest wait, seconds"),
    "level": N_("Service level, points below the target"),
    "abandon": N_("Abandon rate, %%"),
    "drops": N_("Drop rate, %% of its limit"),
    "csat": N_("Satisfaction, below"),
    "overdue": N_("Overdue complaints"),
}
PRESET_WORDS = {
    "standard": N_("As the standard board"),
    "team": N_("For a team"),
    "outreach": N_("Campaigns and dealers"),
    "media": N_("While a media action runs"),
}


@dataclass(frozen=True, slots=True)
class Placed:
    """`rows` are lines of a list that fit, `columns` of names beside each other; `width`, `height` of a drawing."""

    kind: str
    places: str
    rows: int
    columns: int
    width: int
    height: int


def placed(panel: Panel) -> Placed:
    height = panel.h * CELL_HEIGHT
    edge = " edge" if panel.x + panel.w == COLUMNS else ""
    return Placed(
        kind=panel.kind,
        places=f"x{panel.x} y{panel.y} w{panel.w} h{panel.h}{edge}",
        rows=max(1, (height - _HEAD) // _ROW),
        columns=max(1, panel.w // 8),
        width=panel.w * CELL_WIDTH - 96,
        height=height - 103,
    )
