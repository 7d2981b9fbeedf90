"""From the feed's records to attempts and their entries, without I/O; the history's writer loads and stores the rows.

The first end of an attempt stands, except that what was unsettled is corrected by a word that comes late.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm_core.campaigns.model import CampaignAttempt, CampaignEntry
from crm_core.campaigns.results import MERGED, UNUSED, After, after_attempt, rest_mark
from crm_core.campaigns.rules import FIRST_SETTINGS, Settings
from crm_core.clock import from_instant
from crm_core.db import storable
from crm_core.history import campaign_events as told
from crm_core.history.events import HistoryEvent

AttemptEvent = told.CAMPAIGN_EVENTS | told.ResponseEnded
CALL_LATER, WAS_MACHINE = "call_later", "machine"
MACHINES = ("human", "machine", "unsure")


@dataclass
class AttemptRows:
    """What is known of the attempts of a batch. `results` are an entry's, by the number of the attempt.

    `opted_out` and `unused` are for `settling.settle_told`: who wants no more calls, whose touch does not count.
    """

    attempts: dict[str, CampaignAttempt] = field(default_factory=dict)
    entries: dict[int, CampaignEntry] = field(default_factory=dict)
    settings: dict[int, Settings] = field(default_factory=dict)
    results: dict[int, dict[int, str]] = field(default_factory=dict)
    opted_out: dict[str, datetime] = field(default_factory=dict)
    unused: list[CampaignAttempt] = field(default_factory=list)

    def results_of(self, row: CampaignAttempt) -> list[str]:
        """Of the entry's attempts up to this one, in order."""
        known = self.results.setdefault(row.entry_id, {})
        known[row.number] = row.result
        return [result for number, result in sorted(known.items()) if number <= row.number]


def project_attempt(rows: AttemptRows, event: HistoryEvent) -> None:
    """Change the rows by one event; an attempt that nobody knows changes nothing."""
    row = rows.attempts.get(event.call) if isinstance(event, AttemptEvent) else None
    if row is None:
        return
    at = from_instant(event.at)
    match event:
        case told.AttemptAnswered():
            row.answered_at = row.answered_at or at
            row.machine = event.machine if event.machine in MACHINES else row.machine
        case told.AttemptConnected():
            row.answered_at, row.connected_at = row.answered_at or at, row.connected_at or at
            row.agent = storable(event.agent, 16)
        case told.AttemptEnded():
            _end(rows, row, event, at)
        case told.ResponseEnded() if event.opted_out:
            rows.opted_out[row.call] = at


def _end(rows: AttemptRows, row: CampaignAttempt, event: told.AttemptEnded, at: datetime) -> None:
    entry = rows.entries.get(row.entry_id)
    late = row.result == "unsettled" and not row.settled_by and entry is not None and entry.state == "unsettled"
    if row.result and not late:
        return
    row.result, row.ended_at = storable(event.result, 20), max(at, row.placed_at)
    row.cause, row.sip_code, row.settled_by = event.cause, event.sip_code, storable(event.settled_by, 16)
    if row.result in UNUSED:
        rows.unused.append(row)
    if entry is not None and row.number == entry.attempts:
        settings = rows.settings.get(row.campaign_id, FIRST_SETTINGS)
        end_entry(entry, rows.results_of(row), settings, cause=event.cause, at=row.ended_at)
        agree_on_time(row, entry, settings, row.ended_at)


def agree_on_time(row: CampaignAttempt, entry: CampaignEntry, settings: Settings, at: datetime) -> None:
    """Who asked to be called later waits until then, whichever is known first: the wish or the call's end.

    So does the customer behind a machine that reached an agent, as after one that was recognised.
    """
    if entry.state != "done" or row.number != entry.attempts:
        return
    if row.disposition == CALL_LATER and entry.due_at > at:
        entry.state, entry.ended_at = "waiting", None
    retry = settings.retries["machine"]
    if row.disposition == WAS_MACHINE and entry.attempts < settings.most_attempts and entry.attempts <= retry.most:
        entry.state, entry.ended_at, entry.due_at = "waiting", None, at + timedelta(minutes=retry.minutes)


def end_entry(entry: CampaignEntry, results: list[str], settings: Settings, *, cause: int, at: datetime) -> None:
    """What the last of these results makes of an entry that was being called."""
    if entry.state not in ("dialling", "unsettled"):
        return
    after = after_attempt(settings, results, cause=cause, at=at)
    if after.state == "waiting" and entry.subject.endswith(rest_mark(entry.id)):
        after = After(state="removed", reason=MERGED)  # merged while it rang: the other record's entry calls again
    entry.state, entry.result = after.state, results[-1]
    entry.reason, entry.reason_values = after.reason, {}
    entry.due_at = after.due_at or entry.due_at
    entry.ended_at = at if after.state in ("done", "exhausted", "removed") else None
