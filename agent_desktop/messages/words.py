"""The words of voice messages."""

from __future__ import annotations

from agent_desktop.words import N_

RESULTS = {
    "answered": N_("Called back and settled"),
    "case": N_("Became a case"),
    "not_reached": N_("Not reached"),
    "nothing": N_("Nothing to do"),
}
STEPS = {
    "found": N_("The sound was found without a note of it"),
    "offered": N_("Offered"),
    "passed": N_("Let pass"),
    "timed_out": N_("No reaction in time"),
    "withdrawn": N_("Taken back: a call came first"),
    "taken": N_("Taken in hand"),
    "returned": N_("Returned"),
    "assigned": N_("Assigned"),
    "called": N_("Called back"),
    "topic": N_("Topic changed"),
    "corrected": N_("Text corrected"),
    "reminded": N_("Reminded"),
    "escalated": N_("Told that it is over due"),
    "no_sound": N_("The sound is missing"),
    "done": N_("Done"),
    "reopened": N_("Opened again"),
}
TEXT_STATES = {
    "": N_("The text is being made."),
    "no_model": N_("Not transcribed: no speech model is installed for this language."),
    "failed": N_("The recogniser failed; the sound is whole."),
    "silent": N_("No speech was recognised."),
}
NOTICES = {
    "remind": N_("is due soon"),
    "escalate": N_("is over due"),
    "lost": N_("has no sound any more: call back without having heard it"),
    "found": N_("was found after an interruption"),
}
