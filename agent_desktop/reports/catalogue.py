"""Every report there is: one entry each, in groups. `/reports` lists them, the frame shows, exports and mails them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agent_desktop.reports import (
    abandoned_drill,
    abandoned_report,
    case_report,
    lead_report,
    media_report,
    repeat_report,
    state_report,
    trace_report,
    transfer_report,
    value_report,
)
from agent_desktop.reports.agent_drill import agent_calls, agent_drill
from agent_desktop.reports.agent_report import agent_sheet
from agent_desktop.reports.choices import Choice
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
    `filters` are of step, compare, queue, team, agent, when (weekdays and hours); `choices` are filters of this report
    alone.
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
    choices: tuple[Choice, ...] = ()
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
        filters=("step", "compare", "queue", "when"),
    ),
    Report(
        id="abandoned",
        group=CALLS,
        name=N_("Abandoned calls and what became of them"),
        about=N_(
            "Per queue or interval: who gave up, who called again or was called back, who was never heard of again."
        ),
        build=abandoned_report.abandoned_sheet,
        drill=abandoned_drill.abandoned_drill,
        calls=abandoned_drill.abandoned_list,
        filters=("step", "queue"),
        choices=(abandoned_report.BY, abandoned_report.WITHIN),
    ),
    Report(
        id="repeats",
        group=CALLS,
        name=N_("Repeat callers and first-contact resolution"),
        about=N_("Who had to call again about the same matter, and how often the first call was enough."),
        build=repeat_report.repeat_sheet,
        drill=repeat_report.repeat_drill,
        calls=repeat_report.repeat_list,
        filters=("queue",),
        choices=(repeat_report.BY,),
    ),
    Report(
        id="transfers",
        group=CALLS,
        name=N_("Transfers and conferences"),
        about=N_("Calls given to a colleague, a queue, a dealer or a number, questions to others, conferences."),
        build=transfer_report.transfer_sheet,
        drill=transfer_report.transfer_drill,
        filters=("queue",),
        choices=(transfer_report.BY,),
    ),
    Report(
        id="agents",
        group=PEOPLE,
        name=N_("Agents"),
        about=N_("Offers, missed and handled calls, time in each state, occupancy and calls per hour of each agent."),
        build=agent_sheet,
        drill=agent_drill,
        calls=agent_calls,
        filters=("compare", "team", "agent"),
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
        id="states",
        group=PEOPLE,
        name=N_("Agents per state through the day"),
        about=N_("How many agents were ready, in a call, in after-call work or on a break, step by step."),
        build=state_report.state_sheet,
        filters=("step", "team", "agent"),
    ),
    Report(
        id="cases",
        group=WORK,
        name=N_("Cases and their clocks"),
        about=N_("Opened, closed, in time, hours taken, by dealer or kind."),
        build=case_report.case_sheet,
        drill=case_report.case_drill,
        calls=case_report.case_list,
        filters=(),
        choices=(case_report.BY, case_report.KIND),
    ),
    Report(
        id="trace",
        group=WORK,
        name=N_("Where complaints lost time"),
        about=N_("Late steps of complaints by department, person or step."),
        build=trace_report.trace_sheet,
        drill=trace_report.trace_drill,
        filters=(),
        choices=(trace_report.BY,),
    ),
    Report(
        id="leads",
        group=WORK,
        name=N_("Leads from capture to purchase"),
        about=N_("From capture to purchase by dealer, source or contact point."),
        build=lead_report.lead_sheet,
        drill=lead_report.lead_drill,
        calls=lead_report.lead_list,
        filters=(),
        choices=(lead_report.BY, lead_report.SOURCE),
    ),
    Report(
        id="value",
        group=CUSTOMERS,
        name=N_("Seven views on customers"),
        about=N_("Profiling, persistency, profitability, performance, prospecting, product and promotion."),
        build=value_report.value_sheet,
        drill=value_report.value_drill,
        filters=(),
        choices=(value_report.VIEW, value_report.BY),
    ),
    Report(
        id="bulletins",
        group=OWNERS,
        name=N_("Weekly reports and news flashes"),
        about=N_("Drafted from the figures, edited and sent by a person, kept in the archive."),
        path="/reports/bulletins",
    ),
    Report(
        id="media-actions",
        group=OWNERS,
        name=N_("Media actions"),
        about=N_("What ran in the media, where and when, and what it cost."),
        path="/reports/media/actions",
    ),
    Report(
        id="media",
        group=OWNERS,
        name=N_("Media effect by region"),
        about=N_("Whether advertisements and shows brought calls and visitors, region by region."),
        build=media_report.media_sheet,
        drill=media_report.media_drill,
        filters=(),
        choices=(media_report.MEASURE,),
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
