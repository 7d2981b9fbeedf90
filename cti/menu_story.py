"""What the menu session reports becomes part of the contact. A session may be quicker than the channel's own event."""

from __future__ import annotations

from collections import OrderedDict

from crm_core.history import events as feed
from crm_core.history.events import Outcome
from cti.book import ContactBook
from cti.contacts import Contact
from cti.deeds import Step
from cti.endings import named_outcome
from cti.menu import Identified, Left, MenuReport, Pressed
from ivr.line import Enqueue, Finish, Result, TakeMessage, Walked

EARLY_CALLS = 1_000


class MenuStory:
    """Reports of a call that the book does not know yet are kept until it does."""

    def __init__(self, book: ContactBook) -> None:
        self._book = book
        self._early: OrderedDict[str, list[MenuReport]] = OrderedDict()

    def note(self, report: MenuReport) -> list[Step]:
        contact = self._book.contacts.get(report.call)
        if contact is not None:
            _note(self._book, contact, report)
        elif report.call not in self._book.ended:
            self._early.setdefault(report.call, []).append(report)
            if len(self._early) > EARLY_CALLS:
                self._early.popitem(last=False)
        return self._book.take()

    def catch_up(self, call: str) -> list[Step]:
        """The book knows `call` now."""
        contact = self._book.contacts.get(call)
        if contact is not None:
            for report in self._early.pop(call, ()):
                _note(self._book, contact, report)
        return self._book.take()


def _note(book: ContactBook, contact: Contact, report: MenuReport) -> None:
    match report:
        case Identified(card=card):
            contact.matches, contact.language = card.matches, card.language
            contact.last_agent, contact.priority = card.last_agent, card.priority
            contact.affinity = tuple(sorted(card.affinity))
            book.add(
                feed.CallerIdentified(at=report.at, call=contact.call, matches=card.matches, language=card.language)
            )
        case Pressed(node=node, key=key):
            book.add(feed.MenuStep(at=report.at, call=contact.call, node=node, key=key))
        case Left(result=result):
            contact.menu_path, contact.language = result.path, result.language or contact.language
            topic = "" if isinstance(result, Finish) else result.topic
            contact.topic = topic
            if isinstance(result, Finish | TakeMessage):
                contact.result = named_outcome(result.outcome) or Outcome.MENU_ONLY
            elif isinstance(result, Enqueue):
                contact.affinity = tuple(sorted({*contact.affinity, *result.tags}))
                contact.priority += result.priority
            book.add(_left(contact, report.at, result, topic))


def _left(contact: Contact, at: float, result: Result, topic: str) -> feed.MenuLeft:
    walked = result.walked or Walked(flow="", version=0, visits=())
    return feed.MenuLeft(
        at=at,
        call=contact.call,
        path=result.path,
        topic=topic,
        language=contact.language,
        flow=walked.flow,
        version=walked.version,
        visits=tuple(f"{visit.node}|{visit.by.replace('|', '')}|{visit.at:.3f}" for visit in walked.visits),
        hung_up=walked.hung_up,
        first=walked.first,
    )
