"""A dealer's complaints: the list by time left with its filters, one with its six steps, and every step's button."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.forms import text
from agent_desktop.dealer.export import csv_answer
from agent_desktop.dealer.portal import Edit, Portal, ThePortal, back, show, try_to, whole
from agent_desktop.dealer.task import complaint_task
from agent_desktop.dealer.words import LEVELS, STEPS
from agent_desktop.dependencies import needs
from agent_desktop.desk.words import SUB_KINDS
from agent_desktop.pages.files import chunks, files_folder
from agent_desktop.rendering import translate
from agent_desktop.sound_response import PRIVATE, SoundResponse
from crm_core.access.roles import Permission
from crm_core.cases import loop_actions
from crm_core.cases.dealer_facts import DealerComplaint
from crm_core.cases.dealer_queries import complaint, complaints
from crm_core.dealers.returned_actions import read_moment
from crm_core.errors import Invalid, NotFound
from crm_core.files.store import put
from recording.library import Library
from recording.policy import Listener

router = APIRouter(prefix="/dealer/complaints", dependencies=[needs(Permission.SEE_OWN_DEALER)])


@dataclass(frozen=True, slots=True)
class Asked:
    """The filters as they stand in the address. `state`: open, late, ours (our step is next) or closed."""

    state: str = "open"
    q: str = ""
    level: str = ""
    owner: str = ""


def the_asked(state: str = "open", q: str = "", level: str = "", owner: str = "") -> Asked:
    return Asked(state, q.strip()[:60], level, owner)


TheAsked = Annotated[Asked, Depends(the_asked)]


async def found(portal: Portal, asked: Asked) -> tuple[list[DealerComplaint], list[DealerComplaint]]:
    """All complaints within reach, and those that fit the filters."""
    lines = await complaints(portal.session, portal.narrowed, now=portal.now, zone=portal.zone, open_only=False)
    return lines, [one for one in lines if _fits(one, asked)]


def _fits(one: DealerComplaint, asked: Asked) -> bool:
    closed = one.closed_at is not None
    states = {
        "open": not closed,
        "late": not closed and one.seconds_left is not None and one.seconds_left < 0,
        "ours": not closed and one.stage in ("accept", "name_owner", "solve", "report"),
        "closed": closed,
    }
    words = asked.q.casefold().replace("·", "")
    told = (one.number, one.title, one.customer, one.plate, one.model)
    return (
        states.get(asked.state, not closed)
        and (not words or any(words in text.casefold() for text in told))
        and (not asked.level or one.level == asked.level)
        and (not asked.owner or (one.owner or "-") == asked.owner)
    )


@router.get("")
async def show_list(portal: ThePortal, asked: TheAsked) -> Response:
    return await _page(portal, asked)


@router.get(".csv")
async def export(portal: ThePortal, asked: TheAsked) -> Response:
    """What the list shows, for a spreadsheet."""
    _, lines = await found(portal, asked)

    def word(message: str) -> str:
        return translate(portal.request, message) if message else ""

    head = ["Number", "Problem", "Customer", "Plate", "Model", "Step", "Owner", "Opened", "Due", "Dealer"]
    names = {one.id: one.short_name for one in portal.dealers}
    rows = [
        [
            one.number,
            one.title,
            one.customer,
            one.plate,
            one.model,
            word(STEPS.get(one.step, "")),
            one.owner,
            _local(portal, one.opened_at),
            _local(portal, one.due_at),
            names.get(one.dealer_id, ""),
        ]
        for one in lines
    ]
    return csv_answer("complaints", [translate(portal.request, name) for name in head], rows)


def _local(portal: Portal, at: Any) -> str:
    return f"{at.astimezone(portal.zone):%Y-%m-%d %H:%M}" if at else ""


@router.get("/{number}")
async def show_one(portal: ThePortal, asked: TheAsked, number: str) -> Response:
    """Raises NotFound, also for another dealer's."""
    return await _page(portal, asked, number)


async def _page(
    portal: Portal,
    asked: Asked,
    number: str = "",
    *,
    errors: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    every, lines = await found(portal, asked)
    return await show(
        portal,
        "dealer/complaints.html",
        status_code=status,
        open_complaints=[one for one in every if one.closed_at is None],
        lines=lines,
        counts={state: sum(_fits(one, Asked(state)) for one in every) for state in ("open", "late", "ours", "closed")},
        owners=sorted({one.owner for one in every if one.owner}),
        asked=asked,
        task=await complaint_task(portal, number) if number else None,
        levels=LEVELS,
        kinds=SUB_KINDS["complaint"],
        errors=errors or {},
        typed=typed or {},
    )


Step = Callable[[AsyncSession, int, Any, dict[str, Any], Edit], Awaitable[Any]]


def _plain(action: Any, *fields: str) -> Step:
    """A step of the loop that takes these texts of the form."""

    async def work(session: AsyncSession, case_id: int, form: Any, more: dict[str, Any], _edit: Edit) -> Any:
        return await action(session, case_id, **{name: text(form, name) for name in fields}, **more)

    return work


async def _name_owner(session: AsyncSession, case_id: int, form: Any, more: dict[str, Any], edit: Edit) -> Any:
    staff, typed = whole(text(form, "staff_id")), text(form, "contact_by")
    contact_by = read_moment(typed, edit.request.app.state.site.zone) if typed else None
    if typed and contact_by is None:
        raise Invalid("Choose a time that is still to come.", field="contact_by")
    return await loop_actions.name_owner(
        session, case_id, staff or 0, contact_by=contact_by, words=text(form, "words"), **more
    )


async def _report(session: AsyncSession, case_id: int, form: Any, more: dict[str, Any], edit: Edit) -> Any:
    """The report with the files that were added to it; one that cannot be kept refuses the whole."""
    fields: dict[str, Any] = {name: text(form, name) for name in ("cause", "measures", "customer_said")}
    case = await loop_actions.report(session, case_id, **fields, **more)
    for upload in form.getlist("files"):
        if getattr(upload, "filename", ""):
            folder = files_folder(edit.request)
            await put(session, folder, f"case/{case_id}", upload.filename, chunks(upload), **edit.by)
    return case


STEP_ACTIONS: dict[str, tuple[Step, str]] = {
    "accept": (_plain(loop_actions.accept), "accepted"),
    "owner": (_name_owner, "owner"),
    "contacted": (_plain(loop_actions.contacted, "words"), "contacted"),
    "solved": (_plain(loop_actions.solved, "words"), "solved"),
    "support": (_plain(loop_actions.ask_support, "words"), "support"),
    "report": (_report, "handed_in"),
}
_KEPT = ("staff_id", "contact_by", "words", "cause", "measures", "customer_said")


@router.post("/{number}/{step}", dependencies=[needs(Permission.WORK_OWN_DEALER)])
async def take_step(edit: Edit, portal: ThePortal, number: str, step: str) -> Response:
    """One step of the loop. A refusal shows the task again with the sentence under its field, nothing cleared."""
    if step not in STEP_ACTIONS:
        raise NotFound("This page does not exist.")
    form = await edit.form()
    action, told = STEP_ACTIONS[step]
    detail = await complaint(portal.session, number, portal.reach, now=portal.now, zone=portal.zone)
    more: dict[str, Any] = {"reach": portal.reach, **edit.by}
    errors, status = await try_to(edit, lambda session: action(session, detail.line.case_id, form, more, edit))
    if errors:
        typed = {name: text(form, name) for name in _KEPT} | {"step": step}
        return await _page(portal, Asked(), number, errors=errors, typed=typed, status=status)
    return back(text(form, "next"), f"/dealer/complaints/{number}", told)


@router.post("/{number}/recordings/{recording}/listen")
async def listen(request: Request, portal: ThePortal, number: str, recording: int) -> JSONResponse:
    """A link for one minute to a call about this complaint; kept in the audit log."""
    detail = await complaint(portal.session, number, portal.reach, now=portal.now)
    if recording not in detail.recordings:
        raise NotFound("There is nothing here, or it is not yours.")
    library: Library = request.app.state.library
    leave = await library.listen(portal.session, recording, _hearer(portal.me.number), at=portal.now)
    return JSONResponse({"url": f"/dealer/complaints/{number}/audio/{leave.token}"}, headers=PRIVATE)


@router.get("/{number}/audio/{token}")
async def send_audio(request: Request, portal: ThePortal, number: str, token: str) -> Response:
    """The sound behind such a link; the complaint is asked for again."""
    await complaint(portal.session, number, portal.reach, now=portal.now)
    library: Library = request.app.state.library
    file = await library.file_of(portal.session, token, _hearer(portal.me.number), at=portal.now)
    return SoundResponse(library.vault, file)


def _hearer(number: str) -> Listener:
    """The complaint is the dealer's, so its calls may be heard."""
    return Listener(number=number, roles=(), cleared=True)
