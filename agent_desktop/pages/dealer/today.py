"""A dealer's day: what is due, what is late, today's figures, complaints and leads by time left, one task beside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from agent_desktop.dealer.portal import Portal, ThePortal, show
from agent_desktop.dealer.task import Task, chosen_task
from agent_desktop.dependencies import needs
from crm_core.access.roles import Permission
from crm_core.cases.dealer_facts import DealerComplaint
from crm_core.cases.dealer_queries import complaints
from crm_core.dealers.care_queries import CareFilter, CareLine, care_lines
from crm_core.dealers.daily_queries import figures_of, missing_days
from crm_core.dealers.daily_rules import due_at
from crm_core.dealers.news_queries import news_for
from crm_core.dealers.scorecard import Tally, total
from crm_core.dealers.scorecard_queries import in_time_lately
from crm_core.leads.dealer_queries import DealerLead, leads

router = APIRouter(prefix="/dealer", dependencies=[needs(Permission.SEE_OWN_DEALER)])
SHOWN = 8  # of each list; the rest is one click away


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """How many complaints, leads and care tasks are due within a day, and how many are late."""

    complaints: int
    leads: int
    care: int
    late_complaints: int
    late_leads: int
    late_care: int

    @property
    def soon(self) -> int:
        return self.complaints + self.leads + self.care

    @property
    def late(self) -> int:
        return self.late_complaints + self.late_leads + self.late_care


@router.get("")
async def show_today(portal: ThePortal, task: str = "") -> Response:
    """`task` names the one beside the lists, e.g. "complaint/TS-0710-0176"; without it the most urgent is shown."""
    session = portal.session
    lines = await complaints(session, portal.narrowed, now=portal.now, zone=portal.zone)
    prospects = await leads(session, portal.narrowed, now=portal.now, zone=portal.zone)
    care = await care_lines(session, portal.narrowed, CareFilter(state="open"), today=portal.today)
    own, network = await _in_time(portal)
    chosen = await chosen_task(portal, task or _most_urgent(lines))
    return await show(
        portal,
        "dealer/today.html",
        open_complaints=lines,
        open_leads=prospects,
        lines=lines,
        prospects=prospects,
        shown=SHOWN,
        care=[one for one in care if one.task.due_on <= portal.today + timedelta(days=1)],
        due=_due(portal, lines, prospects, care),
        in_time=own,
        network=network,
        task=chosen,
        asked=bool(task),
        **await _figures(portal),
        must_read=[one for one in await news_for(session, portal.reader, today=portal.today) if one.waits],
    )


def _most_urgent(lines: Sequence[DealerComplaint]) -> str:
    ours = [one for one in lines if one.step != "wait_confirm"]
    return f"complaint/{ours[0].number}" if ours else ""


def _due(
    portal: Portal, lines: Sequence[DealerComplaint], prospects: Sequence[DealerLead], care: Sequence[CareLine]
) -> Due:
    left = [one.seconds_left for one in lines if one.seconds_left is not None]
    words = [one.clock.seconds_left for one in prospects if one.clock is not None]
    days = [one.task.due_on for one in care]
    return Due(
        complaints=sum(0 <= one <= 86_400 for one in left),
        leads=sum(0 <= one <= 86_400 for one in words),
        late_leads=sum(one < 0 for one in words),
        care=sum(one == portal.today for one in days),
        late_complaints=sum(one < 0 for one in left),
        late_care=sum(one < portal.today for one in days),
    )


async def _in_time(portal: Portal) -> tuple[Tally, Tally]:
    """Of the dealers shown, and of the whole network."""
    found = await in_time_lately(portal.session, now=portal.now)
    shown = [tally for dealer, tally in found.items() if portal.narrowed.covers(dealer)]
    return total(shown), total(list(found.values()))


async def _figures(portal: Portal) -> dict[str, Any]:
    """The form of today's figures and what stands beside it."""
    ids = [portal.chosen] if portal.chosen else [one.id for one in portal.dealers]
    today = await figures_of(portal.session, ids, portal.today)
    yesterday = await figures_of(portal.session, ids, portal.today - timedelta(days=1))
    missing = await missing_days(
        portal.session, portal.narrowed, now=portal.now, until=portal.rules.report_until, zone=portal.zone
    )
    return {
        "figures": today,
        "yesterday": yesterday,
        "asked_dealers": len(ids),
        "report_until": due_at(portal.today, portal.rules.report_until, portal.zone),
        "missing": missing,
    }


__all__ = ["Task", "router"]
