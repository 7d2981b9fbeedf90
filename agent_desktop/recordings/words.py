"""The words of the recordings' pages, as English sentences to translate."""

from __future__ import annotations

from agent_desktop.words import N_

KINDS = {"talk": N_("Talk"), "message": N_("Voice message"), "survey": N_("Questions without an agent")}
LENGTHS = {
    "under30s": N_("under 30 s"),
    "to5m": N_("30 s to 5 min"),
    "to15m": N_("5 to 15 min"),
    "over15m": N_("over 15 min"),
}
STATES = {"ready": N_("Complete"), "cut": N_("The end is missing"), "missing": N_("No sound"), "deleted": N_("Deleted")}
DIRECTIONS = {"inbound": N_("Incoming"), "outbound": N_("Outgoing")}
SPANS = {"today": N_("Today"), "week": N_("7 days"), "month": N_("30 days")}
MOMENTS = {
    "dialled": N_("The customer dialled"),
    "called": N_("The agent dialled"),
    "answered": N_("The menu answered"),
    "menu": N_("Chose in the menu"),
    "queued": N_("Began to wait"),
    "left_queue": N_("Left the queue"),
    "offered": N_("Offered to an agent"),
    "not_taken": N_("Not taken"),
    "talk": N_("The agent answered"),
    "talk_ended": N_("The talk ended"),
    "asked": N_("Somebody was asked"),
    "asked_over": N_("The question was over"),
    "joined": N_("Somebody joined"),
    "ended": N_("The call ended"),
}
ACTS = {
    "recording.listen": N_("Heard a recording"),
    "recording_downloaded": N_("Downloaded a recording"),
    "recording_shared": N_("Shared a recording"),
    "recording_share_revoked": N_("Ended the share of a recording"),
    "evidence_asked": N_("Asked for an evidence package"),
    "evidence_made": N_("Evidence package made"),
    "evidence_taken": N_("Took an evidence package"),
}
