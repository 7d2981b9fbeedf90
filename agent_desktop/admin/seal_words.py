"""Words for where recordings lie, what a check of them found, and what a request for erasure covers."""

from __future__ import annotations

from agent_desktop.words import N_

FOUND = {
    "changed": N_("changed"),
    "cut": N_("cut short"),
    "missing": N_("gone"),
    "swapped": N_("exchanged"),
    "row_changed": N_("its row was rewritten"),
    "row_missing": N_("its row was taken out"),
    "unsealed": N_("never sealed"),
    "chain_changed": N_("seal changed"),
    "chain_missing": N_("seal missing"),
    "chain_rewritten": N_("chain made anew"),
}
CHECKS = {
    "asked": N_("waits to begin"),
    "running": N_("is running"),
    "whole": N_("untouched"),
    "broken": N_("something is wrong"),
    "away": N_("not reachable"),
}
THINGS = {
    "sound": N_("Sound of calls"),
    "transcript": N_("Transcripts"),
    "message": N_("Texts of voice messages"),
    "comment": N_("Comments on questions"),
    "note": N_("Notes about calls"),
    "person": N_("Name, addresses and what is known of the person"),
    "numbers": N_("Telephone numbers of calls and campaigns"),
    "wishes": N_("Wishes and notes of leads, care and workshop"),
    "case": N_("Case files"),
    "call": N_("That calls took place, with their times"),
}
OF_THE_PERSON = ("person", "numbers", "wishes")
STAYS = {
    "hold": N_("a person holds it"),
    "case": N_("its case is open"),
    "message": N_("its message is not dealt with"),
    "open": N_("it is being recorded"),
    "law": N_("the law asks for it"),
}
REQUESTS = {
    "asked": N_("waits for a second person"),
    "running": N_("is being carried out"),
    "done": N_("done"),
    "dropped": N_("withdrawn"),
}
RESULTS = {"": N_("not yet"), "erased": N_("erased"), "stayed": N_("stayed"), "missing": N_("nothing was there")}


def size(count: int) -> str:
    """Bytes for people: 1.4 GB."""
    for unit, one in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= one:
            return f"{count / one:.1f} {unit}"
    return f"{count} B"
