"""What the caller already did in the menu and where the caller is, as sentences for the agent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.desk.pop import Said
from agent_desktop.words import N_
from crm_core.nuisance.model import NuisanceMark
from crm_core.nuisance.queries import marks_of
from crm_core.phone import to_e164
from crm_core.self_service.acts import acts_of
from crm_core.self_service.model import PositionLink, SelfServiceAct
from crm_core.self_service.places import place_of_call

_SENTENCES = {
    ("identify", "right"): N_("Proved who it is"),
    ("identify", "wrong"): N_("Gave a wrong plate or PIN"),
    ("identify", "no_more"): N_("Has no more tries to prove who it is"),
    ("case_state", "found"): N_("Heard the state of {case_number}"),
    ("case_state", "none"): N_("Asked for open cases: none"),
    ("next_service", "found"): N_("Heard the next service: {service_date}"),
    ("next_service", "recall"): N_("Heard that a recall is open"),
    ("next_service", "none"): N_("Asked for the next service: not known"),
    ("nearest_station", "found"): N_("Heard the nearest station"),
    ("nearest_station", "closed"): N_("Heard the nearest station: closed now"),
    ("nearest_station", "unknown_place"): N_("Asked for a station: the place was not understood"),
    ("position_link", "sent"): N_("Got the link that asks for the place"),
    ("position_link", "not_sent"): N_("Could not be sent the link that asks for the place"),
    ("open_rescue", "opened"): N_("Opened the rescue {case_number}"),
    ("open_rescue", "open_already"): N_("Asked again for the rescue {case_number}"),
    ("book_callback", "booked"): N_("Booked a call back"),
    ("book_callback", "refused"): N_("Could not book a call back: the number may not be called"),
    ("request_material", "noted"): N_("Asked for material: {case_number}"),
    ("stop_calls", "stopped"): N_("Wants no more calls of ours"),
    ("record_consent", "noted"): N_("Answered a question of consent"),
    ("survey_answer", "kept"): N_("Answered a question after the call"),
}
MOST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class InMenu:
    """`place` None = not told. `mark` is this agent's mark of the number as a nuisance; `markable`: it has a number."""

    acts: tuple[Said, ...] = ()
    place: PositionLink | None = None
    mark: NuisanceMark | None = None
    markable: bool = False


async def read_in_menu(session: AsyncSession, contact_id: str, caller: str, agent: str) -> InMenu:
    number = to_e164(caller) or ""
    marks = await marks_of(session, number) if number else []
    return InMenu(
        acts=sentences(await acts_of(session, contact_id)),
        place=await place_of_call(session, contact_id),
        mark=next((one for one in marks if one.by == agent), None),
        markable=bool(number),
    )


def sentences(acts: Iterable[SelfServiceAct]) -> tuple[Said, ...]:
    """The latest of each kind, in the order in which they were done; at most `MOST`, the last ones."""
    latest: dict[str, SelfServiceAct] = {}
    for act in acts:
        latest.pop(act.operation, None)
        latest[act.operation] = act
    said = [_said(act) for act in latest.values() if (act.operation, act.result) in _SENTENCES]
    return tuple(said[-MOST:])


def _said(act: SelfServiceAct) -> Said:
    gaps = {"case_number": "", "service_date": "—", **{name: text or "—" for name, text in act.facts.items()}}
    return Said(_SENTENCES[act.operation, act.result], gaps)
