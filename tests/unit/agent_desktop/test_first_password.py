"""Who adds a person knows the first password; so it is replaced before anything else is done with it."""

from __future__ import annotations

import re

from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

FIRST = "told-by-telephone"


async def test_a_new_person_replaces_the_password_that_the_administrator_typed_before_the_first_page(web: WebSite):
    admin = await web.enter(people.ADMIN)
    new = {
        "csrf_token": admin.csrf,
        "number": "1020",
        "name": "高远",
        "password": FIRST,
        "roles": ["quality"],
        "team": "",
    }
    assert (await web.client.post("/admin/people/new", data=new)).status_code == 303
    web.client.cookies.clear()
    entered = await web.client.post("/login", data={"number": "1020", "password": FIRST})
    assert entered.status_code == 303
    asked = await web.client.get("/recordings")
    assert (asked.status_code, asked.headers["location"]) == (303, "/password")


async def test_a_new_persons_role_is_chosen_and_not_ticked_beforehand(web: WebSite):
    await web.enter(people.ADMIN)
    page = (await web.client.get("/admin/people/new")).text
    roles = re.findall(r'<input[^>]*name="roles"[^>]*>', page)
    assert len(roles) > 5
    assert not [role for role in roles if "checked" in role]
