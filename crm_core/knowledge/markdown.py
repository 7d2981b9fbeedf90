"""Markdown as authors write it: to HTML that can do no harm, and to plain text for searching and for notes. Pure."""

from __future__ import annotations

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_PERMITTED = "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr img li ol p pre s strong table tbody td th thead tr ul"
_TAGS = set(_PERMITTED.split())
_ATTRIBUTES = {"a": {"href", "title"}, "img": {"src", "alt", "title"}, "ol": {"start"}}


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


def html(text: str) -> str:
    """Safe HTML: no raw HTML of the author, no script, pictures only from our own /files/."""
    return nh3.clean(
        _parser().render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
        attribute_filter=_only_own_pictures,
    )


def _only_own_pictures(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src":
        return value if value.startswith("/files/") and value[7:].isdecimal() else None
    return value


def plain(text: str) -> str:
    """The words without marks: a line for each paragraph, list item and table row."""
    lines: list[str] = []
    row: list[str] = []
    in_row = False
    for token in _parser().parse(text):
        if token.type == "tr_open":
            row, in_row = [], True
        elif token.type == "tr_close":
            lines.append(" ".join(row))
            in_row = False
        elif token.type == "inline":
            said = _said(token.children or [])
            (row if in_row else lines).append(said)
        elif token.type in ("fence", "code_block"):
            lines.append(token.content.rstrip())
    return "\n".join(line for line in lines if line)


def _said(children: list[Token]) -> str:
    parts = []
    for child in children:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif child.type == "image":
            parts.append(child.content)
    return "".join(parts).strip()


def first_sentences(text: str, length: int = 160) -> str:
    """The beginning of a text up to the end of a sentence within `length` signs, else cut there."""
    said = plain(text).replace("\n", " ")
    if len(said) <= length:
        return said
    ends = [place for place, sign in enumerate(said[:length]) if sign in "。！？；.!?"]
    return said[: ends[-1] + 1] if ends else said[: length - 1] + "…"
