"""What each database adds to find words fast: an FTS5 table kept by triggers, or a tsvector column with a GIN index.

Both index the columns `title_words` and `body_words`, which hold terms of knowledge.words. The names begin with fts_:
migrate.differences leaves such things alone, as no model describes them. Migration 0014 runs these statements; a later
change is a new list.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import DDL

_OLD = "INSERT INTO fts_article(fts_article, rowid, title_words, body_words) VALUES ('delete', old.id, old.title_words, old.body_words);"  # noqa: E501
_NEW = "INSERT INTO fts_article(rowid, title_words, body_words) VALUES (new.id, new.title_words, new.body_words);"
_TABLE = "fts5(title_words, body_words, content='article_text', content_rowid='id', tokenize='unicode61')"
SQLITE = (
    f"CREATE VIRTUAL TABLE fts_article USING {_TABLE}",
    f"CREATE TRIGGER fts_article_added AFTER INSERT ON article_text BEGIN {_NEW} END",
    f"CREATE TRIGGER fts_article_gone AFTER DELETE ON article_text BEGIN {_OLD} END",
    f"CREATE TRIGGER fts_article_changed AFTER UPDATE ON article_text BEGIN {_OLD} {_NEW} END",
)
_TITLE = "setweight(to_tsvector('simple', title_words), 'A')"
_BODY = "setweight(to_tsvector('simple', body_words), 'D')"
POSTGRESQL = (
    f"ALTER TABLE article_text ADD COLUMN fts_document tsvector GENERATED ALWAYS AS ({_TITLE} || {_BODY}) STORED",
    "CREATE INDEX fts_article ON article_text USING gin (fts_document)",
)
SQLITE_GONE = ("DROP TABLE fts_article",)


def attach(event: Any, table: Any) -> None:
    """Make the index wherever the table itself is made from the metadata."""
    for dialect, statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
        for statement in statements:
            event.listen(table, "after_create", DDL(statement).execute_if(dialect=dialect))  # type: ignore[no-untyped-call]
