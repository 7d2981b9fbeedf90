"""What an author writes in one go, and what is wrong with it. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from datetime import date
from typing import Any

from crm_core.errors import Invalid
from crm_core.history.model import ContactKind
from crm_core.knowledge.model import ArticleVersion

KINDS = ("article", "script")
AUDIENCES = ("centre", "dealer", "public")
TEXTS = ("title_zh", "answer_zh", "body_zh", "title_en", "answer_en", "body_en")
LISTS = ("models", "brands", "topics", "sub_kinds", "queues", "words")
DATES = ("valid_from", "valid_until", "review_on")
LONGEST_TITLE, LONGEST_ANSWER, LONGEST_BODY = 160, 600, 60_000
MOST_WORDS, LONGEST_WORD = 30, 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """Texts in both languages (bodies in Markdown) and what else an author decides; see model.Article."""

    title_zh: str = ""
    answer_zh: str = ""
    body_zh: str = ""
    title_en: str = ""
    answer_en: str = ""
    body_en: str = ""
    kind: str = "article"
    audience: str = "centre"
    category_id: int | None = None
    models: list[str] = field(default_factory=list)
    brands: list[str] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    sub_kinds: list[str] = field(default_factory=list)
    queues: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    related: list[int] = field(default_factory=list)
    valid_from: date | None = None
    valid_until: date | None = None
    review_on: date | None = None

    @property
    def texts(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in TEXTS}

    @property
    def details(self) -> dict[str, Any]:
        """Everything but the texts, as JSON."""
        values = {name: value for name, value in asdict(self).items() if name not in TEXTS}
        return values | {name: values[name].isoformat() if values[name] else None for name in DATES}


def content_of(version: ArticleVersion) -> Content:
    """What a version holds; details of an older form that we no longer know are left out."""
    known = {one.name for one in fields(Content)}
    details = {name: value for name, value in version.details.items() if name in known}
    details |= {name: date.fromisoformat(details[name]) if details.get(name) else None for name in DATES}
    return Content(**{name: getattr(version, name) for name in TEXTS}, **details)


def problems(content: Content) -> list[Invalid]:
    """What keeps it from being saved, each with its field."""
    found: list[Invalid] = []
    if not content.title_zh.strip() and not content.title_en.strip():
        found.append(Invalid("Write a title.", field="title_zh"))
    limits = {"title": LONGEST_TITLE, "answer": LONGEST_ANSWER, "body": LONGEST_BODY}
    for name, value in content.texts.items():
        most = limits[name.split("_")[0]]
        if len(value) > most:
            found.append(Invalid("At most {most} characters.", most=most, field=name))
    if content.kind not in KINDS:
        found.append(Invalid("Choose article or script.", field="kind"))
    if content.audience not in AUDIENCES:
        found.append(Invalid("Choose who may read it.", field="audience"))
    if any(topic not in list(ContactKind) for topic in content.topics):
        found.append(Invalid("Choose kinds from the list.", field="topics"))
    for name in LISTS:
        if len(getattr(content, name)) > MOST_WORDS or any(len(word) > LONGEST_WORD for word in getattr(content, name)):
            found.append(
                Invalid("At most {most} words of {long} characters.", most=MOST_WORDS, long=LONGEST_WORD, field=name)
            )
    if content.valid_from and content.valid_until and content.valid_until < content.valid_from:
        found.append(Invalid("The last day lies before the first.", field="valid_until"))
    return found


def publishing_problems(content: Content) -> list[Invalid]:
    """What keeps it from going to readers, beside what keeps it from being saved."""
    found = problems(content)
    for language in ("zh", "en"):
        title, body = getattr(content, f"title_{language}"), getattr(content, f"body_{language}")
        if title.strip() and not body.strip():
            found.append(Invalid("Write the text to this title.", field=f"body_{language}"))
        if body.strip() and not title.strip():
            found.append(Invalid("Write a title.", field=f"title_{language}"))
    if content.review_on is None:
        found.append(Invalid("Say when somebody looks at it again.", field="review_on"))
    return found
