"""The words of cases: levels, steps, what happened, why a clock stands; for the centre's pages and the dealer's."""

from __future__ import annotations

from agent_desktop.words import N_

LEVELS = {"normal": N_("Normal"), "escalated": N_("Escalated"), "major": N_("Major")}
STATES = {"open": N_("Still open"), "paused": N_("Paused"), "closed": N_("Closed"), "all": N_("All, closed too")}
DUES = {"over": N_("Over time"), "today": N_("Due today"), "three_days": N_("Due in 3 days")}
WHOSE = {"mine": N_("Mine"), "team": N_("My team"), "": N_("Everybody's"), "nobody": N_("Nobody's")}

STAGES = {
    "record": N_("Recorded by the centre"),
    "accept": N_("Accepted by the relations manager"),
    "name_owner": N_("Owner named"),
    "solve": N_("Solved, customer contacted"),
    "report": N_("Handling report"),
    "confirm": N_("Centre asks the customer, then closes"),
}
"""The six steps of a complaint as the list of steps names them."""
RESCUE_STAGES = {
    "dispatch": N_("Station sent"),
    "accept": N_("Accepted by the station"),
    "under_way": N_("On the way"),
    "arrive": N_("Arrived"),
    "help": N_("Helped"),
    "confirm": N_("Customer confirms, then closes"),
}
STEPS = {
    "at_centre": N_("with the centre"),
    "wait_accept": N_("waits to be accepted"),
    "wait_owner": N_("waits for an owner"),
    "wait_contact": N_("waits for the call to the customer"),
    "working": N_("being solved"),
    "wait_report": N_("waits for the report"),
    "wait_confirm": N_("centre asks the customer"),
    "closed": N_("closed"),
}
"""What everybody waits for, by crm_core.cases.dealer_queries.step_of."""
RESCUE_STEPS = {
    "dispatch": N_("waits for a station"),
    "accept": N_("station has not accepted"),
    "under_way": N_("station gets ready"),
    "arrive": N_("help is on the way"),
    "help": N_("help is there"),
    "confirm": N_("customer to confirm"),
}
SUPPORT = {"asked": N_("maker asked"), "answered": N_("maker answered")}

EVENTS = {
    "opened": N_("Opened"),
    "note": N_("Note"),
    "fields": N_("Entries changed"),
    "assigned": N_("Given to"),
    "level": N_("Level changed"),
    "paused": N_("Paused"),
    "resumed": N_("Goes on"),
    "reminded": N_("Reminder"),
    "escalated": N_("Escalated"),
    "merged": N_("Merged"),
    "unmerged": N_("Taken apart"),
    "closed": N_("Closed"),
    "reopened": N_("Opened again"),
    "notice": N_("Notice to the group"),
    "step": N_("Step done"),
    "sent": N_("Sent to the dealer"),
    "accepted": N_("Accepted"),
    "owner_named": N_("Owner named"),
    "contacted": N_("Customer contacted"),
    "solved": N_("Said to be solved"),
    "support_asked": N_("Maker asked for support"),
    "support_answered": N_("Maker's answer"),
    "reported": N_("Handling report"),
    "confirmed": N_("Customer confirmed"),
    "returned": N_("Customer not satisfied"),
    "withdrawn": N_("Taken back from the dealer"),
    "place": N_("Place"),
    "dispatched": N_("Station sent"),
    "declined": N_("Station cannot go"),
    "under_way": N_("On the way"),
    "arrived": N_("Arrived"),
    "helped": N_("Helped on the spot"),
}
CLOCKS = {
    "respond": N_("first answer"),
    "solve": N_("solution"),
    "pause": N_("end of the pause"),
    "record": N_("sending to a dealer"),
    "accept": N_("acceptance"),
    "name_owner": N_("naming an owner"),
    "report": N_("report"),
    "confirm": N_("asking the customer"),
    "dispatch": N_("sending a station"),
    "under_way": N_("departure"),
    "arrive": N_("arrival"),
    "help": N_("help on the spot"),
}
NOTICES = {
    "assigned": N_("New for you"),
    "remind": N_("Due soon"),
    "escalate": N_("Over time"),
    "returned": N_("Came back"),
    "support": N_("Dealer asks for support"),
    "answered": N_("Maker answered"),
    "report": N_("Report is here"),
    "group": N_("Notice to a group"),
    "withdrawn": N_("Taken back"),
}
PAUSES = {
    "customer": N_("Waiting for the customer"),
    "parts": N_("Waiting for parts"),
    "third_party": N_("Waiting for a third party"),
}
RESULTS = {
    "solved": N_("Solved"),
    "answered": N_("Answered"),
    "no_answer": N_("Customer cannot be reached"),
    "withdrawn": N_("Customer withdrew it"),
    "confirmed": N_("Customer confirmed"),
    "merged": N_("Merged"),
    "group": N_("Closed with its group"),
}
CLOSING = ("solved", "answered", "no_answer", "withdrawn")
TOPICS = {
    "injury": N_("injury"),
    "fire": N_("fire or smoke"),
    "airbag": N_("airbag"),
    "brakes": N_("brakes"),
    "steering": N_("steering"),
    "media": N_("media"),
    "authority": N_("authority or lawyer"),
    "repeats": N_("calls about it"),
}
WHOM = {
    "owner": N_("the owner"),
    "team_leader": N_("the team's leader"),
    "supervisor": N_("the supervisor"),
    "regional_manager": N_("the regional manager"),
}
FIELD_TYPES = {
    "text": N_("Text"),
    "number": N_("Number"),
    "date": N_("Date"),
    "choice": N_("Choice"),
    "yes_no": N_("Yes or no"),
    "part": N_("Part"),
    "place": N_("Place"),
}
YES_NO = {"yes": N_("Yes"), "no": N_("No")}
