"""The knowledge pages and the API beside a call: what each reader sees and may do; hostile input stays text."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from crm_core.access.model import User
from crm_core.clock import now
from crm_core.files.model import StoredFile
from crm_core.history.model import Contact
from crm_core.integration.model import OutboxEvent
from crm_core.knowledge.exchange import packed
from crm_core.knowledge.model import Article, ArticleUse, ArticleVersion, KnowledgeSearch, OpenQuestion
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.crm_core.knowledge_shelf import fill_shelf, put_up

AUTHOR, APPROVER = people.AGENT, people.ENGLISH_AGENT


@pytest.fixture
async def shelf(web: WebSite) -> WebSite:
    async with web.db.begin() as session:
        await fill_shelf(session)
    return web


async def as_author(web: WebSite, number: str = AUTHOR) -> str:
    """Signed in as somebody who writes; the token for forms."""
    async with web.db.begin() as session:
        await session.execute(update(User).where(User.number == number).values(roles="expert"))
    return (await web.enter(number)).csrf


async def post(web: WebSite, csrf: str, path: str, **fields: object) -> int:
    answer = await web.client.post(path, data={"csrf_token": csrf, **fields})
    return answer.status_code


async def ask(web: WebSite, csrf: str, path: str, **entries: object) -> tuple[int, dict[str, object]]:
    answer = await web.client.post(path, json=entries, headers={"X-CSRF-Token": csrf})
    return answer.status_code, answer.json() if "json" in answer.headers["content-type"] else {"html": answer.text}


async def a_call(web: WebSite, contact_id: str = "k1", agent: str = AUTHOR) -> None:
    async with web.db.begin() as session:
        session.add(
            Contact(
                id=contact_id,
                direction="inbound",
                agent=agent,
                customer_id=people.CHEN,
                started_at=now(),
                answered_at=now(),
                caller=people.CHEN_NUMBER,
            )
        )


WRITTEN = {
    "title_zh": "拖车钩在哪里",
    "body_zh": "在后备箱下层。<script>alert(1)</script>",
    "kind": "article",
    "audience": "centre",
    "review_on": (now() + timedelta(days=100)).date().isoformat(),
}


async def test_a_reader_browses_searches_and_reads_but_does_not_write(shelf: WebSite):
    await shelf.enter(AUTHOR)
    listed = (await shelf.client.get("/knowledge")).text
    assert "空调不制冷怎么处理" in listed
    assert "/knowledge/new" not in listed
    found = await shelf.client.get("/knowledge?q=空调", headers={"HX-Request": "true"})
    assert "<mark>空调</mark>不制冷" in found.text
    assert "<html" not in found.text
    assert "<strong>空调滤芯</strong>" in (await shelf.client.get("/knowledge/1")).text
    assert "cabin filter" in (await shelf.client.get("/knowledge/1?lang=en")).text
    for path in (
        "/knowledge/new",
        "/knowledge/1/edit",
        "/knowledge/1/versions",
        "/knowledge/questions",
        "/knowledge/import",
    ):
        assert (await shelf.client.get(path)).status_code == 403
    assert (await shelf.client.get("/knowledge/99")).status_code == 404


async def test_who_may_not_see_knowledge_sees_none(shelf: WebSite):
    assert (await shelf.client.get("/knowledge")).status_code in (303, 401)
    await shelf.enter(people.ADMIN)
    for path in ("/knowledge", "/knowledge/1", "/api/knowledge/found?words=空调"):
        assert (await shelf.client.get(path)).status_code == 403


async def test_an_article_is_written_approved_by_a_colleague_and_read(web: WebSite):
    csrf = await as_author(web)
    assert await post(web, csrf, "/knowledge/new", **WRITTEN, send="1") == 303
    assert await post(web, csrf, "/knowledge/1/approve") == 409
    await web.enter(people.ADMIN)
    csrf = await as_author(web, APPROVER)
    assert "拖车钩在哪里" in (await web.client.get("/knowledge?state=review")).text
    assert await post(web, csrf, "/knowledge/1/approve") == 303
    read = (await web.client.get("/knowledge/1")).text
    assert "<script>alert" not in read
    assert "&lt;script&gt;" in read
    assert "<mark>车钩</mark>" in (await web.client.get("/api/knowledge/found?words=车钩")).text


async def test_several_articles_are_approved_at_once_without_ones_own(web: WebSite):
    csrf = await as_author(web)
    for title in ("甲一", "甲二"):
        await post(web, csrf, "/knowledge/new", **{**WRITTEN, "title_zh": title}, send="1")
    csrf = await as_author(web, APPROVER)
    await post(web, csrf, "/knowledge/new", **{**WRITTEN, "title_zh": "自己写的"}, send="1")
    assert await post(web, csrf, "/knowledge/approve", article=["1", "2", "3", "x", "99"]) == 303
    async with web.db.begin() as session:
        states = list(await session.scalars(select(Article.status).order_by(Article.id)))
    assert states == ["published", "published", "review"]


async def test_a_refused_form_keeps_every_word_and_says_what_to_do_under_the_field(web: WebSite):
    csrf = await as_author(web)
    wrong = {**WRITTEN, "title_zh": "", "valid_from": "morgen", "related": "abc"}
    answer = await web.client.post("/knowledge/new", data={"csrf_token": csrf, **wrong})
    assert answer.status_code == 422
    assert "在后备箱下层" in answer.text
    assert "请选择日期。" in answer.text
    assert "请填写文章编号。" in answer.text


async def test_what_changed_between_versions_is_marked_and_can_be_taken_back(shelf: WebSite):
    csrf = await as_author(shelf)
    assert await post(shelf, csrf, "/knowledge/4/edit", **{**WRITTEN, "title_zh": "道路救援电话"}) == 303
    shown = (await shelf.client.get("/knowledge/4/versions")).text
    assert "<ins>电话</ins>" in shown
    assert "<del>怎么叫</del>" in shown
    assert await post(shelf, csrf, "/knowledge/4/restore", number="1") == 303
    async with shelf.db.begin() as session:
        last = (await session.scalars(select(ArticleVersion).order_by(ArticleVersion.id.desc()).limit(1))).one()
        assert (last.title_zh, last.state) == ("道路救援怎么叫", "draft")
    assert await post(shelf, csrf, "/knowledge/4/explode") == 404
    assert await post(shelf, csrf, "/knowledge/99/retire") == 404


async def test_a_file_is_attached_and_taken_off_by_authors_only_and_only_from_its_article(shelf: WebSite):
    csrf = await as_author(shelf)
    picture = {"upload": ("图.png", b"\x89PNG\r\n\x1a\n....", "text/html")}
    answer = await shelf.client.post("/knowledge/1/files/add", data={"csrf_token": csrf}, files=picture)
    assert answer.status_code == 303
    assert (await shelf.client.get("/files/1")).headers["content-type"] == "image/png"
    program = {"upload": ("a.png", b"MZ\0 program", "image/png")}
    answer = await shelf.client.post("/knowledge/1/files/add", data={"csrf_token": csrf}, files=program)
    assert answer.status_code == 422
    assert await post(shelf, csrf, "/knowledge/2/files/1/remove") == 404
    assert await post(shelf, csrf, "/knowledge/1/files/1/remove") == 303
    async with shelf.db.begin() as session:
        assert (await session.scalars(select(StoredFile))).all() == []


async def test_in_a_call_an_article_is_found_inserted_sent_and_judged(shelf: WebSite):
    csrf = (await shelf.enter(AUTHOR)).csrf
    await a_call(shelf)
    assert "<mark>制冷</mark>" in (await shelf.client.get("/api/knowledge/found?words=制冷")).text
    status, told = await ask(shelf, csrf, "/api/knowledge/1/open", contact="k1")
    assert status == 200
    assert "发给客户" in str(told["html"])
    status, told = await ask(shelf, csrf, "/api/knowledge/1/insert", contact="k1")
    assert told["text"] == "先看温度设定，再看 空调滤芯。仍不制冷，请预约检测压缩机。［空调不制冷怎么处理·#1］"
    assert (await ask(shelf, csrf, "/api/knowledge/1/send", contact="k1", channel="sms"))[0] == 200
    assert (await ask(shelf, csrf, "/api/knowledge/1/send", contact="k1", channel="phone"))[0] == 422
    assert (await ask(shelf, csrf, "/api/knowledge/1/send", channel="sms"))[0] == 409
    assert (await ask(shelf, csrf, "/api/knowledge/1/vote", contact="k1", useful=False, reason="缺图"))[0] == 200
    async with shelf.db.begin() as session:
        uses = [(use.how, use.contact_id, use.customer_id) for use in await session.scalars(select(ArticleUse))]
        sent = list(await session.scalars(select(OutboxEvent.kind)))
    assert uses == [("opened", "k1", None), ("inserted", "k1", people.CHEN), ("sent", "k1", people.CHEN)]
    assert "material.sent" in sent


async def test_nobody_links_an_article_to_a_colleagues_contact(shelf: WebSite):
    csrf = (await shelf.enter(AUTHOR)).csrf
    await a_call(shelf, "k2", agent=APPROVER)
    for path in ("/api/knowledge/1/insert", "/api/knowledge/1/open", "/api/knowledge/1/send"):
        assert (await ask(shelf, csrf, path, contact="k2", channel="sms"))[0] == 404
        assert (await ask(shelf, csrf, path, contact="'; --", channel="sms"))[0] == 404
    assert (await ask(shelf, csrf, "/api/knowledge/99/insert"))[0] == 404
    assert (await shelf.client.post("/api/knowledge/1/insert", json={})).status_code in (400, 403, 409)


async def test_what_is_searched_in_vain_becomes_a_question_that_an_author_answers(shelf: WebSite):
    csrf = (await shelf.enter(AUTHOR)).csrf
    empty = (await shelf.client.get("/api/knowledge/found?words=<b>天窗</b>")).text
    assert "<b>天窗" not in empty
    assert "提交问题" in empty
    await ask(shelf, csrf, "/api/knowledge/searched", words="天窗漏水")
    assert (await ask(shelf, csrf, "/api/knowledge/ask", text="天窗漏水怎么办"))[0] == 200
    csrf = await as_author(shelf, APPROVER)
    listed = (await shelf.client.get("/knowledge/questions")).text
    assert "天窗漏水怎么办" in listed
    assert 'value="天窗漏水怎么办"' in (await shelf.client.get("/knowledge/new?question=1")).text
    assert await post(shelf, csrf, "/knowledge/questions/1/answer", article="x") == 422
    assert await post(shelf, csrf, "/knowledge/questions/1/take") == 303
    assert await post(shelf, csrf, "/knowledge/questions/1/answer", article="#3") == 303
    async with shelf.db.begin() as session:
        assert (await session.get_one(OpenQuestion, 1)).status == "answered"
        assert (await session.scalars(select(KnowledgeSearch.hits))).one() == 0
    figures = (await shelf.client.get("/knowledge/figures?days=7")).text
    assert "天窗漏水" in figures
    csrf = (await shelf.enter(AUTHOR)).csrf
    assert (await ask(shelf, csrf, "/api/knowledge/questions/1/noted"))[0] == 200


async def test_a_zip_is_imported_as_drafts_and_comes_out_again(shelf: WebSite):
    csrf = await as_author(shelf)
    archive = packed([("a.md", "---\ntitle: 天窗\ncategory: 用车/车身\n---\n正文"), ("b.md", "---\nbad")])
    answer = await shelf.client.post(
        "/knowledge/import", data={"csrf_token": csrf}, files={"upload": ("all.zip", archive)}
    )
    assert answer.status_code == 200
    assert "新文章" in answer.text
    assert "文件头没有结束" in answer.text
    refused = await shelf.client.post(
        "/knowledge/import", data={"csrf_token": csrf}, files={"upload": ("a.exe", b"MZ")}
    )
    assert refused.status_code == 422
    exported = await shelf.client.get("/knowledge/export.zip")
    assert exported.content.startswith(b"PK")
    assert "车身" in (await shelf.client.get("/knowledge/categories")).text


async def test_categories_are_added_moved_and_refused_where_it_makes_no_sense(web: WebSite):
    csrf = await as_author(web)
    assert await post(web, csrf, "/knowledge/categories", name_zh="用车", name_en="Use") == 303
    assert await post(web, csrf, "/knowledge/categories", id="1", name_zh="用车", parent_id="1") == 422
    assert await post(web, csrf, "/knowledge/categories", name_zh=" ") == 422
    assert await post(web, csrf, "/knowledge/categories", id="1", remove="1") == 303


@pytest.mark.parametrize("query", ["q=%00", "q=%22*", "state=zzz", "category=999999", "page=1000", "model=%25"])
async def test_no_address_breaks_the_list(shelf: WebSite, query: str):
    await shelf.enter(AUTHOR)
    assert (await shelf.client.get(f"/knowledge?{query}")).status_code == 200


async def test_the_desk_shows_what_fits_the_menu_path_and_then_the_note(shelf: WebSite):
    await shelf.enter(AUTHOR)
    await a_call(shelf, "k3")
    async with shelf.db.begin() as session:
        contact = await session.get_one(Contact, "k3")
        contact.topic, contact.ended_at, contact.outcome = "rescue", now(), "answered"
        await put_up(
            session,
            kind="script",
            title_zh="救援话术",
            answer_zh="{customer}，请先到护栏外。",
            body_zh="1. 位置",
            topics=["rescue"],
        )
    assist = (await shelf.client.get("/api/desk/k3")).json()["regions"]["assist"]
    assert "道路救援怎么叫" in assist
    assert "陈先生，请先到护栏外。" in assist
    async with shelf.db.begin() as session:
        (await session.get_one(Contact, "k3")).note = "空调不制冷，压缩机异响"
        (await session.get_one(Contact, "k3")).kind = "repair"
    suggested = (await shelf.client.get("/api/desk/k3")).json()["regions"]["assist"]
    assert re.search(r"空调</mark>不<mark>制冷|空调不制冷", suggested)
