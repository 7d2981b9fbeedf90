"""What each database adds to find words of talks fast, as knowledge.index does for articles; the names begin with fts_.

No positions are kept (they would double the index): a hit says that all words are in one side of one talk, and the
sentence is looked for afterwards. A tag begins with "_", which no word does.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import DDL

_OLD = "INSERT INTO fts_transcript(fts_transcript, rowid, tags, words) VALUES ('delete', old.id, old.tags, old.words);"
_NEW = "INSERT INTO fts_transcript(rowid, tags, words) VALUES (new.id, new.tags, new.words);"
_TOKENS = "tokenize=\"unicode61 tokenchars '_'\""
_TABLE = f"fts5(tags, words, content='transcript_text', content_rowid='id', detail=column, {_TOKENS})"
SQLITE = (
    f"CREATE VIRTUAL TABLE fts_transcript USING {_TABLE}",
    f"CREATE TRIGGER fts_transcript_added AFTER INSERT ON transcript_text BEGIN {_NEW} END",
    f"CREATE TRIGGER fts_transcript_gone AFTER DELETE ON transcript_text BEGIN {_OLD} END",
    f"CREATE TRIGGER fts_transcript_changed AFTER UPDATE ON transcript_text BEGIN {_OLD} {_NEW} END",
)
_DOCUMENT = "array_to_tsvector(string_to_array(trim(tags || ' ' || words), ' '))"
POSTGRESQL = (
    f"ALTER TABLE transcript_text ADD COLUMN fts_document tsvector GENERATED ALWAYS AS ({_DOCUMENT}) STORED",
    "CREATE INDEX fts_transcript ON transcript_text USING gin (fts_document)",
)
SQLITE_GONE = ("DROP TABLE fts_transcript",)


def attach(event: Any, table: Any) -> None:
    """Make the index wherever the table itself is made from the metadata."""
    for dialect, statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
        for statement in statements:
            event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
