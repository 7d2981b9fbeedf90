"""Past and present calls: the list with its filters in the address, and one contact with everything that happened."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from secrets import token_urlsafe
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.contacts.queries import ContactLine, contact_lines, customer_line
from agent_desktop.contacts.story import menu_steps, story, talked, waited
from agent_desktop.contacts.visible import may_see, sees_all
from agent_desktop.dependencies import Me, Session, TheRendering, needs
from agent_desktop.desk import words as desk_words
from agent_desktop.desk.menu_acts import read_in_menu
from agent_desktop.naming import names_for
from agent_desktop.nuisance_words import REASONS as NUISANCE_REASONS
from agent_desktop.recordings.hearing import listener_of
from agent_desktop.rendering import language_of, page, translate
from agent_desktop.security import content_policy
from agent_desktop.words import CALLBACK_RESULTS, KINDS, OUTCOMES
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.callbacks.queries import callback_of
from crm_core.customers.queries import SearchHit, search
from crm_core.errors import NotFound
from crm_core.history.queries import ContactFilter, ContactPage, ContactWithParts, contact, contact_page
from crm_core.phone import to_e164
from crm_core.retention.model import RecordingHold
from crm_core.surveys.queries import answers_of
from crm_core.workforce.queries import names, queues
from recording.policy import may_hear

router = APIRouter(dependencies=[needs(Permission.SEE_CUSTOMERS)])
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they stand in the address; what is empty does not restrict."""

    q: str = ""
    day: str = ""
    queue: str = ""
    agent: str = ""
    outcome: str = ""
    kind: str = ""
    customer: int | None = None
    cursor: str = ""

    def address(self, **changes: object) -> str:
        """The list's address with these filters changed; a changed filter starts from the top."""
        wanted = {name: getattr(self, name) for name in self.__slots__ if name != "cursor"} | changes
        query = urlencode({name: value for name, value in wanted.items() if value})
        return f"/contacts?{query}" if query else "/contacts"


@router.get("/contacts")
async def show_contacts(
    request: Request, session: Session, me: Me, rendering: TheRendering, asked: Annotated[Asked, Depends()]
) -> Response:
    own_only = not sees_all(me)
    hits = await _customers_named(session, asked)
    found = await _found(session, asked, hits, me.number if own_only else "", rendering)
    lines: list[ContactLine] = await contact_lines(session, found.contacts)
    return page(
        request,
        "contacts/list.html",
        asked=asked,
        hits=hits if len(hits) > 1 else [],
        lines=lines,
        own_only=own_only,
        sees_ratings=me.may(Permission.SEE_REPORTS),
        may_dial=me.may(Permission.TAKE_CALLS),
        may_block=me.may(Permission.BLOCK_NUMBERS),
        older=asked.address(cursor=found.next_cursor) if found.next_cursor else "",
        customer=await customer_line(session, asked.customer) if asked.customer else None,
        named=names_for(language_of(request), await names(session), await queues(session)),
        kinds=list(KINDS),
        outcomes=[outcome for outcome in OUTCOMES if outcome],
    )


async def _customers_named(session: AsyncSession, asked: Asked) -> list[SearchHit]:
    if not asked.q or asked.customer or to_e164(asked.q):
        return []
    return await search(session, asked.q)


async def _found(
    session: AsyncSession, asked: Asked, hits: list[SearchHit], only_agent: str, rendering: TheRendering
) -> ContactPage:
    """A number is looked up as the caller; any other text names a customer, who must be the only one."""
    number = to_e164(asked.q) if asked.q and not asked.customer else ""
    customer = asked.customer or (hits[0].customer.customer_id if len(hits) == 1 else None)
    if asked.q and not number and customer is None:
        return ContactPage(contacts=(), next_cursor="")
    start, end = None, None
    day = _day(asked.day)
    if day:
        start, end = clock.day_bounds(day, rendering.site.zone)
    wanted = ContactFilter(
        start=start,
        end=end,
        queue=asked.queue,
        agent=only_agent or asked.agent,
        outcome=asked.outcome,
        kind=asked.kind,
        caller=number or "",
        customer_id=customer,
    )
    return await contact_page(session, wanted, cursor=asked.cursor, limit=PAGE_SIZE)


def _day(text: str) -> date | None:
    """A day that cannot be read does not restrict."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@router.get("/contacts/{contact_id}")
async def show_contact(request: Request, session: Session, me: Me, contact_id: str) -> Response:
    found = await seen_contact(session, me, contact_id)
    whole, listener = found.contact, await listener_of(session, me)
    nonce, policy = player_policy(request)
    return page(
        request,
        "contacts/contact.html",
        headers=policy,
        style_nonce=nonce,
        may_dial=me.may(Permission.TAKE_CALLS),
        contact=whole,
        customer=await customer_line(session, whole.customer_id, whole.vehicle_id) if whole.customer_id else None,
        moments=story(whole),
        steps=menu_steps(whole),
        waited=waited(whole),
        talked=talked(whole),
        recordings=[(one, may_hear(listener, agent=one.agent), time_marks(one.seconds)) for one in found.recordings],
        named=names_for(language_of(request), await names(session), await queues(session)),
        callback=await callback_of(session, whole.id),
        callback_words=CALLBACK_RESULTS,
        rated=await answers_of(session, whole.id),
        in_menu=await read_in_menu(session, whole.id, whole.caller, me.number),
        say=lambda said: translate(request, said.message_id, **said.values),
        may_mark=me.may(Permission.WRITE_RECORD),
        may_hold=me.may(Permission.EDIT_RULES) and bool(found.recordings),
        held=await session.get(RecordingHold, whole.id),
        nuisance_reasons=NUISANCE_REASONS,
        disposition_words=desk_words.DISPOSITIONS,
        sub_kind_words=desk_words.SUB_KINDS.get(whole.kind, {}),
    )


async def seen_contact(session: AsyncSession, me: SignedInUser, contact_id: str) -> ContactWithParts:
    """A call that this person may look at. NotFound for every other one."""
    found = await contact(session, contact_id[:64])
    if found is None or not may_see(me, found.contact):
        raise NotFound("This call is not known.")
    return found


def player_policy(request: Request) -> tuple[str, dict[str, str]]:
    """A nonce and the header for a page with the player: its waveform draws in a shadow tree with its own style."""
    nonce = token_urlsafe(16)
    policy = content_policy(request.app.state.config).replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
    return nonce, {"Content-Security-Policy": policy}


def time_marks(seconds: float | None) -> list[int]:
    """Whole seconds to write under a waveform, about five of them."""
    if not seconds or not math.isfinite(seconds):
        return []
    step = next((s for s in (5, 10, 15, 30, 60, 120, 300, 600, 1800) if seconds / s <= 6), 3600)
    return list(range(0, int(seconds * 0.93), step))  # the end is written too
