"""The agent desktop: one page whose regions are pushed by live.py from then on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.params import Path
from fastapi.responses import HTMLResponse, JSONResponse

from agent_desktop.dependencies import Me, Session, TheDesk, TheRendering, needs
from agent_desktop.desk import queries as desk_queries
from agent_desktop.desk import words as desk_words
from agent_desktop.desk.model import facts_of_row, read_desk, read_pane
from agent_desktop.desk.regions import desk_values, render_pane, shown_state
from agent_desktop.live import TheHub
from agent_desktop.live_text.words import SCRIPT_WORDS as TEXT_WORDS
from agent_desktop.rendering import page
from agent_desktop.words import N_
from crm_core import clock
from crm_core.access.roles import Permission
from crm_core.errors import NotFound

router = APIRouter(dependencies=[needs(Permission.TAKE_CALLS)])

SCRIPT_WORDS = {
    **TEXT_WORDS,
    "saved": N_("Saved {time}"),
    "not_saved": N_("Not saved yet. Your text is safe; we retry when the network is back."),
    "choose_kind": N_("Choose a kind."),
    "choose_result": N_("Choose a result."),
    "record_saved": N_("Record saved"),
    "wrap_up_ends": N_("After-call work ends in 10 seconds"),
    "phone_ok": N_("Phone ready"),
    "phone_connecting": N_("Phone connecting"),
    "phone_lost": N_("Phone lost"),
    "phone_elsewhere": N_("Phone in another tab"),
    "no_microphone": N_("No microphone"),
    "microphone_needed": N_("The browser may not use the microphone. Allow it beside the address, then load the page."),
    "this_call": N_("This call"),
    "hang_up_again": N_("Press Shift+F2 again to hang up"),
    "dial": N_("Dial"),
    "keypad": N_("Key pad"),
    "targets_recent": N_("Recent"),
    "targets_agent": N_("Colleagues"),
    "targets_queue": N_("Queues"),
    "targets_dealer": N_("Dealers"),
    "targets_number": N_("Outside number"),
    "consult": N_("Consult"),
    "transfer": N_("Transfer"),
    "no_target": N_("Nobody fits. A number must be complete, with its area code."),
    "target_blocked": N_("{name} cannot be chosen: {why}."),
    "queue_only_transfer": N_("A queue cannot be asked. Ctrl+Enter gives it the call."),
    "parked": N_("Parked in {slot}. Colleagues see it under my work."),
    "not_chosen": N_("not chosen"),
    "case_opened": N_("Case opened"),
    "case_goes_on": N_("Case goes on"),
    "nothing_found": N_("Nobody found."),
    "kb_no_note": N_("Open the record first: then there is a note to insert into."),
    "kb_inserted": N_("Inserted into the note"),
    "talk_saved": N_("Saved"),
    "talk_lead": N_("Taken down as a lead"),
    "kb_sent": N_("Sent"),
    "kb_posted": N_("Case {number} opened"),
    "kb_voted": N_("Noted, thank you"),
    "kb_asked": N_("Asked. You are told when there is an answer."),
    "kb_away": N_("The knowledge base does not answer. Try again in a moment."),
    "no_answer_from_site": N_("The site does not answer. Calls go on."),
}


@router.get("/desk")
async def show_desk(request: Request, session: Session, me: Me, hub: TheHub, rendering: TheRendering) -> HTMLResponse:
    telephony = hub.telephony
    view, floor = telephony.desk(me.number), telephony.floor()
    zone = rendering.site.zone
    unread = hub.notices.of(me.number)
    desk = await read_desk(session, view, floor, now=clock.now(), zone=zone, language=me.language, notices=unread)

    def say(message_id: str) -> str:
        return rendering.translate(me.language, message_id)

    # A tab that this page opens can be found again by its name only if the policy lets popups be.
    popups = {"Cross-Origin-Opener-Policy": "same-origin-allow-popups"} if desk.work.pops else None
    return page(
        request,
        "desk/page.html",
        headers=popups,
        script_words={name: say(text) for name, text in SCRIPT_WORDS.items()},
        script_sub_kinds={
            kind: {code: say(word) for code, word in words.items()} for kind, words in desk_words.SUB_KINDS.items()
        },
        **{**desk_values(rendering, desk, me), "state": shown_state(desk)},
    )


@router.get("/api/desk/{contact}")
async def show_contact(
    session: Session,
    me: Me,
    telephony: TheDesk,
    rendering: TheRendering,
    contact: Annotated[str, Path(max_length=64)],
) -> JSONResponse:
    """The three columns for one of the agent's own contacts whose record was left open."""
    row = await desk_queries.contact(session, contact)
    if row is None or row.agent != me.number:
        raise NotFound("There is no such contact among yours.")
    now, zone = clock.now(), rendering.site.zone
    view, floor = telephony.desk(me.number), telephony.floor()
    desk = await read_desk(session, view, floor, now=now, zone=zone, language=me.language)
    facts = await facts_of_row(session, row, "draft")
    pane = await read_pane(
        session, facts, me.number, now=now, zone=zone, queue_names=desk.work.queue_names, language=me.language
    )
    return JSONResponse({"contact": contact, "regions": render_pane(rendering, desk, pane, me)})
