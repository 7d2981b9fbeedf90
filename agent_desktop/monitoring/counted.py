"""What the feed tells, counted since this process began. Names, labels and units: docs/other-systems.md."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

from agent_desktop.monitoring.tally import Family, Tally
from crm_core.history import campaign_events, events
from crm_core.history.events import HistoryEvent

Value = TypeVar("Value")
WAITS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
RINGS = (0.5, 1, 2, 3, 4, 5, 8, 10, 15, 20, 30)
ANSWERS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 2, 5, 10)
MOST_OPEN = 20_000  # calls whose beginning is remembered; of an older one no wait is counted


FAMILIES = (
    Family("hotline_contacts_started", "Contacts that began", ("direction",)),
    Family("hotline_contacts_ended", "Contacts that ended", ("outcome",)),
    Family("hotline_queue_left", "Callers who left a queue", ("queue", "result")),
    Family("hotline_offers", "Calls offered to an agent, by how the offer ended", ("result",)),
    Family("hotline_dialer_attempts", "Attempts of campaigns that ended", ("result",)),
    Family("hotline_asterisk_link_lost", "Times the link to Asterisk was lost"),
    Family("hotline_answer_wait_seconds", "From entering the queue to the answer", ("queue",), WAITS),
    Family("hotline_offer_answer_seconds", "From the offer to the agent's answer", (), RINGS),
)


class FeedCounts:
    """Told every record of the feed, in order. A label's values are words of our own or names of the site's queues."""

    def __init__(self) -> None:
        self.tally = Tally(FAMILIES)
        self.queued: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self.offered: OrderedDict[str, float] = OrderedDict()

    def take(self, event: HistoryEvent) -> None:
        match event:
            case events.ContactStarted(direction=direction):
                self.tally.inc("hotline_contacts_started", str(direction))
            case events.ContactEnded(call=call, outcome=outcome):
                self.tally.inc("hotline_contacts_ended", str(outcome))
                self.queued.pop(call, None)
            case events.CallQueued(call=call, queue=queue, at=at):
                remember(self.queued, call, (queue, at))
            case events.CallLeftQueue(call=call, queue=queue, result=result, at=at):
                self.tally.inc("hotline_queue_left", queue, str(result))
                entered = self.queued.pop(call, None)
                if entered is not None and result == "answered":
                    self.tally.observe("hotline_answer_wait_seconds", max(0.0, at - entered[1]), queue)
            case events.TelephonyLinkChanged(connected=False):
                self.tally.inc("hotline_asterisk_link_lost")
            case campaign_events.AttemptEnded(result=result):
                self.tally.inc("hotline_dialer_attempts", str(result))
            case events.CallOffered() | events.OfferEnded() | events.TalkBegan():
                self._offer(event)

    def _offer(self, event: events.CallOffered | events.OfferEnded | events.TalkBegan) -> None:
        if isinstance(event, events.CallOffered):
            remember(self.offered, event.leg, event.at)
            return
        offered = self.offered.pop(event.leg, None)
        if isinstance(event, events.OfferEnded):
            self.tally.inc("hotline_offers", str(event.result))
        elif offered is not None:
            self.tally.inc("hotline_offers", "answered")
            self.tally.observe("hotline_offer_answer_seconds", max(0.0, event.at - offered))


def remember(place: OrderedDict[str, Value], key: str, value: Value) -> None:
    """The oldest is forgotten when there are too many."""
    place[key] = value
    if len(place) > MOST_OPEN:
        place.popitem(last=False)
