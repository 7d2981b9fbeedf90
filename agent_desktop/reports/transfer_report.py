"""Calls that were given away, asked about or talked over by three."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agent_desktop import formats
from agent_desktop.reports.cells_of import NO_NAME, contact_link, moment
from agent_desktop.reports.choices import grouped_by
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import period_word, queues_word
from agent_desktop.reports.sheet import WHOLE, Column, Drill, Figure, Kind, Listed, ReportTable, Row, Sheet
from agent_desktop.words import KINDS, N_
from crm_core.dealers.scorecard_queries import names_of_dealers
from reports.transfer_queries import transfers
from reports.transfers import GIVEN, Handed, Transfer, Way, by, count

IN_PANEL = 50
BY = grouped_by({"agent": N_("From agent"), "queue": N_("Queue"), "to": N_("To whom"), "kind": N_("What it was about")})
WAYS = {
    Way.STRAIGHT: N_("Straight"),
    Way.ASKED: N_("After asking"),
    Way.MENU: N_("By the menu"),
    Way.ONLY_ASKED: N_("Only asked"),
    Way.CONFERENCE: N_("Three talked"),
}
WORDS = {
    "given": N_("Given away"),
    "straight": WAYS[Way.STRAIGHT],
    "asked": WAYS[Way.ASKED],
    "menu": WAYS[Way.MENU],
    "only_asked": WAYS[Way.ONLY_ASKED],
    "conference": WAYS[Way.CONFERENCE],
    "to_agents": N_("To agents"),
    "to_queues": N_("To queues"),
    "to_dealers": N_("To dealers"),
    "to_numbers": N_("To numbers"),
    "answered": N_("Somebody answered"),
}
_TO = {"to_agents": "agent", "to_queues": "queue", "to_dealers": "dealer", "to_numbers": "number"}


async def _transfers(look: ReportLook) -> list[Transfer]:
    """What single agents did is shown to those who lead them; what no agent did, to everybody."""
    period = look.asked.period
    found = await transfers(look.session, period.start, period.end, look.asked.queues)
    if look.led is None or BY.chosen(look.asked) != "agent":
        return found
    return [one for one in found if not one.agent or one.agent in look.led]


def _key(look: ReportLook) -> Callable[[Transfer], str]:
    keys: Mapping[str, Callable[[Transfer], str]] = {
        "agent": lambda one: one.agent or "-",
        "queue": lambda one: one.queue or "-",
        "to": lambda one: f"{one.to_kind}:{one.to}",
        "kind": lambda one: one.kind or "-",
    }
    return keys[BY.chosen(look.asked)]


async def _dealers(look: ReportLook) -> Mapping[str, str]:
    return {str(key): one.short_name for key, one in (await names_of_dealers(look.session)).items()}


def _target(look: ReportLook, kind: str, to: str, dealers: Mapping[str, str]) -> str:
    if kind == "agent":
        return look.named.person(to)
    if kind == "queue":
        return look.named.queue(to)
    return dealers.get(to, to) if kind == "dealer" else formats.masked_number(to, look.language)


def _head(look: ReportLook, of: str, dealers: Mapping[str, str]) -> str:
    how = BY.chosen(look.asked)
    if of == "-":
        return look.say(N_("The menu")) if how == "agent" else look.say(NO_NAME)
    if how == "agent":
        return look.named.person(of)
    if how == "queue":
        return look.named.queue(of)
    if how == "kind":
        return look.say(KINDS[of]) if of in KINDS else of
    kind, _, to = of.partition(":")
    return _target(look, kind, to, dealers)


async def transfer_sheet(look: ReportLook) -> Sheet:
    found, dealers = await _transfers(look), await _dealers(look)
    lines, whole = by(found, _key(look)), count(WHOLE, found)
    return Sheet(
        word=look.say(N_("Transfers and conferences")),
        period=period_word(look),
        figures=_figures(look, whole),
        table=ReportTable(
            columns=_columns(look),
            rows=[_row(line, _head(look, line.of, dealers)) for line in lines],
            totals=_row(whole, look.say(N_("Total"))) if lines else None,
            empty=look.say(N_("No call was given away in this period, and nobody was asked.")),
        ),
        told=look.say(N_("{count} of them, each can be opened"), count=formats.count(len(found))),
        note=look.say(N_("Agents are not asked why they give a call away: group by what it was about.")),
    )


def _figures(look: ReportLook, whole: Handed) -> list[Figure]:
    note = f"{int(whole.answered.numerator)} / {int(whole.answered.denominator)}" if whole.answered.denominator else ""
    shown = ("given", "straight", "asked", "only_asked", "conference")
    return [
        *(Figure(key=name, word=look.say(WORDS[name]), value=getattr(whole, name), opens=name) for name in shown),
        Figure(key="answered", word=look.say(WORDS["answered"]), value=whole.answered.value, kind=Kind.PERCENT,
               note=note),
    ]  # fmt: skip


def _columns(look: ReportLook) -> list[Column]:
    head = Column(key="of", word=look.say(BY.options[BY.chosen(look.asked)]), kind=Kind.TEXT)
    return [
        head,
        *(
            Column(key=key, word=look.say(word), kind=Kind.PERCENT if key == "answered" else Kind.COUNT,
                   opens="" if key == "answered" else key, weight="strong" if key == "given" else "")
            for key, word in WORDS.items()
        ),
    ]  # fmt: skip


def _row(line: Handed, head: str) -> Row:
    values = [line.answered.value if name == "answered" else getattr(line, name) for name in WORDS]
    return Row(key=line.of, cells=[head, *values])


def _behind(found: list[Transfer], of: str) -> list[Transfer]:
    if of in _TO:
        return [one for one in found if one.way in GIVEN and one.to_kind == _TO[of]]
    return [one for one in found if (one.way in GIVEN if of == "given" else one.way == of)]


async def transfer_drill(look: ReportLook) -> Drill | None:
    of = look.asked.of if look.asked.of in WORDS and look.asked.of != "answered" else "given"
    key, row, dealers = _key(look), look.asked.row, await _dealers(look)
    behind = _behind([one for one in await _transfers(look) if row in (WHOLE, key(one))], of)
    head = period_word(look) if row == WHOLE else _head(look, row, dealers)
    return Drill(
        word=f"{head} {look.say(WORDS[of])}",
        about=queues_word(look),
        value=formats.count(len(behind)),
        list_word=look.say(N_("{count} calls"), count=formats.count(len(behind))),
        listed=[_listed(look, one, dealers) for one in behind[:IN_PANEL]],
        count=len(behind),
        empty=look.say(N_("No call lies behind this figure.")),
    )


def _listed(look: ReportLook, one: Transfer, dealers: Mapping[str, str]) -> Listed:
    giver = look.named.person(one.agent) if one.agent else look.say(N_("The menu"))
    nobody = one.answered is False
    about = look.say(KINDS[one.kind]) if one.kind in KINDS else ""
    return Listed(
        at=moment(look, one.at),
        word=f"{giver} → {_target(look, one.to_kind, one.to, dealers)}",
        what=look.say(WAYS[one.way]),
        tone="breach" if nobody else "mid",
        note=" · ".join(part for part in (about, look.say(N_("nobody answered")) if nobody else "") if part),
        link=contact_link(one.contact_id),
    )
