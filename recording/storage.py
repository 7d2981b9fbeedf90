"""Finishes recordings: each talk's raw file becomes a checked FLAC file, and its row says so.

What is due is asked of the database, never remembered, so that a restart loses nothing; the feed only says when.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import soundfile
import structlog
from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from crm_core.db import Database
from crm_core.history.events import ContactEnded, FeedRecord, TalkEnded
from crm_core.history.model import Contact, Leg, Recording
from crm_core.seals.sealing import Form, Sealed, seal_all
from recording.checksums import digest_of
from recording.files import file_below
from recording.raw_audio import Kept, NotTheSame, discard, keep, kept_path
from recording.volume import attach, is_away

log = structlog.get_logger(__name__)

SETTLE_SECONDS = 2.0  # MixMonitor tells no end; a file was once incomplete 0.3 s after the hangup
LOOK_AGAIN_SECONDS = 30.0  # rows that the history writes late, disks that were full
AT_ONCE = 200  # recordings in a transaction
CUT_SECONDS = 3.0  # a file that lacks more of the talk than this is called cut

_FINISH = (  # without the ORM: many at once
    update(Recording.__table__)  # type: ignore[arg-type]
    .where(Recording.id == bindparam("one"))
    .values(status=bindparam("status"), seconds=bindparam("seconds"))
)

Follow = Callable[[], AbstractAsyncContextManager[AsyncIterable[FeedRecord]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    id: int
    file: str
    talk_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finished:
    id: int
    status: str
    kept: Kept | None = None
    raw: Path | None = None
    form: Form | None = None


class RecordingKeeper:
    """Follows the feed and finishes every recording two seconds after its leg is over."""

    def __init__(
        self,
        database: Database,
        folder: Path,
        *,
        clock: Callable[[], float] = time.time,
        settle_seconds: float = SETTLE_SECONDS,
        on_finished: Callable[[int, str], None] | None = None,
    ) -> None:
        """`on_finished(recording id, status)` is called in the loop after each row is written; it must not raise."""
        self._database, self._folder, self._clock, self._settle = database, folder, clock, settle_seconds
        self._on_finished = on_finished
        self._ended = asyncio.Event()

    async def run(self, follow: Follow) -> None:
        """Until cancelled. `follow()` opens a subscription to the feed; one that is closed is opened again."""
        if not await asyncio.to_thread(attach, self._folder):
            log.error("recordings.volume_away", folder=str(self._folder))
        await asyncio.to_thread(self._tidy)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen(follow))
            while True:
                await self._sweep_or_log()
                await self._wait_for_an_end()

    async def sweep(self) -> int:
        """Finishes all that is due; gives how many recordings were finished."""
        kept = [one for due in await self._find_due() if (one := await self._finish(due)) is not None]
        for begin in range(0, len(kept), AT_ONCE):
            some = kept[begin : begin + AT_ONCE]
            await self._write(some)
            await asyncio.to_thread(self._discard, some)
        return len(kept)

    async def _listen(self, follow: Follow) -> None:
        while True:
            async with follow() as records:
                async for record in records:
                    if isinstance(record.event, TalkEnded | ContactEnded):
                        self._ended.set()
            await asyncio.sleep(self._settle)  # we were too slow, or the feed is shutting down
            self._ended.set()  # what ended while nobody listened

    async def _wait_for_an_end(self) -> None:
        """Until a talk has been over for the time a file needs to settle, or for the look-again time."""
        try:
            async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                await self._ended.wait()
        except TimeoutError:
            return
        self._ended.clear()
        await asyncio.sleep(self._settle)

    async def _sweep_or_log(self) -> None:
        try:
            await self.sweep()
        except SQLAlchemyError as away:
            log.warning("recordings.database_away", reason=str(away))

    async def _find_due(self) -> list[_Due]:
        before = datetime.fromtimestamp(self._clock() - self._settle, UTC)
        statement = (
            select(Recording.id, Recording.file, Leg.answered_at, Leg.ended_at)
            .join(Contact, Contact.id == Recording.contact_id)
            .outerjoin(Leg, Leg.id == Recording.leg_id)
            .where(Recording.status == "recording", or_(Leg.ended_at <= before, Contact.ended_at <= before))
            .order_by(Recording.id)
        )
        async with self._database.begin() as session:
            rows = (await session.execute(statement)).all()
        return [_Due(id=row.id, file=row.file, talk_seconds=_seconds(row.answered_at, row.ended_at)) for row in rows]

    async def _finish(self, due: _Due) -> _Finished | None:
        """None when it cannot be done now: the raw file is still there, the next look tries again."""
        raw = file_below(self._folder, due.file)
        if raw is None:
            log.error("recordings.strange_name", recording=due.id, file=due.file)
            return _Finished(id=due.id, status="missing")
        try:
            kept, form = await asyncio.to_thread(self._keep, raw)
        except (OSError, soundfile.SoundFileError, NotTheSame) as failed:
            log.error("recordings.not_finished", recording=due.id, reason=str(failed))
            return None
        return _Finished(id=due.id, status=_status(kept, due.talk_seconds), kept=kept, raw=raw, form=form)

    def _discard(self, finished: Sequence[_Finished]) -> None:
        for one in finished:
            try:
                if one.raw is not None:
                    discard(one.raw, one.kept.compared if one.kept else ())
            except (OSError, soundfile.SoundFileError, NotTheSame) as failed:
                log.error("recordings.not_discarded", recording=one.id, reason=str(failed))

    def _keep(self, raw: Path) -> tuple[Kept | None, Form | None]:
        if is_away(self._folder):  # a disk that is not mounted: nothing is missing yet
            raise FileNotFoundError(self._folder)
        kept = keep(raw)
        return kept, self._form(kept) if kept else None

    def _form(self, kept: Kept) -> Form:
        size, digest = digest_of(kept.path)
        file = kept.path.relative_to(self._folder).as_posix()
        return Form(file=file, sha256=digest, plain_sha256=digest, bytes=size)

    async def _write(self, finished: Sequence[_Finished]) -> None:
        """All in one transaction and few questions: on a busy day talks end several a second."""
        async with self._database.begin() as session:
            values = [(one.id, one.status, one.kept.seconds if one.kept else None) for one in finished]
            connection = await session.connection()
            await connection.execute(_FINISH, [{"one": row, "status": s, "seconds": long} for row, s, long in values])
            forms = {one.id: one.form for one in finished if one.form}
            await seal_all(session, Sealed.KEPT, forms, datetime.fromtimestamp(self._clock(), UTC))
        if self._on_finished:
            for one in finished:
                self._on_finished(one.id, one.status)

    def _tidy(self) -> None:
        """Removes what a kill left behind: half files, and raw files whose kept one is complete."""
        for part in self._folder.glob("*/.*.part"):
            part.unlink(missing_ok=True)
        for raw in (*self._folder.glob("*/*.raw"), *self._folder.glob("*/*.sln")):
            if kept_path(raw).exists():
                try:
                    discard(raw)
                except (OSError, NotTheSame) as failed:
                    log.error("recordings.not_discarded", file=raw.name, reason=str(failed))


def _seconds(began: datetime | None, ended: datetime | None) -> float | None:
    return (ended - began) / timedelta(seconds=1) if began and ended else None


def _status(kept: Kept | None, talk_seconds: float | None) -> str:
    if kept is None:
        return "missing"
    lacks = (talk_seconds or 0.0) - kept.seconds
    return "cut" if lacks > CUT_SECONDS else "ready"
