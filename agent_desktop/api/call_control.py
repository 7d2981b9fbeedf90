"""What an agent does with the present call: consult, give away, three at once, park, digits, a recorded message."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Body
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.dependencies import Me, Session, TheDesk, needs
from agent_desktop.desk.numbers import NumberKind, number_behind
from agent_desktop.desk.words import DROP_MESSAGES
from agent_desktop.ports import Target, Telephony
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.access.audit import audit
from crm_core.access.roles import Permission
from crm_core.errors import NotFound, Refused
from crm_core.workforce.queries import agent

router = APIRouter(prefix="/api/call", dependencies=[needs(Permission.TAKE_CALLS)])


class NoCallNow(Refused):
    def __init__(self) -> None:
        super().__init__("You have no call now.")


class Chosen(BaseModel):
    """Where the call shall go. The last four stand for an outside number that the page shows masked."""

    kind: Literal["agent", "queue", "dealer", "number", "phone", "customer", "contact", "rescue"]
    value: str = Field(min_length=1, max_length=64)


async def target_of(session: AsyncSession, me: SignedInUser, chosen: Chosen) -> Target:
    """Raises NotFound or Invalid; whether the target can take the call is for the telephone side to say."""
    match chosen.kind:
        case "agent" | "queue":
            return Target(kind=chosen.kind, value=chosen.value)
        case "dealer":
            await number_behind(session, me, "dealer", chosen.value)
            return Target(kind="dealer", value=chosen.value)
        case _:
            kind: NumberKind = chosen.kind
            if kind == "number" and await agent(session, chosen.value.strip()) is not None:
                return Target(kind="agent", value=chosen.value.strip())
            return Target(kind="number", value=(await number_behind(session, me, kind, chosen.value)).e164)


def _present_call(telephony: Telephony, me: SignedInUser) -> str:
    call = telephony.desk(me.number).call
    if call is None:
        raise NoCallNow
    return call.call


async def _noted(session: AsyncSession, me: SignedInUser, action: str, call: str, target: Target) -> None:
    """A call that leaves the house is on the audit log; one that stays inside is in the history all the same."""
    if target.kind in ("dealer", "number"):
        detail = f"{target.kind}/{target.value}"
        await audit(session, at=clock.now(), actor=me.number, action=action, subject=call, detail=detail)


@router.post("/consult")
async def consult(session: Session, me: Me, telephony: TheDesk, chosen: Chosen) -> JSONResponse:
    """Ask a colleague, a dealer or somebody outside while the customer hears music."""
    call, target = _present_call(telephony, me), await target_of(session, me, chosen)
    if target.kind == "queue":
        raise Refused("A queue cannot be asked; it can only be given the call.")
    await telephony.calls.consult(me.number, target)
    await _noted(session, me, "consulted", call, target)
    return JSONResponse({})


@router.post("/transfer")
async def transfer(session: Session, me: Me, telephony: TheDesk, chosen: Chosen) -> JSONResponse:
    """Give the call away without asking first."""
    call, target = _present_call(telephony, me), await target_of(session, me, chosen)
    await telephony.calls.transfer(me.number, target)
    await _noted(session, me, "transferred", call, target)
    return JSONResponse({})


@router.post("/hand-over")
async def hand_over(me: Me, telephony: TheDesk) -> JSONResponse:
    await telephony.calls.hand_over(me.number)
    return JSONResponse({})


@router.post("/back")
async def back(me: Me, telephony: TheDesk) -> JSONResponse:
    await telephony.calls.back_to_customer(me.number)
    return JSONResponse({})


@router.post("/conference")
async def conference(me: Me, telephony: TheDesk) -> JSONResponse:
    await telephony.calls.conference(me.number)
    return JSONResponse({})


@router.post("/leave")
async def leave(me: Me, telephony: TheDesk) -> JSONResponse:
    await telephony.calls.leave_conference(me.number)
    return JSONResponse({})


@router.post("/drop-party")
async def drop_party(me: Me, telephony: TheDesk) -> JSONResponse:
    await telephony.calls.drop_party(me.number)
    return JSONResponse({})


@router.post("/park")
async def park(me: Me, telephony: TheDesk) -> JSONResponse:
    """Gives the slot that colleagues see."""
    return JSONResponse({"slot": await telephony.calls.park(me.number)})


@router.post("/pick-up")
async def pick_up(
    me: Me, telephony: TheDesk, slot: Annotated[str, Body(embed=True, pattern=r"^P[1-9][0-9]?$")]
) -> JSONResponse:
    await telephony.calls.pick_up(me.number, slot)
    return JSONResponse({})


@router.post("/drop-message")
async def drop_message(
    me: Me, telephony: TheDesk, message: Annotated[str, Body(embed=True, max_length=40)]
) -> JSONResponse:
    """For an answering machine: it hears one of our recorded messages, the agent goes on."""
    if message not in DROP_MESSAGES:
        raise NotFound("There is no such message.")
    await telephony.calls.drop_message(me.number, message)
    return JSONResponse({})


class Recorded(BaseModel):
    """`why` field: a private field of a page has the cursor, or has lost it."""

    paused: bool
    why: Literal["button", "field"] = "button"


@router.post("/recording")
async def recording(me: Me, telephony: TheDesk, wish: Recorded) -> JSONResponse:
    """Pause the recording of the present talk, or end its pause; a field outside a talk asks for nothing."""
    call = telephony.desk(me.number).call
    if wish.why == "field" and (call is None or not call.answered_at):
        return JSONResponse({})
    act = telephony.recordings.pause if wish.paused else telephony.recordings.resume
    await act(me.number, wish.why)
    return JSONResponse({})


@router.post("/digits")
async def digits(
    me: Me, telephony: TheDesk, digits: Annotated[str, Body(embed=True, pattern=r"^[0-9*#]{1,32}$")]
) -> JSONResponse:
    """Keys to the other side for a desk phone; a browser phone sends its own."""
    await telephony.calls.send_digits(me.number, digits)
    return JSONResponse({})
