"""The record of a contact as one agent writes it, and where the contact is when that agent has it no more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.desk import queries as desk_queries
from agent_desktop.desk.pop import Brief, Said, likely_vehicle, missing_fields
from agent_desktop.ports import FloorView
from agent_desktop.words import N_
from crm_core.customers.facts import CustomerCard
from crm_core.history.model import Contact
from crm_core.history.notes import AgentNote
from crm_core.workforce.queries import names


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordForm:
    """The entries so far. `vehicle_id` and `case_id` are our guess until the agent chooses.

    `note` is the agent's own; `others` are those of colleagues who had a part in the contact.
    """

    kind: str
    sub_kind: str
    relation: str
    disposition: str
    note: str
    vehicle_id: int | None
    case_id: int | None
    saved: bool
    finished: bool
    others: tuple[AgentNote, ...] = ()

    @property
    def missing(self) -> tuple[Said, ...]:
        return missing_fields(self.kind, self.disposition)


def record_form(
    row: Contact | None, notes: Sequence[AgentNote], found: CustomerCard | None, told: Brief, agent: str
) -> RecordForm:
    """`agent` is who looks at it."""
    vehicle = likely_vehicle(found, told.case)
    others = tuple(note for note in notes if note.agent != agent)
    if row is None or not (row.kind or row.note or row.disposition):
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
    if not notes and row.note and row.agent not in ("", agent):  # from before notes had authors
        others = (AgentNote(agent=row.agent, name=row.agent, name_en=row.agent, text=row.note),)
    own = next((note.text for note in notes if note.agent == agent), "" if others else row.note)
    return RecordForm(
        kind=row.kind,
        sub_kind=row.sub_kind,
        relation=row.relation,
        disposition=row.disposition,
        note=own,
        vehicle_id=row.vehicle_id,
        case_id=row.case_id,
        saved=True,
        finished=row.recorded_at is not None,
        others=others,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Whereabouts:
    """Where a contact is that an agent gave away: waiting, parked (in `slot`) or with `agent`."""

    place: str
    agent: str = ""
    slot: str = ""


def whereabouts(floor: FloorView, row: Contact | None, contact: str, agent: str) -> Whereabouts | None:
    """None = with nobody of the house, so that its record is `agent`'s to finish."""
    for desk in floor.agents:
        if desk.agent != agent and desk.call and desk.call.call == contact and desk.call.part == "owner":
            return Whereabouts(place="agent", agent=desk.agent)
    for parked in floor.parked:
        if parked.call == contact:
            return Whereabouts(place="parked", slot=parked.slot)
    if any(caller.call == contact for caller in floor.waiting):
        return Whereabouts(place="waiting")
    if row is not None and row.agent not in ("", agent):
        return Whereabouts(place="agent", agent=row.agent)
    return None


async def said_of(session: AsyncSession, where: Whereabouts | None, language: str) -> Said | None:
    """A sentence for the agent who gave the contact away."""
    if where is None:
        return None
    if where.place == "waiting":
        return Said(N_("Given away; it waits for a colleague"))
    if where.place == "parked":
        return Said(N_("Parked in {slot}"), {"slot": where.slot})
    people = await names(session)
    name = people.get(where.agent, (where.agent, where.agent))[language == "en"]
    return Said(N_("Given to {name}, who finishes the record"), {"name": name})


async def record_missing(session: AsyncSession, floor: FloorView, contact_id: str, agent: str) -> tuple[Said, ...]:
    """What the record still needs before `agent` may go on; nothing when it is a colleague's to finish."""
    row = await desk_queries.contact(session, contact_id)
    if row is None or whereabouts(floor, row, contact_id, agent) is not None:
        return ()
    return missing_fields(row.kind, row.disposition)
