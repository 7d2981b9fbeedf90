"""Articles as Markdown files with a head: read, written, in a ZIP; the second import of the same files changes nothing.

---
title: 冬季充电慢的原因
title_en: Why charging is slow in winter
answer: 气温低时电池先加热，充电时间变长属正常。
category: 用车/充电
models: [E6]
---
中文正文

<!-- en -->
English text
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import yaml

from crm_core.errors import Invalid
from crm_core.knowledge.content import DATES, LISTS, Content, problems

ENGLISH = "<!-- en -->"
MOST_FILES, MOST_BYTES = 2_000, 20 * 1024 * 1024
_NAMES = {"title": "title_zh", "answer": "answer_zh", "title_en": "title_en", "answer_en": "answer_en"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One file: its name without folder and ending, the category's path, and the article; or what is wrong with it."""

    name: str
    category: str = ""
    content: Content | None = None
    problem: Invalid | None = None


def read_upload(name: str, content: bytes) -> list[Sheet]:
    """A Markdown file, or a ZIP of them. Raises Invalid for what is neither, or a ZIP that unpacks to too much."""
    if content.startswith(b"PK\x03\x04"):
        return [read_sheet(inner, text) for inner, text in _unpacked(content)]
    if name.lower().endswith((".md", ".markdown", ".txt")):
        return [read_sheet(name, content)]
    raise Invalid("Choose a Markdown file, or a ZIP of Markdown files.", field="file")


def read_sheet(name: str, content: bytes) -> Sheet:
    """Never raises: what is wrong is in `problem`."""
    called = name.rsplit("/", 1)[-1].rsplit(".", 1)[0][:120]
    try:
        return _read(called, _decoded(content))
    except Invalid as wrong:
        return Sheet(name=called, problem=wrong)


def write_sheet(content: Content, category: str) -> str:
    """The file of an article; `read_sheet` gives the same article back."""
    head: dict[str, Any] = {key: getattr(content, field) for key, field in _NAMES.items() if getattr(content, field)}
    head |= {"category": category} if category else {}
    head |= {name: getattr(content, name) for name in ("kind", "audience")}
    head |= {name: getattr(content, name) for name in (*LISTS, *DATES) if getattr(content, name)}
    top = yaml.safe_dump(head, allow_unicode=True, sort_keys=False, width=1000)
    english = f"\n{ENGLISH}\n{content.body_en}\n" if content.body_en else ""
    return f"---\n{top}---\n{content.body_zh}\n{english}"


def packed(sheets: Iterable[tuple[str, str]]) -> bytes:
    """A ZIP of files by name."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in sheets:
            archive.writestr(name, text)
    return made.getvalue()


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("The file is neither UTF-8 nor GBK text.", field="file")


def _read(name: str, text: str) -> Sheet:
    head, body = _parted(text.replace("\r\n", "\n"))
    chinese, _, english = body.partition(ENGLISH)
    facts: dict[str, Any] = {field: str(head.get(key) or "").strip() for key, field in _NAMES.items()}
    facts |= {name: str(head[name]).strip() for name in ("kind", "audience") if head.get(name)}
    facts |= {name: _words(head, name) for name in LISTS} | {name: _day(head, name) for name in DATES}
    content = Content(body_zh=chinese.strip(), body_en=english.strip(), **facts)
    wrong = problems(content)
    if wrong:
        return Sheet(name=name, problem=wrong[0])
    return Sheet(name=name, category=str(head.get("category") or ""), content=content)


def _parted(text: str) -> tuple[dict[str, Any], str]:
    """The head as a mapping, and the rest. A file without a head has its title in its first heading."""
    if text.startswith("---\n"):
        top, mark, body = text[4:].partition("\n---\n")
        if not mark:
            raise Invalid("The head has no end: write a line of three dashes.", field="file")
        try:
            head = yaml.safe_load(top) if len(top) < 20_000 and "&" not in top else None
        except yaml.YAMLError:
            head = None
        if not isinstance(head, dict):
            raise Invalid("The head cannot be read: write lines like title: text.", field="file")
        return head, body
    first, _, rest = text.strip().partition("\n")
    return ({"title": first.lstrip("# ").strip()[:160]}, rest) if first.startswith("#") else ({}, text)


def _words(head: dict[str, Any], name: str) -> list[str]:
    value = head.get(name) or []
    listed: Sequence[Any] = value if isinstance(value, list) else str(value).split(",")
    return [str(word).strip() for word in listed if str(word).strip()]


def _day(head: dict[str, Any], name: str) -> date | None:
    value = head.get(name)
    if value is None or value == "":
        return None
    try:
        return value if type(value) is date else date.fromisoformat(str(value))
    except ValueError:
        raise Invalid("{day} is no day: write it as 2026-12-31.", day=str(value)[:20], field=name) from None


def _unpacked(content: bytes) -> list[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = [one for one in archive.infolist() if one.filename.lower().endswith((".md", ".markdown"))]
            # The sizes are the archive's word; reading stops at the limit whatever it says.
            if len(inside) > MOST_FILES or sum(one.file_size for one in inside) > MOST_BYTES:
                raise Invalid("At most {most} files and {mb} MB in one ZIP.", most=MOST_FILES, mb=20, field="file")
            found = []
            for one in inside:
                with archive.open(one) as packed_file:
                    found.append((one.filename, packed_file.read(MOST_BYTES)))
            return found
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError):
        raise Invalid("The ZIP file is damaged or locked with a password.", field="file") from None


def same(one: Content, other: Content) -> bool:
    """Whether an import would change nothing: what a file cannot say (related articles) does not count."""
    return replace(one, related=[], category_id=None) == replace(other, related=[], category_id=None)
