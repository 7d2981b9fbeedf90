"""What the feed tells, counted since this process began. Names, labels and units: docs/other-systems.md."""

from __future__ import annotations

from collections import OrderedDict
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics

from crm_core.history import campaign_events, events
from crm_core.history.events import HistoryEvent

Value = TypeVar("Value")
disable_created_metrics()  # type: ignore[no-untyped-call]  # a second sample for each, which nobody reads
WAITS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600)
RINGS = (0.5, 1, 2, 3, 4, 5, 8, 10, 15, 20, 30)
ANSWERS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 1, 2, 5, 10)
MOST_OPEN = 20_000  # calls whose beginning is remembered; of an older one no wait is counted


class FeedCounts:
    """Told every record of the feed, in order. A label's values are words of our own or names of the site's queues."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, words: str, *labels: str) -> Counter:
            return Counter(f"hotline_{name}", words, labels, registry=registry)

        self._began = counter("contacts_started", "Contacts that began", "direction")
        self._ended = counter("contacts_ended", "Contacts that ended", "outcome")
        self._left = counter("queue_left", "Callers who left a queue", "queue", "result")
        self._offers = counter("offers", "Calls offered to an agent, by how the offer ended", "result")
        self._attempts = counter("dialer_attempts", "Attempts of campaigns that ended", "result")
        self._gaps = counter("asterisk_link_lost", "Times the link to Asterisk was lost")
        waits = "From entering the queue to the answer"
        self._waits = Histogram("hotline_answer_wait_seconds", waits, ["queue"], buckets=WAITS, registry=registry)
        rings = "From the offer to the agent's answer"
        self._rings = Histogram("hotline_offer_answer_seconds", rings, buckets=RINGS, registry=registry)
        self._queued: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self._offered: OrderedDict[str, float] = OrderedDict()

    def take(self, event: HistoryEvent) -> None:
        match event:
            case events.ContactStarted(direction=direction):
                self._began.labels(str(direction)).inc()
            case events.ContactEnded(call=call, outcome=outcome):
                self._ended.labels(str(outcome)).inc()
                self._queued.pop(call, None)
            case events.CallQueued(call=call, queue=queue, at=at):
                remember(self._queued, call, (queue, at))
            case events.CallLeftQueue(call=call, queue=queue, result=result, at=at):
                self._left.labels(queue, result).inc()
                entered = self._queued.pop(call, None)
                if entered is not None and result == "answered":
                    self._waits.labels(queue).observe(max(0.0, at - entered[1]))
            case events.TelephonyLinkChanged(connected=False):
                self._gaps.inc()
            case campaign_events.AttemptEnded(result=result):
                self._attempts.labels(result).inc()
            case events.CallOffered() | events.OfferEnded() | events.TalkBegan():
                self._offer(event)

    def _offer(self, event: events.CallOffered | events.OfferEnded | events.TalkBegan) -> None:
        if isinstance(event, events.CallOffered):
            remember(self._offered, event.leg, event.at)
            return
        offered = self._offered.pop(event.leg, None)
        if isinstance(event, events.OfferEnded):
            self._offers.labels(event.result).inc()
        elif offered is not None:
            self._offers.labels("answered").inc()
            self._rings.observe(max(0.0, event.at - offered))


def remember(place: OrderedDict[str, Value], key: str, value: Value) -> None:
    """The oldest is forgotten when there are too many."""
    place[key] = value
    if len(place) > MOST_OPEN:
        place.popitem(last=False)
