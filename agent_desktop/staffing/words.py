"""The words of staffing: what speaks against a plan, kinds of leave, states of a request."""

from __future__ import annotations

from agent_desktop.words import N_

AGAINST = {
    "absent": N_("On leave that day"),
    "holiday": N_("A public holiday: paid threefold"),
    "rest": N_("Only {value} hours after the shift before; at least 11"),
    "week_hours": N_("{value} hours in this week; at most 44"),
    "days_in_row": N_("Day {value} without one off; at most 6"),
}
OFF = {"leave": N_("On leave"), "illness": N_("Ill"), "training": N_("Training"), "swap": N_("Swap of shifts")}
WISH_STATES = {
    "asked": N_("waiting"),
    "agreed": N_("colleague agreed"),
    "approved": N_("approved"),
    "refused": N_("refused"),
    "withdrawn": N_("withdrawn"),
}
NOW = {
    "as_planned": N_("as planned"),
    "missing": N_("should be here"),
    "on_break": N_("on break, work is planned"),
    "overrun": N_("works in the planned break"),
    "unplanned": N_("here without a shift"),
    "resting": N_("planned break"),
    "off": N_("on leave"),
}
FIGURES = {
    "service_level": N_("Service level"),
    "abandon_rate": N_("Abandon rate"),
    "occupancy": N_("Occupancy"),
    "speed_of_answer": N_("Average speed of answer"),
    "calls": N_("Calls a day"),
}
FIELDS = {
    "agents": N_("Agents"),
    "answer": N_("Answer"),
    "begins": N_("Begins"),
    "breaks": N_("Breaks"),
    "day": N_("Day"),
    "ends": N_("Ends"),
    "first_day": N_("First day"),
    "last_day": N_("Last day"),
    "model": N_("Plan by"),
    "occupancy_percent": N_("Busy at most"),
    "other": N_("Colleague"),
    "patience_seconds": N_("Callers wait on average"),
    "percent": N_("Percent"),
    "shifts": N_("Shifts"),
    "shrinkage_percent": N_("Shrinkage"),
}
"""What audit entries of staffing tell of."""
