"""Every report there is: one entry each, in groups. `/reports` lists them, the frame shows, exports and mails them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.queue_drill import queue_calls, queue_drill
from agent_desktop.reports.queue_report import queue_sheet
from agent_desktop.reports.sheet import Drill, Sheet
from agent_desktop.words import N_
from crm_core.access.roles import Permission

Build = Callable[[ReportLook], Awaitable[Sheet]]
Open = Callable[[ReportLook], Awaitable[Drill | None]]

CALLS, PEOPLE, WORK, CUSTOMERS = N_("Calls and queues"), N_("Agents"), N_("Cases and leads"), N_("Customers")
OUTWARD, OWNERS = N_("Outbound and surveys"), N_("For the owners")
GROUPS = (CALLS, PEOPLE, WORK, CUSTOMERS, OUTWARD, OWNERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`name` and `about` are msgids. `build` makes the sheet; without it the entry leads to a page of its own.

    `drill` opens the row and figure of the address (`asked.row`, `asked.of`), `calls` is the whole list behind them.
    `filters` are of step, compare, queue, team.
    """

    id: str
    group: str
    name: str
    about: str
    path: str = ""
    build: Build | None = None
    drill: Open | None = None
    calls: Build | None = None
    filters: tuple[str, ...] = ("step", "compare", "queue")
    permission: Permission = Permission.SEE_REPORTS

    @property
    def address(self) -> str:
        return self.path or f"/reports/{self.id}"


REPORTS: tuple[Report, ...] = (
    Report(
        id="queues",
        group=CALLS,
        name=N_("Queues by interval"),
        about=N_("Calls, abandons, service level and answer time for each interval, each opened down to its calls."),
        build=queue_sheet,
        drill=queue_drill,
        calls=queue_calls,
    ),
    Report(
        id="menus",
        group=CALLS,
        name=N_("Menu paths"),
        about=N_("Which way callers take through the menus, and where they hang up."),
        path="/flows",
        permission=Permission.SEE_FLOWS,
    ),
    Report(
        id="ledger",
        group=CALLS,
        name=N_("Ledger"),
        about=N_(
            "Day by day the proof that every call has one outcome, against Asterisk's own log and the recordings."
        ),
        path="/reports/ledger",
    ),
    Report(
        id="ratings",
        group=OUTWARD,
        name=N_("Ratings after the call"),
        about=N_("What customers answered after the call, by queue and agent, and the low scores."),
        path="/surveys",
    ),
    Report(
        id="campaigns",
        group=OUTWARD,
        name=N_("Campaigns"),
        about=N_("How far each outbound campaign is, whom it reached, what was answered."),
        path="/campaigns",
        permission=Permission.SEE_CAMPAIGNS,
    ),
)


def report_of(report_id: str) -> Report | None:
    """The report that the frame shows under this id; None = there is none, or it has a page of its own."""
    return next((one for one in REPORTS if one.id == report_id and one.build), None)
