"""What every page of campaigns begins with: the reader's words, the people's names, the site's day."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.campaigns import words
from agent_desktop.customers.words import PURPOSES
from agent_desktop.dealer.words import SKIP_REASONS
from agent_desktop.dependencies import Me, Session
from agent_desktop.naming import Names, names_for
from agent_desktop.rendering import Rendering, language_of, translate
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.campaigns.model import CampaignEntry
from crm_core.workforce.queries import names, queues

_TABLES: Mapping[str, Mapping[str, str]] = {
    "status": words.STATUSES,
    "mode": words.MODES,
    "mode_sentence": words.MODE_SENTENCES,
    "purpose": PURPOSES,
    "in_name_of": words.IN_NAME_OF,
    "state": words.STATES,
    "result": words.RESULTS,
    "settled_by": words.SETTLED_BY,
    "settlement": words.SETTLEMENTS,
    "language": words.LANGUAGES,
    "hint": words.FUNNEL_HINTS,
    "slow": words.SLOW,
    "detection": words.DETECTION,
    "skip": SKIP_REASONS,
}


@dataclass(frozen=True, slots=True)
class CampaignReader:
    """Codes and sentences in one reader's language."""

    language: str
    translate: Callable[..., str]

    def word(self, table: str, code: str) -> str:
        known = _TABLES[table]
        return self.translate(known[code]) if code in known else code

    def tone(self, status: str) -> str:
        return words.STATUS_TONES.get(status, "")

    def reason(self, entry: CampaignEntry, named: Names) -> str:
        """Why this customer is not called, with the values of this customer."""
        values = dict(entry.reason_values)
        if "by" in values:
            values["by"] = named.person(str(values["by"]))
        try:
            return self.translate(entry.reason, **values) if entry.reason else ""
        except (KeyError, IndexError):
            return self.short_reason(entry.reason)

    def short_reason(self, reason: str) -> str:
        """The same for many customers, without values."""
        if reason in words.REASONS:
            return self.translate(words.REASONS[reason][0])
        return re.sub(r"\{\w+\}", "…", self.translate(reason))

    def icon(self, reason: str) -> str:
        return words.REASONS.get(reason, ("", "circle-alert"))[1]


def reader_for(rendering: Rendering, language: str) -> CampaignReader:
    """For a push, where there is no request."""

    def say(message_id: str, **values: object) -> str:
        return rendering.translate(language, message_id, values or None)

    return CampaignReader(language, say)


@dataclass(frozen=True, slots=True)
class Look:
    """One request of a page of campaigns."""

    request: Request
    session: AsyncSession
    me: SignedInUser
    say: CampaignReader
    named: Names
    now: datetime
    zone: tzinfo

    @property
    def by(self) -> dict[str, Any]:
        return {"actor": self.me.number, "at": self.now}

    @property
    def frame(self) -> dict[str, Any]:
        """What every template of campaigns needs."""
        return {
            "say": self.say,
            "named": self.named,
            "may_run": self.me.may(Permission.RUN_CAMPAIGNS),
            "may_see_customers": self.me.may(Permission.SEE_CUSTOMERS),
        }


async def the_look(request: Request, session: Session, me: Me) -> Look:
    language = language_of(request)
    return Look(
        request=request,
        session=session,
        me=me,
        say=CampaignReader(language, partial(translate, request)),
        named=names_for(language, await names(session), await queues(session, removed=True)),
        now=clock.now(),
        zone=request.app.state.config.site.zone,
    )


TheLook = Annotated[Look, Depends(the_look)]
