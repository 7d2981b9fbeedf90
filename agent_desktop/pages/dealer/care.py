"""A dealer's care tasks: whom to contact, why, until when, whether it is allowed; done, tried, moved or skipped."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import RedirectResponse, Response

from agent_desktop.admin.forms import text
from agent_desktop.dealer.export import csv_answer
from agent_desktop.dealer.portal import Edit, Portal, ThePortal, a_day, back, show, try_to, whole
from agent_desktop.dealer.task import care_task
from agent_desktop.dealer.words import CARE_KINDS, CARE_STATES, SKIP_REASONS
from agent_desktop.dependencies import needs
from agent_desktop.rendering import translate
from crm_core.access.reach import Reach
from crm_core.access.roles import Permission
from crm_core.consent.purposes import Channel
from crm_core.dealers import care_actions
from crm_core.dealers.care_queries import CareFilter, care_counts, care_lines
from crm_core.dealers.staff_actions import people_of
from crm_core.errors import NotFound

router = APIRouter(prefix="/dealer/care", dependencies=[needs(Permission.SEE_OWN_DEALER)])


def the_asked(state: str = "due", kind: str = "", staff: int | None = None, q: str = "") -> CareFilter:
    return CareFilter(state=state if state in CARE_STATES else "due", kind=kind, staff_id=staff, words=q.strip()[:40])


TheAsked = Annotated[CareFilter, Depends(the_asked)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed when it was refused, and which part of the form it was."""

    part: str = ""
    note: str = ""
    reason: str = ""
    due_on: str = ""
    wish: str = ""


@router.get("")
async def show_list(portal: ThePortal, asked: TheAsked) -> Response:
    return await _page(portal, asked)


@router.get(".csv")
async def export(portal: ThePortal, asked: TheAsked) -> Response:
    lines = await care_lines(portal.session, portal.narrowed, asked, today=portal.today, limit=5_000)

    def word(message: str) -> str:
        return translate(portal.request, message) if message else ""

    head = [word(one) for one in ("Due", "Task", "Customer", "Plate", "Model", "In charge", "Reason", "Note", "Dealer")]
    rows = [
        [
            line.task.due_on.isoformat(),
            word(CARE_KINDS.get(line.task.kind, line.task.kind)),
            line.customer.name,
            line.vehicle.plate if line.vehicle else "",
            line.vehicle.model if line.vehicle else "",
            line.staff,
            word(SKIP_REASONS.get(line.task.reason, line.task.reason)),
            line.task.note,
            line.dealer,
        ]
        for line in lines
    ]
    return csv_answer("care", head, rows)


@router.get("/{task_id}")
async def show_one(portal: ThePortal, asked: TheAsked, task_id: int) -> Response:
    """Raises NotFound, also for another dealer's."""
    return await _page(portal, asked, task_id)


async def _page(
    portal: Portal,
    asked: CareFilter,
    task_id: int | None = None,
    *,
    errors: dict[str, str] | None = None,
    typed: Typed | None = None,
    status: int = 200,
) -> Response:
    task = await care_task(portal, task_id) if task_id is not None else None
    dealers = Reach(frozenset({portal.chosen})) if portal.chosen else portal.reach
    return await show(
        portal,
        "dealer/care.html",
        status_code=status,
        lines=await care_lines(portal.session, portal.narrowed, asked, today=portal.today),
        counts=await care_counts(portal.session, portal.narrowed, today=portal.today),
        asked=asked,
        task=task,
        staff=await people_of(portal.session, dealers),
        errors=errors or {},
        typed=typed or Typed(),
    )


@router.post("/{task_id}/{act}", dependencies=[needs(Permission.WORK_OWN_DEALER)])
async def act_on(edit: Edit, portal: ThePortal, task_id: int, act: str) -> Response:
    """done, tried, skip, move, name or reopen. A refusal shows the task again, nothing cleared."""
    form = await edit.form()
    typed = Typed(
        part=act,
        note=text(form, "note"),
        reason=text(form, "reason"),
        due_on=text(form, "due_on"),
        wish=text(form, "wish"),
    )
    more: dict[str, Any] = {"reach": portal.reach, **edit.by}
    channel = text(form, "channel") or Channel.PHONE.value
    told = {
        "done": "care_done",
        "tried": "care_tried",
        "skip": "care_skipped",
        "move": "care_moved",
        "name": "changed",
        "reopen": "care_open",
    }
    if act not in told or channel not in {one.value for one in Channel}:
        raise NotFound("This page does not exist.")

    async def work(session: Any) -> Any:
        match act:
            case "skip":
                return await care_actions.skip(session, task_id, reason=typed.reason, note=typed.note, **more)
            case "move":
                return await care_actions.reschedule(session, task_id, a_day(typed.due_on), zone=portal.zone, **more)
            case "name":
                return await care_actions.name_person(session, task_id, whole(text(form, "staff_id")) or None, **more)
            case "reopen":
                return await care_actions.reopen(session, task_id, **more)
            case _:
                facts: dict[str, Any] = {"reached": act == "done", "note": typed.note, "channel": Channel(channel)}
                facts["wish"] = typed.wish
                return await care_actions.finish(session, task_id, zone=portal.zone, **facts, **more)

    errors, status = await try_to(edit, work)
    if errors:
        return await _page(portal, CareFilter(state="open"), task_id, errors=errors, typed=typed, status=status)
    return _undoable(back(text(form, "next"), "/dealer/care", told[act]), act, task_id)


def _undoable(answer: RedirectResponse, act: str, task_id: int) -> RedirectResponse:
    """What can be undone says which task it was."""
    if act in ("done", "skip"):
        answer.headers["location"] += f"&undo={task_id}"
    return answer
