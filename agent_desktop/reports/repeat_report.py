"""Repeat callers and first-contact resolution, by kind, queue, agent or dealer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent_desktop import formats
from agent_desktop.reports.cells_of import (
    NO_NAME,
    contact_link,
    metric_column,
    metric_figure,
    metric_words,
    moment,
    person_or_number,
)
from agent_desktop.reports.choices import grouped_by
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import period_word, queues_word
from agent_desktop.reports.sheet import WHOLE, Column, Drill, Figure, Kind, Listed, ReportTable, Row, Sheet
from agent_desktop.words import KINDS, N_, TOPICS
from crm_core.dealers.scorecard_queries import names_of_dealers
from reports.further_metrics import FIRST_CONTACT_RESOLUTION, REPEAT_RATE, RESOLUTION_BY_SURVEY
from reports.repeat_lists import MOST_CALLERS, RepeatContact, repeat_callers, repeat_contacts
from reports.repeat_queries import Repeats, repeats
from reports.repeats import RepeatCounts, RepeatLine

IN_PANEL = 50
BY = grouped_by({"kind": N_("Kind"), "queue": N_("Queue"), "agent": N_("Agent"), "dealer": N_("Dealer")})
PLACES: Mapping[str, tuple[str, ...]] = {
    "answered": (),
    "began": ("resolved", "repeated", "open"),
    "resolved": ("resolved",),
    "repeated": ("repeated",),
    "open": ("open",),
    "again": ("again",),
}
WORDS = {
    "answered": N_("Taken"),
    "began": N_("Began a matter"),
    "resolved": N_("First call was enough"),
    "repeated": N_("Called again"),
    "open": N_("7 days not over"),
    "again": N_("Second or later call"),
}
PEOPLE = "people"


async def repeat_sheet(look: ReportLook) -> Sheet:
    period = look.asked.period
    found = await repeats(look.session, period.start, period.end, now=look.now, queues=look.asked.queues)
    heads = await _heads(look)
    lines, survey = _seen(look, found), BY.chosen(look.asked) == "dealer"
    return Sheet(
        word=look.say(N_("Repeat callers and first-contact resolution")),
        period=period_word(look),
        figures=_figures(look, found.total),
        table=ReportTable(
            columns=_columns(look),
            rows=[_row(line.of or "-", _head(look, heads, line.of), line.counts, survey=survey) for line in lines],
            totals=_row(WHOLE, look.say(N_("Total")), found.total, survey=survey) if lines else None,
            empty=look.say(N_("No call was taken in this period. Choose other days, or more queues.")),
        ),
        told=look.say(N_("{count} calls, each can be opened"), count=formats.count(found.total.answered)),
        note=look.say(N_("A matter = one person and one kind. The rate counts calls whose seven days are over.")),
    )


def _seen(look: ReportLook, found: Repeats) -> list[RepeatLine]:
    """Single agents are shown to those who lead them."""
    by = BY.chosen(look.asked)
    led = look.led if by == "agent" else None
    return [line for line in found.lines[by] if line.counts.answered and (led is None or line.of in led)]


async def _heads(look: ReportLook) -> Mapping[str, str]:
    if BY.chosen(look.asked) != "dealer":
        return {}
    return {str(key): dealer.short_name for key, dealer in (await names_of_dealers(look.session)).items()}


def _head(look: ReportLook, dealers: Mapping[str, str], of: str) -> str:
    by = BY.chosen(look.asked)
    if not of:
        return look.say(NO_NAME)
    if by == "kind":
        word = KINDS.get(of) or TOPICS.get(of)
        return look.say(word) if word else of
    if by == "queue":
        return look.named.queue(of)
    return look.named.person(of) if by == "agent" else dealers.get(of, of)


def _figures(look: ReportLook, counts: RepeatCounts) -> list[Figure]:
    hidden = look.say(N_("{count} without number or kind"), count=formats.count(counts.nameless))
    return [
        Figure(key="answered", word=look.say(WORDS["answered"]), value=counts.answered, note=hidden, opens="answered"),
        Figure(key="began", word=look.say(WORDS["began"]), value=counts.began, opens="began",
               note=look.say(N_("{count} are younger than 7 days"), count=formats.count(counts.open))),
        metric_figure(look, FIRST_CONTACT_RESOLUTION, FIRST_CONTACT_RESOLUTION.of(counts), opens="resolved"),
        metric_figure(look, RESOLUTION_BY_SURVEY, RESOLUTION_BY_SURVEY.of(counts)),
        metric_figure(look, REPEAT_RATE, REPEAT_RATE.of(counts), opens="again"),
        Figure(key="repeated", word=look.say(WORDS["repeated"]), value=counts.repeated, opens=PEOPLE,
               note=look.say(N_("opens who called most"))),
    ]  # fmt: skip


def _columns(look: ReportLook) -> list[Column]:
    columns = [Column(key="of", word=look.say(BY.options[BY.chosen(look.asked)]), kind=Kind.TEXT)]
    columns += [Column(key=key, word=look.say(word), opens=key) for key, word in WORDS.items()]
    columns += [metric_column(look, FIRST_CONTACT_RESOLUTION, weight="strong"), metric_column(look, REPEAT_RATE)]
    if BY.chosen(look.asked) == "dealer":
        columns.append(metric_column(look, RESOLUTION_BY_SURVEY))
    return columns


def _row(key: str, head: str, counts: RepeatCounts, *, survey: bool) -> Row:
    cells = [head, *(getattr(counts, name) for name in WORDS)]
    rates = [FIRST_CONTACT_RESOLUTION.of(counts).value, REPEAT_RATE.of(counts).value]
    return Row(key=key, cells=[*cells, *rates, *([RESOLUTION_BY_SURVEY.of(counts).value] if survey else [])])


def _asked_of(look: ReportLook) -> str:
    return look.asked.of if look.asked.of in (*PLACES, PEOPLE) else "repeated"


async def _behind(look: ReportLook) -> list[RepeatContact] | None:
    """None = the address names a row that this person may not see."""
    period, row, by = look.asked.period, look.asked.row, BY.chosen(look.asked)
    if by == "agent" and row != WHOLE and look.led is not None and row not in look.led:
        return None
    of = None if row == WHOLE else (by, "" if row == "-" else row)
    places = PLACES.get(_asked_of(look), PLACES["repeated"])
    return await repeat_contacts(
        look.session, period.start, period.end, now=look.now, places=places, queues=look.asked.queues, of=of
    )


async def repeat_drill(look: ReportLook) -> Drill | None:
    of = _asked_of(look)
    if of == PEOPLE:
        return await _people(look)
    contacts = await _behind(look)
    if contacts is None:
        return None
    row = look.asked.row
    heads = await _heads(look)
    head = period_word(look) if row == WHOLE else _head(look, heads, "" if row == "-" else row)
    return Drill(
        word=f"{head} {look.say(WORDS[of])}",
        about=queues_word(look),
        value=formats.count(len(contacts)),
        formula=metric_words(look, FIRST_CONTACT_RESOLUTION),
        list_word=look.say(N_("{count} calls taken"), count=formats.count(len(contacts))),
        listed=[_listed(look, one) for one in contacts[:IN_PANEL]],
        count=len(contacts),
        more=look.asked.address("/reports/repeats/calls", row=row, of=of) if contacts else "",
        empty=look.say(N_("No call lies behind this figure.")),
    )


async def _people(look: ReportLook) -> Drill:
    period, row = look.asked.period, look.asked.row
    kind = row if BY.chosen(look.asked) == "kind" and row not in (WHOLE, "-") else ""
    found = await repeat_callers(look.session, period.start, period.end, queues=look.asked.queues, kind=kind)
    many = formats.count(len(found)) + ("+" if len(found) == MOST_CALLERS else "")
    return Drill(
        word=look.say(N_("Who called most")),
        about=f"{period_word(look)} · {queues_word(look)}",
        value=many,
        formula=look.say(N_("People with two or more inbound calls of one kind in the period.")),
        list_word=look.say(N_("{count} people"), count=many),
        listed=[
            Listed(
                at=f"{one.contacts}×",
                word=person_or_number(look, one.customer, one.number),
                what=_kind(look, one.kind),
                note=look.say(N_("a case is open")) if one.open_case else "",
                tone="warn" if one.contacts >= 4 else "mid",
                link=f"/customers/{one.customer_id}" if one.customer_id else contact_link(one.contact_ids[-1]),
            )
            for one in found[:IN_PANEL]
        ],
        count=min(len(found), IN_PANEL),
        empty=look.say(N_("Nobody called twice about the same kind.")),
    )


def _kind(look: ReportLook, kind: str) -> str:
    word = KINDS.get(kind) or TOPICS.get(kind)
    return look.say(word) if word else kind


def _gap(look: ReportLook, one: RepeatContact) -> str:
    if one.place == "again" and one.before is not None:
        return look.say(N_("{time} after the call before"), time=formats.time_span(one.before, look.language))
    if one.place == "repeated" and one.after is not None:
        return look.say(N_("called again after {time}"), time=formats.time_span(one.after, look.language))
    return ""


def _listed(look: ReportLook, one: RepeatContact) -> Listed:
    return Listed(
        at=moment(look, one.at),
        word=f"{person_or_number(look, one.customer, one.number)} · {look.named.queue(one.queue)}",
        what=_kind(look, one.kind),
        tone="warn" if one.place in ("again", "repeated") else "mid",
        note=" · ".join(part for part in (look.named.person(one.agent) if one.agent else "", _gap(look, one)) if part),
        link=contact_link(one.contact_id),
    )


async def repeat_list(look: ReportLook) -> Sheet:
    contacts: Sequence[RepeatContact] = await _behind(look) or []
    text = Kind.TEXT
    return Sheet(
        word=look.say(WORDS.get(_asked_of(look), WORDS["repeated"])),
        period=f"{period_word(look)} · {queues_word(look)}",
        table=ReportTable(
            columns=[
                Column(key="time", word=look.say(N_("When")), kind=Kind.TIME),
                Column(key="customer", word=look.say(N_("Customer")), kind=text),
                Column(key="number", word=look.say(N_("Number")), kind=text, weight="dim"),
                Column(key="queue", word=look.say(N_("Queue")), kind=text),
                Column(key="kind", word=look.say(N_("Kind")), kind=text),
                Column(key="agent", word=look.say(N_("Agent")), kind=text),
                Column(key="gap", word=look.say(N_("Beside it")), kind=text, weight="dim"),
            ],
            rows=[
                Row(
                    key=one.contact_id,
                    cells=[
                        one.at, one.customer or look.say(N_("Unknown caller")),
                        formats.masked_number(one.number, look.language), look.named.queue(one.queue),
                        _kind(look, one.kind), look.named.person(one.agent) if one.agent else "", _gap(look, one),
                    ],
                    link=contact_link(one.contact_id),
                )
                for one in contacts
            ],
            empty=look.say(N_("No call lies behind this figure.")),
        ),
    )  # fmt: skip
