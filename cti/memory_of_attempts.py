"""What the feed's records of campaigns change in the memory of open contacts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_core.history import campaign_events as feed
from crm_core.history.events import HistoryEvent
from cti.attempts import Attempt
from cti.contacts import Contact


def _placed(contact: Contact, event: feed.AttemptPlaced) -> None:
    contact.attempt = contact.attempt or Attempt(event.campaign, event.entry)
    if not contact.agent:  # no agent's phone was rung first: the customer's channel is the contact's own
        contact.owner = contact.customer_uniqueid = contact.call


def _rang(contact: Contact, event: feed.AttemptRang) -> None:
    if contact.attempt is not None:
        contact.attempt.rang = True


def _answered(contact: Contact, event: feed.AttemptAnswered) -> None:
    if contact.attempt is not None:
        contact.attempt.answered_at, contact.attempt.answer_told = event.at, True
        contact.attempt.machine, contact.attempt.detects = event.machine, bool(event.machine)


def _connected(contact: Contact, event: feed.AttemptConnected) -> None:
    if contact.attempt is not None:
        contact.attempt.connected = True


def _asked(contact: Contact, event: feed.ResponseBegan | feed.ResponseEnded) -> None:
    if contact.attempt is not None:
        contact.attempt.asked = True


REPLAY_ATTEMPTS: dict[type[HistoryEvent], Callable[[Contact, Any], None]] = {
    feed.AttemptPlaced: _placed,
    feed.AttemptRang: _rang,
    feed.AttemptAnswered: _answered,
    feed.AttemptConnected: _connected,
    feed.ResponseBegan: _asked,
    feed.ResponseEnded: _asked,
}
