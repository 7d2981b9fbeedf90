"""The public API: its examples work, nothing that is sent makes it fail, and a repeated request is one effect."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import ASGITransport, AsyncClient, Response
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from agent_desktop.api.v1.description import description, operations
from crm_core.access.model import AuditEntry
from crm_core.clock import now
from crm_core.customers.model import Customer
from crm_core.integration.cursor import CursorWrong, read_id, read_moment, write_cursor
from crm_core.integration.keys import create_key, revoke_key
from crm_core.integration.model import ApiKey, OutboxEvent
from crm_core.integration.scopes import Scope
from crm_core.vehicles.model import VehicleOrder
from tests.unit.agent_desktop.conftest import WebSite

ALL = [scope.value for scope in Scope]
ORDER = {"customer_id": 1, "model": "远辰 E6", "dealer": "JL001"}


@dataclass(frozen=True, slots=True)
class Api:
    """Asks as a system that holds a key."""

    web: WebSite
    token: str
    client: AsyncClient

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        named = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = None if body is None else json.dumps(body).encode()
        kind = {"Content-Type": "application/json"} if content is not None else {}
        return await self.client.request(method, f"/api/v1{path}", content=content, headers={**named, **kind})

    async def with_key(self, **more: Any) -> Api:
        facts = {"name": "CRM", "scopes": ALL, "per_minute": 6000, "actor": "9001", "at": now(), **more}
        async with self.web.db.begin() as session:
            made = await create_key(session, **facts)
        return replace(self, token=made.token)


@pytest.fixture
async def api(web: WebSite) -> AsyncIterator[Api]:
    transport = ASGITransport(app=web.app, client=("198.51.100.7", 4000), raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://hotline.test") as client:
        yield await Api(web, "", client).with_key()


def example_of(path: str, method: str) -> tuple[str, Any]:
    """The path and body as the documentation writes them."""
    told = description()
    operation = told["paths"][path][method]
    filled = path.removeprefix("/api/v1")
    query = []
    for parameter in operation["parameters"]:
        examples = parameter["schema"].get("examples")
        if parameter["in"] == "path":
            filled = filled.replace("{" + parameter["name"] + "}", str(examples[0]))
        elif parameter["in"] == "query" and examples:
            query.append(f"{parameter['name']}={examples[0]}")
    reference = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    body = told["components"]["schemas"][reference["$ref"].rpartition("/")[2]]["examples"][0] if reference else None
    return filled + ("?" + "&".join(query) if query else ""), body


async def test_every_example_of_the_documentation_works(api: Api):
    made: dict[str, str] = {}
    for method in ("put", "post", "get", "patch"):
        for route in operations():
            if method.upper() not in route.methods or route.path == "/api/v1/leads/{number}":
                continue
            path, body = example_of(route.path, method)
            tag = (await api.ask("GET", path)).headers["etag"] if method == "patch" else '"none"'
            answer = await api.ask(method.upper(), path, body, Idempotency_Key=f"{route.name}-1", If_Match=tag)
            made[route.name] = answer.text
            assert answer.status_code < 300, f"{method} {path}: {answer.text}"
    lead = json.loads(made["create_lead"])["number"]
    assert (await api.ask("GET", f"/leads/{lead}")).json()["number"] == lead


async def test_a_web_form_names_its_prospect_who_is_one_customer_however_often_it_is_sent(api: Api):
    form = {"customer": {"name": "高明", "number": "138 0000 0925"}, "source": "event", "touchpoint": "autumn_show"}
    first = await api.ask("POST", "/leads", {**form, "wish": "试驾"}, Idempotency_Key="f1")
    assert first.status_code == 201, first.text
    assert first.json()["source"] == "event"
    again = await api.ask("POST", "/leads", {**form, "wish": "E8"}, Idempotency_Key="f2")
    assert again.status_code == 409
    assert first.json()["number"] in again.text
    nobody = await api.ask("POST", "/leads", {"source": "web", "wish": "E8"}, Idempotency_Key="f3")
    both = await api.ask("POST", "/leads", {**form, "customer_id": 1, "wish": "E8"}, Idempotency_Key="f4")
    assert (nobody.status_code, both.status_code) == (422, 422)
    bad = {**form, "customer": {"name": "<b>", "number": "12"}, "wish": "x"}
    refused = await api.ask("POST", "/leads", bad, Idempotency_Key="f5")
    assert refused.status_code == 422
    async with api.web.db.begin() as session:
        named = select(func.count()).select_from(Customer).where(Customer.name.in_(("高明", "<b>")))
        assert await session.scalar(named) == 1


async def test_without_a_good_key_nothing_is_told(api: Api):
    for token in ("", "hl_wrong", "x" * 5000):
        answer = await replace(api, token=token).ask("GET", "/customers")
        assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
        assert answer.headers["www-authenticate"] == "Bearer"
    ended = await api.with_key(expires_at=now() + timedelta(seconds=1))
    revoked = await api.with_key()
    async with api.web.db.begin() as session:
        last = await session.scalar(select(func.max(ApiKey.id)))
        await revoke_key(session, last, actor="9001", at=now())
        (await session.get_one(ApiKey, last - 1)).expires_at = now() - timedelta(seconds=1)
    assert (await ended.ask("GET", "/customers")).status_code == 401
    assert (await revoked.ask("GET", "/customers")).status_code == 401


async def test_a_key_without_the_scope_or_from_another_address_is_refused_in_the_callers_language(api: Api):
    reading = await api.with_key(scopes=["dealers:read"])
    assert (await reading.ask("GET", "/dealers")).status_code == 200
    answer = await reading.ask("GET", "/customers", Accept_Language="zh-CN")
    assert answer.status_code == 403
    assert "customers:read" in answer.json()["detail"]
    assert "权限" in answer.json()["detail"]
    assert (await (await api.with_key(networks=["10.0.0.0/8"])).ask("GET", "/dealers")).status_code == 403
    assert (await (await api.with_key(networks=["198.51.100.0/24"])).ask("GET", "/dealers")).status_code == 200


async def test_a_key_has_its_own_rate(api: Api):
    slow = await api.with_key(per_minute=2)
    statuses = [(await slow.ask("GET", "/dealers")).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    assert (await api.ask("GET", "/dealers")).status_code == 200


async def test_the_secret_is_stored_nowhere_and_who_asked_is_on_the_audit_log(api: Api):
    await api.ask("POST", "/cases", example_of("/api/v1/cases", "post")[1], Idempotency_Key="a")
    async with api.web.db.begin() as session:
        key = await session.scalar(select(ApiKey))
        actors = set(await session.scalars(select(AuditEntry.actor)))
    assert api.token not in f"{key.digest}{key.prefix}{key.name}"
    assert f"key:{key.id}" in actors
    assert (key.last_address, key.last_used_at is not None) == ("198.51.100.7", True)


async def test_the_same_post_twice_is_one_customer_and_one_answer(api: Api):
    body = {"name": "赵磊", "number": "13944120031"}
    first = await api.ask("POST", "/customers", body, Idempotency_Key="k1")
    again = await api.ask("POST", "/customers", body, Idempotency_Key="k1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert again.headers["idempotency-replayed"] == "true"
    other = await api.ask("POST", "/customers", {**body, "city": "长春"}, Idempotency_Key="k1")
    assert other.status_code == 409
    assert (await api.ask("POST", "/customers", body)).status_code == 422
    assert await named(api, "赵磊") == 1


async def test_a_refused_post_may_be_sent_again_with_the_same_key(api: Api):
    wrong = await api.ask("POST", "/customers", {"name": "赵磊", "number": "12"}, Idempotency_Key="k2")
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/number")
    right = await api.ask("POST", "/customers", {"name": "赵磊", "number": "13944120031"}, Idempotency_Key="k2")
    assert right.status_code == 201


async def test_ten_equal_posts_at_once_are_one_effect(api: Api):
    body = {"name": "钱伟", "number": "13944120032"}
    answers = await asyncio.gather(*(api.ask("POST", "/customers", body, Idempotency_Key="at-once") for _ in range(10)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert await named(api, "钱伟") == 1


async def test_an_order_sent_again_changes_nothing_and_tells_nobody(api: Api):
    made = await api.ask("PUT", "/orders/SO-1", ORDER)
    again = await api.ask("PUT", "/orders/SO-1", ORDER)
    moved = await api.ask("PUT", "/orders/SO-1", {**ORDER, "status": "transport"})
    assert [answer.status_code for answer in (made, again, moved)] == [201, 200, 200]
    assert made.json() == again.json()
    assert moved.json()["status"] == "transport"
    async with api.web.db.begin() as session:
        assert await session.scalar(select(func.count()).select_from(VehicleOrder)) == 1
        told = list(await session.scalars(select(OutboxEvent.payload)))
    assert [payload["status"] for payload in told] == ["open", "transport"]


async def test_a_dealers_key_sees_its_dealer_only_and_foreign_is_as_unknown(api: Api):
    mine = await api.with_key(dealer_id=1)
    assert [one["name"] for one in (await mine.ask("GET", "/customers")).json()["items"]] == ["陈建国"]
    assert [one["code"] for one in (await mine.ask("GET", "/dealers")).json()["items"]] == ["JL001"]
    await api.ask("PUT", "/orders/SO-9", {**ORDER, "customer_id": 2, "dealer": "JL002"})
    pairs = (
        ("/customers/2", "/customers/999999"),
        ("/customers/2/consents", "/customers/999999/consents"),
        ("/dealers/JL002", "/dealers/JL999"),
        ("/orders/SO-9", "/orders/SO-99"),
    )
    for foreign, unknown in pairs:
        answers = [(await mine.ask("GET", path)) for path in (foreign, unknown)]
        told = [{**answer.json(), "instance": ""} for answer in answers]
        assert answers[0].status_code == answers[1].status_code == 404
        assert told[0] == told[1]
    case = {"kind": "repair", "title": "异响"}
    refused = [
        await mine.ask("POST", "/cases", {**case, "customer_id": number}, Idempotency_Key=f"c{number}")
        for number in (2, 999999)
    ]
    assert refused[0].json() == refused[1].json()


async def test_pages_follow_each_other_without_gaps_or_doubles_while_rows_come(api: Api):
    seen: list[int] = []
    cursor = ""
    for page in range(20):
        found = (await api.ask("GET", f"/customers?limit=2&cursor={cursor}")).json()
        seen += [one["id"] for one in found["items"]]
        body = {"name": f"新客户{page}", "number": f"1394412{page:04}"}
        if page < 3:
            assert (await api.ask("POST", "/customers", body, Idempotency_Key=f"p{page}")).status_code == 201
        cursor = found["next"]
        if cursor is None:
            break
    assert seen == sorted(set(seen))
    assert len(seen) == 4 + 2, "the customers of the site, and those who came while the list was read"


async def test_an_unchanged_thing_is_not_sent_again(api: Api):
    first = await api.ask("GET", "/customers/1")
    assert first.json()["phones"] == [{"number": "+8613804317706", "label": "mobile"}]
    assert first.json()["created_at"].endswith("Z")
    again = await api.ask("GET", "/customers/1", If_None_Match=first.headers["etag"])
    assert (again.status_code, again.content) == (304, b"")


async def test_a_change_needs_the_etag_that_was_read_and_a_second_writer_is_told(api: Api):
    read = await api.ask("GET", "/customers/1")
    assert (await api.ask("PATCH", "/customers/1", {"city": "吉林"})).status_code == 428
    first = await api.ask("PATCH", "/customers/1", {"city": "吉林"}, If_Match=read.headers["etag"])
    second = await api.ask("PATCH", "/customers/1", {"city": "沈阳"}, If_Match=read.headers["etag"])
    assert (first.status_code, second.status_code) == (200, 412)
    assert (await api.ask("GET", "/customers/1")).json()["city"] == "吉林"
    assert first.json()["name"] == "陈建国"
    wrong = await api.ask("PATCH", "/customers/1", {"name": " "}, If_Match=first.headers["etag"])
    assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/name")


async def test_a_wrong_body_names_each_wrong_field_in_chinese(api: Api):
    answer = await api.ask(
        "PUT", "/orders/SO-1", {"model": "", "colour": "red", "promised_on": "9999-99-99"}, Accept_Language="zh-CN"
    )
    told = {one["pointer"]: one["detail"] for one in answer.json()["errors"]}
    assert answer.status_code == 422
    assert set(told) == {"#/customer_id", "#/model", "#/colour", "#/promised_on"}
    assert told["#/customer_id"] == "缺少这一项。"


HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["", "\0", "\ud800", "' OR 1=1--", "<script>", "9" * 400, "../..", "%00", "-1", "1e99", "null"]),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.none(),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
    st.datetimes().map(lambda at: at.isoformat() + "Z"),
    st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-07-16", "1" * 4000]),
)


@pytest.mark.parametrize("route", operations(), ids=lambda route: route.name)
async def test_nothing_that_is_sent_makes_the_api_fail(api: Api, route: Any):
    told = description()
    method = next(iter(route.methods)).lower()
    operation = told["paths"][route.path][method]
    path, body = example_of(route.path, method)
    gaps = [p["name"] for p in operation["parameters"] if p["in"] == "path"]
    queries = [p["name"] for p in operation["parameters"] if p["in"] == "query"]
    fields = sorted(body or {}) + (["unknown"] if body else [])

    async def throw(values: dict[str, Any], places: dict[str, Any], asked: dict[str, Any], word: str) -> None:
        from urllib.parse import quote, urlencode

        def text(value: Any) -> str:
            return quote(str(value).encode(errors="replace"), safe="") or "%20"

        address = route.path.removeprefix("/api/v1")
        for name in gaps:
            address = address.replace("{" + name + "}", text(places[name]) if name in places else _kept(path, name))
        query = urlencode({name: str(value).encode(errors="replace") for name, value in asked.items()})
        sent = None if body is None else {**body, **values}
        key = quote(word.encode(errors="replace")) or "k"
        answer = await api.ask(method.upper(), f"{address}?{query}", sent, Idempotency_Key=key, If_Match='"x"')
        assert answer.status_code < 500, f"{method} {address} {query} {sent}: {answer.text}"

    def _kept(filled: str, name: str) -> str:
        pattern = route.path.removeprefix("/api/v1").split("/")
        return filled.partition("?")[0].split("/")[pattern.index("{" + name + "}")]

    generated = st.tuples(
        st.dictionaries(st.sampled_from(fields or ["unknown"]), HOSTILE, max_size=3),
        st.dictionaries(st.sampled_from(gaps), HOSTILE, max_size=2) if gaps else st.just({}),
        st.dictionaries(st.sampled_from(queries), HOSTILE, max_size=3) if queries else st.just({}),
        st.text(max_size=12),
    )
    thrown: list[Any] = []

    @settings(max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(generated)
    def collect(one: Any) -> None:
        thrown.append(one)

    collect()
    for one in thrown:
        await throw(*one)


@given(st.integers(min_value=0, max_value=2**31 - 1))
def test_a_cursor_leads_back_to_its_place(number: int):
    assert read_id(write_cursor(number)) == number


@given(st.text(max_size=60))
def test_a_forged_cursor_is_refused_or_read(cursor: str):
    for read in (read_id, read_moment):
        try:
            read(cursor)
        except CursorWrong:
            continue


async def test_the_documentation_is_open_and_runs_no_script_of_others(api: Api):
    page = await api.client.get("/api/v1/docs", headers={"Accept-Language": "en"})
    assert page.status_code == 200
    assert "curl -X PUT" in page.text
    assert " style=" not in page.text
    told = (await api.client.get("/api/v1/openapi.json")).json()
    assert told["openapi"] == "3.1.0"
    assert all("x-scope" in one for path in told["paths"].values() for one in path.values())


async def named(api: Api, name: str) -> int:
    async with api.web.db.begin() as session:
        return await session.scalar(select(func.count()).select_from(Customer).where(Customer.name == name))
