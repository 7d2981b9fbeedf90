"""A database that a newer version has written is refused, and is left as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from crm_core.migrate import upgrade
from crm_core.schema import SchemaTooNew, Standing, known_schema, schema_at


def set_revision(url: str, revision: str) -> None:
    engine = create_engine(url.replace("+aiosqlite", ""))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
    engine.dispose()


def test_older_code_refuses_a_database_of_a_newer_version_and_says_how_to_go_back(database_url: str):
    set_revision(database_url, "9999")
    try:
        assert schema_at(database_url).standing is Standing.NEWER
        with pytest.raises(SchemaTooNew) as refused:
            upgrade(database_url)
        assert "9999" in str(refused.value)
        assert known_schema() in str(refused.value)
        assert "hotline restore" in str(refused.value)
    finally:
        set_revision(database_url, known_schema())


def test_a_database_is_empty_behind_or_as_this_version_knows_it(database_url: str, tmp_path: Path):
    assert schema_at(database_url).standing is Standing.CURRENT
    set_revision(database_url, "0040")
    assert schema_at(database_url).standing is Standing.BEHIND
    set_revision(database_url, known_schema())
    assert schema_at(f"sqlite+aiosqlite:///{tmp_path / 'none.db'}").standing is Standing.EMPTY
    assert not (tmp_path / "none.db").exists()
