"""A site's talks for `hotline bench words`: sentences of the demo's articles and of callers, dealt by seeded dice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import create_engine, insert

from crm_core.demo.knowledge import FOLDER
from crm_core.history.model import Contact, Leg, Recording
from crm_core.knowledge.exchange import read_sheet
from crm_core.knowledge.markdown import plain
from crm_core.transcripts.model import SIDES, Transcript, TranscriptHit, TranscriptLine, TranscriptText
from crm_core.transcripts.storing import tag, text_id
from crm_core.transcripts.terms import said_terms

LINES = 8  # of a talk, about 60 signs each: two to three minutes
AT_ONCE = 2_000
AGENTS, QUEUES = 60, 8
SECONDS_BETWEEN = 60
LOUD = {  # said in so many of a thousand talks
    "再拖下去我就找媒体，你们看着办。": 4,
    "要是五点没有短信，我就退车。": 12,
    "I will call my lawyer and I want a refund.": 3,
}


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with what is stored of it."""

    text: str
    words: list[list[Any]]
    terms: list[str]


Rows = dict[Any, list[dict[str, Any]]]
TABLES = (Contact, Leg, Recording, Transcript, TranscriptLine, TranscriptText, TranscriptHit)


def fill(url: str, talks: int, first: datetime) -> None:
    """`talks` of them, one a minute from `first` on, in a migrated, empty database."""
    engine = create_engine(url.replace("+aiosqlite", ""))
    talk = _Talks(first)
    with engine.connect() as connection:
        for start in range(1, talks + 1, AT_ONCE):
            rows: Rows = {table: [] for table in TABLES}
            for number in range(start, min(start + AT_ONCE, talks + 1)):
                talk.add(rows, number)
            for table, made in rows.items():
                if made:
                    connection.execute(insert(table), made)
            connection.commit()
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")
    engine.dispose()


class _Talks:
    """Deals them out, the same on each run."""

    def __init__(self, first: datetime) -> None:
        self._first, self._random = first, Random("words")
        self._sentences = {language: list(_sentences(language)) for language in ("zh", "en")}
        self._loud = [(_said(text), share) for text, share in LOUD.items()]

    def add(self, rows: Rows, number: int) -> None:
        language = "en" if number % 5 == 0 else "zh"
        call, agent = f"c{number}", f"{1000 + number % AGENTS}"
        queue, at = f"q{self._random.randrange(QUEUES)}", self._first + timedelta(seconds=SECONDS_BETWEEN * number)
        rows[Contact].append(
            {"id": call, "direction": "inbound", "started_at": at, "language": language, "queue": queue, "agent": agent}
        )
        rows[Leg].append({"id": f"{call}-1", "contact_id": call, "agent": agent, "queue": queue, "offered_at": at})
        rows[Recording].append(
            {
                "id": number,
                "contact_id": call,
                "leg_id": f"{call}-1",
                "agent": agent,
                "file": f"{at:%Y%m%d}/{call}.flac",
            }
            | {"started_at": at, "seconds": 150.0, "status": "ready"}
        )
        rows[Transcript].append({"recording_id": number, "status": "done", "language": language, "moments": []})
        self._say(rows, number, self._lines(language), [tag("a", agent), tag("q", queue)])

    def _lines(self, language: str) -> list[Said]:
        lines = self._random.sample(self._sentences[language], LINES)
        for one, share in self._loud:
            if self._random.random() * 1000 < share:
                lines[self._random.randrange(0, LINES, 2)] = one
        return lines

    def _say(self, rows: Rows, number: int, lines: list[Said], tags: list[str]) -> None:
        for place, said in enumerate(lines):
            line_id, side = number * LINES + place, SIDES[place % 2]
            common = {"recording_id": number, "side": side}
            rows[TranscriptLine].append(
                {"id": line_id, **common, "began": place * 15.0, "ended": place * 15.0 + 14}
                | {"text": said.text, "confidence": 0.9, "words": said.words}
            )
            if "媒体" in said.text:
                rows[TranscriptHit].append(
                    {**common, "topic": "media", "word": "媒体", "at": place * 15.0, "line_id": line_id}
                )
        for side in SIDES:
            own = lines[SIDES.index(side) :: 2]
            topics = [tag("t", "media")] if any("媒体" in said.text for said in own) else []
            terms = dict.fromkeys(term for said in own for term in said.terms)
            rows[TranscriptText].append(
                {"id": text_id(number, side), "recording_id": number, "side": side}
                | {"tags": " ".join([*tags, tag("s", side), *topics]), "words": " ".join(terms)}
            )


def _sentences(language: str) -> Iterator[Said]:
    """Of about 60 signs, each with a greeting now and then, as in talks."""
    for path in sorted(FOLDER.glob("*.md")):
        content = read_sheet(path.name, path.read_bytes()).content
        if content is None:
            continue
        body = plain(content.body_zh if language == "zh" else content.body_en)
        parts = [part.strip() for part in re.split(r"(?<=[。！？.!?])\s*", body) if part.strip()]
        for place in range(0, len(parts) - 1, 2):
            greeting = ("您好，" if language == "zh" else "Hello, the car: ") if place % 6 == 0 else ""
            yield _said((greeting + parts[place] + parts[place + 1])[:120])


def _said(text: str) -> Said:
    signs = text.split() if text.isascii() else list(text)
    words = [[sign, round(place * 0.25, 2), round(place * 0.25 + 0.25, 2), 0.93] for place, sign in enumerate(signs)]
    return Said(text, json.loads(json.dumps(words)), said_terms([text]))
