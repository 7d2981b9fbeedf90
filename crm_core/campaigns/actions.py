"""What people do with a campaign: make and change it, try it on a sample, start, pause and end it. All is audited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed, noting
from crm_core.campaigns.checks import campaign_problems, is_spoken
from crm_core.campaigns.model import Campaign, CampaignEntry
from crm_core.campaigns.rules import settings_from, state_of, status_after
from crm_core.care.settings import feeding
from crm_core.db import storable
from crm_core.errors import NotFound, Refused
from crm_core.integration.outbox import tell
from crm_core.workforce.fields import Unusable

FIELDS = ("name", "mode", "purpose", "in_name_of", "queue", "questionnaire_id", "questionnaire_version")


class CampaignChangedMeanwhile(Refused):
    """The form is older than the campaign."""

    def __init__(self) -> None:
        super().__init__("Somebody saved this meanwhile. Your entries are still here: compare, then save again.")


async def campaign(session: AsyncSession, campaign_id: int, *, lock: bool = False) -> Campaign:
    """Raises NotFound. `lock`: others who change or dial this campaign wait for the transaction."""
    found = await session.get(Campaign, campaign_id, with_for_update=lock)
    if found is None:
        raise NotFound("There is no such campaign.")
    return found


async def save_campaign(
    session: AsyncSession,
    campaign_id: int | None,
    typed: Mapping[str, Any],
    *,
    base: int | None = None,
    actor: str,
    at: datetime,
) -> Campaign:
    """Make a campaign (None: a draft, nothing is dialled) or change one; `typed` has FIELDS and `settings`.

    Raises Unusable with every wrong field; CampaignChangedMeanwhile when `base` is not the saved revision any more;
    Refused for one that has ended, and for another mode while it calls.
    """
    row = await campaign(session, campaign_id, lock=True) if campaign_id is not None else None
    wrong = await campaign_problems(session, typed)
    if wrong:
        raise Unusable(wrong)
    if row is not None and base is not None and base != row.revision:
        raise CampaignChangedMeanwhile
    if row is not None and row.status == "ended":
        raise Refused("This campaign has ended. Make a new one from it.")
    if row is not None and row.status in ("running", "sample") and typed["mode"] != row.mode:
        raise Refused("Pause the campaign before it calls in another way.")
    before = _state(row) if row is not None else None
    row = row or Campaign(status="draft", revision=0, created_by=storable(actor, 16), created_at=at, ended_why="")
    _write(row, typed, at)
    row.revision += 1
    session.add(row)
    await session.flush()
    subject = f"campaign/{row.id}"
    action = "campaign_saved" if before else "campaign_made"
    detail = changed(before, _state(row), name=row.name)
    await audit(session, at=at, actor=actor, action=action, subject=subject, detail=detail)
    return row


def _write(row: Campaign, typed: Mapping[str, Any], at: datetime) -> None:
    row.name = " ".join(storable(typed["name"], 200).split())
    row.mode, row.purpose = typed["mode"], str(typed["purpose"])
    row.in_name_of, row.queue = typed.get("in_name_of") or "centre", typed.get("queue") or ""
    row.questionnaire_id = typed.get("questionnaire_id") or None
    row.questionnaire_version = typed.get("questionnaire_version") or 0
    settings, old = settings_from(typed["settings"]), settings_from(row.settings or {})
    # What an older way of listening got wrong says nothing of the new one: errors are counted from the change on.
    since = old.detection_since if settings.detection == old.detection else at.isoformat()
    row.settings = state_of(replace(settings, detection_since=since))


def _state(row: Campaign) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in FIELDS}, **row.settings}


async def start(session: AsyncSession, campaign_id: int, *, actor: str, at: datetime) -> Campaign:
    """Everybody on the list is called from now on, as far as each may be. Refused when nobody is on it or comes."""
    return await _act(session, campaign_id, "start", actor=actor, at=at)


async def start_sample(session: AsyncSession, campaign_id: int, *, actor: str, at: datetime) -> Campaign:
    """Only the entries of the sample are called. Refused when none is chosen."""
    return await _act(session, campaign_id, "sample", actor=actor, at=at)


async def pause(session: AsyncSession, campaign_id: int, *, actor: str, at: datetime) -> Campaign:
    """No further call is placed; those that ring or talk go on."""
    return await _act(session, campaign_id, "pause", actor=actor, at=at)


async def end(session: AsyncSession, campaign_id: int, *, why: str = "", actor: str, at: datetime) -> Campaign:
    """For good; whoever still waits on its list is not called."""
    return await _act(session, campaign_id, "end", actor=actor, at=at, why=why)


async def _act(
    session: AsyncSession, campaign_id: int, act: str, *, actor: str, at: datetime, why: str = ""
) -> Campaign:
    row = await campaign(session, campaign_id, lock=True)
    before, after = row.status, status_after(row.status, act)
    if after in ("running", "sample"):
        await _require_somebody(session, row, sample=after == "sample")
        row.started_at = row.started_at or at
    if after == "ended":
        row.ended_at, row.ended_why = at, " ".join(storable(why, 400).split())[:200]
    row.status = after
    await session.flush()
    await tell(session, f"campaign.{after}", f"campaign/{row.id}", {"name": row.name}, at=at)
    detail = noting(name=row.name, before=before, why=row.ended_why)
    await audit(session, at=at, actor=actor, action=f"campaign_{act}", subject=f"campaign/{row.id}", detail=detail)
    return row


async def _require_somebody(session: AsyncSession, row: Campaign, *, sample: bool) -> None:
    wrong = await campaign_problems(session, {**_state(row), "settings": row.settings})
    if wrong:
        raise Unusable(wrong)
    if not await is_spoken(session, row):
        raise Refused(
            "The sounds of these questions are being made. Try again in some minutes; if it stays so, a voice lacks."
        )
    listed = exists().where(CampaignEntry.campaign_id == row.id, CampaignEntry.state.in_(("waiting", "dialling")))
    if sample:
        listed = listed.where(CampaignEntry.sample.is_(True))
    if await session.scalar(select(listed)):
        return
    if sample:
        raise Refused("Choose a sample first: nobody is in it.")
    if not await feeding(session, row.id):
        raise Refused("Nobody is on the list who could be called. Add customers first, or let a rule of care fill it.")
