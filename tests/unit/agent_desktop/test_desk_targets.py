"""Where a call may go: the right colleague is found by a few letters, and a busy one says why not."""

from __future__ import annotations

from typing import Any

from agent_desktop.desk.targets import Asked, agent_targets
from agent_desktop.ports import DeskView, FloorView, WaitingView
from crm_core.workforce.queries import AgentFacts
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite


def colleague(number: str, name: str, team: str = "一组", **skills: int) -> AgentFacts:
    return AgentFacts(number=number, name=name, name_en=name, team=team, phone_contact="", skills=skills)


def desk(number: str, state: str, *, reachable: bool = True) -> DeskView:
    return DeskView(
        number=1, agent=number, state=state, since=5.0, reason="", wrap_up_until=0.0, next_state="ready",
        next_reason="", missed=0, reachable=reachable, call=None, last_call="",
    )  # fmt: skip


def floor(*desks: DeskView) -> FloorView:
    return FloorView(number=1, at=9.0, connected=True, agents=desks, waiting=())


def found(text: str, agents: list[AgentFacts], *desks: DeskView) -> list[tuple[str, str]]:
    asked = Asked(agent="1000", text=text, skill="complaint", team="一组", language="zh-CN")
    return [(target.number, target.blocked) for target in agent_targets(asked, agents, floor(*desks))]


def test_a_free_colleague_who_knows_the_subject_stands_first_and_the_asker_nowhere():
    agents = [
        colleague("1000", "林晓梅", complaint=9),
        colleague("1001", "王芳", complaint=9),
        colleague("1002", "孙丽", complaint=2),
        colleague("1003", "赵刚"),
        colleague("1004", "周敏", complaint=9),
    ]
    desks = (desk("1001", "talking"), desk("1002", "ready"), desk("1003", "ready"), desk("1004", "break"))
    assert found("", agents, *desks) == [("1002", ""), ("1003", ""), ("1001", "in a call"), ("1004", "on a break")]


def test_a_free_colleague_whose_phone_is_away_cannot_be_chosen():
    agents = [colleague("1001", "王芳")]
    assert found("", agents, desk("1001", "ready", reachable=False)) == [("1001", "the phone cannot be reached")]
    assert found("", agents) == [("1001", "signed out")]


def test_a_name_is_found_by_its_sign_its_pinyin_and_its_initials():
    agents = [colleague("1001", "王芳"), colleague("1002", "孙丽"), colleague("1003", "王方圆")]
    for text, numbers in {
        "王": ["1001", "1003"],
        "sunli": ["1002"],
        "wf": ["1001", "1003"],
        "wfy": ["1003"],
        "1002": ["1002"],
        "zz": [],
    }.items():
        assert [number for number, _ in found(text, agents)] == numbers, text


async def groups(web: WebSite, **query: Any) -> dict[str, Any]:
    answer = await web.client.get("/api/targets", params=query)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()["groups"]
    return told


async def test_queues_tell_who_waits_and_a_whole_number_is_offered(web: WebSite):
    await web.enter()
    await web.telephony.sign_in(people.ENGLISH_AGENT, ready=True)
    web.telephony.waiting = [WaitingView(call="w1", queue="repair", since=7.0, caller="", priority=0)]
    told = await groups(web)
    assert [(row["name"], row["about"], row["since"]) for row in told["queue"]] == [
        ("售后服务", "1 人等待", 7.0),
        ("产品咨询", "无人等待，1 人空闲", 0.0),
    ]
    assert [(row["name"], row["word"], row["blocked"]) for row in told["agent"]] == [("王芳", "就绪", "")]
    [number] = (await groups(web, q="138 0431 7706"))["number"]
    assert number["value"] == people.CHEN_NUMBER
    assert (await groups(web, q="1380431"))["number"] == []


async def test_a_dealer_is_found_by_city_and_by_initials(web: WebSite):
    await web.enter()
    assert [row["name"] for row in (await groups(web, q="吉林"))["dealer"]] == ["吉林恒信远辰"]
    assert [row["name"] for row in (await groups(web, q="jdyc"))["dealer"]] == ["长春金达远辰"]


async def test_the_last_targets_come_first_as_they_are_now(web: WebSite):
    await web.enter()
    told = await groups(web, recent=["agent:1019", "number:+8643188880012", "dealer:2", "agent:gone", "x"])
    assert [(row["kind"], row["name"]) for row in told["recent"]] == [
        ("agent", "王芳"),
        ("number", "0431 8888 0012"),
        ("dealer", "长春博众远辰"),
    ]
    assert told["recent"][0]["blocked"] == "未上线"
