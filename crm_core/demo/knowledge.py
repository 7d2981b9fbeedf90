"""The demo's knowledge base: real articles from Markdown files, a month of use, votes, vain searches and questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from crm_core.knowledge.content import Content
from crm_core.knowledge.exchange import Sheet, read_sheet
from crm_core.knowledge.indexing import EN, ZH, fill
from crm_core.knowledge.model import ArticleText
from crm_core.knowledge.spelling import pinyin_of

Rows = dict[str, list[dict[str, Any]]]
FOLDER = Path(__file__).parent / "articles"
ENGLISH = {
    "用车": "Using the car",
    "充电": "Charging",
    "电池与续航": "Battery and range",
    "空调": "Air conditioning",
    "驾驶辅助": "Driver assistance",
    "仪表与故障灯": "Warning lights",
    "冬季用车": "Winter",
    "保修与三包": "Warranty",
    "三电": "Battery and motor",
    "整车": "The car",
    "三包": "Return and exchange",
    "服务政策": "Service rules",
    "代步车": "Loan cars",
    "保养": "Maintenance",
    "门店": "Dealers",
    "投诉": "Complaints",
    "维修与配件": "Repair and parts",
    "配件": "Parts",
    "预约": "Booking",
    "救援": "Rescue",
    "道路救援": "Road rescue",
    "召回与服务活动": "Recalls",
    "车机与 App": "In-car system and app",
    "升级": "Updates",
    "车机": "In-car system",
    "App": "App",
    "购车": "Buying",
    "试驾": "Test drives",
    "车型": "Models",
    "置换与金融": "Trade-in and finance",
    "订单与交付": "Orders",
    "资料": "Papers",
    "证件": "Certificates",
    "手册": "Manuals",
    "培训": "Training",
    "竞品": "Competitors",
    "销售技巧": "Selling",
    "话术": "Talk scripts",
}
AUTHORS, APPROVER = ("2011", "2012"), "2001"
UNPUBLISHED = {"finance": "review", "ac-smell": "review", "bluetooth": "draft"}
ANSWER = "winter-start"
QUESTIONS = (
    ("E6 前拖车钩在哪里", ("1006", "1012", "1018"), "rescue", "open"),
    ("儿童座椅接口支持哪种规格", ("1001",), "enquiry", "taken"),
    ("冬季轮胎推荐型号", ("1018", "1004"), "enquiry", "answered"),
    ("竞品降价客户要求补差", ("1018",), "complaint", "closed"),
)
IN_VAIN = ("拖车钩", "儿童座椅", "isofix", "天窗漏水", "电动踏板", "隐形车衣", "露营供电")
REASONS = ("缺少操作图片", "价格已变", "步骤太长，通话中读不完", "没有写 C7")


def knowledge_rows(contacts: Sequence[Mapping[str, Any]], now: datetime) -> Rows:
    """Rows by table; contacts of the last weeks say when which article was used."""
    random = Random("yuanchen knowledge")
    sheets = [read_sheet(path.name, path.read_bytes()) for path in sorted(FOLDER.glob("*.md"))]
    rows: Rows = {"article_category": [], "article": [], "article_version": [], "article_text": []}
    places = _categories([sheet.category for sheet in sheets], rows["article_category"])
    for number, sheet in enumerate(sheets, start=1):
        _add(rows, number, sheet, places=places, random=random, now=now.astimezone(UTC))
    rows |= _used(rows["article"], contacts, random)
    answer = next(place for place, sheet in enumerate(sheets, start=1) if sheet.name == ANSWER)
    rows |= _missing(random, now.astimezone(UTC), answer)
    return rows


def _categories(paths: Sequence[str], rows: list[dict[str, Any]]) -> dict[str, int]:
    """Ids by path; makes the rows."""
    known: dict[str, int] = {}
    for path in paths:
        parts = path.split("/")
        for depth in range(1, len(parts) + 1):
            here = "/".join(parts[:depth])
            if here in known:
                continue
            known[here] = len(known) + 1
            name = parts[depth - 1]
            parent = known.get("/".join(parts[: depth - 1]))
            rows.append(
                {
                    "id": known[here],
                    "parent_id": parent,
                    "name_zh": name,
                    "name_en": ENGLISH.get(name, ""),
                    "position": known[here],
                }
            )
    return known


def _add(rows: Rows, number: int, sheet: Sheet, *, places: Mapping[str, int], random: Random, now: datetime) -> None:
    if sheet.content is None:
        raise ValueError(f"{sheet.name}: {sheet.problem}")
    author = AUTHORS[number % len(AUTHORS)]
    published = now - timedelta(days=random.randint(20, 300), minutes=random.randint(0, 600))
    # A few are due for a look soon, the others within the year.
    review = now.date() + timedelta(days=random.randint(-5, 12) if number % 9 == 0 else random.randint(40, 330))
    content = replace(sheet.content, category_id=places[sheet.category], review_on=review)
    rows["article"].append(_article(number, sheet.name, content, author, published))
    rows["article_version"].append(
        {
            "article_id": number,
            "number": 1,
            "state": UNPUBLISHED.get(sheet.name, "published"),
            **content.texts,
            "details": content.details,
            "author": author,
            "at": published - timedelta(days=1),
            "change": "",
            "approver": "" if sheet.name in UNPUBLISHED else APPROVER,
            "approved_at": None if sheet.name in UNPUBLISHED else published,
            "remark": "",
        }
    )
    for language, title, answer, body in (
        (ZH, content.title_zh, content.answer_zh, content.body_zh),
        (EN, content.title_en, content.answer_en, content.body_en),
    ):
        text = ArticleText(article_id=number, language=language)
        fill(text, title, answer, body, content.words)
        kept = ("article_id", "language", "title", "answer", "body", "title_words", "body_words")
        rows["article_text"].append({name: getattr(text, name) for name in kept} | {"title_pinyin": pinyin_of(title)})


def _article(number: int, source: str, content: Content, author: str, published: datetime) -> dict[str, Any]:
    names = ("kind", "audience", "category_id", "models", "brands", "topics", "sub_kinds", "queues", "words", "related")
    dates = ("valid_from", "valid_until", "review_on")
    return {
        "id": number,
        **{name: getattr(content, name) for name in (*names, *dates)},
        "status": UNPUBLISHED.get(source, "published"),
        "author": author,
        "approver": "" if source in UNPUBLISHED else APPROVER,
        "created_at": published - timedelta(days=2),
        "published_at": None if source in UNPUBLISHED else published,
        "published": 0 if source in UNPUBLISHED else 1,
        "working": 1 if source in UNPUBLISHED else 0,
        "uses": 0,
        "source": source,
    }


def _used(articles: list[dict[str, Any]], contacts: Sequence[Mapping[str, Any]], random: Random) -> Rows:
    """Every ninth answered contact used an article for its kind; some agents said whether it helped."""
    uses: list[dict[str, Any]] = []
    votes: list[dict[str, Any]] = []
    answers = [article for article in articles if article["kind"] == "article" and article["published"]]
    for contact in contacts:
        fitting = [article for article in answers if contact["kind"] in article["topics"]]
        if not contact["agent"] or not contact["answered_at"] or not fitting or random.random() > 0.11:
            continue
        article = fitting[min(int(random.expovariate(0.25)), len(fitting) - 1)]
        at = contact["answered_at"] + timedelta(seconds=random.randint(20, 90))
        how = random.choices(("opened", "inserted", "sent"), (5, 4, 1))[0]
        uses.append(_use(article["id"], contact, at, how))
        article["uses"] += how != "opened"
        if random.random() < 0.3:
            useful = random.random() < (0.4 if article["id"] % 11 == 0 else 0.9)
            votes.append(_vote(article["id"], contact, at, useful, "" if useful else random.choice(REASONS)))
    return {"article_use": uses, "article_vote": votes}


def _use(article_id: int, contact: Mapping[str, Any], at: datetime, how: str) -> dict[str, Any]:
    return {
        "article_id": article_id,
        "version": 1,
        "contact_id": contact["id"],
        "customer_id": contact["customer_id"],
        "agent": contact["agent"],
        "at": at,
        "how": how,
        "channel": "sms" if how == "sent" else "",
    }


def _vote(article_id: int, contact: Mapping[str, Any], at: datetime, useful: bool, reason: str) -> dict[str, Any]:
    return {
        "article_id": article_id,
        "version": 1,
        "agent": contact["agent"],
        "contact_id": contact["id"],
        "useful": useful,
        "reason": reason,
        "at": at,
    }


def _missing(random: Random, now: datetime, answer: int) -> Rows:
    """Searches, most of which found something, and the questions that came of the others."""
    agents = ("1001", "1004", "1006", "1012", "1018")
    searches = [
        {
            "agent": random.choice(agents),
            "words": words,
            "hits": hits,
            "at": now - timedelta(hours=random.randint(2, 600)),
        }
        for words, hits, times in [
            *((word, 0, 4) for word in IN_VAIN),
            ("空调", 5, 40),
            ("质保", 4, 30),
            ("充电", 6, 45),
        ]
        for _ in range(random.randint(1, times))
    ]
    questions: list[dict[str, Any]] = []
    asks: list[dict[str, Any]] = []
    for number, (text, people, topic, status) in enumerate(QUESTIONS, start=1):
        last = now - timedelta(hours=5 * number)
        done = status in ("answered", "closed")
        questions.append(
            {
                "id": number,
                "text": text,
                "status": status,
                "asked": len(people),
                "first_at": last - timedelta(days=3),
                "last_at": last,
                "taken_by": APPROVER if status in ("taken", "answered") else "",
                "taken_at": last if status in ("taken", "answered") else None,
                "article_id": answer if status == "answered" else None,
                "answered_at": last + timedelta(hours=2) if done else None,
                "remark": "不评价竞品价格，按成交合同执行。" if status == "closed" else "",
            }
        )
        asks += [
            {
                "question_id": number,
                "agent": agent,
                "words": text,
                "at": last - timedelta(days=place),
                "contact_id": "",
                "topic": topic,
                "model": "",
                "read_at": None
                if agent == "1018" and status == "answered"
                else last + timedelta(hours=3)
                if done
                else None,
            }
            for place, agent in enumerate(people)
        ]
    return {"knowledge_search": searches, "open_question": questions, "question_ask": asks}
