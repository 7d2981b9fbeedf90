"""Every route whose row says whose objects, with an own, a foreign and an unknown id: foreign is told as unknown.

The routes come from the table of rights. One that names an object of somebody, and has no case here, fails.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import AsyncIterator
from itertools import product
from typing import Any

import pytest
import pytest_asyncio
import structlog

from agent_desktop.file_rights import CHECKS
from crm_core.access.rights import Objects, allowed, right_of
from crm_core.access.roles import Role
from tests.unit.agent_desktop.rights_cases import (
    BODIES,
    CASE_OF_NUMBER,
    ELSEWHERE,
    GAPLESS,
    OWN_IS_REFUSED,
    SECOND,
    Body,
)
from tests.unit.agent_desktop.rights_site import Asked, RightsSite, number_of, rights_site, routes
from tests.unit.agent_desktop.rights_things import FILES, FOREIGN, FOREIGN_DEALER, IDS, MARK, OWN, SAME, UNKNOWN

pytestmark = pytest.mark.asyncio(loop_scope="module")
WHO = {
    Objects.OWN: (Role.DEALER_MANAGER, Role.DEALER_RELATIONS, Role.REGIONAL_MANAGER),
    Objects.OWN_CONTACT: (Role.AGENT, Role.EXPERT),
    Objects.OWN_OR_KNOWN: (Role.AGENT, Role.EXPERT),
    Objects.OWN_TEAM: (Role.TEAM_LEADER,),
    Objects.OWN_DEALER: (Role.DEALER_MANAGER, Role.DEALER_RELATIONS, Role.REGIONAL_MANAGER),
    Objects.KEY_DEALER: (None,),
}
OWNED = tuple(WHO)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RightsSite]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    async with rights_site(tmp_path_factory.mktemp("rights")) as made:
        yield made
    structlog.reset_defaults()


def owned(site: RightsSite) -> list[tuple[Asked, Objects]]:
    found = [(asked, right_of(asked.method, asked.path)) for asked in routes(site.app)]
    return [
        (asked, right.objects) for asked, right in found if right and right.objects in OWNED and asked.method != "WS"
    ]


def askers(asked: Asked, objects: Objects) -> list[Role | None]:
    right = right_of(asked.method, asked.path)
    return [role for role in WHO[objects] if role is None or (right and allowed(right.needs, (role,)))]


def ids_of(asked: Asked, which: int, me: str) -> dict[str, str]:
    """The id for each gap of the path and of the body."""
    ids = {name: values[which].format(me=me) for name, values in IDS.items()} | SAME
    for room, name in CASE_OF_NUMBER.items():
        if asked.path.startswith(room):
            ids["number"] = ids[name]
    ids |= BODIES[asked.name].same if asked.name in BODIES else {}
    numbers = ("901", "902", "999999")
    return {gap: ids.get(gap, numbers[which]) for gap in {*asked.gaps, *ids}}


def names_an_object(asked: Asked) -> bool:
    fixed = {*SAME, *(BODIES[asked.name].same if asked.name in BODIES else ())}
    return any(gap not in fixed for gap in asked.gaps) or (asked.name in BODIES and BODIES[asked.name].names_object)


async def answer(
    site: RightsSite, asked: Asked, which: int, role: Role | None, body: Body | None = None
) -> tuple[int, str]:
    """Status and text, with the ids that were asked for taken out of the text."""
    ids = ids_of(asked, which, number_of(role or Role.AGENT))
    path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda gap: ids[gap[1]], asked.path)
    more: dict[str, Any] = {"headers": {}}
    if role is None:
        more["headers"] = {"Authorization": f"Bearer {site.tokens['own']}", "Idempotency-Key": "k", "If-Match": "*"}
    body = body or BODIES.get(asked.name)
    if body is not None and body.fields is not None:
        text = re.sub(r'"<(\w+)>"', lambda gap: json.dumps(ids[gap[1]]), json.dumps(body.fields))
        text = re.sub(r'"#(\w+)"', lambda gap: ids[gap[1]], text)
        more["data" if body.form else "json"] = json.loads(text)
    got = await site.ask(asked, path, role, **more)
    told = got.text + got.headers.get("location", "")
    for id_ in sorted({ids[gap] for gap in ids}, key=len, reverse=True):
        told = re.sub(rf"(?<![\w-]){re.escape(id_)}(?![\w-])", "…", told)
    return got.status_code, told


def problem(text: str) -> str:
    """What a refused page says."""
    return " ".join(re.findall(r'class="(?:err|fld-err|error|wrong|toast)[^>]*>([^<]+)', text)) or text[:120]


def unlike(one: str, other: str) -> str:
    """Where two answers begin to differ."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[max(0, at - 40) : at + 60]!r} / {other[max(0, at - 40) : at + 60]!r}"


async def test_every_route_that_names_somebodys_object_has_a_case(site: RightsSite):
    missing = [
        asked.name
        for asked, _ in owned(site)
        if asked.method in ("POST", "PUT", "PATCH")
        and asked.name not in BODIES
        and asked.name not in ELSEWHERE
        and asked.name not in GAPLESS
    ]
    assert not missing, f"say what is sent, in rights_cases.py: {missing}"
    known = {asked.name for asked, _ in owned(site)}
    assert not {*BODIES, *ELSEWHERE, *GAPLESS} - known


async def test_a_foreign_id_is_told_exactly_as_an_unknown_one_and_the_own_one_works(site: RightsSite):
    wrong: list[str] = []
    for asked, objects in owned(site):
        if asked.name in ELSEWHERE or not names_an_object(asked):
            continue
        bodies = (BODIES.get(asked.name), *([SECOND[asked.name]] if asked.name in SECOND else ()))
        for role, body in product(askers(asked, objects), bodies):
            own, foreign, unknown = [await answer(site, asked, which, role, body) for which in (OWN, FOREIGN, UNKNOWN)]
            if asked.method == "PUT" and unknown[0] == 201:  # an unknown number is made
                unknown = (404, foreign[1])
            if (own == unknown) if asked.name in OWN_IS_REFUSED else (own[0] >= 400):
                wrong.append(f"{role} {asked.name}: the own one is refused, {own[0]} {problem(own[1])}")
            if foreign[0] not in (404, 422) or foreign != unknown:
                wrong.append(f"{role} {asked.name}: {foreign[0]} / {unknown[0]} {unlike(foreign[1], unknown[1])}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", [Role.DEALER_MANAGER, Role.DEALER_RELATIONS, Role.REGIONAL_MANAGER])
async def test_no_page_of_a_dealers_person_can_be_turned_to_a_foreign_dealer(site: RightsSite, role: Role):
    for asked, objects in owned(site):
        if objects is not Objects.OWN_DEALER or role not in askers(asked, objects):
            continue
        ids = ids_of(asked, OWN, number_of(role))
        path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda gap, ids=ids: ids[gap[1]], asked.path)
        answers = [await site.ask(asked, f"{path}?dealer={dealer}", role) for dealer in (FOREIGN_DEALER, 999999)]
        assert [one.status_code for one in answers] == [404, 404], asked.name
        assert answers[0].text == answers[1].text, asked.name


@pytest.mark.parametrize("role", [Role.DEALER_MANAGER, Role.DEALER_RELATIONS, Role.REGIONAL_MANAGER])
async def test_a_file_is_had_by_who_may_see_what_it_hangs_on_and_else_is_unknown(site: RightsSite, role: Role):
    assert {*CHECKS} == {*FILES} - {"nothing"}, "say in rights_things.FILES whose files the new kind of subject has"
    asked = next(one for one in routes(site.app) if one.name == "GET /files/{file_id}")
    unknown = await site.ask(asked, "/files/999999", role)
    for kind, (own, foreign) in FILES.items():
        had = await site.ask(asked, f"/files/{own}", role)
        assert had.status_code == (404 if kind == "nothing" else 200), f"{role} {kind}"
        refused = await site.ask(asked, f"/files/{foreign}", role)
        assert (refused.status_code, refused.text) == (404, unknown.text), f"{role} {kind}"


async def test_no_list_or_page_holds_anything_of_a_foreign_dealer(site: RightsSite):
    for asked, objects in owned(site):
        if objects not in (Objects.OWN_DEALER, Objects.KEY_DEALER) or asked.method != "GET":
            continue
        for role in askers(asked, objects):
            for which in (OWN, FOREIGN):
                status, told = await answer(site, asked, which, role)
                assert MARK not in told, f"{role} {asked.name} {status}"


async def test_a_key_without_just_this_scope_is_refused(site: RightsSite):
    for asked in routes(site.app):
        right = right_of(asked.method, asked.path)
        if right is None or not asked.path.startswith("/api/v1/") or right.needs == "anyone":
            continue
        ids = ids_of(asked, OWN, "")
        path = re.sub(r"\{(\w+)(?::\w+)?\}", lambda gap, ids=ids: ids[gap[1]], asked.path)
        got = await site.ask(asked, path, headers={"Authorization": f"Bearer {site.tokens[f'not {right.needs}']}"})
        assert (got.status_code, right.needs in got.text) == (403, True), asked.name
