"""What opening a case has to find out: the owner and dealer by the rules, the level, the vehicle's model."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.model import User
from crm_core.cases.assignment import OWN_DEALER, Facts, first_fit
from crm_core.cases.levels import Level, Proposal, propose
from crm_core.cases.model import Case
from crm_core.cases.rules import Rules
from crm_core.customers.model import Customer
from crm_core.dealers.model import Dealer
from crm_core.errors import Invalid
from crm_core.vehicles.model import Vehicle
from crm_core.workforce.model import AgentRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """`why` is both names of the rule that decided, "" = no rule fits."""

    owner: str
    dealer_id: int | None
    why: str


async def choose(session: AsyncSession, case: Case, rules: Rules, *, opener: str) -> Chosen:
    """Who gets the case. `case` has its customer, vehicle, kind, words and level by now."""
    customer = await session.get(Customer, case.customer_id)
    if customer is None:
        raise Invalid("There is no such customer.", field="customer_id")
    dealer = await session.get(Dealer, customer.dealer_id) if customer.dealer_id else None
    vehicle = await session.get(Vehicle, case.vehicle_id) if case.vehicle_id else None
    facts = Facts(
        kind=case.kind,
        sub_kind=case.sub_kind,
        level=case.level,
        brand=(vehicle.brand if vehicle else "") or customer.brand,
        region=dealer.region if dealer else "",
        customer_class=customer.customer_class,
        text=f"{case.title}\n{case.detail}",
    )
    rule = first_fit(rules.assignment, facts)
    if rule is None:
        return Chosen(owner=opener, dealer_id=None, why="")
    dealer_id = customer.dealer_id if rule.dealer == OWN_DEALER else await _dealer(session, rule.dealer)
    return Chosen(owner=await _owner(session, rule.owner) or opener, dealer_id=dealer_id, why=rule.both_names)


def level_of(case: Case, rules: Rules, repeats: int) -> Proposal:
    return propose([case.title, case.detail, *map(str, case.fields.values())], repeats, rules.danger)


async def find_model(session: AsyncSession, case: Case) -> None:
    """The vehicle's model, kept on the case for the radar. Raises Invalid for an unknown vehicle."""
    if case.vehicle_id is None:
        return
    vehicle = await session.get(Vehicle, case.vehicle_id)
    if vehicle is None:
        raise Invalid("There is no such vehicle.", field="vehicle_id")
    case.model = case.model or vehicle.model


def level_word(given: str) -> str:
    """Raises Invalid for a word that is no level."""
    if given and given not in list(Level):
        raise Invalid("Choose the level from the list.", field="level")
    return given


async def _owner(session: AsyncSession, target: str) -> str:
    """The number of the person; of a team, the member with the fewest open cases. "" = nobody there."""
    way, _, name = target.partition(":")
    here = select(User.number).where(User.disabled_at.is_(None))
    if way == "person":
        return await session.scalar(here.where(User.number == name)) or ""
    if way == "team":
        busy = select(func.count()).where(Case.owner == User.number, Case.closed_at.is_(None)).scalar_subquery()
        members = here.join(AgentRow, AgentRow.user_id == User.id).where(AgentRow.team == name)
        return await session.scalar(members.order_by(busy, User.number).limit(1)) or ""
    return ""


async def _dealer(session: AsyncSession, target: str) -> int | None:
    if not target.isdigit():
        return None
    return await session.scalar(select(Dealer.id).where(Dealer.id == int(target), Dealer.active))
