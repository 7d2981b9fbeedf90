"""From a draft to the readers: approved by a second person, kept in versions, looked at again at its day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from crm_core.access.chain import verify
from crm_core.db import Database
from crm_core.errors import Invalid, NotFound, Refused
from crm_core.integration.model import OutboxEvent
from crm_core.jobs.runner import JobRunner
from crm_core.knowledge import authoring, categories, listing
from crm_core.knowledge.content import Content, content_of
from crm_core.knowledge.exchange import packed, read_sheet, read_upload, same, write_sheet
from crm_core.knowledge.import_actions import all_sheets, take_over
from crm_core.knowledge.model import Article, ArticleText
from crm_core.knowledge.publishing import REVIEW, OwnText, bring_back, publish, retire, reviewer, still_right
from crm_core.knowledge.queries import search
from crm_core.workforce.fields import Unusable
from tests.unit.crm_core.builders import NOW

ZONE = ZoneInfo("Asia/Shanghai")
AUTHOR: dict[str, Any] = {"actor": "1018", "at": NOW}
COLLEAGUE: dict[str, Any] = {"actor": "2001", "at": NOW}
WINTER = Content(
    title_zh="冬季充电",
    body_zh="电池先加热。",
    answer_zh="冬天充电慢属正常。",
    topics=["enquiry"],
    models=["E6"],
    review_on=date(2026, 12, 1),
)


async def a_draft(db: Database, content: Content = WINTER) -> int:
    async with db.begin() as session:
        return (await authoring.write(session, None, content, **AUTHOR)).article_id


async def published(db: Database, content: Content = WINTER) -> int:
    article_id = await a_draft(db, content)
    async with db.begin() as session:
        await authoring.send_to_review(session, article_id, **AUTHOR)
        await publish(session, article_id, zone=ZONE, **COLLEAGUE)
    return article_id


async def titles(db: Database, typed: str) -> list[str]:
    async with db.begin() as session:
        return [hit.name for hit in await search(session, typed, on=NOW.date())]


async def told(db: Database) -> list[str]:
    async with db.begin() as session:
        return list(await session.scalars(select(OutboxEvent.kind).order_by(OutboxEvent.id)))


async def test_readers_find_an_article_only_when_a_second_person_approved_it(db: Database):
    article_id = await a_draft(db)
    assert await titles(db, "充电") == []
    async with db.begin() as session:
        await authoring.send_to_review(session, article_id, **AUTHOR)
    with pytest.raises(OwnText):
        async with db.begin() as session:
            await publish(session, article_id, zone=ZONE, **AUTHOR)
    assert await titles(db, "充电") == []
    async with db.begin() as session:
        await publish(session, article_id, zone=ZONE, **COLLEAGUE)
        article = await session.get_one(Article, article_id)
        assert (article.author, article.approver, article.published) == ("1018", "2001", 1)
        assert (await verify(session)).whole
    assert await titles(db, "充电") == ["冬季充电"]
    assert await told(db) == ["article.published"]


async def test_while_a_new_version_is_written_readers_see_the_old_one(db: Database):
    article_id = await published(db)
    async with db.begin() as session:
        await authoring.write(session, article_id, replace(WINTER, title_zh="夏季充电"), **AUTHOR)
    assert await titles(db, "充电") == ["冬季充电"]
    async with db.begin() as session:
        await authoring.send_to_review(session, article_id, **AUTHOR)
        await publish(session, article_id, zone=ZONE, **COLLEAGUE)
        states = [(one.number, one.state) for one in await listing.versions_of(session, article_id)]
    assert await titles(db, "充电") == ["夏季充电"]
    assert states == [(2, "published"), (1, "replaced")]


async def test_an_older_version_comes_back_as_a_draft_that_is_approved_again(db: Database):
    article_id = await published(db)
    async with db.begin() as session:
        await authoring.write(session, article_id, replace(WINTER, body_zh="改坏了"), **AUTHOR)
        await authoring.send_to_review(session, article_id, **AUTHOR)
        await publish(session, article_id, zone=ZONE, **COLLEAGUE)
        draft = await authoring.restore(session, article_id, 1, **AUTHOR)
        assert (draft.number, draft.state, content_of(draft)) == (3, "draft", WINTER)
        with pytest.raises(NotFound):
            await authoring.restore(session, article_id, 9, **AUTHOR)


async def test_what_is_given_back_says_what_to_mend_and_cannot_be_published_as_it_is(db: Database):
    article_id = await a_draft(db)
    async with db.begin() as session:
        await authoring.send_to_review(session, article_id, **AUTHOR)
        with pytest.raises(Invalid):
            await authoring.give_back(session, article_id, remark=" ", **COLLEAGUE)
        draft = await authoring.give_back(session, article_id, remark="缺温度范围", **COLLEAGUE)
        assert (draft.state, draft.remark) == ("draft", "缺温度范围")
        with pytest.raises(Refused):
            await publish(session, article_id, zone=ZONE, **COLLEAGUE)


async def test_of_two_who_edit_at_once_the_second_is_told(db: Database):
    article_id = await a_draft(db)
    async with db.begin() as session:
        seen = authoring.stamp(await authoring.latest_version(session, article_id))
        await authoring.write(session, article_id, WINTER, base=seen, actor="1019", at=NOW + timedelta(seconds=5))
    with pytest.raises(authoring.SavedByAnother):
        async with db.begin() as session:
            await authoring.write(session, article_id, WINTER, base=seen, **AUTHOR)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        (Content(), "title_zh"),
        (replace(WINTER, title_zh="长" * 161), "title_zh"),
        (replace(WINTER, topics=["nonsense"]), "topics"),
        (replace(WINTER, audience="everybody"), "audience"),
        (replace(WINTER, words=["x" * 41]), "words"),
        (replace(WINTER, valid_from=date(2026, 2, 1), valid_until=date(2026, 1, 1)), "valid_until"),
        (replace(WINTER, category_id=77), "category_id"),
        (replace(WINTER, related=[77]), "related"),
    ],
)
async def test_what_cannot_be_saved_names_its_field(db: Database, content: Content, field: str):
    with pytest.raises(Unusable) as refused:
        await a_draft(db, content)
    assert field in refused.value.by_field


async def test_an_article_without_a_day_of_review_or_a_text_does_not_go_to_review(db: Database):
    article_id = await a_draft(db, replace(WINTER, review_on=None, title_en="Winter"))
    with pytest.raises(Unusable) as refused:
        async with db.begin() as session:
            await authoring.send_to_review(session, article_id, **AUTHOR)
    assert set(refused.value.by_field) == {"review_on", "body_en"}


async def test_a_nul_and_a_script_in_a_text_are_stored_harmlessly(db: Database):
    article_id = await a_draft(db, replace(WINTER, title_zh="标\0题', DROP", body_zh="<script>\0"))
    async with db.begin() as session:
        text = (await session.scalars(select(ArticleText).where(ArticleText.article_id == article_id))).one()
        assert text.title == "标题', DROP"


async def test_a_retired_article_is_found_no_more_and_can_come_back(db: Database):
    article_id = await published(db)
    async with db.begin() as session:
        await retire(session, article_id, **COLLEAGUE)
    assert await titles(db, "充电") == []
    async with db.begin() as session:
        await bring_back(session, article_id, zone=ZONE, **COLLEAGUE)
    assert await titles(db, "充电") == ["冬季充电"]


async def test_at_its_day_an_article_is_due_for_a_look_each_week_until_somebody_looked(db: Database):
    article_id = await published(db)
    runner = JobRunner(db, {REVIEW: reviewer(ZONE)})
    due = datetime(2026, 12, 1, 8, 30, tzinfo=ZONE)
    assert await runner.run_due(due - timedelta(minutes=1)) == 0
    await runner.run_due(due)
    await runner.run_due(due + timedelta(days=7))
    assert (await told(db)).count("article.review_due") == 2
    async with db.begin() as session:
        assert (await listing.counts(session, date(2026, 11, 20)))["to_review"] == 1
        with pytest.raises(Invalid):
            await still_right(session, article_id, date(2026, 12, 1), zone=ZONE, actor="1018", at=due)
        await still_right(session, article_id, date(2027, 6, 1), zone=ZONE, actor="1018", at=due)
        assert (await listing.counts(session, date(2026, 12, 2)))["to_review"] == 0
    await runner.run_due(due + timedelta(days=30))
    assert (await told(db)).count("article.review_due") == 2


async def test_the_lists_show_each_state_and_can_be_narrowed(db: Database):
    article_id = await published(db)
    await a_draft(db, replace(WINTER, title_zh="草稿"))
    async with db.begin() as session:
        found = await listing.counts(session, NOW.date())
        assert (found["published"], found["draft"], found["review"]) == (1, 1, 0)
        listed = await listing.articles(session, state="published", on=NOW.date(), model="E6", author="1018")
        assert [line.article.id for line in listed.lines] == [article_id]
        assert (await listing.articles(session, state="published", on=NOW.date(), model="S5")).total == 0
        assert await listing.models_named(session) == ["E6"]


async def test_a_category_cannot_lie_in_itself_nor_go_while_it_is_full(db: Database):
    async with db.begin() as session:
        use = await categories.save(session, None, name_zh="用车", name_en="Use", parent_id=None, **AUTHOR)
        charge = await categories.save(session, None, name_zh="充电", name_en="", parent_id=use.id, **AUTHOR)
        for wrong in ({"parent_id": charge.id}, {"parent_id": use.id}, {"parent_id": 99}):
            with pytest.raises(Unusable):
                await categories.save(session, use.id, name_zh="用车", name_en="", **wrong, **AUTHOR)  # type: ignore[arg-type]
        with pytest.raises(Refused):
            await categories.remove(session, use.id, **AUTHOR)
        article = await authoring.write(session, None, replace(WINTER, category_id=charge.id), **AUTHOR)
        with pytest.raises(Refused):
            await categories.remove(session, charge.id, **AUTHOR)
        nodes = await categories.tree(session)
        assert [(node.name_zh, node.depth) for node in nodes] == [("用车", 0), ("充电", 1)]
        assert nodes[0].below == (use.id, charge.id)
        assert article.details["category_id"] == charge.id


def test_an_article_survives_the_way_out_and_in_again():
    sheet = read_sheet("winter.md", write_sheet(replace(WINTER, body_en="x", title_en="y"), "用车/充电").encode())
    assert sheet.category == "用车/充电"
    assert sheet.content is not None
    assert same(sheet.content, replace(WINTER, body_en="x", title_en="y"))


@pytest.mark.parametrize(
    "content",
    [
        b"---\ntitle: [\n---\nx",
        b"---\nno end",
        b"---\n- a\n- b\n---\nx",
        b"---\na: &a [x]\nb: [*a, *a]\n---\nx",
        b"---\ntitle: x\nvalid_from: 31.12.2026\n---\nx",
        b"\xff\xfe\x00",
        b"no title",
    ],
)
def test_a_file_that_cannot_be_read_says_what_is_wrong_with_it(content: bytes):
    assert read_sheet("x.md", content).problem is not None


def test_a_gbk_file_is_read_and_a_heading_is_its_title():
    sheet = read_sheet("x.md", "# 拖车钩\n在后备箱下层。".encode("gb18030"))
    assert sheet.content is not None
    assert sheet.content.title_zh == "拖车钩"


@pytest.mark.parametrize("content", [b"PK\x03\x04 broken", b"MZ program"])
def test_an_upload_that_is_no_archive_is_refused(content: bytes):
    with pytest.raises(Invalid):
        read_upload("x.bin", content)


async def test_the_second_import_of_the_same_files_changes_nothing_and_a_bad_file_hinders_no_other(db: Database):
    archive = packed([("a.md", write_sheet(WINTER, "用车/充电")), ("b.md", "---\nbad"), ("c.md", "# 标题\n文字")])
    for expected in (["new", "wrong", "new"], ["same", "wrong", "same"]):
        async with db.begin() as session:
            done = await take_over(session, read_upload("all.zip", archive), review=False, **AUTHOR)
            assert [one.outcome for one in done] == expected
    async with db.begin() as session:
        changed = [read_sheet("a.md", write_sheet(replace(WINTER, body_zh="新"), "用车/充电").encode())]
        (one,) = await take_over(session, changed, review=True, **AUTHOR)
        assert one.outcome == "changed"
        await publish(session, one.article_id or 0, zone=ZONE, **COLLEAGUE)
        ((name, text),) = await all_sheets(session)
        assert name == "a.md"
        assert "category: 用车/充电" in text
