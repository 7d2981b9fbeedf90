"""What a backup asks the database about recordings: which lie in a store, and which are still wanted."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, select

from crm_core.history.model import Recording
from crm_core.schema import plain_engine
from recording.files import bare, kept_forms

AT_ONCE = 100


def recordings_elsewhere(url: str) -> int:
    """How many lie in an object store, of which a backup holds the rows and not the sound."""
    engine = plain_engine(url)
    try:
        with engine.connect() as connection:
            return connection.scalar(select(func.count(Recording.id)).where(Recording.place != "")) or 0
    finally:
        engine.dispose()


def still_wanted(url: str, files: Collection[str]) -> set[str]:
    """Of these names those whose recording, in whatever form it is by now, was not deleted."""
    engine = plain_engine(url)
    wanted: set[str] = set()
    some = sorted(files)
    try:
        with engine.connect() as connection:
            for start in range(0, len(some), AT_ONCE):
                part = some[start : start + AT_ONCE]
                forms = {form for name in part for form in kept_forms(name)} | set(part)
                rows = select(Recording.file).where(Recording.file.in_(forms), Recording.status != "deleted")
                alive = {bare(file) for file in connection.scalars(rows)}
                wanted |= {name for name in part if bare(name) in alive}
    finally:
        engine.dispose()
    return wanted
