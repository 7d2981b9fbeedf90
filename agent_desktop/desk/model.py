"""Everything one agent's desk shows, read in one go, so that load, click and push show the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.desk import queries as desk_queries
from agent_desktop.desk.knowledge import Assist, read_assist, topic_of
from agent_desktop.desk.menu_acts import InMenu, read_in_menu
from agent_desktop.desk.notices import Notice, senders
from agent_desktop.desk.party import Party, read_party
from agent_desktop.desk.pop import Brief, CallFacts, Said, brief
from agent_desktop.desk.queries import OwnContact
from agent_desktop.desk.record import RecordForm, record_form, said_of, whereabouts
from agent_desktop.desk.stations import NearbyDealer, nearby_dealers
from agent_desktop.desk.work import Work, read_work
from agent_desktop.ports import CallView, DeskView, FloorView
from crm_core.clock import instant
from crm_core.customers.choices import choices
from crm_core.customers.facts import CustomerCard, CustomerChoice
from crm_core.customers.queries import card
from crm_core.history.model import Contact
from crm_core.history.notes import AgentNote, notes_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What is read of who calls. It is the same for every agent, and can be read while the caller still waits."""

    card: CustomerCard | None
    choices: tuple[CustomerChoice, ...]
    dealers: tuple[NearbyDealer, ...]
    recordings: Mapping[str, int]
    acts: tuple[Said, ...] = ()  # in the menu


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """One contact as the three columns show it. `choices` is filled while several customers may be calling.

    `went_on` says where the contact is that this agent gave away; None = the record is this agent's to finish.
    `assist` None = not read yet: a ringing phone does not wait for it.
    """

    facts: CallFacts
    card: CustomerCard | None
    choices: tuple[CustomerChoice, ...]
    brief: Brief
    record: RecordForm
    dealers: tuple[NearbyDealer, ...]
    recordings: Mapping[str, int]
    queue_name: str
    went_on: Said | None = None
    assist: Assist | None = None
    in_menu: InMenu = field(default_factory=InMenu)

    @property
    def key(self) -> str:
        """Changes when the form must be drawn anew: another contact or another customer."""
        return f"{self.facts.contact}:{self.card.customer_id if self.card else 0}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`pane` is the live call, or the contact of after-call work; None when there is neither.

    `ahead` tells that the caller was read before the phone rang and is to be read again. `party` is the second party of
    the call; for a colleague who is asked, the one who asks.
    """

    view: DeskView
    work: Work
    pane: Pane | None
    ahead: bool = False
    party: Party | None = None
    notices: tuple[Notice, ...] = ()
    senders: Mapping[str, str] = field(default_factory=dict)

    @property
    def drafts(self) -> tuple[OwnContact, ...]:
        """Records left open, without the one on the desk."""
        live = self.pane.facts.contact if self.pane else ""
        return tuple(draft for draft in self.work.drafts if draft.contact_id != live)


async def read_desk(
    session: AsyncSession,
    view: DeskView,
    floor: FloorView,
    *,
    now: datetime,
    zone: tzinfo,
    language: str,
    work: Work | None = None,
    notices: tuple[Notice, ...] = (),
) -> Desk:
    """`work` spares reading what a ringing phone must not wait for."""
    facts = await live_facts(session, view)
    work = work or await read_work(session, view.agent, floor, now=now, zone=zone, language=language)
    pane = None
    if facts:
        pane = await read_pane(
            session, facts, view.agent, now=now, zone=zone, queue_names=work.queue_names, language=language
        )
    if pane and pane.facts.phase == "wrap_up":
        row = await desk_queries.contact(session, pane.facts.contact)
        where = whereabouts(floor, row, pane.facts.contact, view.agent)
        pane = replace(pane, went_on=await said_of(session, where, language))
    party = await read_party(session, view.call.party if view.call else None, language)
    who = await senders(session, notices, language)
    return Desk(view=view, work=work, pane=pane, party=party, notices=notices, senders=who)


async def live_facts(session: AsyncSession, view: DeskView) -> CallFacts | None:
    """The call on the desk now, or the one whose record is written after it."""
    if view.call:
        return facts_of_call(view.call)
    if view.last_call and view.state == "wrap_up":
        row = await desk_queries.contact(session, view.last_call)
        return await facts_of_row(session, row, "wrap_up") if row else None
    return None


def is_answered_for(call: CallView) -> bool:
    """The phone answers this call by itself: the agent had it when the browser went away, or a campaign's customer has
    just answered and must not wait for a click."""
    return call.phase == "ringing" and call.why in ("resume", "campaign")


def facts_of_call(call: CallView) -> CallFacts:
    return CallFacts(
        contact=call.call,
        direction=call.direction,
        phase="talking" if is_answered_for(call) else call.phase,
        caller=call.caller,
        queue=call.queue,
        topic=call.topic,
        menu_path=call.menu_path,
        matches=call.matches,
        why=call.why,
        started_at=call.started_at,
        waited=(call.offered_at or call.answered_at) - call.queued_at if call.queued_at else None,
        answered_at=call.answered_at,
        hold_since=call.hold_since,
    )


async def facts_of_row(session: AsyncSession, row: Contact, phase: str) -> CallFacts:
    return CallFacts(
        contact=row.id,
        direction=row.direction,
        phase=phase,
        caller=row.caller,
        queue=row.queue,
        topic=row.topic,
        menu_path=tuple(row.menu_path.split(">")) if row.menu_path else (),
        matches=(row.customer_id,) if row.customer_id else (),
        why="",
        started_at=instant(row.started_at),
        waited=await desk_queries.waited_seconds(session, row.id),
        answered_at=instant(row.answered_at) if row.answered_at else 0.0,
        hold_since=0.0,
    )


async def read_pane(
    session: AsyncSession,
    facts: CallFacts,
    agent: str,
    *,
    now: datetime,
    zone: tzinfo,
    queue_names: Mapping[str, str],
    language: str,
) -> Pane:
    """For the eyes of `agent`, whose own note is under the pen."""
    row = await desk_queries.contact(session, facts.contact)
    caller = await read_caller(session, facts.matches, row.customer_id if row else None, now=now)
    notes = await notes_of(session, facts.contact)
    pane = make_pane(facts, caller, row, now=now, zone=zone, queue_names=queue_names, agent=agent, notes=notes)
    topic = await topic_of(session, facts, pane.card, pane.record, notes)
    today = now.astimezone(zone).date()
    assist = await read_assist(session, facts, topic, agent, on=today, language=language)
    in_menu = await read_in_menu(session, facts.contact, facts.caller, agent)
    return replace(pane, assist=assist, in_menu=in_menu)


async def read_caller(
    session: AsyncSession, matches: tuple[int, ...], customer_id: int | None = None, *, now: datetime
) -> Caller:
    """`customer_id` is who it is for sure; else one match is certain, and several are a choice."""
    if customer_id is None and len(matches) == 1:
        customer_id = matches[0]
    found = await card(session, customer_id, now=now) if customer_id else None
    several = await choices(session, matches) if found is None and len(matches) > 1 else []
    shown = [contact.contact_id for contact in found.last_contacts] if found else []
    return Caller(
        card=found,
        choices=tuple(several),
        dealers=tuple(await nearby_dealers(session, found.dealer_id) if found and found.dealer_id else ()),
        recordings=await desk_queries.recordings_of(session, shown) if shown else {},
    )


def make_pane(
    facts: CallFacts,
    caller: Caller,
    row: Contact | None,
    *,
    now: datetime,
    zone: tzinfo,
    queue_names: Mapping[str, str],
    agent: str = "",
    notes: Sequence[AgentNote] = (),
) -> Pane:
    told = brief(facts, caller.card, now, zone)
    return Pane(
        facts=facts,
        card=caller.card,
        choices=caller.choices,
        brief=told,
        record=record_form(row, notes, caller.card, told, agent),
        dealers=caller.dealers,
        recordings=caller.recordings,
        queue_name=queue_names.get(facts.queue, facts.queue),
        in_menu=InMenu(acts=caller.acts, markable=bool(facts.caller)),
    )
