"""The recordings of a contact, and the way to hear one: an access check, an audit entry, a link of 60 seconds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_core.access.audit import audit
from crm_core.access.audit_detail import noting
from crm_core.errors import NotAllowed, NotFound
from crm_core.history.model import Recording
from recording.policy import Listener, may_hear
from recording.vault import Vault

LINK_SECONDS = 60
KEPT_ALIVE = timedelta(hours=12)
"""So long an open page may keep one listening alive; after that it asks for leave, and is written down, once more."""
PLAYABLE = ("ready", "cut")


class LinkExpired(NotAllowed):
    """The link is over a minute old, was changed, or was made for somebody else."""


class NoSuchRecording(NotFound):
    """There is none of this number, or its file does not exist."""


class NotYourRecording(NoSuchRecording):
    """This person may not hear this talk. It is told as one that does not exist: the numbers are counted up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingView:
    """One line of a contact's list. `status`: recording, ready, missing or cut; `allowed` = this person may hear it."""

    id: int
    contact: str
    leg: str
    agent: str
    started_at: datetime
    seconds: float | None
    status: str
    allowed: bool
    why: str = ""  # it is missing: disk, not_started or not_written

    @property
    def playable(self) -> bool:
        return self.allowed and self.status in PLAYABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Peaks:
    """The waveform: up to 800 levels between 0 and 1 per side."""

    seconds: float
    customer: tuple[float, ...]
    agent: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Leave to hear one recording: put `token` into the link; it works until `until`, for this person only."""

    recording: RecordingView
    token: str
    until: datetime
    peaks: Peaks


class Library:
    """`secret` signs the links: at least 16 characters, the same in each process, kept over restarts or not."""

    def __init__(self, vault: Vault, secret: str) -> None:
        if len(secret) < 16:
            raise ValueError("the secret for recording links is too short")
        self.vault = vault
        how: dict[str, Any] = {"digest_method": hashlib.sha256, "key_derivation": "hmac"}
        self._signer = URLSafeSerializer(secret, salt="recording-link", signer_kwargs=how)
        self._taken = URLSafeSerializer(secret, salt="recording-download", signer_kwargs=how)
        self._alive = URLSafeSerializer(secret, salt="recording-listening", signer_kwargs=how)

    async def of_contact(self, session: AsyncSession, contact: str, listener: Listener) -> list[RecordingView]:
        """All recordings of a contact in order, also those that this person may only know of."""
        statement = (
            select(Recording).where(Recording.contact_id == contact).order_by(Recording.started_at, Recording.id)
        )
        return [_view(row, listener) for row in await session.scalars(statement)]

    async def listen(self, session: AsyncSession, recording: int, listener: Listener, *, at: datetime) -> Listening:
        """Leave to hear, written into the audit log in this transaction. NotYourRecording, NoSuchRecording."""
        row = await self._allowed(session, recording, listener)
        await self._file(row)
        until = at + timedelta(seconds=LINK_SECONDS)
        token = self._signer.dumps([row.id, listener.number, until.timestamp()])
        peaks = self._peaks(row)
        await audit(
            session,
            at=at,
            actor=listener.number,
            action="recording.listen",
            subject=f"recording:{row.id}",
            detail=noting(contact=row.contact_id, leg=row.leg_id, agent=row.agent),
        )
        return Listening(recording=_view(row, listener), token=str(token), until=until, peaks=peaks)

    async def peaks(self, session: AsyncSession, recording: int, listener: Listener) -> Peaks:
        """The waveform alone, which is no listening: nothing is audited. NotYourRecording, NoSuchRecording."""
        row = await self._allowed(session, recording, listener)
        await self._file(row)
        return self._peaks(row)

    async def keep_alive(
        self, session: AsyncSession, recording: int, token: str, listener: Listener, *, at: datetime
    ) -> str:
        """A sign, for a cookie, that the page with this link is still open: with it the link works a minute longer.

        It is the same listening, so nothing is audited. The access check is made again. LinkExpired.
        """
        row = await self._allowed(session, recording, listener)
        number, person, until = self._read(token)
        late = at - datetime.fromtimestamp(until, UTC)
        if number != row.id or person != listener.number or late > KEPT_ALIVE:
            raise LinkExpired("This link is no longer valid. Open the recording again.")
        return str(self._alive.dumps([_digest(token), at.timestamp() + LINK_SECONDS]))

    async def file_of(
        self, session: AsyncSession, token: str, listener: Listener, *, at: datetime, alive: str = ""
    ) -> str:
        """The file behind a link, for `vault.sound`; `alive` as `keep_alive` gave it. LinkExpired; the access check is
        made again."""
        recording, number, until = self._read(token)
        if number != listener.number or (at.timestamp() > until and not self._is_alive(alive, token, at)):
            raise LinkExpired("This link is no longer valid. Open the recording again.")
        return await self._file(await self._allowed(session, recording, listener))

    async def take_out(
        self, session: AsyncSession, recording: int, listener: Listener, *, why: str, at: datetime
    ) -> str:
        """A link of one minute to the file as a download, written into the audit log with the reason. NotYourRecording,
        NoSuchRecording."""
        row = await self._allowed(session, recording, listener)
        await self._file(row)
        token = self._taken.dumps([row.id, listener.number, at.timestamp() + LINK_SECONDS])
        detail = noting(reason=why, contact=row.contact_id, leg=row.leg_id, agent=row.agent)
        subject = f"recording:{row.id}"
        await audit(
            session, at=at, actor=listener.number, action="recording_downloaded", subject=subject, detail=detail
        )
        return str(token)

    async def taken_out(
        self, session: AsyncSession, token: str, listener: Listener, *, at: datetime
    ) -> tuple[Recording, str]:
        """The recording behind such a link and its file, for `vault.sound`. LinkExpired; access is checked again."""
        try:
            recording, number, until = self._taken.loads(token)
        except (BadData, ValueError, TypeError) as forged:
            raise LinkExpired("This link is no longer valid. Open the recording again.") from forged
        if number != listener.number or at.timestamp() > until:
            raise LinkExpired("This link is no longer valid. Open the recording again.")
        row = await self._allowed(session, recording, listener)
        return row, await self._file(row)

    def _read(self, token: str) -> tuple[int, str, float]:
        try:
            recording, number, until = self._signer.loads(token)
        except (BadData, ValueError, TypeError) as forged:
            raise LinkExpired("This link is no longer valid. Open the recording again.") from forged
        return recording, number, until

    def _is_alive(self, alive: str, token: str, at: datetime) -> bool:
        try:
            digest, until = self._alive.loads(alive)
        except (BadData, ValueError, TypeError):
            return False
        return bool(digest == _digest(token) and at.timestamp() <= until)

    async def _allowed(self, session: AsyncSession, recording: int, listener: Listener) -> Recording:
        row = await session.get(Recording, recording)
        if row is None:
            raise NoSuchRecording("There is no such recording.")
        if not may_hear(listener, agent=row.agent, recording=row.id):
            raise NotYourRecording("There is no such recording.")
        return row

    async def _file(self, row: Recording) -> str:
        if row.status not in PLAYABLE or not await self.vault.present(row.file):
            raise NoSuchRecording("This talk has no recording to play.")
        return row.file

    def _peaks(self, row: Recording) -> Peaks:
        return _read_peaks(self.vault.peaks(row.file))


def _view(row: Recording, listener: Listener) -> RecordingView:
    return RecordingView(
        id=row.id,
        contact=row.contact_id,
        leg=row.leg_id,
        agent=row.agent,
        started_at=row.started_at,
        seconds=row.seconds,
        status=row.status,
        why=row.why,
        allowed=may_hear(listener, agent=row.agent, recording=row.id),
    )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _read_peaks(path: Path) -> Peaks:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Peaks(seconds=float(found["seconds"]), customer=tuple(found["customer"]), agent=tuple(found["agent"]))
    except (OSError, ValueError, KeyError, TypeError):
        # the sound can be heard without its picture
        return Peaks(seconds=0.0, customer=(), agent=())
