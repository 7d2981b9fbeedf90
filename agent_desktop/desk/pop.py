"""What the caller probably wants and why we think so. Pure: facts in, sentences out, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from agent_desktop.desk import words as desk_words
from agent_desktop.words import KINDS, N_, TOPICS
from crm_core.customers.facts import CaseFacts, ContactFacts, CustomerCard, VehicleFacts

RECENT = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence to translate; a value may be a sentence itself."""

    message_id: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFacts:
    """What is known of one contact. `phase`: ringing, dialling, talking, hold, wrap_up or draft."""

    contact: str
    direction: str
    phase: str
    caller: str
    queue: str
    topic: str
    menu_path: tuple[str, ...]
    matches: tuple[int, ...]
    why: str
    started_at: float
    waited: float | None
    answered_at: float
    hold_since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """`guess` is the one sentence of the pop, `basis` what it rests on, `case` the open case it means."""

    guess: Said
    basis: tuple[Said, ...]
    case: CaseFacts | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Clue:
    label: Said
    value: Said
    detail: Said


def brief(facts: CallFacts, card: CustomerCard | None, now: datetime, zone: tzinfo) -> Brief:
    """The most telling of: an open case of the chosen section, a case that is due, the section, a fresh contact."""
    case = likely_case(facts, card, now)
    basis = _basis(facts, card, case, now, zone)
    return Brief(guess=_guess(facts, card, case, now), basis=basis, case=case)


def likely_case(facts: CallFacts, card: CustomerCard | None, now: datetime) -> CaseFacts | None:
    """The open case of the menu section chosen, else one that is due within a day or over, most urgent first."""
    cases = card.open_cases if card else ()
    fitting = [case for case in cases if case.kind == facts.topic]
    if fitting:
        return fitting[0]
    return next((case for case in cases if case.due_at and case.due_at < now + timedelta(days=1)), None)


def likely_vehicle(card: CustomerCard | None, case: CaseFacts | None) -> VehicleFacts | None:
    """The vehicle of the case, else the only one; several and no case = nobody knows."""
    vehicles = card.vehicles if card else ()
    if case and case.vehicle_id:
        return next((vehicle for vehicle in vehicles if vehicle.vehicle_id == case.vehicle_id), None)
    return vehicles[0] if len(vehicles) == 1 else None


def _guess(facts: CallFacts, card: CustomerCard | None, case: CaseFacts | None, now: datetime) -> Said:
    if facts.direction == "outbound":
        return Said(N_("A call out to this number"))
    if case:
        return Said(N_("Probably asks about: {what}"), {"what": case.title})
    vehicle = likely_vehicle(card, None)
    if facts.topic in KINDS:
        topic = Said(KINDS[facts.topic])
        if vehicle:
            return Said(N_("Probably wants: {what}, for the {vehicle}"), {"what": topic, "vehicle": vehicle.model})
        return Said(N_("Probably wants: {what}"), {"what": topic})
    fresh = _fresh_contact(facts, card, now)
    if fresh:
        about = Said(KINDS[fresh.kind]) if fresh.kind in KINDS else Said(N_("the last call"))
        return Said(N_("Probably comes back to: {what}"), {"what": about})
    return Said(N_("Not known yet: please ask"))


def _basis(
    facts: CallFacts, card: CustomerCard | None, case: CaseFacts | None, now: datetime, zone: tzinfo
) -> tuple[Said, ...]:
    found: list[Said] = []
    if facts.menu_path and facts.topic in TOPICS:
        found.append(Said(N_('chose "{topic}" in the menu'), {"topic": Said(TOPICS[facts.topic])}))
    if case and case.due_at:
        today = now.astimezone(zone).date()
        due = case.due_at.astimezone(zone).date()
        word = N_("case {number} is over its time") if case.due_at < now else N_("case {number} is open")
        if case.due_at >= now and due == today:
            word = N_("case {number} is due today")
        found.append(Said(word, {"number": case.number}))
    fresh = _fresh_contact(facts, card, now)
    if fresh and fresh.agent_name:
        found.append(Said(N_("spoke with {agent} within 72 hours"), {"agent": fresh.agent_name}))
    if not found:
        return (Said(N_("no menu choice, no open case, no recent call")),)
    return tuple(found)


def _fresh_contact(facts: CallFacts, card: CustomerCard | None, now: datetime) -> ContactFacts | None:
    """The one before this: while its record is written this one has ended, too."""
    before = (one for one in card.last_contacts if one.contact_id != facts.contact) if card else iter(())
    latest = next(before, None)
    return latest if latest and latest.started_at > now - RECENT else None


def clues(facts: CallFacts, card: CustomerCard | None, *, waited: str) -> tuple[Clue, ...]:
    """Menu path, wait, identification, why this agent: always four, always in this order. `waited` reads 00:23."""
    path = [TOPICS.get(node, node) for node in facts.menu_path if node not in ("main", "language")]
    last = Said(path[-1]) if path else Said(N_("No menu choice"))
    before = Said(path[-2]) if len(path) > 1 else Said(N_("Main menu"))
    return (
        Clue(label=Said(N_("Menu path")), value=last, detail=before if path else Said(N_("went straight on"))),
        Clue(
            label=Said(N_("Wait")),
            value=Said("{text}", {"text": waited}),
            detail=Said(N_("in the queue")) if facts.waited is not None else Said(N_("was not queued")),
        ),
        _identification(facts, card),
        _why_me(facts),
    )


def _identification(facts: CallFacts, card: CustomerCard | None) -> Clue:
    label = Said(N_("Identified"))
    if not facts.caller:
        return Clue(label=label, value=Said(N_("Number hidden")), detail=Said(N_("ask for name and plate")))
    if len(facts.matches) > 1:
        detail = Said(N_("{count} customers have it"), {"count": len(facts.matches)})
        return Clue(label=label, value=Said(N_("By number")), detail=detail)
    if card:
        return Clue(label=label, value=Said(N_("By number")), detail=Said(N_("one match")))
    return Clue(label=label, value=Said(N_("Unknown number")), detail=Said(N_("no customer has it")))


def _why_me(facts: CallFacts) -> Clue:
    value, detail = desk_words.WHY.get(facts.why, (N_("Your call"), ""))
    if facts.direction == "outbound":
        value, detail = N_("You dialled"), ""
    return Clue(label=Said(N_("Came to you because")), value=Said(value), detail=Said(detail))


def greeting(
    facts: CallFacts, card: CustomerCard | None, case: CaseFacts | None, *, who: str, site: str, agent: str
) -> Said:
    """The first sentence to say. `who` is the customer as they are addressed, "" = unknown."""
    vehicle = likely_vehicle(card, case)
    values = {"who": who, "site": site, "agent": agent, "vehicle": vehicle.model if vehicle else Said(N_("vehicle"))}
    if case:
        return Said(desk_words.GREETING_WITH_CASE, {**values, "case": case.title})
    return Said(desk_words.GREETINGS.get(facts.topic, desk_words.GREETINGS[""]), values)


def addressed(card: CustomerCard | None, language: str) -> str:
    """陈先生 in Chinese; the whole name in English; "" for somebody unknown or a company."""
    if card is None or card.kind != "person":
        return ""
    if language != "zh-CN":
        return card.name
    compound = ("欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐")
    family = card.name[:2] if card.name.startswith(compound) else card.name[:1]
    return f"{family}{card.salutation}" if card.salutation else card.name


def missing_fields(kind: str, disposition: str) -> tuple[Said, ...]:
    """What a record still needs before it can be finished."""
    missing = []
    if not kind:
        missing.append(Said(N_("kind")))
    if not disposition:
        missing.append(Said(N_("result")))
    return tuple(missing)
