"""Articles that may help with what is being said."""

from __future__ import annotations

from sqlalchemy import select

from agent_desktop.live_text.pushing import Suggest
from agent_desktop.ports import TalkTextView
from agent_desktop.rendering import Rendering
from crm_core import clock
from crm_core.access.actions import SignedInUser
from crm_core.db import Database
from crm_core.knowledge.model import ArticleUse
from crm_core.knowledge.queries import suggest

MOST = 3


def suggester(db: Database, rendering: Rendering, me: SignedInUser) -> Suggest:
    """For this person's language: at most MOST cards, "" when nothing fits."""

    async def found(view: TalkTextView, words: str) -> str:
        today = clock.now().astimezone(rendering.site.zone).date()
        async with db.begin() as session:
            hits = await suggest(session, words=words, limit=MOST, on=today, language=me.language)
            used = set(
                await session.scalars(
                    select(ArticleUse.article_id).where(
                        ArticleUse.contact_id == view.call, ArticleUse.how == "inserted"
                    )
                )
            )
        return rendering.render("live_text/articles.html", language=me.language, hits=hits, used=used) if hits else ""

    return found
