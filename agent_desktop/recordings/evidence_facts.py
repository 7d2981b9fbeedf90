"""What an evidence package tells beside the sound: manifest, seals, who had it, what happened, what was said, and a
cover that people read in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from agent_desktop.contacts.story import story
from agent_desktop.formats import masked_number
from agent_desktop.recordings import words
from agent_desktop.recordings.around import shown_number
from agent_desktop.rendering import Rendering
from crm_core.access.model import AuditEntry, User
from crm_core.access.roles import Permission, may, read_roles
from crm_core.customers.model import Customer
from crm_core.disclosure.model import EvidencePackage
from crm_core.history.marks import marks_of
from crm_core.history.model import Contact, Recording
from crm_core.history.queries import contact
from crm_core.seals.model import RecordingSeal, SealHead
from crm_core.transcripts.queries import transcript_of
from crm_core.workforce.queries import names
from recording.evidence import form
from recording.evidence.seal_part import FIELDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A sound of the package, as it was read: `name` in the package, "" = there is none, `why` tells."""

    recording: Recording
    name: str
    sha256: str
    bytes: int
    why: str = ""


async def facts_of(
    session: AsyncSession, rendering: Rendering, package: EvidencePackage, sounds: Sequence[Sound], fingerprint: str
) -> dict[str, bytes]:
    """The texts of the package by their names; the manifest and the cover tell of all that is in the others."""
    ids = [one.recording.id for one in sounds]
    seals = await _seals(session, ids)
    told: dict[str, Any] = {
        form.SEALS: seals,
        form.ACCESS: await _access(session, ids),
        form.TIMELINE: await _timeline(session, sounds[0].recording.contact_id),
        form.TRANSCRIPT: [await _said(session, one) for one in ids],
    }
    manifest = await _manifest(session, rendering, package, sounds, fingerprint)
    sealed = {one["recording_id"]: one["n"] for one in seals["seals"]}
    marks = await marks_of(session, ids)
    for row in manifest["recordings"]:
        row["seal"] = sealed.get(row["id"])
        row["marks"] = [asdict(mark) for mark in marks[row["id"]]]
    texts = {name: form.as_json(facts) for name, facts in told.items()}
    texts[form.MANIFEST] = form.as_json(manifest)
    texts[form.COVER] = _cover(rendering, manifest, told)
    texts[form.README] = rendering.render("recording/evidence_readme.txt", fingerprint=fingerprint).encode()
    return texts


async def _manifest(
    session: AsyncSession, rendering: Rendering, package: EvidencePackage, sounds: Sequence[Sound], fingerprint: str
) -> dict[str, Any]:
    call = await session.get_one(Contact, sounds[0].recording.contact_id)
    customer = await session.get(Customer, call.customer_id) if call.customer_id else None
    asker = await session.scalar(select(User).where(User.number == package.by))
    whole = asker is not None and may(read_roles(asker.roles), Permission.SEE_FULL_NUMBER)
    known = await names(session)
    return {
        "format": form.FORMAT,
        "package": package.id,
        "site": rendering.site.name,
        "asked_at": _iso(package.at),
        "made_at": _iso(rendering.now()),
        "asked_by": {"number": package.by, "name": known.get(package.by, ("", ""))[0]},
        "why": package.why,
        "key_fingerprint": fingerprint,
        "call": {
            "id": call.id,
            "direction": call.direction,
            "began": _iso(call.started_at),
            "ended": _iso(call.ended_at),
            "number": call.caller if whole else masked_number(call.caller),
            "customer": customer.name if customer else "",
        },
        "recordings": [
            {
                "id": one.recording.id,
                "number": shown_number(one.recording, rendering.site.zone),
                "leg": one.recording.leg_id,
                "agent": one.recording.agent,
                "agent_name": known.get(one.recording.agent, ("", ""))[0],
                "began": _iso(one.recording.started_at),
                "seconds": one.recording.seconds,
                "status": one.recording.status,
                "channels": ["customer", "agent"],
                "file": one.name,
                "sha256": one.sha256,
                "bytes": one.bytes,
                "no_sound": one.why,
            }
            for one in sounds
        ],
    }


async def _seals(session: AsyncSession, ids: Sequence[int]) -> dict[str, Any]:
    rows = select(RecordingSeal).where(RecordingSeal.recording_id.in_(ids)).order_by(RecordingSeal.n)
    head = await session.scalar(select(SealHead))
    return {
        "recipe": f"hash = SHA-256 of the JSON list [previous, {', '.join(FIELDS)}]",
        "chain_end": {"seals": head.entries if head else 0, "hash": head.hash if head else ""},
        "seals": [_seal(row) for row in await session.scalars(rows)],
    }


def _seal(row: RecordingSeal) -> dict[str, Any]:
    told = {name: getattr(row, name) for name in FIELDS if name != "sealed_at_microseconds"}
    at = round(row.sealed_at.timestamp() * 1_000_000)
    return told | {"sealed_at_microseconds": at, "previous": row.previous, "hash": row.hash}


async def _access(session: AsyncSession, ids: Sequence[int]) -> dict[str, Any]:
    """Every entry of the audit log about these recordings, with its hash in the log's own chain."""
    subjects = [f"recording:{one}" for one in ids]
    rows = select(AuditEntry).where(AuditEntry.subject.in_(subjects)).order_by(AuditEntry.id)
    known = await names(session)
    entries = [
        {
            "entry": row.id,
            "at": _iso(row.at),
            "actor": row.actor,
            "name": known.get(row.actor, ("", ""))[0],
            "action": row.action,
            "subject": row.subject,
            "detail": row.detail,
            "hash": row.hash,
        }
        for row in await session.scalars(rows)
    ]
    return {"entries": entries}


async def _timeline(session: AsyncSession, contact_id: str) -> dict[str, Any]:
    found = await contact(session, contact_id)
    moments = story(found.contact) if found else []
    kept = ("kind", "agent", "queue", "word", "by", "seconds", "party", "number", "given_to")
    return {
        "call": contact_id,
        "moments": [
            {"at": _iso(one.at), **{name: value for name in kept if (value := getattr(one, name)) not in ("", None)}}
            for one in moments
        ],
    }


async def _said(session: AsyncSession, recording_id: int) -> dict[str, Any]:
    """Made by a machine: `confidence` says how sure it was. It proves nothing that the sound does not."""
    made = await transcript_of(session, recording_id)
    if made is None:
        return {"recording": recording_id, "status": "none", "lines": []}
    lines = [
        {"began": one.began, "ended": one.ended, "kind": one.kind, "side": one.side, "text": one.text}
        | {"confidence": one.confidence}
        for one in made.lines
    ]
    facts = {"recording": recording_id, "status": made.status, "engine": made.engine, "language": made.language}
    return facts | {"confidence": made.confidence, "made_at": _iso(made.made_at), "lines": lines}


def _cover(rendering: Rendering, manifest: Mapping[str, Any], told: Mapping[str, Any]) -> bytes:
    """One page, Chinese and then English."""
    facts = {"m": manifest, "access": told[form.ACCESS]["entries"], "timeline": told[form.TIMELINE]["moments"]}
    facts |= {"said": told[form.TRANSCRIPT], "words": words}
    parts = [
        (language, rendering.render("recording/evidence_cover.html", "part", language=language, **facts))
        for language in ("zh-CN", "en")
    ]
    return rendering.render("recording/evidence_cover.html", parts=parts, **facts).encode()


def _iso(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds") if at else ""
