"""The page behind a position link: no sign-in, an hour, and the place is on the rescue and the agent's desk."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from crm_core.cases.model import Case, RescueRun
from crm_core.clock import now
from crm_core.dealers.cities import CITIES
from crm_core.dealers.gazetteer import cities
from crm_core.history.model import Contact
from crm_core.self_service.model import PositionLink, SelfServiceAct
from crm_core.self_service.places import CITY_M
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.leading import enter_as_supervisor

CODE = "abcdefghjkmn"


async def a_link(web: WebSite, *, call: str = "r-1", minutes: float = 60) -> None:
    async with web.db.begin() as session:
        session.add(
            PositionLink(
                code=CODE, call=call, e164=people.CHEN_NUMBER, language="zh-CN", made_at=now(),
                expires_at=now() + timedelta(minutes=minutes),
            )
        )  # fmt: skip


async def the_link(web: WebSite) -> PositionLink:
    async with web.db.begin() as session:
        return (await session.scalars(select(PositionLink))).one()


async def test_the_page_says_who_asks_and_why_and_alone_may_use_the_position(web: WebSite):
    await a_link(web)
    answer = await web.client.get(f"/where/{CODE}", headers={"accept-language": "en"})
    assert answer.status_code == 200
    assert "We know where you are" not in answer.text
    assert "Only the agent and the station that helps you see it" in answer.text
    assert "geolocation=(self)" in answer.headers["permissions-policy"]
    assert answer.headers["referrer-policy"] == "same-origin"  # the code stays between us and the caller
    assert "geolocation=()" in (await web.client.get("/login")).headers["permissions-policy"]


async def test_a_shared_position_is_kept_and_confirmed(web: WebSite):
    await a_link(web)
    place = {"latitude": "43.83", "longitude": "125.31", "accuracy": "12.4", "words": "服务区入口"}
    told = await web.client.post(f"/where/{CODE}", data=place)
    assert (told.status_code, told.headers["location"]) == (303, f"/where/{CODE}")
    link = await the_link(web)
    assert (link.latitude, link.longitude, link.accuracy_m, link.words) == (43.83, 125.31, 12, "服务区入口")
    assert "已收到" in (await web.client.get(f"/where/{CODE}")).text


async def test_words_alone_do(web: WebSite):
    await a_link(web)
    assert (await web.client.post(f"/where/{CODE}", data={"words": "G1 1023 公里"})).status_code == 303
    assert (await the_link(web)).words == "G1 1023 公里"


@pytest.mark.parametrize(
    "place",
    [
        {},
        {"words": "  "},
        {"latitude": "91", "longitude": "0"},
        {"latitude": "nan", "longitude": "0"},
        {"latitude": "1e999", "longitude": "0"},
        {"latitude": "x", "longitude": "0"},
        {"latitude": "43"},
    ],
)
async def test_what_is_no_place_is_said_under_the_field_and_nothing_is_lost(web: WebSite, place: dict[str, str]):
    await a_link(web)
    answer = await web.client.post(f"/where/{CODE}", data={"words": "", **place})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert (await the_link(web)).shared_at is None


async def a_rescue(web: WebSite) -> None:
    at = now()
    async with web.db.begin() as session:
        session.add(Contact(id="r-1", direction="inbound", caller=people.CHEN_NUMBER, started_at=at))
        case = Case(number="GD-0716-0009", kind="rescue", title="救援", customer_id=1, opened_at=at)
        case.contact_id, case.stage = "r-1", "dispatch"
        session.add(case)


async def the_run(web: WebSite) -> RescueRun:
    async with web.db.begin() as session:
        return (await session.scalars(select(RescueRun))).one()


async def test_city_road_and_kilometre_are_on_the_rescue_and_no_station_is_sent_by_a_city_alone(web: WebSite):
    await a_link(web)
    await a_rescue(web)
    place = {"city": "吉林/长春市", "road": "G1 京哈高速", "km": "1023", "words": "服务区入口"}
    assert (await web.client.post(f"/where/{CODE}", data=place)).status_code == 303
    link, run = await the_link(web), await the_run(web)
    assert link.words == "吉林长春市 G1 京哈高速 K1023 服务区入口"
    assert (run.road, run.km, run.landmark) == ("G1 京哈高速", "1023", link.words)
    assert (link.latitude, link.accuracy_m) == (CITIES["长春"][0], CITY_M)
    assert (run.latitude, run.station_id) == (CITIES["长春"][0], None)
    page = (await web.client.get(f"/where/{CODE}")).text
    assert link.words in page
    assert "已知道您的位置" not in page


async def test_a_city_does_not_replace_a_position_that_the_phone_told(web: WebSite):
    await a_link(web)
    await web.client.post(f"/where/{CODE}", data={"latitude": "43.9", "longitude": "125.1", "accuracy": "8"})
    await web.client.post(f"/where/{CODE}", data={"city": "吉林/长春市"})
    link = await the_link(web)
    assert (link.latitude, link.accuracy_m, link.words) == (43.9, 8, "吉林长春市")
    await web.client.post(f"/where/{CODE}", data={"latitude": "43.8", "longitude": "125.1", "accuracy": "9"})
    assert (await the_link(web)).latitude == 43.8


@pytest.mark.parametrize(("language", "word"), [("zh-CN", "长春市"), ("en", "Changchun")])
async def test_every_city_is_in_the_list_in_the_callers_language(web: WebSite, language: str, word: str):
    await a_link(web)
    page = (await web.client.get(f"/where/{CODE}", headers={"accept-language": language})).text
    assert f">{word}</option>" in page
    assert page.count("data-find=") == len(cities())


async def test_a_city_that_is_not_in_the_list_is_refused_and_the_rest_stays(web: WebSite):
    await a_link(web)
    answer = await web.client.post(f"/where/{CODE}", data={"city": "吉林/无此市", "road": "G1", "km": "10"})
    assert answer.status_code == 422
    assert 'value="G1"' in answer.text
    assert (await the_link(web)).shared_at is None


@pytest.mark.parametrize("code", [CODE, "x" * 12, "x" * 500, "%00", "..%2f..%2fetc"])
async def test_a_link_that_is_over_and_one_that_never_was_look_the_same(web: WebSite, code: str):
    await a_link(web, minutes=-1)
    for answer in (
        await web.client.get(f"/where/{code}"),
        await web.client.post(f"/where/{code}", data={"words": "x"}),
    ):
        assert answer.status_code == 404


async def test_hostile_words_are_shown_as_text(web: WebSite):
    await a_link(web)
    await web.client.post(f"/where/{CODE}", data={"words": "<script>alert(1)</script>"})
    assert "<script>alert(1)" not in (await web.client.get(f"/where/{CODE}")).text


async def test_a_place_is_on_the_rescue_of_the_call_and_on_the_calls_page(web: WebSite):
    at = now()
    await a_rescue(web)
    async with web.db.begin() as session:
        acts = [("identify", "wrong"), ("identify", "right"), ("open_rescue", "opened")]
        for number, (operation, result) in enumerate(acts):
            act = SelfServiceAct(call="r-1", operation=operation, key=str(number), result=result, at=at)
            act.facts = {"case_number": "GD-0716-0009"}
            session.add(act)
    await a_link(web)
    await web.client.post(f"/where/{CODE}", data={"latitude": "43.83", "longitude": "125.31"})
    async with web.db.begin() as session:
        assert (await session.scalars(select(RescueRun))).one().latitude == 43.83
    await enter_as_supervisor(web)
    page = (await web.client.get("/contacts/r-1")).text
    for told in ("身份已验证", "已建救援单 GD-0716-0009", "43.83000, 125.31000"):
        assert told in page
    assert "车牌或密码输入有误" not in page  # what was put right is no news
