"""A leader decides who is one: the list with reasons, the two side by side, merging, taking it back, keeping apart."""

from __future__ import annotations

import pytest
from httpx2 import Response
from sqlalchemy import select

from crm_core.clock import now
from crm_core.customers.duplicates import check
from crm_core.customers.identity_model import CustomerMerge
from crm_core.customers.model import Customer, CustomerPhone
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

TWIN = 901


class Leader:
    def __init__(self, web: WebSite, token: str) -> None:
        self.get, self.post_form, self.token, self.web = web.client.get, web.client.post, token, web

    async def post(self, path: str, **fields: object) -> Response:
        return await self.post_form(path, data={"csrf_token": self.token, **fields})


@pytest.fixture
async def leader(web: WebSite) -> Leader:
    """A team leader on a site where Chen Jianguo is there twice."""
    async with web.db.begin() as session:
        session.add(Customer(id=TWIN, name="陈健国", name_pinyin="chenjianguo cjg", city="吉林", created_at=now()))
        await session.flush()
        session.add(CustomerPhone(customer_id=TWIN, e164=people.CHEN_NUMBER))
        await session.flush()
        await check(session, {TWIN}, at=now())
        user = await _user(session, people.AGENT)
        user.roles = "team_leader"
    return Leader(web, (await web.enter(people.AGENT)).csrf)


async def _user(session, number: str):
    from crm_core.access.model import User

    return (await session.scalars(select(User).where(User.number == number))).one()


async def test_a_pair_is_merged_with_the_chosen_fields_and_made_two_again(leader: Leader):
    listed = (await leader.get("/customers/duplicates")).text
    assert "姓名同音" in listed
    assert "陈健国" in listed
    assert people.CHEN_NUMBER not in listed, "numbers are masked"
    both = (await leader.get(f"/customers/merge?keep={people.CHEN}&drop={TWIN}")).text
    assert 'name="field.city"' in both
    fields = {"field.city": "drop", "field.name": "keep"}
    merged = await leader.post("/customers/merge", keep=people.CHEN, drop=TWIN, **fields)
    assert merged.headers["location"] == "/customers/merges?done=1"
    async with leader.web.db.begin() as session:
        chen = await session.get_one(Customer, people.CHEN)
        assert (chen.name, chen.city) == ("陈建国", "吉林")
        assert (await session.get_one(Customer, TWIN)).merged_into_id == people.CHEN
    assert "全部记录已移过去" in (await leader.get("/customers/merges?done=1")).text
    undone = await leader.post("/customers/merges/1/undo")
    assert undone.headers["location"] == "/customers/merges?undone=1&stayed=0"
    async with leader.web.db.begin() as session:
        assert (await session.get_one(Customer, people.CHEN)).city == "长春"
        assert (await session.get_one(CustomerMerge, 1)).undone_by == people.AGENT
    assert (await leader.post("/customers/merges/1/undo")).status_code == 409


async def test_who_is_kept_apart_leaves_the_list_with_the_reason_and_comes_back(leader: Leader):
    refused = await leader.post("/customers/duplicates/refuse", one=people.CHEN, other=TWIN, note="父子 <b>同名</b>")
    assert "refused=" in refused.headers["location"]
    assert "陈健国" not in (await leader.get("/customers/duplicates")).text
    apart = (await leader.get("/customers/duplicates?state=refused")).text
    assert "父子 &lt;b&gt;同名" in apart
    await leader.post("/customers/duplicates/reopen", one=people.CHEN, other=TWIN)
    assert "陈健国" in (await leader.get("/customers/duplicates")).text


async def test_foreign_ids_and_words_are_refused_and_change_nothing(leader: Leader):
    assert (await leader.get(f"/customers/merge?keep={people.CHEN}&drop=99999")).status_code == 404
    assert (await leader.get(f"/customers/merge?keep={people.CHEN}&drop={people.CHEN}")).status_code == 404
    assert (await leader.post("/customers/merge", keep=people.CHEN, drop="1 OR 1=1")).status_code == 422
    assert (await leader.post("/customers/merge", keep=people.CHEN, drop=99_999)).status_code == 404
    assert (await leader.get("/customers/duplicates?state='--&kind=<b>&page=1")).status_code == 200
    assert (await leader.post("/customers/merges/77/undo")).status_code == 404


async def test_comparing_everybody_shows_its_progress(leader: Leader):
    await leader.post("/customers/duplicates/compare")
    assert "正在比对全部客户：0.0%" in (await leader.get("/customers/duplicates")).text


async def test_an_agent_may_not_merge(web: WebSite):
    token = (await web.enter(people.AGENT)).csrf
    for path in ("/customers/duplicates", "/customers/merges", "/customers/merge?keep=1&drop=2"):
        assert (await web.client.get(path)).status_code == 403
    posted = await web.client.post("/customers/merge", data={"csrf_token": token, "keep": 1, "drop": 2})
    assert posted.status_code == 403
