"""The words of menus, as English sentences to translate, and the icon of each kind of node."""

from __future__ import annotations

from collections.abc import Mapping

from agent_desktop.words import N_

KINDS: Mapping[str, tuple[str, str]] = {
    "say": (N_("Say"), "audio-lines"),
    "menu": (N_("Menu"), "list"),
    "collect": (N_("Digits"), "grip"),
    "ask": (N_("Ask aloud"), "mic"),
    "do": (N_("Look up or do"), "database"),
    "decide": (N_("Part the ways"), "split"),
    "queue": (N_("Queue"), "users"),
    "message": (N_("Voice message"), "voicemail"),
    "callback": (N_("Call back"), "phone-call"),
    "transfer": (N_("Put through"), "phone-forwarded"),
    "consent": (N_("Ask for consent"), "shield-check"),
    "survey": (N_("Satisfaction"), "star"),
    "end": (N_("Hang up"), "phone-off"),
    "if_open": (N_("Opening hours"), "clock"),
    "announce": (N_("Closure notice"), "megaphone"),
    "language": (N_("Language"), "globe"),
}
"""In the order in which a page offers them."""

OPERATIONS: Mapping[str, str] = {
    "identify": N_("Who calls: plate or PIN"),
    "case_state": N_("State of the own case"),
    "next_service": N_("Next service and recall"),
    "nearest_station": N_("Nearest open station"),
    "position_link": N_("Send a link for the place"),
    "open_rescue": N_("Open the rescue"),
    "book_callback": N_("Book a call back"),
    "request_material": N_("Ask for material"),
    "stop_calls": N_("No more calls of ours"),
    "record_consent": N_("Keep a consent"),
    "survey_answer": N_("Keep a score"),
}

WAYS: Mapping[str, str] = {
    "": N_("then"),
    "open": N_("While open"),
    "closed": N_("While closed"),
    "closure": N_("emergency"),
    "otherwise": N_("otherwise"),
    "give_up": N_("no answer"),
    "given": N_("has answered"),
    "refused": N_("When refused"),
    "unreachable": N_("not reached"),
    "yes": N_("yes"),
    "no": N_("no"),
    "unavailable": N_("records away"),
    "done": N_("has answered"),
    "right": N_("proof right"),
    "wrong": N_("proof wrong"),
    "no_more": N_("no more tries"),
    "found": N_("found"),
    "none": N_("nothing found"),
    "recall": N_("recall open"),
    "unknown_place": N_("place unknown"),
    "sent": N_("link sent"),
    "not_sent": N_("link not sent"),
    "opened": N_("case opened"),
    "open_already": N_("case open already"),
    "booked": N_("call back booked"),
    "noted": N_("wish noted"),
    "stopped": N_("calls stopped"),
    "kept": N_("kept"),
}
"""What leads along a line; keys and numbers of cases speak for themselves."""

OUTCOMES: Mapping[str, str] = {
    "menu_only": N_("served by the menu"),
    "out_of_hours": N_("called out of hours"),
    "put_through": N_("talked outside"),
}

FIELDS: Mapping[str, str] = {
    "prompts": N_("What is said"),
    "by_key": N_("What is said when nobody can listen"),
    "invalid": N_("After a wrong key"),
    "silent": N_("After no key"),
    "then": N_("Then"),
    "give_up": N_("After the last try"),
    "open": N_("While open"),
    "closed": N_("While closed"),
    "emergency": N_("In an emergency closure"),
    "otherwise": N_("Otherwise"),
    "refused": N_("When refused"),
    "unreachable": N_("When nobody answers there"),
    "number": N_("Telephone number"),
    "dealer": N_("Dealer's id"),
    "ring": N_("Seconds to ring"),
    "yes": N_("After a yes"),
    "no": N_("After a no"),
    "unavailable": N_("When the records are away"),
    "tries": N_("Tries"),
    "seconds": N_("Seconds to wait"),
    "min": N_("Fewest keys"),
    "max": N_("Most keys"),
    "digits": N_("Most keys"),
    "sure": N_("Confirm below this confidence"),
    "fact": N_("Kept as"),
    "queue": N_("Queue"),
    "topic": N_("Topic"),
    "priority": N_("Priority on top"),
    "purpose": N_("Purpose"),
    "operation": N_("What is done"),
    "outcome": N_("Outcome"),
    "confirm": N_("Asked back when heard badly"),
    "say": N_("Is said as"),
    "again": N_("Ask even when the language is known"),
    "tags": N_("Agents with these tags first"),
}

SPOKEN: Mapping[str, str] = {
    "digits": N_("digits, one by one"),
    "number": N_("number"),
    "date": N_("date"),
    "time": N_("time of day"),
    "money": N_("amount of money"),
    "plate": N_("number plate"),
    "phone": N_("telephone number"),
    "kilometres": N_("kilometres"),
    "prompt": N_("prompt of this name"),
    "silent": N_("never said"),
}
"""How a gathered fact is said to the caller."""

DRAWN: Mapping[str, str] = {
    "hung_up": N_("Hang-up rate"),
    "left": N_("Went on"),
    "seconds": N_("Seconds there"),
    "served": N_("Self-service rate"),
}
"""The figure that a drawn node shows beside the calls that came to it."""
