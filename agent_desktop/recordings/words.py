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
