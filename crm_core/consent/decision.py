"""Whether a customer may be contacted, from what is known of them. Pure: facts, rules and a time in, a verdict out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo

from crm_core.consent.purposes import Channel, Purpose
from crm_core.consent.rules import DISTURBING, PROMOTION, ContactRules, is_quiet, next_open
from crm_core.consent.verdict import Answer, Verdict

UNKNOWN = "There is no such customer."
MERGED = "This record was merged into another one. Use that one."
BLOCKED = "The number is blocked as a nuisance. Unblock it first."
STOPPED = "Nobody may contact this number: {why}."
REFUSED = "Refused on {day}. Only the customer can change this."
NOT_ASKED = "The customer was not asked for this. Ask in the next contact."
NO_ADDRESS = "There is no number or address for this channel. Ask in the next contact."
COMPLAINT = "Not now: complaint {number} is open."
TOO_OFTEN = "Contacted {count} times in {days} days already, the limit is {most}."
PROMOTED = "The last promotion was on {day}; this class hears of us every {days} days."
QUIET = "Quiet hours: no calls and texts now."


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFacts:
    e164: str
    blocked: bool = False
    stopped: str | None = None  # the reason of a do-not-contact; None = may be used


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFacts:
    """`numbers` are those that may be used for this contact: one when it was named, else all of the customer's.

    `consent` is the last answer for the purpose and channel; None = never asked. `touches` are the attempts of all
    departments in order, each once; `promoted_at` the last promotion. `special` are the calendar's days in `zone`.
    """

    purpose: Purpose
    channel: Channel
    zone: tzinfo
    known: bool = True
    merged: bool = False
    customer_class: str = "standard"
    numbers: tuple[NumberFacts, ...] = ()
    reachable: bool = True  # by e-mail, WeChat or post; numbers are judged by themselves
    consent: bool | None = None
    answered_at: datetime | None = None
    complaint: str = ""  # number of the open one that is oldest
    touches: tuple[datetime, ...] = ()
    promoted_at: datetime | None = None
    special: Mapping[date, str] = field(default_factory=dict)


def decide(facts: ContactFacts, rules: ContactRules, at: datetime) -> Verdict:
    """The reason about which a person can do least comes first; a "no" before every "not now".

    SERVICE is the customer's own wish: consent, do-not-contact, complaints, limits and quiet hours do not stop it.
    """
    never = next(_never(facts, rules), None)
    if never is not None:
        return never
    if facts.purpose is Purpose.SERVICE:
        return Verdict(answer=Answer.YES)
    waits = list(_not_now(facts, rules, at))
    if not waits:
        return Verdict(answer=Answer.YES)
    ends = [wait.until for wait in waits if wait.until is not None]
    whole = len(ends) == len(waits)
    until = max(ends) if whole else None
    if until is not None and facts.channel in DISTURBING:
        until = next_open(rules, facts.special, until, facts.zone) or until
    return replace(waits[0], until=until)


def _never(facts: ContactFacts, rules: ContactRules) -> Iterator[Verdict]:
    own_wish = facts.purpose is Purpose.SERVICE
    by_number = facts.channel in (Channel.PHONE, Channel.SMS)
    if not facts.known:
        yield _no(UNKNOWN)
    if facts.merged:
        yield _no(MERGED)
    if facts.consent is False and not own_wish:
        yield _no(REFUSED, day=_day(facts.answered_at, facts.zone))
    if by_number and facts.numbers:
        free = [one for one in facts.numbers if one.stopped is None or own_wish]
        if not free:
            yield _no(STOPPED, why=facts.numbers[0].stopped or "—")
        elif all(one.blocked for one in free):
            yield _no(BLOCKED)
    if facts.consent is None and facts.purpose in rules.consent_needed and not own_wish:
        yield _no(NOT_ASKED)
    if not facts.numbers if by_number else not facts.reachable:
        yield _no(NO_ADDRESS)


def _not_now(facts: ContactFacts, rules: ContactRules, at: datetime) -> Iterator[Verdict]:
    period = timedelta(days=rules.period_days)
    recent = sorted(one for one in facts.touches if at - period < one <= at)
    if len(recent) >= rules.most_touches:
        until = recent[len(recent) - rules.most_touches] + period
        told: dict[str, object] = {"count": len(recent), "days": rules.period_days, "most": rules.most_touches}
        yield Verdict(answer=Answer.NOT_NOW, reason=TOO_OFTEN, values=told, until=until)
    days = rules.rhythm_days.get(facts.customer_class, 0)
    if facts.purpose in PROMOTION and facts.promoted_at and facts.promoted_at + timedelta(days=days) > at:
        told = {"day": _day(facts.promoted_at, facts.zone), "days": days}
        until = facts.promoted_at + timedelta(days=days)
        yield Verdict(answer=Answer.NOT_NOW, reason=PROMOTED, values=told, until=until)
    if facts.purpose in rules.stopped_by_complaint and facts.complaint:
        yield Verdict(answer=Answer.NOT_NOW, reason=COMPLAINT, values={"number": facts.complaint})
    if facts.channel in DISTURBING and is_quiet(rules, facts.special, at, facts.zone):
        yield Verdict(answer=Answer.NOT_NOW, reason=QUIET, until=next_open(rules, facts.special, at, facts.zone))


def _no(reason: str, **values: object) -> Verdict:
    return Verdict(answer=Answer.NO, reason=reason, values=values)


def _day(at: datetime | None, zone: tzinfo) -> str:
    return at.astimezone(zone).date().isoformat() if at else "—"
