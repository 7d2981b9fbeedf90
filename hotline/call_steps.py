"""The steps of a call as the history tells them, and their words for who sits at this terminal."""

from __future__ import annotations

from datetime import datetime

from rich.cells import set_cell_size

from agent_desktop.words import ENDED_BY, N_, OUTCOMES, WHYS
from crm_core.errors import Sentence
from crm_core.history.model import Contact
from hotline.terminal import told

STEPS = {
    "dialled": N_("number dialled"),
    "answered": N_("picked up"),
    "menu": N_("menu"),
    "queued": N_("queued"),
    "offered": N_("offered"),
    "agent answered": N_("agent answered"),
    "ended": N_("call ended"),
    "contact": N_("number of the call"),
}
OFFERED_AGAIN = N_("offered {time}")
_WORDS = {**WHYS, **ENDED_BY, **OUTCOMES}


def line(step: str, detail: Sentence) -> str:
    """A step of the call for who sits at this terminal."""
    return f"{set_cell_size(_step(step), 18)} {_detail(detail)}"


def _step(step: str) -> str:
    name, _, time = step.partition(" ") if step.startswith("offered ") else (step, "", "")
    return told(OFFERED_AGAIN, time=time) if time else told(STEPS[name])


def _detail(detail: Sentence) -> str:
    """The platform's codes in it become words: why an agent was chosen, the outcome, who ended the call."""
    values = {
        name: told(_WORDS[value]) if isinstance(value, str) and value in _WORDS else value
        for name, value in detail.values.items()
    }
    return told(detail.message_id, **values) if detail.message_id else ""


def plain(text: str) -> Sentence:
    return Sentence("{text}" if text else "", {"text": text} if text else {})


def steps_of(contact: Contact) -> list[tuple[str, datetime | None, Sentence]]:
    visit = contact.visits[0] if contact.visits else None
    answered = next((leg for leg in contact.legs if leg.answered_at is not None), None)
    offers = [
        (
            "offered" if index == 0 else f"offered {index + 1}",
            leg.offered_at,
            Sentence(N_("agent {agent} ({why})"), {"agent": leg.agent, "why": leg.why}),
        )
        for index, leg in enumerate(contact.legs)
    ]
    ended_at = contact.ended_at
    went_on = visit.entered_at if visit else ended_at
    by_agent = Sentence(N_("agent {agent}"), {"agent": answered.agent}) if answered else plain("")
    ending = Sentence(N_("{outcome} by {who}"), {"outcome": contact.outcome or "", "who": contact.ended_by})
    return [
        ("answered", contact.answered_at, plain("")),
        ("menu", went_on if contact.menu_path else None, plain(contact.menu_path.replace(">", " > "))),
        ("queued", visit.entered_at if visit else None, plain(contact.queue)),
        *offers,
        ("agent answered", answered.answered_at if answered else None, by_agent),
        ("ended", ended_at, ending),
        ("contact", ended_at, plain(contact.id)),
    ]
