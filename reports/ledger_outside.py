"""Our day against what others know of it: Asterisk's event log, call by call, and the folder of recordings. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping

from crm_core.ledger.outside import CallLog, LoggedCall, SoundFile
from reports.ledger import LONGEST_CALL, TOLERANCE, by_contact
from reports.ledger_rows import ContactRow, Finding, Kind, LedgerDay, LegRow, RecordingRow

UNWRITTEN = 30.0  # seconds that a call's rows, or its sound, may take until they are there
SHORT_TALK = 1.0  # seconds; of a shorter talk Asterisk may have written no sound
_ENDING = re.compile(r"\.(raw|sln|(flac|opus)(\.enc)?)$")


def check_log(day: LedgerDay, log: CallLog) -> list[Finding]:
    """Only the time that the log covers is compared. A call that began moments ago is looked at next time."""
    if log.first is None or log.last is None:
        return []
    ours = {contact.id: contact for contact in (*day.contacts, *day.others)}
    legs = by_contact(day.legs)
    settled = day.now - UNWRITTEN
    found: list[Finding] = []
    for call in log.calls.values():
        contact = ours.get(call.call)
        if contact is not None:
            found += _times(contact, call)
            found += _talks(contact, call, legs.get(call.call, []))
        elif day.start <= call.started < min(day.end, settled) and _is_over(call, day.now):
            found.append(_missing_here(call))
    for contact in day.contacts:
        covered = log.first < contact.started < min(log.last, settled)
        if covered and contact.id not in log.calls:
            facts = {"started": contact.started, "ended": contact.ended, "outcome": contact.outcome or ""}
            found.append(Finding(kind=Kind.MISSING_THERE, subject=contact.id, contact=contact.id, detail=facts))
    return found


def check_sounds(day: LedgerDay, log: CallLog, there: Collection[str], unknown: Iterable[SoundFile]) -> list[Finding]:
    """`there` are the folder's files without their endings, `unknown` those of which no row of any day tells.

    Only talks of calls that the log knows must have a recording: of a day without a log nobody can tell whether
    Asterisk handled it here.
    """
    rows = {row.leg: row for row in day.recordings}
    talks = [leg for leg in day.legs if leg.contact in log.calls]
    found = [one for leg in talks if (one := _unrecorded(leg, rows, day.now)) is not None]
    for row in day.recordings:
        facts = {"file": row.file, "status": row.status}
        if row.status == "cut":
            found.append(Finding(kind=Kind.RECORDING_CUT, subject=row.leg, contact=row.contact, detail=facts))
        elif row.status == "missing" or (row.status == "ready" and not row.place and bare(row.file) not in there):
            found.append(Finding(kind=Kind.RECORDING_LOST, subject=row.leg, contact=row.contact, detail=facts))
    for sound in unknown:
        if sound.size and sound.written < day.now - UNWRITTEN:
            call = sound.leg.rpartition("-")[0]
            told = {"file": sound.file, "size": sound.size, "written": sound.written}
            found.append(Finding(kind=Kind.SOUND_UNKNOWN, subject=sound.leg[:80], contact=call[:64], detail=told))
    return found


def bare(file: str) -> str:
    """A file's name without its ending, which changes when it is kept, compressed or encrypted."""
    return _ENDING.sub("", file)


def _unrecorded(leg: LegRow, rows: Mapping[str, RecordingRow], now: float) -> Finding | None:
    """Each agent's talk with a customer has its row; the answering machine and parties outside have none."""
    if leg.kind != "agent" or leg.answered is None or leg.id in rows or leg.id.endswith("-0"):
        return None
    ended = leg.ended or now
    if ended - leg.answered < SHORT_TALK or leg.ended is None or leg.ended > now - UNWRITTEN:
        return None
    facts = {"agent": leg.agent, "began": leg.answered, "ended": leg.ended}
    return Finding(kind=Kind.NOT_RECORDED, subject=leg.id, contact=leg.contact, detail=facts)


def _is_over(call: LoggedCall, now: float) -> bool:
    return call.ended is not None or now - call.started > LONGEST_CALL


def _missing_here(call: LoggedCall) -> Finding:
    """With all that is needed to add it."""
    facts = {
        "inbound": call.inbound,
        "started": call.started,
        "answered": call.answered,
        "ended": call.ended,
        "caller": call.caller,
        "entry": call.entry,
        "said": call.said,
        "queue": call.queue,
        "talks": [[talk.leg, talk.agent, talk.began, talk.file] for talk in call.talks],
    }
    return Finding(kind=Kind.MISSING_HERE, subject=call.call, contact=call.call, detail=facts)


def _times(contact: ContactRow, call: LoggedCall) -> Iterator[Finding]:
    differing = {}
    if abs(contact.started - call.started) > TOLERANCE:
        differing["started"] = [contact.started, call.started]
    if contact.ended is not None and call.ended is not None and abs(contact.ended - call.ended) > TOLERANCE:
        differing["ended"] = [contact.ended, call.ended]
    if differing:
        facts = {**differing, "estimated": contact.estimated}
        yield Finding(kind=Kind.TIMES_DIFFER, subject=contact.id, contact=contact.id, detail=facts)
    if contact.outcome is None and contact.ended is None and call.ended is not None:
        facts = {"started": contact.started, "logged_end": call.ended}
        yield Finding(kind=Kind.NO_OUTCOME, subject=contact.id, contact=contact.id, detail=facts)


def _talks(contact: ContactRow, call: LoggedCall, legs: list[LegRow]) -> Iterator[Finding]:
    """A talk is a leg that was answered; one that only a colleague heard is none of the customer's."""
    heard = {leg.id: leg.answered or leg.consulted for leg in legs if leg.answered or leg.consulted}
    talks = {talk.leg: talk for talk in reversed(call.talks)}  # the first of a leg counts
    for leg, talk in talks.items():
        ours = heard.get(leg)
        if ours is None:
            facts = {"agent": talk.agent, "began": talk.began, "ended": call.ended, "file": talk.file}
            yield Finding(kind=Kind.TALK_MISSING_HERE, subject=leg[:80], contact=contact.id, detail=facts)
        elif abs(ours - talk.began) > TOLERANCE:
            facts = {"agent": talk.agent, "talk": [ours, talk.began], "estimated": contact.estimated}
            yield Finding(kind=Kind.TIMES_DIFFER, subject=leg[:80], contact=contact.id, detail=facts)
    for one in legs:
        if one.kind == "agent" and one.answered is not None and one.id not in talks and not one.id.endswith("-0"):
            facts = {"agent": one.agent, "began": one.answered, "ended": one.ended}
            yield Finding(kind=Kind.TALK_MISSING_THERE, subject=one.id, contact=contact.id, detail=facts)
