"""A dealer's people: who works there, who leaves and to whom the open work goes, who may sign in."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Integer, cast, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.actions import add_user
from crm_core.access.audit import audit
from crm_core.access.audit_detail import changed
from crm_core.access.model import SignInSession, User
from crm_core.access.reach import Reach
from crm_core.access.roles import Role
from crm_core.cases.model import Case
from crm_core.dealers.model import CareTask, Dealer, DealerStaff
from crm_core.dealers.network_model import WorkshopBooking
from crm_core.dealers.rules_actions import rules_of
from crm_core.errors import Invalid, NotAllowed, NotFound, Refused
from crm_core.leads.model import Lead
from crm_core.phone import to_e164
from crm_core.workforce.fields import Unusable, text_of

ROLES = ("manager", "relations_manager", "sales_consultant", "service_adviser", "technician")
MAY_SIGN_IN = {"manager": Role.DEALER_MANAGER, "relations_manager": Role.DEALER_RELATIONS}
FIRST_NUMBER, LAST_NUMBER = 600001, 699999


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What the form gives. `role` is one of ROLES, `skills` words of case kinds and sub-kinds."""

    name: str
    title: str
    role: str
    phone: str
    skills: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSignIn:
    """Shown once; the password is stored nowhere in the clear."""

    number: str
    password: str


async def save_person(
    session: AsyncSession,
    dealer_id: int,
    staff_id: int | None,
    person: Person,
    *,
    reach: Reach,
    actor: str,
    at: datetime,
) -> DealerStaff:
    """Add somebody (`staff_id` None) or change them. Raises Unusable, NotFound."""
    reach.require(dealer_id)
    wrong, phone = _problems(person)
    if wrong:
        raise Unusable(wrong)
    if staff_id is None:
        row = DealerStaff(dealer_id=dealer_id, name="", role=person.role)
        session.add(row)
    else:
        row = await _own(session, staff_id, reach)
        if row.user_id is not None and row.role != person.role:
            raise Refused("This person can sign in as what they are now. Take the sign-in away first.")
    before = _state(row) if staff_id is not None else {}
    row.name, row.title, row.role = text_of(person.name, 40), text_of(person.title, 40), person.role
    row.phone, row.skills, row.active = phone, list(dict.fromkeys(text_of(one, 40) for one in person.skills)), True
    await session.flush()
    detail = changed(before, _state(row), name=row.name)
    await audit(session, at=at, actor=actor, action="staff_saved", subject=f"staff/{row.id}", detail=detail)
    return row


def _state(row: DealerStaff) -> dict[str, object]:
    return {"name": row.name, "title": row.title, "role": row.role, "phone": row.phone, "skills": row.skills}


async def leave(
    session: AsyncSession, staff_id: int, *, hand_to: int | None, reach: Reach, actor: str, at: datetime
) -> int:
    """The person works there no more: open work goes to `hand_to`, the sign-in ends at once. Gives how much moved.

    Raises Refused when there is open work and nobody to take it.
    """
    row = await _own(session, staff_id, reach)
    heir = await _own(session, hand_to, reach) if hand_to else None
    if heir is not None and (heir.id == row.id or heir.dealer_id != row.dealer_id or not heir.active):
        raise Refused("Choose a colleague of the same dealer who works there.")
    open_work = await open_work_of(session, staff_id)
    if open_work and heir is None:
        raise Refused(
            "{name} has {count} open pieces of work. Choose who takes them over.", name=row.name, count=open_work
        )
    await _hand_over(session, staff_id, heir.id if heir else None)
    row.active = False
    await _end_sign_in(session, row, at)
    detail = f"{open_work} to staff/{heir.id}" if heir else ""
    await audit(session, at=at, actor=actor, action="staff_left", subject=f"staff/{staff_id}", detail=detail)
    return open_work


async def come_back(session: AsyncSession, staff_id: int, *, reach: Reach, actor: str, at: datetime) -> None:
    """Undoes `leave`, but for the work that was handed over and the sign-in."""
    row = await _own(session, staff_id, reach)
    row.active = True
    await audit(session, at=at, actor=actor, action="staff_came_back", subject=f"staff/{staff_id}")


async def give_sign_in(
    session: AsyncSession, staff_id: int, *, reach: Reach, from_centre: bool, actor: str, at: datetime
) -> NewSignIn:
    """A number and a one-time password for a manager or relations manager; a new one for who has a sign-in.

    A dealer's manager may do so while the centre's rules allow it, and only for relations managers.
    """
    row = await _own(session, staff_id, reach)
    role = MAY_SIGN_IN.get(row.role)
    if role is None or not row.active:
        raise Refused("Only a manager or a relations manager who works there can have a sign-in.")
    rules, _ = await rules_of(session)
    if not from_centre and (not rules.dealers_add_users or role is Role.DEALER_MANAGER):
        raise NotAllowed("The customer centre gives out this sign-in. Ask your contact there.")
    await _end_sign_in(session, row, at)
    number, password = await _free_number(session), secrets.token_urlsafe(9)
    user = await add_user(session, number=number, name=row.name, password=password, roles=(role,), actor=actor, at=at)
    user.dealer_id, row.user_id = row.dealer_id, user.id
    user.must_change = True  # whoever gave it out knows it
    await audit(session, at=at, actor=actor, action="sign_in_given", subject=f"staff/{row.id}", detail=number)
    return NewSignIn(number=number, password=password)


async def take_sign_in(session: AsyncSession, staff_id: int, *, reach: Reach, actor: str, at: datetime) -> None:
    """Ends the sign-in and every session of it at once."""
    row = await _own(session, staff_id, reach)
    await _end_sign_in(session, row, at)
    await audit(session, at=at, actor=actor, action="sign_in_taken", subject=f"staff/{row.id}")


async def open_work_of(session: AsyncSession, staff_id: int) -> int:
    """Cases, leads, care tasks and bookings in this person's hands."""
    counts = (
        select(func.count()).where(Case.staff_id == staff_id, Case.closed_at.is_(None)),
        select(func.count()).where(Lead.staff_id == staff_id, Lead.closed_at.is_(None)),
        select(func.count()).where(CareTask.staff_id == staff_id, CareTask.status == "open"),
        select(func.count()).where(WorkshopBooking.technician_id == staff_id, WorkshopBooking.status == "booked"),
    )
    return sum([await session.scalar(one) or 0 for one in counts])


async def people_of(session: AsyncSession, reach: Reach, *, left_too: bool = False) -> list[DealerStaff]:
    """Everybody within reach, by dealer, role and name; without `left_too` those who work there."""
    statement = select(DealerStaff).where(reach.condition(DealerStaff.dealer_id))
    if not left_too:
        statement = statement.where(DealerStaff.active)
    rows = list(await session.scalars(statement.order_by(DealerStaff.dealer_id, DealerStaff.id)))
    order = {role: place for place, role in enumerate(ROLES)}
    return sorted(rows, key=lambda one: (one.dealer_id, not one.active, order.get(one.role, 9), one.id))


async def sign_ins_of(session: AsyncSession, people: Sequence[DealerStaff]) -> dict[int, str]:
    """Staff id to the personnel number of who can sign in now."""
    ids = [one.user_id for one in people if one.user_id is not None]
    rows = await session.execute(select(User.id, User.number).where(User.id.in_(ids), User.disabled_at.is_(None)))
    numbers = {row.id: row.number for row in rows}
    return {one.id: numbers[one.user_id] for one in people if one.user_id in numbers}


async def dealers_of(session: AsyncSession, reach: Reach) -> list[Dealer]:
    """The dealers within reach that are active, by code."""
    rows = await session.scalars(select(Dealer).where(reach.condition(Dealer.id), Dealer.active).order_by(Dealer.code))
    return list(rows)


async def _own(session: AsyncSession, staff_id: int, reach: Reach) -> DealerStaff:
    row = await session.get(DealerStaff, staff_id)
    if row is None:
        raise NotFound("There is nothing here, or it is not yours.")
    reach.require(row.dealer_id)
    return row


def _problems(person: Person) -> tuple[list[Invalid], str]:
    wrong = []
    if not person.name.strip():
        wrong.append(Invalid("Enter the name.", field="name"))
    if person.role not in ROLES:
        wrong.append(Invalid("Choose what this person does.", field="role"))
    phone = to_e164(person.phone) if person.phone.strip() else ""
    if phone is None:
        wrong.append(Invalid("This is no telephone number. Write it with its area code.", field="phone"))
    if len(person.skills) > 12:
        wrong.append(Invalid("At most {most} skills.", most=12, field="skills"))
    return wrong, phone or ""


async def _hand_over(session: AsyncSession, staff_id: int, heir: int | None) -> None:
    changes = (
        update(Case).where(Case.staff_id == staff_id, Case.closed_at.is_(None)).values(staff_id=heir),
        update(Lead).where(Lead.staff_id == staff_id, Lead.closed_at.is_(None)).values(staff_id=heir),
        update(CareTask).where(CareTask.staff_id == staff_id, CareTask.status == "open").values(staff_id=heir),
        update(WorkshopBooking)
        .where(WorkshopBooking.technician_id == staff_id, WorkshopBooking.status == "booked")
        .values(technician_id=heir),
    )
    for change in changes:
        await session.execute(change.execution_options(synchronize_session="fetch"))


async def _end_sign_in(session: AsyncSession, row: DealerStaff, at: datetime) -> None:
    if row.user_id is None:
        return
    user = await session.get_one(User, row.user_id)
    user.disabled_at = user.disabled_at or at
    row.user_id = None
    await session.execute(delete(SignInSession).where(SignInSession.user_id == user.id))


async def _free_number(session: AsyncSession) -> str:
    """The next of the range kept for dealers' people; numbers of six digits start there."""
    ours = User.number.between(str(FIRST_NUMBER), str(LAST_NUMBER))
    highest = await session.scalar(
        select(func.max(cast(User.number, Integer))).where(ours, func.length(User.number) == 6)
    )
    following = max(FIRST_NUMBER, (highest or 0) + 1)
    if following > LAST_NUMBER:
        raise Refused("No number is left for dealers' people.")
    return str(following)
