"""What a reader knows for the codes of quality."""

from __future__ import annotations

from agent_desktop.words import N_

STATES = {
    "draft": N_("draft of a review"),
    "submitted": N_("review given"),
    "appealed": N_("appealed against"),
    "decided": N_("appeal decided"),
}
RULES = {
    "random": N_("Random"),
    "low_score": N_("Low survey score"),
    "long_hold": N_("Long hold"),
    "topic": N_("Words of a topic"),
    "complaint": N_("Complaint call"),
}
WHY = {
    "random": N_("Random: number {place} of {of} talks that week by its ticket {ticket}"),
    "low_score": N_("The customer gave {found} of 5 after the call"),
    "long_hold": N_("{found} s on hold"),
    "topic": N_("Words of the topic were said: {found}"),
    "complaint": N_("The record says complaint"),
    "asked": N_("{by} asks for a second review"),
}
NOTICES = {
    "reviewed": N_("One of your talks was reviewed"),
    "appealed": N_("The agent appeals against your review"),
    "decided": N_("Your appeal was decided"),
    "asked": N_("You are asked for a second review"),
    "coached": N_("A coaching note for you"),
    "followed": N_("A coaching note is due to be looked at again"),
}
AUDIENCES = {
    "agents": N_("Everybody who takes calls"),
    "leaders": N_("Leaders and reviewers"),
    "reviewers": N_("Reviewers only"),
}
TEMPLATES = {"complaint": N_("Complaint call"), "service": N_("Service call"), "empty": N_("An empty form")}

RULE_FIELDS = {
    "form_id": N_("Form"),
    "most": N_("At most per agent and week"),
    "threshold": N_("Limit"),
    "shortest": N_("Talks of seconds or longer"),
    "queues": N_("Queues; none chosen = each"),
    "topics": N_("Topics; none chosen = each"),
    "reviewers": N_("Shared out among; none chosen = whoever takes it"),
    "second_percent": N_("Judged twice, blind, %"),
    "due_days": N_("Due after days"),
}
"""What a rule of sampling holds, in the audit log."""
