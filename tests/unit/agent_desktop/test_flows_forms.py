"""The form of a node edits every field that a node has, and changes none that nobody touched."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args

import pytest

from agent_desktop.flows.forms import DEFAULTS, FORMS
from agent_desktop.flows.fresh import fresh
from agent_desktop.flows.words import FIELDS, KINDS, OPERATIONS, SPOKEN, WAYS
from crm_core.access.actions import SignedIn
from crm_core.flows.queries import draft_of
from ivr.flow import Flow
from ivr.flow_file import read_flow, shipped_flow, shipped_text
from ivr.flow_text import read_text, write_text
from ivr.nodes import Node
from ivr.operations import OPERATIONS as DONE
from ivr.operations import UNAVAILABLE, Spoken
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.form_reader import form_of

_HEARD: dict[str, Any] = {"invalid": ["self-menu"], "silent": [], "tries": "2", "seconds": "7.5", "give_up": "agent"}
FULL: dict[str, dict[str, Any]] = {
    "say": {"prompts": ["own-menu", {"fact": "case_number"}, "kilometres"], "then": "agent"},
    "announce": {"then": "agent"},
    "if_open": {"open": "agent", "closed": "out-of-hours", "emergency": "message"},
    "do": {
        "operation": "open_rescue",
        "ways": {"opened": "rescue", "open_already": "agent", "unavailable": "people"},
        "given": {"road": "G1", "kilometre": ""},
        "prompts": ["rescue-busy"],
    },
    "decide": {
        "cases": [
            {"when": {"class": ["vip", "key_account"], "nuisance": ">= 5"}, "then": "agent"},
            {"when": {"callback_number": ""}, "then": "people"},
            {"when": {}, "then": "self"},
        ],
        "otherwise": "agent",
    },
    "menu": {
        **_HEARD,
        "prompts": ["self-menu", "own-menu"],
        "keys": {"1": "agent", "#": "self"},
        "words": {"zh-CN": {"1": ["人工", "转人工"]}, "en": {"1": ["agent"], "#": ["self service"]}},
        "confirm": {"#": ["confirm-rescue", {"fact": "case_number"}]},
        "sure": "0.55",
    },
    "collect": {
        **_HEARD,
        "fact": "road",
        "prompts": ["rescue-road"],
        "then": "agent",
        "min": "2",
        "max": "9",
        "say": "plate",
    },
    "ask": {
        **_HEARD,
        "fact": "material",
        "prompts": ["material-menu"],
        "then": "agent",
        "words": {"zh-CN": {"price_list": ["价格表", "价目"]}},
        "confirm": ["stop-confirm"],
        "sure": "0.4",
        "by_key": ["material-menu"],
        "keys": {"1": "brochure", "2": "price_list"},
        "digits": "3",
        "say": "prompt",
    },
    "language": {
        "prompts": ["language"],
        "keys": {"1": "zh-CN", "9": "en"},
        "then": "agent",
        "again": "yes",
        "tries": "1",
        "seconds": "6",
    },
    "consent": {
        "purpose": "news",
        "prompts": ["stop-confirm"],
        "yes": "agent",
        "no": "self",
        "unavailable": "people",
        "tries": "1",
        "seconds": "9",
    },
    "survey": {
        "questions": [
            {"id": "service", "prompts": ["station-say", {"fact": "station"}], "most": "9"},
            {"id": "speed", "prompts": ["station-key"]},
        ],
        "then": "agent",
        "seconds": "8",
    },
    "queue": {"queue": "repair", "topic": "", "prompts": ["transfer"], "tags": ["truck", "night"], "priority": "-7"},
    "message": {"topic": "night", "prompts": ["message-intro"], "outcome": "menu_only"},
    "callback": {"queue": "repair", "refused": "agent", "topic": "repair", "prompts": ["callback-noted"]},
    "transfer": {
        "number": "13812345678",
        "dealer": "17",
        "fact": "station_id",
        "ring": "20",
        "topic": "repair",
        "prompts": ["station-say"],
        "unreachable": "agent",
    },
    "end": {"outcome": "out_of_hours", "prompts": ["goodbye"]},
}
"""Every kind of node with every field that it has, each with another value than the one that need not be written."""


@pytest.fixture
async def admin(web: WebSite) -> SignedIn:
    return await web.enter(people.ADMIN)


async def _draft_of(web: WebSite) -> Flow:
    async with web.db.begin() as session:
        draft = await draft_of(session, "main")
    assert draft is not None
    return read_flow(draft.text)


async def _keep(web: WebSite, admin: SignedIn, flow: dict[str, Any], base: int) -> None:
    form = {"csrf_token": admin.csrf, "base": str(base), "text": write_text(flow)}
    kept = await web.client.post("/flows/main/text", data=form)
    assert kept.status_code == 303, kept.text


async def _form(web: WebSite, node: str) -> dict[str, list[str]]:
    page = await web.client.get(f"/flows/main?node={node}")
    return form_of(page.text, f"/flows/main/nodes/{node}")


def test_every_field_of_every_kind_of_node_stands_in_its_form():
    for node in get_args(Node):
        names = {field.name: field.default for field in fields(node)}
        kind = names.pop("kind")
        assert {name for _, name in FORMS[kind]} == set(names), kind


def test_the_full_nodes_of_these_tests_leave_no_field_out():
    assert {kind: set(node) for kind, node in FULL.items()} == {kind: set(known) for kind, known in DEFAULTS.items()}


def test_every_kind_field_operation_result_and_way_of_speaking_has_a_word():
    assert set(KINDS) == set(FORMS)
    rows = {"keys", "words", "ways", "given", "cases", "questions"}  # have headings of their own
    assert {name for form in FORMS.values() for _, name in form} - rows <= set(FIELDS)
    assert set(OPERATIONS) == set(DONE)
    assert {result for one in DONE.values() for result in (*one.results, UNAVAILABLE)} <= set(WAYS)
    assert set(SPOKEN) == {one.value for one in Spoken}


@pytest.mark.parametrize("kind", list(FULL))
async def test_what_is_typed_into_the_form_of_a_node_is_the_node(web: WebSite, admin: SignedIn, kind: str):
    flow = read_text(shipped_text())
    flow["nodes"] |= {"full": {"kind": kind, **FULL[kind]}, "bare": fresh(kind, "agent")}
    await _keep(web, admin, flow, 0)
    typed = await _form(web, "full")
    for name, bare in (("full", False), ("bare", True)):
        typed["base"] = ["2" if bare else "1"]
        saved = await web.client.post(f"/flows/main/nodes/{name}", data=typed)
        assert saved.status_code == 303, saved.text
        nodes = (await _draft_of(web)).nodes
        assert nodes[name] == read_flow(write_text(flow)).nodes["full"]


async def test_no_node_of_the_shipped_menu_changes_by_a_form_that_nobody_touched(web: WebSite, admin: SignedIn):
    await _keep(web, admin, read_text(shipped_text()), 0)
    one_of_a_kind = {node.kind: name for name, node in shipped_flow().nodes.items()}
    told_apart = {"main", "rescue-case", "rescue-near", "station", "other-language", *one_of_a_kind.values()}
    for base, name in enumerate(told_apart, start=1):
        form = await _form(web, name)
        assert form["base"] == [str(base)]
        assert (await web.client.post(f"/flows/main/nodes/{name}", data=form)).status_code == 303
    assert await _draft_of(web) == shipped_flow()


async def test_a_new_text_becomes_a_prompt_of_the_node_in_both_languages(web: WebSite, admin: SignedIn):
    page = await web.client.get("/flows/main?node=sorry&days=30")
    form = form_of(page.text, "/flows/main/nodes/sorry")
    form |= {"new.prompts.zh-CN": ["请稍后再拨。"], "new.prompts.en": ["Please call again later."]}
    saved = await web.client.post("/flows/main/nodes/sorry", data=form)
    assert saved.headers["location"] == "/flows/main?node=sorry&days=30#chosen"  # the period of the figures stays
    flow = await _draft_of(web)
    assert flow.nodes["sorry"].prompts == ("self-unavailable", "sorry")
    assert (flow.texts["zh-CN"]["sorry"], flow.texts["en"]["sorry"]) == ("请稍后再拨。", "Please call again later.")


async def test_a_question_is_added_and_removed_in_the_form(web: WebSite, admin: SignedIn):
    flow = read_text(shipped_text())
    flow["nodes"]["asked"] = {"kind": "survey", **FULL["survey"]}
    await _keep(web, admin, flow, 0)
    form = await _form(web, "asked")
    form["questions.id"] = ["", "speed", ""]
    form["new.questions.prompts.2.zh-CN"] = ["您愿意推荐我们吗？请按一到五。"]
    assert (await web.client.post("/flows/main/nodes/asked", data=form)).status_code == 303
    survey = (await _draft_of(web)).nodes["asked"]
    assert [(one.id, one.prompts) for one in survey.questions] == [
        ("speed", ("station-key",)),
        ("q3", ("asked",)),
    ]


async def test_a_number_that_is_none_is_refused_and_what_was_typed_stays(web: WebSite, admin: SignedIn):
    form = await _form(web, "self")
    form |= {"tries": ["zwei"], "title.zh-CN": ["新名字"], "text.zh-CN.self-menu": ["新的文字"]}
    refused = await web.client.post("/flows/main/nodes/self", data=form)
    assert refused.status_code == 422
    again = form_of(refused.text, "/flows/main/nodes/self")
    assert (again["tries"], again["title.zh-CN"], again["text.zh-CN.self-menu"]) == (["zwei"], ["新名字"], ["新的文字"])
    async with web.db.begin() as session:
        assert await draft_of(session, "main") is None


async def test_where_calls_begin_is_changed_in_a_form_and_an_untouched_form_changes_nothing(
    web: WebSite, admin: SignedIn
):
    await _keep(web, admin, read_text(shipped_text()), 0)
    page = await web.client.get("/flows/main?node=self")
    form = form_of(page.text, "/flows/main/settings")
    assert (await web.client.post("/flows/main/settings", data=form)).status_code == 303
    assert await _draft_of(web) == shipped_flow()
    form |= {"base": ["2"], "start": ["hours"], "limit": ["50"]}
    form["entries.key"], form["entries.to"] = ["4001718888", "", "95550"], ["greeting", "greeting", "rescue-first"]
    assert (await web.client.post("/flows/main/settings", data=form)).status_code == 303
    flow = await _draft_of(web)
    assert (flow.start, flow.give_up, flow.limit) == ("hours", "agent", 50)
    assert flow.entries == {"4001718888": "greeting", "95550": "rescue-first"}
    form |= {"base": ["3"], "limit": ["viele"]}
    assert (await web.client.post("/flows/main/settings", data=form)).status_code == 422
