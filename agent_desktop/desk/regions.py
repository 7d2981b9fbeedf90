"""The regions of the agent desktop as HTML: one template each, the same for load, click and push."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from agent_desktop.dependencies import viewer_of
from agent_desktop.desk import words as desk_words
from agent_desktop.desk.knowledge import filled
from agent_desktop.desk.model import Desk, Pane, is_answered_for
from agent_desktop.desk.pop import Said, addressed, clues, greeting, likely_vehicle
from agent_desktop.desk.pops import pop_links
from agent_desktop.desk.stations import stations_for
from agent_desktop.formats import duration, masked_number
from agent_desktop.messages import words as message_words
from agent_desktop.nuisance_words import REASONS as NUISANCE_REASONS
from agent_desktop.ports import DeskView
from agent_desktop.rendering import Rendering
from agent_desktop.words import CLASSES, KINDS, N_, RELATIONS, STATES, TOPICS
from crm_core.access.actions import SignedInUser
from crm_core.phone import location

PANE_REGIONS = ("customer", "record", "assist")
REGIONS = ("callbar", "tabs", "notices", *PANE_REGIONS, "work")
CASE_ICONS = {
    "enquiry": "message-circle-question-mark",
    "complaint": "flag",
    "suggestion": "lightbulb",
    "repair": "wrench",
    "rescue": "life-buoy",
    "material": "file-text",
    "order": "shopping-cart",
}


def render_regions(
    rendering: Rendering, desk: Desk, user: SignedInUser, kept: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Every region; those of the pane are empty while there is no call. `kept` are drawn already."""
    values = desk_values(rendering, desk, user)
    drawn = dict(kept or {})
    for name in REGIONS:
        if name not in drawn:
            drawn[name] = rendering.render(f"desk/{name}.html", language=user.language, **values)
    return drawn


def render_pane(rendering: Rendering, desk: Desk, pane: Pane, user: SignedInUser) -> dict[str, str]:
    """The three columns for a contact that is not the live one: a record left open."""
    values = {**desk_values(rendering, desk, user), **pane_values(rendering, pane, user)}
    return {name: rendering.render(f"desk/{name}.html", language=user.language, **values) for name in PANE_REGIONS}


def desk_values(rendering: Rendering, desk: Desk, user: SignedInUser) -> dict[str, Any]:
    """What the templates see."""
    say = sayer(rendering, user.language)
    return {
        "desk": desk,
        "view": desk.view,
        "call": desk.view.call,
        "party": desk.party,
        "viewer": viewer_of(user),
        "state": shown_state(desk),
        "own_phone": desk.work.agent is None or not desk.work.agent.phone_contact,
        "break_reasons": {code: found for code, found in desk.work.reasons.items() if found[2]},
        "reason_word": lambda reason: _reason_word(reason, desk, say),
        "missed_limit": desk.work.agent.missed_limit if desk.work.agent else 0,
        "dispositions": desk_words.DISPOSITIONS,
        "party_results": desk_words.PARTY_RESULTS,
        "drop_messages": desk_words.DROP_MESSAGES,
        "sub_kinds": desk_words.SUB_KINDS,
        "kinds": KINDS,
        "nuisance_reasons": NUISANCE_REASONS,
        "relations": RELATIONS,
        "case_icons": CASE_ICONS,
        "life_cycle": desk_words.LIFE_CYCLE,
        "case_steps": desk_words.CASE_STEPS,
        "form_of_address": lambda word: say(desk_words.FORMS_OF_ADDRESS.get(str(word), str(word))),
        "message_words": message_words,
        "due_class": _due_classes(rendering.now()),
        "pops": pop_links(desk.work.pops, desk.view.call, desk.pane, user),
        "say": say,
        **(pane_values(rendering, desk.pane, user) if desk.pane else {"pane": None}),
    }


def pane_values(rendering: Rendering, pane: Pane, user: SignedInUser) -> dict[str, Any]:
    spoken = pane.card.language if pane.card and pane.card.language else "zh-CN"
    who = addressed(pane.card, spoken)
    agent = user.name_en if spoken == "en" and user.name_en else user.name
    said = greeting(pane.facts, pane.card, pane.brief.case, who=who, site=rendering.site.name, agent=agent)
    waited = duration(pane.facts.waited)
    own = pane.card is not None and any(phone.e164 == pane.facts.caller for phone in pane.card.phones)
    return {
        "pane": pane,
        "facts": pane.facts,
        "card": pane.card,
        "waited": waited,
        "clues": clues(pane.facts, pane.card, waited=waited),
        "greeting": sayer(rendering, spoken)(said).replace(" ，", "，").replace(" ,", ","),
        "spoken": spoken,
        "assist": pane.assist,
        "guide": filled(
            pane.assist.script if pane.assist else None,
            {"customer": who, "agent": agent, "site": rendering.site.name, "vehicle": likely_name(pane)},
        ),
        "channels": desk_words.SEND_BY,
        "stations": stations_for(pane.dealers, rendering.now(), rendering.site.zone),
        "script": desk_words.SCRIPTS.get(pane.facts.topic, desk_words.SCRIPTS[""]),
        "topic_name": TOPICS.get(pane.facts.topic, ""),
        "origin": location(pane.facts.caller, user.language),
        "origin_city": location(pane.facts.caller, "zh-CN"),
        "own_number": own,
        "title": caller_name(pane, user.language),
    }


def likely_name(pane: Pane) -> str:
    """The model of the vehicle that the call is probably about."""
    vehicle = likely_vehicle(pane.card, pane.brief.case)
    return vehicle.model if vehicle else ""


def caller_name(pane: Pane, language: str) -> str:
    """Who calls as far as known: the customer's name, else the masked number."""
    return pane.card.name if pane.card else masked_number(pane.facts.caller, language)


def shown_state(desk: Desk) -> str:
    """The word of the call's phase while there is a call, else the agent's state."""
    call = desk.view.call
    if call is None:
        return desk.view.state
    if is_answered_for(call):
        return "talking"
    if call.part == "consulted" and call.phase == "talking":
        return "consulting"
    return call.phase if call.phase in STATES else desk.view.state


def answers_itself(view: DeskView) -> bool:
    """Whether the next INVITE is one the person has agreed to: an own call out, one that comes back, a listening-in."""
    if view.call is None:
        return bool(view.supervising)
    return view.call.phase != "ringing" or view.call.why == "picked_up" or is_answered_for(view.call)


def desk_state(rendering: Rendering, desk: Desk, user: SignedInUser) -> dict[str, object]:
    """What the page's script needs to know; no customer data beyond the sentence that is spoken."""
    view, call, pane = desk.view, desk.view.call, desk.pane
    say = sayer(rendering, user.language)
    told = ""
    if call and call.phase == "ringing" and call.part == "consulted" and desk.party:
        told = say(Said(N_("{name} asks you about a call. Press F2 to answer."), {"name": desk.party.name}))
    elif pane and call and call.phase == "ringing":
        queue = pane.queue_name or say(Said(N_("a direct call")))
        name = caller_name(pane, user.language)
        if pane.card and pane.card.customer_class != "standard":
            name = f"{name}, {say(Said(CLASSES[pane.card.customer_class]))}"
        gaps = {"name": name, "queue": queue, "guess": say(pane.brief.guess)}
        told = say(Said(N_("{name}, {queue}. {guess}. Press F2 to answer."), gaps))
    return {
        "state": view.state,
        "phase": call.phase if call else "",
        "shown": shown_state(desk),
        "part": call.part if call else "",
        "party": desk.party.phase if desk.party else "",
        "answers_itself": answers_itself(desk.view),
        "answers_with_tone": bool(call and call.why == "campaign" and is_answered_for(call)),
        "contact": pane.facts.contact if pane else "",
        "leg": call.leg if call else "",
        "name": caller_name(pane, user.language) if pane else "",
        "notice": pane.card.name if pane and pane.card else say(Said(N_("Incoming call"))),
        "guess": say(pane.brief.guess) if pane else "",
        "alert": told,
        "wrap_up_until": view.wrap_up_until,
        "own_phone": desk.work.agent is None or not desk.work.agent.phone_contact,
    }


def sayer(rendering: Rendering, language: str) -> Callable[[Said | str], str]:
    """Sentences in one language; values that are sentences are translated first."""

    def say(said: Said | str) -> str:
        if isinstance(said, str):
            return rendering.translate(language, said)
        values = {name: say(value) if isinstance(value, Said) else value for name, value in said.values.items()}
        return rendering.translate(language, said.message_id, values)

    return say


def _due_classes(now: datetime) -> Callable[[datetime], str]:
    """ " breach" once a deadline is over, " warn" on its last day, "" before."""

    def due_class(due: datetime) -> str:
        if due < now:
            return " breach"
        return " warn" if due - now < timedelta(days=1) else ""

    return due_class


def _reason_word(reason: str, desk: Desk, say: Callable[[str], str]) -> str:
    """A break's reason as people know it; an unknown reason reads as itself."""
    if reason in desk.work.reasons:
        return desk.work.reasons[reason][0]
    return say(desk_words.SYSTEM_REASONS.get(reason, reason))
