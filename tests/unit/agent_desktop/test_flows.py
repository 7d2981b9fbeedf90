"""The menus' pages: what a form makes of a node, what is refused, and who may do what."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import update

from agent_desktop.flows.board import draw
from agent_desktop.flows.fresh import add_node
from agent_desktop.flows.words import KINDS
from crm_core.access.actions import SignedIn
from crm_core.access.model import User
from crm_core.clock import now
from crm_core.flows.actions import save_test
from crm_core.flows.model import FlowRow, FlowVersion
from crm_core.flows.queries import draft_of, stored_tests, versions_of
from crm_core.workforce.model import QueueRow
from crm_core.workforce.queries import queues
from ivr.flow_file import read_flow, shipped_flow, shipped_text
from ivr.flow_text import read_text, write_text
from ivr.vocabulary import Vocabulary
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

QUEUES = {"complaint": "投诉", "suggestion": "建议", "rescue": "道路救援"}


@pytest.fixture
async def admin(web: WebSite) -> SignedIn:
    async with web.db.begin() as session:
        there = {queue.id for queue in await queues(session)}
        rows = [(name, word) for name, word in QUEUES.items() if name not in there]
        session.add_all(QueueRow(id=name, name_zh=word, name_en=name, skill=name) for name, word in rows)
    return await web.enter(people.ADMIN)


async def post(web: WebSite, admin: SignedIn, path: str, **form: Any) -> Response:
    return await web.client.post(path, data={"csrf_token": admin.csrf, **form})


def test_a_written_flow_is_read_as_the_same_flow():
    assert read_flow(write_text(read_text(shipped_text()))) == shipped_flow()


def test_every_node_of_the_shipped_menu_has_a_title_in_both_languages():
    flow = shipped_flow()
    assert {language: set(titles) for language, titles in flow.titles.items()} == {
        language: set(flow.nodes) for language in flow.languages
    }


def test_every_node_is_drawn_once_and_no_two_stand_on_each_other():
    board = draw(shipped_flow())
    assert sorted(box.name for box in board.boxes) == sorted(shipped_flow().nodes)
    assert len({(box.x, box.y) for box in board.boxes}) == len(board.boxes)
    assert all(0 <= box.x < board.width and 0 <= box.y < board.height for box in board.boxes)


@pytest.mark.parametrize("kind", list(KINDS))
async def test_a_new_node_of_every_kind_can_be_read(web: WebSite, admin: SignedIn, kind: str):
    added = await post(web, admin, "/flows/main/nodes", base="0", name="fresh", kind=kind)
    assert added.status_code == 303, added.text
    async with web.db.begin() as session:
        draft = await draft_of(session, "main")
    assert draft is not None
    assert read_flow(draft.text).nodes["fresh"].kind == kind
    assert (await web.client.get("/flows/main?node=fresh")).status_code == 200


@pytest.mark.parametrize("kind", list(KINDS))
def test_a_node_put_behind_another_keeps_every_callers_way(kind: str):
    fields = read_text(shipped_text())
    goal = fields["nodes"]["greeting"]["then"]
    name = add_node(fields, kind, after="greeting")
    then, added = fields["nodes"]["greeting"]["then"], fields["nodes"][name]
    if then == name:  # the new node goes on to where callers went before
        assert goal in added.values()
    else:  # callers would end in it, or part: nobody is led there unasked
        assert then == goal
    assert add_node(fields, kind) != name


async def test_the_walk_is_kept_as_a_test_case_with_its_way(web: WebSite, admin: SignedIn):
    kept = await post(web, admin, "/flows/main/tests?answers=5", name="救援")
    assert kept.status_code == 303, kept.text
    async with web.db.begin() as session:
        (test,) = await stored_tests(session, "main")
    assert test.case["path"][-1] == "rescue"


async def test_a_text_that_is_no_flow_is_not_kept_and_stays_in_the_page(web: WebSite, admin: SignedIn):
    refused = await post(web, admin, "/flows/main/text", base="0", text="nodes: [这不是流程")
    assert refused.status_code == 422
    assert "这不是流程" in refused.text
    async with web.db.begin() as session:
        assert await draft_of(session, "main") is None


async def test_a_flow_with_an_error_is_not_published(web: WebSite, admin: SignedIn):
    await post(web, admin, "/flows/main/nodes", base="0", name="lonely", kind="say")
    refused = await post(web, admin, "/flows/main/publish", base="1")
    assert refused.status_code == 409, refused.text
    async with web.db.begin() as session:
        assert [version.state for version in await versions_of(session, "main")] == ["draft"]


async def test_a_published_version_is_in_force_again_after_a_worse_one(web: WebSite, admin: SignedIn):
    for number, title in ((1, "第一版"), (2, "第二版")):
        await post(web, admin, "/flows/main/nodes/stopped", base="0", prompts="stopped", then="self", **{
            "title.zh-CN": title
        })  # fmt: skip
        published = await post(web, admin, "/flows/main/publish", base="1")
        assert published.status_code == 303, (number, published.text)
    assert (await post(web, admin, "/flows/main/versions/1/again")).status_code == 303
    page = await web.client.get("/flows/main?node=stopped")
    assert "第一版" in page.text
    assert "第二版" not in page.text


async def test_who_may_only_look_sees_no_button_and_changes_nothing(web: WebSite, admin: SignedIn):
    async with web.db.begin() as session:
        await session.execute(update(User).where(User.number == people.AGENT).values(roles="team_leader"))
    leader = await web.enter(people.AGENT)
    page = await web.client.get("/flows/main?node=self")
    assert page.status_code == 200
    assert "存为草稿" not in page.text
    assert (await post(web, leader, "/flows/main/nodes/self", base="0")).status_code == 403
    await web.enter(people.ENGLISH_AGENT)
    assert (await web.client.get("/flows")).status_code == 403


@pytest.mark.parametrize(
    ("language", "said"), [("zh-CN", "没有来电会走到节点 lonely"), ("en", "No caller ever comes to node lonely")]
)
async def test_all_that_keeps_a_version_from_coming_back_is_told_in_the_readers_language(
    web: WebSite, admin: SignedIn, language: str, said: str
):
    await post(web, admin, "/flows/main/nodes/stopped", base="0", prompts="stopped", then="self")
    await post(web, admin, "/flows/main/publish", base="1")
    lonely = read_text(shipped_text())
    lonely["nodes"]["lonely"] = {"kind": "say", "prompts": ["hold-on"], "then": "agent"}
    async with web.db.begin() as session:
        await session.execute(update(User).where(User.number == people.ADMIN).values(language=language))
        await session.execute(update(FlowVersion).values(state="replaced", text=write_text(lonely)))
        await session.execute(update(FlowRow).values(published=0))
        await save_test(session, "main", "救援", {"answers": ["4"], "path": ["rescue"]}, actor="9001", at=now())
    answer = await web.client.post(
        "/flows/main/versions/1/again", data={"csrf_token": admin.csrf}, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 409
    (detail,) = answer.json()["details"]
    assert detail.startswith(said)
    page = await post(web, admin, "/flows/main/versions/1/again")
    assert said in page.text


async def test_what_this_site_cannot_do_is_a_warning_in_the_editor_and_before_publishing(
    web: WebSite, admin: SignedIn, monkeypatch: pytest.MonkeyPatch
):
    async def lacks_brochure(language: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(phrase for phrase in phrases if phrase == "brochure")

    monkeypatch.setattr(web.app.state, "vocabulary", Vocabulary(lacks_brochure))
    monkeypatch.setattr(web.app.state, "config", replace(web.app.state.config, public=False))
    await post(web, admin, "/flows/main/nodes/stopped", base="0", prompts="stopped", then="self")
    for path in ("/flows/main", "/flows/main/publish"):
        page = (await web.client.get(path)).text
        assert "brochure" in page
        assert "HOTLINE_PUBLIC_URL" in page
    assert (await post(web, admin, "/flows/main/publish", base="1")).status_code == 303
