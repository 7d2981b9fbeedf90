"""The words of the floor page, as English sentences to translate; the codes never reach a reader."""

from __future__ import annotations

from agent_desktop.live_text.words import SCRIPT_WORDS as TEXT_WORDS
from agent_desktop.words import N_

ALARMS = {
    "unreachable": N_("Phone lost"),
    "long_talk": N_("Over {minutes} min"),
    "long_hold": N_("On hold over {minutes} min"),
    "long_wrap_up": N_("Over {minutes} min"),
    "over_break": N_("Over {minutes} min"),
    "missed": N_("Missed calls"),
    "unrecorded": N_("Not recorded"),
}
MODES = {
    "listen": (N_("Listen"), "ear", "L"),
    "whisper": (N_("Whisper"), "message-square-more", "W"),
    "barge": (N_("Barge in"), "users", "B"),
    "take": (N_("Takeover"), "arrow-down-to-line", ""),
}
"""A mode's word, icon and key, in the order of the radio group."""

PATHS = {
    "": (N_("Choose a mode; your phone is rung and answers by itself."), "", ""),
    "listen": (N_("Microphone off"), N_("only hear"), N_("neither hears you")),
    "whisper": (N_("Microphone on"), N_("to the agent only"), N_("the customer does not hear you")),
    "barge": (N_("Microphone on"), N_("to both"), N_("both hear you")),
    "take": (N_("Microphone on"), N_("to the customer"), N_("the agent is in after-call work")),
}
"""What is said of the supervisor, of the way, and of the two who talk."""

QUESTIONS = {
    "whisper": N_("{agent} will hear you, the customer will not. Begin to whisper?"),
    "barge": N_("{agent} and the customer will hear you. Barge in?"),
    "take": N_("The customer goes on with you, {agent} goes into after-call work. Take over?"),
}
DOING = {"listen": N_("Listening"), "whisper": N_("Whispering"), "barge": N_("In the call"), "take": N_("Taking over")}

CALLER_WHYS = {
    "skill": N_("Nobody with this skill is free"),
    "level": N_("Waits for a higher level"),
    "reserved": N_("Kept for {agent}"),
    "affinity": N_("Waits for the own dealer's agents"),
    "promised": N_("Free agents stay for a campaign's answers, for seconds"),
    "ringing": N_("Rings at {agent}"),
    "priority": N_("Priority {value}"),
    "": N_("As the turn comes"),
}

SCRIPT_WORDS = {
    **TEXT_WORDS,
    "cut": N_("Cut off {time}"),
    "live": N_("Live"),
    "phone_ok": N_("Phone ready"),
    "phone_connecting": N_("Phone connecting"),
    "phone_lost": N_("Phone lost"),
    "phone_elsewhere": N_("Phone in another tab"),
    "no_microphone": N_("No microphone"),
    "microphone_needed": N_("The browser may not use the microphone. Allow it beside the address, then load the page."),
    "no_answer_from_site": N_("The site does not answer. Calls go on."),
    "message_sent": N_("Message sent"),
    "own_ringing": N_("A call for you"),
    "own_call": N_("You are in a call"),
}

ACTS = {
    "floor_listen": N_("Listened in"),
    "floor_read": N_("Read a call along"),
    "floor_whisper": N_("Whispered"),
    "floor_barge": N_("Joined a call"),
    "floor_take_over": N_("Took a call over"),
    "floor_stop": N_("Stopped listening"),
    "floor_force": N_("Set an agent's state"),
    "floor_promote": N_("Put a caller first"),
    "floor_move": N_("Moved a caller"),
    "floor_assign": N_("Gave a caller to an agent"),
    "floor_call_now": N_("Put a callback first"),
    "floor_call_off": N_("Took a callback off"),
    "floor_message": N_("Wrote to agents"),
}
"""What a leader did, in the audit log."""
