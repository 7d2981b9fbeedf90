"""What each place of the equation and each finding is called, and what a person can do about it."""

from __future__ import annotations

from agent_desktop.campaigns.words import RESULTS
from agent_desktop.words import N_

GROUPS = {
    "answered": N_("Answered"),
    "abandoned": N_("Abandoned"),
    "short_abandon": N_("Short abandons"),
    "voice_message": N_("Voice messages"),
    "callback": N_("Callbacks"),
    "overflow": N_("Turned away, no place"),
    "closed": N_("Out of hours"),
    "self_service": N_("Menu only"),
    "refused": N_("Blocked or wrong number"),
    "before_answer": N_("Gave up while it rang"),
    "interrupted": N_("Interrupted"),
    "away": N_("Ended while we were away"),
    "open": N_("On the line now"),
    "reached": N_("Reached"),
    "not_reached": N_("Not reached"),
}
"""In the order of the equation."""

ATTEMPTS = {name: word for name, word in RESULTS.items() if name not in ("", "by_dealer")} | {"open": RESULTS[""]}
"""Where an attempt of a campaign stands, in the order of its equation."""

FINDINGS: dict[str, tuple[str, str]] = {
    "missing_here": (
        N_("Call that Asterisk had and we lack"),
        N_("Add it from Asterisk's log: it counts as ended while we were away, or answered if there was a talk."),
    ),
    "missing_there": (
        N_("Call that Asterisk's log does not have"),
        N_("Look at the call. A log that was cut off or moved away explains it; accept it with the reason."),
    ),
    "no_outcome": (
        N_("Call without an outcome"),
        N_("End it from Asterisk's log, where that has its end."),
    ),
    "times_differ": (
        N_("Times differ from Asterisk's by more than 2 s"),
        N_("After a gap in the events an estimated time may do so: accept it. Else tell whoever runs the platform."),
    ),
    "talk_missing_here": (
        N_("Talk that Asterisk had and we lack"),
        N_("Listen whether there is a recording, write the record by hand, then accept it."),
    ),
    "talk_missing_there": (
        N_("Talk that Asterisk's log does not have"),
        N_("Look at the call. A log that was cut off or moved away explains it; accept it with the reason."),
    ),
    "wrong_direction": (N_("Outcome that this direction cannot have"), N_("Tell whoever runs the platform.")),
    "talk_not_counted": (
        N_("Somebody talked, but the outcome says nobody did"),
        N_("Look at the call; tell whoever runs the platform."),
    ),
    "answer_without_talk": (
        N_("Answered, but nobody talked"),
        N_("Look at the call; tell whoever runs the platform."),
    ),
    "abandon_without_queue": (
        N_("Abandoned, but never in a queue"),
        N_("Look at the call; tell whoever runs the platform."),
    ),
    "part_outside": (
        N_("Part of a call outside of it"),
        N_("After a gap in the events an estimated time may do so: accept it. Else tell whoever runs the platform."),
    ),
    "part_open": (N_("Part that outlives its call"), N_("Tell whoever runs the platform.")),
    "visits_overlap": (N_("One caller in two queues"), N_("Tell whoever runs the platform.")),
    "talks_overlap": (N_("One agent with two customers"), N_("Look at both calls; tell whoever runs the platform.")),
    "stints_overlap": (N_("One agent in two states"), N_("Tell whoever runs the platform.")),
    "stint_gap": (
        N_("Agent without a state between sign-in and sign-out"),
        N_("Figures of this agent lack that time. Accept it with the reason, e.g. a power cut."),
    ),
    "sums_differ": (
        N_("A report counts otherwise than the calls"),
        N_("Count the figures of this day again: hotline figures rebuild."),
    ),
    "not_recorded": (
        N_("Talk without a recording"),
        N_("Look whether the disk was full, then accept it with the reason."),
    ),
    "recording_lost": (
        N_("Recording without its sound"),
        N_("Look whether the disk was full or the file was moved away; accept it when it is lost for good."),
    ),
    "recording_cut": (N_("Recording shorter than the talk"), N_("Accept it; the rest was never written.")),
    "sound_unknown": (
        N_("Sound that no call tells of"),
        N_("It belongs to a call that we lack: add that first, then check again."),
    ),
    "attempt_no_result": (
        N_("Campaign call without a result"),
        N_("Decide it in the campaign's list, where it stands as to be decided, then check again."),
    ),
    "attempt_no_call": (
        N_("Campaign call of which the history has nothing"),
        N_("Look at the customer before anybody calls again, then accept it with the reason."),
    ),
    "call_no_attempt": (
        N_("Call of a campaign that no attempt tells of"),
        N_("The customer was called all the same: note it with the customer, then accept it with the reason."),
    ),
    "attempt_differs": (
        N_("Campaign call that ended otherwise than its result says"),
        N_("Look at the call; tell whoever runs the platform."),
    ),
    "agent_time_lost": (
        N_("States of an agent that do not make the time signed in"),
        N_("Figures of this agent lack that time. Accept it with the reason, e.g. a power cut."),
    ),
    "agent_sums_differ": (
        N_("A report of an agent counts otherwise than the states and talks"),
        N_("Count the figures of this day again: hotline figures rebuild."),
    ),
}

FACTS = {
    "started": N_("began"),
    "ended": N_("ended"),
    "logged_end": N_("ended by Asterisk's log"),
    "answered": N_("picked up"),
    "talk": N_("talk began"),
    "from": N_("call from"),
    "until": N_("call until"),
    "began": N_("began"),
    "written": N_("written"),
    "agent": N_("agent"),
    "outcome": N_("outcome"),
    "caller": N_("caller"),
    "name": N_("in"),
    "other": N_("other"),
    "state": N_("state"),
    "file": N_("file"),
    "status": N_("status"),
    "figures": N_("rows, report, board"),
    "agent_figures": N_("rows, report"),
    "seconds": N_("signed in, sum of the states (s)"),
    "result": N_("result"),
    "placed": N_("dialled"),
}
REASONS = {
    "link_lost": N_("The link to Asterisk was away"),
    "platform_down": N_("The platform was not running"),
    "asterisk_restarted": N_("Asterisk was started anew"),
}
REMEDIES = {
    "added": N_("Added from Asterisk's log"),
    "ended": N_("Ended from Asterisk's log"),
    "accepted": N_("Accepted"),
    "": N_("No more found"),
}
FIGURES = {
    "offered": N_("Offered"),
    "answered": N_("Answered"),
    "abandoned": N_("Abandoned"),
    "short_abandoned": N_("Short abandons"),
}
"""The figures of a queue that the page shows; all are compared."""
AGENT_FIGURES = {
    "ready": N_("Ready"),
    "ringing": N_("Ringing"),
    "talking": N_("Talking"),
    "hold": N_("On hold"),
    "wrap_up": N_("After call"),
    "pause": N_("Break"),
    "handled": N_("Calls handled"),
    "offered": N_("Offered"),
    "missed": N_("Missed"),
    "outbound": N_("Outbound"),
}
AGENT_TIMES = ("ready", "ringing", "talking", "hold", "wrap_up", "pause")
"""Of them, times: they make the time signed in."""

STATES = {
    "good": N_("Proven"),
    "deaf": N_("Proven, with estimates"),
    "open": N_("Does not agree"),
    "failed": N_("Check failed"),
    "none": N_("Not checked"),
    "busy": N_("Being checked"),
    "ahead": N_("Not yet"),
}
