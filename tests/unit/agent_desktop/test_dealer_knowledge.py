"""The knowledge base in the portal: the hotline's own articles, only those that are released to dealers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from crm_core.clock import now
from crm_core.files.store import put
from crm_core.knowledge.model import Article, ArticleText
from tests import dealer_people as d
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.crm_core.knowledge_shelf import fill_shelf


async def a_pdf() -> AsyncIterator[bytes]:
    yield b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n"


CLOSED, RELEASED, PUBLIC = "空调不制冷怎么处理", "冬季充电慢的原因", "三包与质保期限"


@pytest.fixture
async def shop(web: WebSite) -> WebSite:
    async with web.db.begin() as session:
        await d.settle_dealers(session)
        await fill_shelf(session)
        for title, audience in ((CLOSED, "centre"), (RELEASED, "dealer"), (PUBLIC, "public")):
            own = select(ArticleText.article_id).where(ArticleText.title == title)
            await session.execute(update(Article).where(Article.id.in_(own)).values(audience=audience))
    return web


async def ident(web: WebSite, title: str) -> int:
    async with web.db.begin() as session:
        return (await session.scalars(select(ArticleText.article_id).where(ArticleText.title == title))).one()


async def page(web: WebSite, path: str, status: int = 200) -> str:
    answer = await web.client.get(path)
    assert answer.status_code == status, answer.text[:300]
    return answer.text


async def test_a_dealer_reads_what_is_released_and_nothing_else(shop: WebSite):
    await shop.enter(d.RELATIONS)
    shown = await page(shop, "/dealer/knowledge")
    assert RELEASED in shown
    assert PUBLIC in shown
    assert CLOSED not in shown
    article = await page(shop, f"/dealer/knowledge/{await ident(shop, RELEASED)}")
    assert "电池先加热" in article
    await page(shop, f"/dealer/knowledge/{await ident(shop, CLOSED)}", 404)


async def test_two_characters_find_an_article_and_never_one_of_the_centre(shop: WebSite):
    await shop.enter(d.RELATIONS)
    found = await page(shop, "/dealer/knowledge?q=充电")
    assert RELEASED in found
    assert PUBLIC not in found
    assert CLOSED not in await page(shop, "/dealer/knowledge?q=空调")


@pytest.mark.parametrize("change", [{"valid_until": (now() - timedelta(days=2)).date()}, {"status": "retired"}])
async def test_what_is_over_or_taken_back_is_gone(shop: WebSite, change: dict[str, object]):
    number = await ident(shop, RELEASED)
    async with shop.db.begin() as session:
        await session.execute(update(Article).where(Article.id == number).values(**change))
    await shop.enter(d.RELATIONS)
    await page(shop, f"/dealer/knowledge/{number}", 404)


@pytest.mark.parametrize(
    "query", ["?q=%27%20OR%201=1--", "?q=%00", "?q=<script>alert(1)</script>", "?category=999999", "?q=" + "长" * 400]
)
async def test_hostile_words_find_nothing_and_break_nothing(shop: WebSite, query: str):
    await shop.enter(d.RELATIONS)
    shown = await page(shop, f"/dealer/knowledge{query}")
    assert "<script>alert(1)" not in shown


async def test_an_unknown_article_is_not_found(shop: WebSite):
    await shop.enter(d.RELATIONS)
    for number in ("0", "99999", "99999999999"):
        await page(shop, f"/dealer/knowledge/{number}", 404)


async def test_a_released_articles_file_goes_to_the_dealer_and_another_ones_does_not(shop: WebSite):
    async def kept(title: str) -> int:
        subject = f"article/{await ident(shop, title)}"
        async with shop.db.begin() as session:
            row = await put(session, shop.app.state.config.files, subject, "表.pdf", a_pdf(), actor="1018", at=now())
            return row.id

    released, closed = await kept(RELEASED), await kept(CLOSED)
    await shop.enter(d.RELATIONS)
    assert f"/files/{released}" in await page(shop, f"/dealer/knowledge/{await ident(shop, RELEASED)}")
    assert (await shop.client.get(f"/files/{released}")).status_code == 200
    assert (await shop.client.get(f"/files/{closed}")).status_code == 404
