"""Accounts: one-time passwords, roles and places by an administrator; one's own password; open pages end at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.admin.sign_ins import SignIns
from crm_core.access.model import SignInSession, User
from crm_core.db import Database
from crm_core.dealers.model import Dealer
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite


async def test_a_one_time_password_is_shown_once_and_leads_to_the_password_page_only(web: WebSite):
    admin = await web.enter(people.ADMIN)
    page = await web.client.post("/admin/people/1018/password", data={"csrf_token": admin.csrf})
    one_time = re.search(r'id="one-time">([^<]+)<', page.text)[1]
    assert one_time not in (await web.client.get("/admin/people/1018?part=account")).text
    web.client.cookies.clear()
    form = {"number": "1018", "password": one_time}
    await web.client.post("/login", data=form)
    assert (await web.client.get("/desk")).headers["location"] == "/password"
    assert (await web.client.post("/api/phone/account")).status_code == 403
    shown = await web.client.get("/password")
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown.text)[1]
    new = {"csrf_token": token, "old": one_time, "new": "battery staple", "again": "battery staple"}
    assert (await web.client.post("/password", data={**new, "again": "other"})).status_code == 422
    answer = await web.client.post("/password", data=new)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk")
    assert (await web.client.get("/desk")).status_code == 200


async def test_a_wrong_present_password_is_told_under_its_field(web: WebSite):
    entered = await web.enter()
    form = {"csrf_token": entered.csrf, "old": "guess", "new": "battery staple", "again": "battery staple"}
    answer = await web.client.post("/password", data=form)
    assert answer.status_code == 422
    assert 'id="old-error">这不是您现在的密码。' in answer.text


async def test_roles_and_dealer_are_changed_with_a_way_back_and_refused_when_they_do_not_fit(web: WebSite):
    admin = await web.enter(people.ADMIN)
    async with web.db.begin() as session:
        await session.execute(update(Dealer).values(region="东北"))
    path = "/admin/people/1019/account"
    both = {"csrf_token": admin.csrf, "roles": ["agent", "dealer_manager"], "dealer_id": "1"}
    refused = await web.client.post(path, data=both)
    assert refused.status_code == 422
    assert 'id="roles-error">经销商或大区人员不能同时有中心的角色' in refused.text
    saved = await web.client.post(path, data={**both, "roles": ["dealer_manager"]})
    assert saved.headers["location"].startswith("/admin/people/1019?part=account&did=roles&was=agent")
    page = await web.client.get(saved.headers["location"])
    assert "撤销" in page.text
    back = {"csrf_token": admin.csrf, "roles": ["agent"], "dealer_id": "", "region": ""}
    await web.client.post(path, data=back)
    async with web.db.begin() as session:
        user = await session.scalar(select(User).where(User.number == "1019"))
    assert (user.roles, user.dealer_id) == ("agent", None)


async def test_a_disabled_person_can_be_brought_back_by_the_toast(web: WebSite):
    admin = await web.enter(people.ADMIN)
    answer = await web.client.post("/admin/people/1019/disable", data={"csrf_token": admin.csrf})
    page = await web.client.get(answer.headers["location"])
    assert "/admin/people/1019/enable" in page.text


class Asked:
    """The database, which tells how often it was asked."""

    def __init__(self, db: Database) -> None:
        self._db, self.looks, self.looked = db, 0, asyncio.Semaphore(0)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        self.looks += 1
        async with self._db.begin() as session:
            yield session
        self.looked.release()


async def test_an_open_page_hears_at_once_that_its_sign_in_is_over(web: WebSite):
    entered = await web.enter()
    asked = Asked(web.db)
    sign_ins = SignIns(cast("Database", asked))
    waiting = asyncio.create_task(sign_ins.over(entered.user))
    await asyncio.sleep(0)
    sign_ins.ended()
    await asyncio.wait_for(asked.looked.acquire(), 2)
    assert not waiting.done(), "it looked, and the sign-in was still good"
    async with web.db.begin() as session:
        await session.delete(await session.get_one(SignInSession, entered.user.session))
    sign_ins.ended()
    await asyncio.wait_for(waiting, 2)


async def test_who_is_still_signed_in_is_asked_once_for_all_open_pages(web: WebSite):
    first, second = await web.enter(), await web.enter(people.ADMIN)
    asked = Asked(web.db)
    sign_ins = SignIns(cast("Database", asked))
    mine = [asyncio.create_task(sign_ins.over(first.user)) for _ in range(100)]
    others = [asyncio.create_task(sign_ins.over(second.user)) for _ in range(100)]
    await asyncio.sleep(0)
    async with web.db.begin() as session:
        await session.delete(await session.get_one(SignInSession, first.user.session))
    sign_ins.ended()
    await asyncio.wait_for(asyncio.gather(*mine), 2)
    assert asked.looks == 1
    assert not any(page.done() for page in others)
    for page in others:
        page.cancel()
    await asyncio.gather(*others, return_exceptions=True)
