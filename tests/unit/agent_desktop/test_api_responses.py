"""Other systems tell how many responded: added up minute by minute, once each, by who may; nothing makes it fail."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from crm_core.clock import now
from crm_core.integration.scopes import Scope
from crm_core.media.model import MediaResponse
from crm_core.media.responses import MOST
from tests.unit.agent_desktop.test_api import Api, api

__all__ = ["api"]  # the fixture
VISITS = {"source": "website", "count": 42}


async def told(api: Api) -> dict[str, int]:
    """By source, what stands in all minutes."""
    async with api.web.db.begin() as session:
        sums = select(MediaResponse.source, func.sum(MediaResponse.count)).group_by(MediaResponse.source)
        return {source: int(count) for source, count in await session.execute(sums)}


async def test_responses_of_one_minute_are_added_up_whoever_tells_them(api: Api):
    shop = await api.with_key(name="Shop", scopes=[Scope.WRITE_RESPONSES.value])
    minute = (now() - timedelta(minutes=3)).replace(second=0, microsecond=0)
    for who, second, key in ((api, 1, "m1"), (shop, 59, "m2")):
        body = {**VISITS, "at": (minute + timedelta(seconds=second)).isoformat()}
        answer = await who.ask("POST", "/responses", body, Idempotency_Key=key)
        assert (answer.status_code, answer.json()) == (201, VISITS)
    async with api.web.db.begin() as session:
        (row,) = await session.scalars(select(MediaResponse))
    assert (row.source, row.minute, row.count) == ("website", minute, 84)


async def test_a_request_that_is_sent_again_counts_once_and_another_under_its_key_is_refused(api: Api):
    first, again = [await api.ask("POST", "/responses", VISITS, Idempotency_Key="r1") for _ in range(2)]
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    other = await api.ask("POST", "/responses", {**VISITS, "count": 43}, Idempotency_Key="r1")
    assert other.status_code in (409, 422)
    assert await told(api) == {"website": 42}


@pytest.mark.parametrize(("scope", "status"), [(Scope.READ_REPORTS, 403), (Scope.WRITE_RESPONSES, 201)])
async def test_a_key_tells_responses_only_with_the_scope_for_it(api: Api, scope: Scope, status: int):
    key = await api.with_key(name="Site", scopes=[scope.value])
    assert (await key.ask("POST", "/responses", VISITS, Idempotency_Key="s1")).status_code == status
    assert await told(api) == ({"website": 42} if status == 201 else {})


async def test_without_a_key_nothing_is_taken_and_nothing_is_shown(api: Api):
    stranger = Api(api.web, "hl_nobody", api.client)
    assert (await stranger.ask("POST", "/responses", VISITS, Idempotency_Key="s2")).status_code == 401
    assert (await api.ask("GET", "/responses")).status_code == 405  # counts are read on the boards alone
    assert await told(api) == {}


@pytest.mark.parametrize(
    "changed",
    [
        {"source": "fax"},
        {"source": "website\r\nX: 1"},
        {"count": 0},
        {"count": -1},
        {"count": MOST + 1},
        {"count": 1.5},
        {"count": "42"},
        {"count": True},
        {"count": None},
        {"at": "yesterday"},
        {"at": "2026-07-16T10:00:00"},  # of which zone?
        {"at": "9999-12-31T23:59:59Z"},
        {"at": (now() - timedelta(days=3)).isoformat()},
        {"at": (now() + timedelta(hours=1)).isoformat()},
        {"customer": "13800000001"},  # nothing that names anybody
    ],
)
async def test_what_cannot_be_is_refused_with_its_field_and_counts_nothing(api: Api, changed: dict[str, Any]):
    answer = await api.ask("POST", "/responses", {**VISITS, **changed}, Idempotency_Key="w1")
    assert answer.status_code == 422, answer.text
    assert next(iter(changed)) in answer.text
    assert await told(api) == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=JSON | st.fixed_dictionaries({"source": JSON, "count": JSON}, optional={"at": JSON}), key=st.integers())
async def test_nothing_that_is_sent_makes_it_fail(api: Api, body: Any, key: int):
    answer = await api.ask("POST", "/responses", body, Idempotency_Key=f"h{key}")
    assert answer.status_code in (201, 400, 409, 422), answer.text


async def test_fifty_who_tell_the_same_minute_at_once_are_all_counted(api: Api):
    at = now().isoformat()
    asked = (api.ask("POST", "/responses", {**VISITS, "at": at}, Idempotency_Key=f"t{n}") for n in range(50))
    assert [answer.status_code for answer in await asyncio.gather(*asked)] == [201] * 50
    assert await told(api) == {"website": 50 * 42}
