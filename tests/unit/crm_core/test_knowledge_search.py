"""Finding articles on both databases: two signs are enough, the better fit comes first, and nothing typed is syntax."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crm_core.db import Database
from crm_core.knowledge.queries import ArticleHit, search, suggest
from tests.unit.crm_core.builders import NOW
from tests.unit.crm_core.knowledge_shelf import fill_shelf, put_up

TODAY = NOW.date()


@pytest.fixture
async def shelf(db: Database) -> Database:
    async with db.begin() as session:
        await fill_shelf(session)
    return db


async def found(db: Database, typed: str, **more: object) -> list[str]:
    async with db.begin() as session:
        hits: list[ArticleHit] = await search(session, typed, on=TODAY, **more)  # type: ignore[arg-type]
    return [hit.name for hit in hits]


async def suggested(db: Database, **more: object) -> list[str]:
    async with db.begin() as session:
        return [hit.name for hit in await suggest(session, on=TODAY, **more)]  # type: ignore[arg-type]


async def test_two_chinese_signs_find_an_article_and_the_title_comes_before_the_body(shelf: Database):
    assert (await found(shelf, "空调"))[:2] == ["空调不制冷怎么处理", "冬季充电慢的原因"]
    assert await found(shelf, "质保") == ["三包与质保期限", "道路救援怎么叫"]


async def test_one_sign_is_enough_too_and_a_word_finds_while_it_is_typed(shelf: Database):
    assert await found(shelf, "拖") == ["道路救援怎么叫"]
    assert (await found(shelf, "charg"))[0] == "冬季充电慢的原因"


async def test_each_article_comes_once_in_the_readers_language(shelf: Database):
    assert (await found(shelf, "charging", language="en"))[0] == "Why charging is slow in winter"
    assert (await found(shelf, "充电", language="en"))[0] == "Why charging is slow in winter"
    names = await found(shelf, "空调 conditioning")
    assert len(names) == len(set(names))


async def test_a_whole_question_finds_by_its_words(shelf: Database):
    assert (await found(shelf, "请问我的空调为什么不制冷"))[0] == "空调不制冷怎么处理"


async def test_a_wrong_sign_of_the_same_sound_pinyin_and_a_slip_find_the_title(shelf: Database):
    assert await found(shelf, "控调") == ["空调不制冷怎么处理"]
    assert await found(shelf, "kongtiao") == ["空调不制冷怎么处理"]
    assert await found(shelf, "djchrging") == []
    assert await found(shelf, "chrging") == ["冬季充电慢的原因"]


async def test_the_hits_are_marked_in_title_and_snippet(shelf: Database):
    async with shelf.begin() as session:
        (hit,) = await search(session, "滤芯", on=TODAY)
    assert [piece.text for piece in hit.snippet if piece.hit] == ["滤芯"]
    assert "**" not in "".join(piece.text for piece in hit.snippet)


@pytest.mark.parametrize(
    "typed",
    [
        '"',
        "a AND",
        "* OR 1=1",
        "NEAR(空 调)",
        "'); DROP TABLE article;--",
        "title_words:空调 -",
        "\0空",
        ":*",
        "!",
        "(",
        "空" * 9000,
    ],
)
async def test_nothing_that_is_typed_becomes_syntax_of_the_search(shelf: Database, typed: str):
    await found(shelf, typed)
    await suggested(shelf, words=typed)
    assert await found(shelf, "道路救援") == ["道路救援怎么叫"]


async def test_only_published_articles_that_are_valid_today_are_found(db: Database):
    async with db.begin() as session:
        await put_up(session, title_zh="活动甲", status="retired")
        await put_up(session, title_zh="活动乙", status="draft")
        await put_up(session, title_zh="活动丙", valid_until=TODAY - timedelta(days=1))
        await put_up(session, title_zh="活动丁", valid_from=TODAY + timedelta(days=1))
        await put_up(session, title_zh="活动戊", valid_from=TODAY, valid_until=TODAY)
    assert await found(db, "活动") == ["活动戊"]


async def test_an_article_for_one_model_is_not_shown_for_another(shelf: Database):
    assert "冬季充电慢的原因" in await found(shelf, "充电", model="远辰 E6 四驱")
    assert "冬季充电慢的原因" not in await found(shelf, "充电", model="远辰 S5")


async def test_readers_outside_find_only_what_is_meant_for_them(db: Database):
    async with db.begin() as session:
        await put_up(session, title_zh="内部补偿标准")
        await put_up(session, title_zh="公开补偿说明", audience="public")
    assert await found(db, "补偿", audience=("public",)) == ["公开补偿说明"]
    assert len(await found(db, "补偿")) == 2


async def test_a_word_that_stands_no_longer_in_an_article_no_longer_finds_it(db: Database):
    from crm_core.knowledge.indexing import index_article
    from crm_core.knowledge.model import ArticleVersion

    async with db.begin() as session:
        article = await put_up(session, title_zh="旧标题", body_zh="老内容")
        newer = ArticleVersion(title_zh="新标题", answer_zh="", body_zh="", title_en="", answer_en="", body_en="")
        await index_article(session, article, newer)
    assert await found(db, "老内容") == []
    assert await found(db, "新标题") == ["新标题"]


async def test_before_the_answer_the_menu_path_suggests(shelf: Database):
    assert await suggested(shelf, topic="rescue") == ["道路救援怎么叫"]
    assert await suggested(shelf) == []


async def test_the_words_of_the_note_outweigh_the_menu_path(shelf: Database):
    names = await suggested(shelf, topic="enquiry", words="客户说空调吹热风，不制冷，想去检测压缩机")
    assert names[0] == "空调不制冷怎么处理"


async def test_the_sub_kind_and_the_model_lead_when_there_are_no_words(shelf: Database):
    assert (await suggested(shelf, topic="enquiry", sub_kind="warranty"))[0] == "三包与质保期限"
    assert (await suggested(shelf, topic="enquiry", model="远辰 E6 四驱"))[0] == "冬季充电慢的原因"
    assert "冬季充电慢的原因" not in await suggested(shelf, topic="enquiry", model="远辰 C7")
