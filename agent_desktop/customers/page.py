"""The customer's page as values for its template: one view, one page of the timeline, what comes, the open form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop import formats, words
from agent_desktop.customers import story as customer_story
from agent_desktop.customers import words as customer_words
from agent_desktop.customers.forms import shown
from agent_desktop.customers.outlook import outlook
from agent_desktop.customers.reader import Reader
from agent_desktop.desk import words as desk_words
from agent_desktop.naming import names_for
from agent_desktop.recordings.hearing import listener_of
from agent_desktop.rendering import language_of, page, translate
from crm_core import clock
from crm_core.consent.purposes import Channel
from crm_core.consent.queries import matrix
from crm_core.customers import parts
from crm_core.customers.duplicates import suggestions_of
from crm_core.customers.editing import changes_of
from crm_core.customers.part_states import read_state
from crm_core.customers.parts import Part, fingerprint
from crm_core.customers.timeline import timeline_and_counts
from crm_core.customers.view import CustomerView, view
from crm_core.dealers.model import Dealer
from crm_core.errors import NotFound
from crm_core.self_service.model import CallerPin
from crm_core.workforce.queries import names
from recording.policy import may_hear

REGIONS = ("contact", "person", "relations", "profile", "vehicles", "timeline", "older", "history", "consents", "pin")
PAGE_SIZE = 30
CONSENT_CHANNELS = (Channel.PHONE, Channel.SMS, Channel.EMAIL, Channel.WECHAT)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says: the timeline's filter, the form that is open, the save that can be taken back."""

    show: str = ""
    vehicle: int | None = None
    before: str = ""
    edit: str = ""
    region: str = ""
    saved: int = 0
    history: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        return customer_words.GROUPS.get(self.show, ("", ()))[1]


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that was refused: what stood in it, and the sentence of each wrong field."""

    values: Mapping[str, Any]
    errors: Mapping[str, str]
    status: int


async def render_customer(reader: Reader, customer_id: int, asked: Asked, typed: Typed | None = None) -> HTMLResponse:
    """The page, or the region that the script asked for. Raises NotFound for an unknown or a merged customer."""
    request, session = reader.request, reader.session
    at, zone = clock.now(), request.app.state.site.zone
    seen = await view(session, customer_id, now=at, reach=reader.reach)
    if seen is None:
        raise NotFound("There is no such customer.")
    entries, counts = await timeline_and_counts(
        session, customer_id, kinds=asked.kinds, vehicle_id=asked.vehicle, before=asked.before or None, limit=PAGE_SIZE
    )
    listener = await listener_of(session, reader.me)
    language = language_of(request)
    values = {
        "asked": asked,
        "here": f"/customers/{customer_id}",
        "seen": seen,
        "age": seen.age(at),
        "entries": entries,
        "months": customer_story.months(entries, zone),
        "counts": customer_story.filters(counts),
        "older": entries[-1].cursor if len(entries) == PAGE_SIZE else "",
        "steps": await outlook(session, seen, at=at, zone=zone, language=language),
        "suggestions": await suggestions_of(session, customer_id),
        "consents": await matrix(session, customer_id),
        "answer": typed.values if typed and asked.edit == "consents" else {},
        "channels": CONSENT_CHANNELS,
        "pin": await session.get(CallerPin, customer_id),
        "hearable": {
            entry.ref for entry in entries if entry.recording_id and may_hear(listener, agent=entry.recording_agent)
        },
        "changes": await changes_of(session, customer_id) if asked.history else [],
        "today": at.astimezone(zone).date(),
        "may": reader.may(),
        **await _form(session, seen, asked, typed, may_edit=reader.may()["edit"]),
        **vocabulary(request),
        **await _named(session, language),
    }
    region = asked.region if asked.region in REGIONS else None
    status = typed.status if typed else 200
    return page(request, "customers/page.html", region, status_code=status, **values)


def vocabulary(request: Request) -> dict[str, Any]:
    """The tables of words that the templates look into, and the ways to write a fact."""
    language = language_of(request)

    def say(table: Mapping[str, str], code: str | None) -> str:
        return translate(request, table[code or ""]) if (code or "") in table else (code or "")

    return {
        "cw": customer_words,
        "dw": desk_words,
        "parts": parts,
        "story": customer_story,
        "say": say,
        "case_kinds": words.KINDS,
        "classes": words.CLASSES,
        "money": lambda yuan: formats.money(yuan, language),
        "verdict_reason": lambda verdict: translate(request, verdict.reason, **verdict.values),
    }


async def _form(
    session: AsyncSession, seen: CustomerView, asked: Asked, typed: Typed | None, *, may_edit: bool
) -> dict[str, Any]:
    """The open form with what is kept or was typed, and the fingerprint of what is kept."""
    parts_with_forms = (Part.PERSON, Part.CONTACT, Part.RELATIONS, Part.PROFILE)
    if asked.edit not in parts_with_forms or not may_edit:
        return {"form": None, "base": "", "errors": typed.errors if typed else {}, "dealers": []}
    state = await read_state(session, seen.customer, Part(asked.edit))
    dealers = select(Dealer.id, Dealer.short_name).where(Dealer.active.is_(True)).order_by(Dealer.short_name)
    return {
        "form": shown(state, typed.values if typed else None),
        "base": fingerprint(state),
        "errors": typed.errors if typed else {},
        "dealers": (await session.execute(dealers)).all() if asked.edit == Part.PERSON else [],
    }


async def _named(session: AsyncSession, language: str) -> dict[str, Any]:
    return {"named": names_for(language, await names(session), ())}
