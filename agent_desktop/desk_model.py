"""Everything one agent's desk shows, read in one go, so that load, click and push show the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop import desk_queries
from agent_desktop.desk_party import Party, read_party
from agent_desktop.desk_queries import NearbyDealer, OwnContact
from agent_desktop.desk_work import Work, read_work
from agent_desktop.pop import Brief, CallFacts, Said, brief, likely_vehicle, missing_fields
from agent_desktop.ports import CallView, DeskView, FloorView
from crm_core.clock import instant
from crm_core.customers.choices import choices
from crm_core.customers.facts import CustomerCard, CustomerChoice
from crm_core.customers.queries import card
from crm_core.history.model import Contact


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordForm:
    """The agent's entries so far. `vehicle_id` and `case_id` are our guess until the agent chooses."""

    kind: str
    sub_kind: str
    relation: str
    disposition: str
    note: str
    vehicle_id: int | None
    case_id: int | None
    saved: bool
    finished: bool

    @property
    def missing(self) -> tuple[Said, ...]:
        return missing_fields(self.kind, self.disposition)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What is read of who calls. It is the same for every agent, and can be read while the caller still waits."""

    card: CustomerCard | None
    choices: tuple[CustomerChoice, ...]
    dealers: tuple[NearbyDealer, ...]
    recordings: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """One contact as the three columns show it. `choices` is filled while several customers may be calling."""

    facts: CallFacts
    card: CustomerCard | None
    choices: tuple[CustomerChoice, ...]
    brief: Brief
    record: RecordForm
    dealers: tuple[NearbyDealer, ...]
    recordings: Mapping[str, int]
    queue_name: str

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
) -> Desk:
    """`work` spares reading what a ringing phone must not wait for."""
    facts = await live_facts(session, view)
    work = work or await read_work(session, view.agent, floor, now=now, zone=zone, language=language)
    pane = await read_pane(session, facts, now=now, zone=zone, queue_names=work.queue_names) if facts else None
    party = await read_party(session, view.call.party if view.call else None, language)
    return Desk(view=view, work=work, pane=pane, party=party)


async def live_facts(session: AsyncSession, view: DeskView) -> CallFacts | None:
    """The call on the desk now, or the one whose record is written after it."""
    if view.call:
        return facts_of_call(view.call)
    if view.last_call and view.state == "wrap_up":
        row = await desk_queries.contact(session, view.last_call)
        return await facts_of_row(session, row, "wrap_up") if row else None
    return None


def facts_of_call(call: CallView) -> CallFacts:
    return CallFacts(
        contact=call.call,
        direction=call.direction,
        phase=call.phase,
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
    session: AsyncSession, facts: CallFacts, *, now: datetime, zone: tzinfo, queue_names: Mapping[str, str]
) -> Pane:
    row = await desk_queries.contact(session, facts.contact)
    caller = await read_caller(session, facts.matches, row.customer_id if row else None, now=now)
    return make_pane(facts, caller, row, now=now, zone=zone, queue_names=queue_names)


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
        dealers=tuple(await desk_queries.nearby_dealers(session, found.dealer_id) if found and found.dealer_id else ()),
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
) -> Pane:
    told = brief(facts, caller.card, now, zone)
    return Pane(
        facts=facts,
        card=caller.card,
        choices=caller.choices,
        brief=told,
        record=_form(row, caller.card, told),
        dealers=caller.dealers,
        recordings=caller.recordings,
        queue_name=queue_names.get(facts.queue, facts.queue),
    )


def _form(row: Contact | None, found: CustomerCard | None, told: Brief) -> RecordForm:
    vehicle = likely_vehicle(found, told.case)
    begun = bool(row and (row.kind or row.note or row.disposition))
    if row is not None and begun:
        return RecordForm(
            kind=row.kind,
            sub_kind=row.sub_kind,
            relation=row.relation,
            disposition=row.disposition,
            note=row.note,
            vehicle_id=row.vehicle_id,
            case_id=row.case_id,
            saved=True,
            finished=row.recorded_at is not None,
        )
    return RecordForm(
        kind="",
        sub_kind="",
        relation="",
        disposition="",
        note="",
        vehicle_id=vehicle.vehicle_id if vehicle else None,
        case_id=told.case.case_id if told.case else None,
        saved=False,
        finished=False,
    )


async def record_missing(session: AsyncSession, contact_id: str) -> tuple[Said, ...]:
    """What the record of a contact still needs; nothing for a contact that is not written yet."""
    row = await desk_queries.contact(session, contact_id)
    return missing_fields(row.kind, row.disposition) if row else ()
