"""An administrator changes accounts: sessions end at once, and nobody gets a reach that does not fit."""

from __future__ import annotations

from typing import Any

import pytest

from crm_core.access import passwords
from crm_core.access.actions import WrongPassword, change_password, holding, sign_in, whoami
from crm_core.access.model import User
from crm_core.access.people import check_place, regions, reset_password, set_roles
from crm_core.access.reach import EVERYTHING, reach_of
from crm_core.access.roles import Role
from crm_core.db import Database
from crm_core.errors import Invalid, NotFound, Refused
from tests.unit.crm_core.builders import NOW, a_dealer

RIGHT = "correct horse"
ADMIN: dict[str, Any] = {"actor": "9001", "at": NOW}


@pytest.fixture
async def site(db: Database) -> Database:
    secret = await passwords.hashed(RIGHT)
    async with db.begin() as session:
        dealer = await a_dealer(session)
        dealer.region = "东北"
        session.add(User(number="1018", name="林晓梅", password_hash=secret, roles="agent"))
        session.add(User(number="9001", name="何志强", password_hash=secret, roles="administrator"))
    return db


async def _entered(db: Database, password: str = RIGHT):
    async with db.begin() as session:
        return await sign_in(session, number="1018", password=password, address="127.0.0.1", at=NOW)


async def _set(db: Database, number: str = "1018", *roles: Role, dealer_id: int | None = None, region: str = ""):
    async with db.begin() as session:
        return await set_roles(session, number, roles=roles, dealer_id=dealer_id, region=region, **ADMIN)


async def test_a_one_time_password_ends_every_session_and_must_be_changed(site: Database):
    before = await _entered(site)
    async with site.begin() as session:
        one_time = await reset_password(session, "1018", **ADMIN)
    async with site.begin() as session:
        assert await whoami(session, before.token, NOW) is None
        assert not await holding(session, [before.user.session], NOW)
    with pytest.raises(WrongPassword):
        await _entered(site)
    entered = await _entered(site, one_time)
    assert entered.user.must_change
    async with site.begin() as session:
        with pytest.raises(Invalid):
            await change_password(session, user_id=entered.user.user_id, old=one_time, new=one_time, at=NOW)
        await change_password(session, user_id=entered.user.user_id, old=one_time, new="battery staple", at=NOW)
    assert not (await _entered(site, "battery staple")).user.must_change


async def test_other_roles_end_every_session_and_the_same_roles_end_none(site: Database):
    entered = await _entered(site)
    assert not await _set(site, "1018", Role.AGENT)
    async with site.begin() as session:
        assert await whoami(session, entered.token, NOW) is not None
    assert await _set(site, "1018", Role.AGENT, Role.EXPERT)
    async with site.begin() as session:
        assert await whoami(session, entered.token, NOW) is None


async def test_a_dealers_person_sees_one_dealer_and_a_regional_manager_the_region(site: Database):
    await _set(site, "1018", Role.DEALER_RELATIONS, dealer_id=1)
    async with site.begin() as session:
        assert (await reach_of(session, "1018")).dealers == {1}
        assert await regions(session) == ["东北"]
    await _set(site, "1018", Role.REGIONAL_MANAGER, region="东北")
    async with site.begin() as session:
        assert (await reach_of(session, "1018")).dealers == {1}
        assert (await session.get_one(User, 1)).dealer_id is None
    await _set(site, "1018", Role.SUPERVISOR, dealer_id=1, region="东北")
    async with site.begin() as session:
        assert await reach_of(session, "1018") == EVERYTHING


@pytest.mark.parametrize(
    ("roles", "dealer_id", "region", "field"),
    [
        ((), None, "", "roles"),
        ((Role.AGENT, Role.DEALER_MANAGER), 1, "", "roles"),
        ((Role.DEALER_MANAGER,), None, "", "dealer_id"),
        ((Role.REGIONAL_MANAGER,), None, "", "region"),
        ((Role.REGIONAL_MANAGER, Role.DEALER_MANAGER), 1, "东北", "roles"),
    ],
)
def test_a_reach_that_does_not_fit_is_refused(roles, dealer_id, region, field):
    with pytest.raises(Invalid) as refused:
        check_place(roles, dealer_id, region)
    assert refused.value.values["field"] == field


async def test_nobody_is_given_a_dealer_or_region_that_does_not_exist(site: Database):
    for more in ({"dealer_id": 99}, {"dealer_id": 2**40}):
        with pytest.raises(Invalid):
            await _set(site, "1018", Role.DEALER_MANAGER, **more)  # type: ignore[arg-type]
    with pytest.raises(Invalid):
        await _set(site, "1018", Role.REGIONAL_MANAGER, region="' OR 1=1")
    with pytest.raises(NotFound):
        await _set(site, "7777", Role.AGENT)


async def test_an_administrator_does_not_lock_himself_out(site: Database):
    with pytest.raises(Refused):
        await _set(site, "9001", Role.AGENT)
    async with site.begin() as session:
        with pytest.raises(Refused):
            await reset_password(session, "9001", **ADMIN)
