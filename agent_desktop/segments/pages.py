"""What every page of segments begins with: the reader's words, the site's day, whose data."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from agent_desktop.dependencies import Me, Session, TheReach
from agent_desktop.rendering import language_of, translate
from agent_desktop.segments import words
from agent_desktop.segments.reader import SegmentReader
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.reach import Reach
from crm_core.access.roles import Permission
from crm_core.dealers.model import Dealer
from crm_core.segments import queries
from crm_core.segments.model import WorthRun
from crm_core.segments.portrait import Portrait, portrait

PORTRAIT_KEPT = timedelta(minutes=10)
"""Four scans of all customers: 2 s at 300,000, and nobody needs it to the minute."""


@dataclass(frozen=True, slots=True)
class Look:
    """One request of a page of segments."""

    request: Request
    session: AsyncSession
    me: SignedInUser
    reach: Reach
    say: SegmentReader
    now: datetime
    zone: tzinfo

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": self.me.number, "at": self.now, "zone": self.zone}

    async def frame(self) -> dict[str, Any]:
        """What base and tabs need on every page."""
        run = await queries.running(self.session)
        return {
            "say": self.say,
            "run": run,
            "progress": self.progress(run),
            "computed_at": await queries.computed_at(self.session),
            "may_edit": self.me.may(Permission.EDIT_RULES),
            "may_export": self.me.may(Permission.SEE_REPORTS),
            "today": self.today,
        }

    async def portrait(self) -> Portrait:
        """As of at most ten minutes ago, or of the last computation when that is later."""
        kept: dict[tuple[Reach, datetime | None], tuple[datetime, Portrait]] = self.request.app.state.portraits
        key = self.reach, await queries.computed_at(self.session)
        if key not in kept or self.now - kept[key][0] > PORTRAIT_KEPT:
            found = await portrait(self.session, self.today, self.reach)
            for old in [one for one, (at, _) in kept.items() if self.now - at > PORTRAIT_KEPT]:
                del kept[old]
            kept[key] = self.now, found
        return kept[key][1]

    def progress(self, run: WorthRun | None) -> str:
        """How far the recomputation is, as a sentence; "" = none is under way."""
        if run is None or run.finished_at is not None:
            return ""
        return translate(self.request, words.PHASES[run.phase], done=f"{run.done:,}", all=f"{run.customers:,}")


async def the_look(request: Request, session: Session, me: Me, reach: TheReach) -> Look:
    now, zone = clock.now(), request.app.state.config.site.zone
    today = now.astimezone(zone).date()
    rows = await session.execute(select(Dealer.id, Dealer.short_name).order_by(Dealer.short_name))
    dealers = {key: name for key, name in rows if reach.covers(key)}
    say = SegmentReader(language_of(request), partial(translate, request), today, dealers)
    return Look(request, session, me, reach, say, now, zone)


TheLook = Annotated[Look, Depends(the_look)]


def typed_segment(form: FormData) -> dict[str, Any]:
    """What was typed into the form of a segment; a definition that is no JSON reads as none."""
    texts = {name: str(form.get(name, "")).strip() for name in ("name", "note", "dimension")}
    try:
        definition = json.loads(str(form.get("definition", ""))[:20_000])
    except ValueError:
        definition = None
    return {**texts, "definition": definition}


def place_of(text: str) -> tuple[int, int] | None:
    """The cursor "value.id" of an address; what is none reads as the first page."""
    parts = text.split(".")
    if len(parts) == 2 and all(part.isascii() and part.isdigit() and len(part) < 11 for part in parts):
        return int(parts[0]), int(parts[1])
    return None
