"""What the screen says when words are not written down, and to whom they belong."""

from __future__ import annotations

from agent_desktop.ports import TextState
from agent_desktop.words import N_

NOTES = {
    TextState.OFF: N_("Live text is switched off for this queue or the whole site."),
    TextState.LISTENING: "",
    TextState.NO_MODEL: N_(
        "There is no live text: no model of this call's language is installed. An administrator installs one with"
        " “hotline speech install zh” or “en” and starts the platform again."
    ),
    TextState.LATER: N_("The machine is busy with other calls. This one becomes text after it has ended."),
    TextState.HELD: N_("The customer is on hold: nothing is written down."),
    TextState.PAUSED: N_("Private: nothing is written down."),
    TextState.AWAY: N_("Speech recognition starts again. The call is not affected, the text goes on in a moment."),
}
SCRIPT_WORDS = {
    "no_talk": N_("The talk is over."),
    "side_customer": N_("Customer"),
    "side_agent": N_("Agent"),
    "line_cut": N_("the rest was not understood"),
    "text_broken": N_("Live text is cut off. It comes back by itself."),
}
