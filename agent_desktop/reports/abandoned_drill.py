"""The callers behind a figure of the abandoned calls, each with what became of it and whether to call back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agent_desktop import formats
from agent_desktop.reports.abandoned_report import (
    ABOUT,
    CALLBACK,
    FATES,
    followed_calls,
    grouped_lines,
)
from agent_desktop.reports.cells import written_time
from agent_desktop.reports.cells_of import contact_link, metric_words, moment, person_or_number
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import form_of, period_word, queues_word
from agent_desktop.reports.sheet import WHOLE, Cell, Column, Drill, Kind, Listed, ReportTable, Row, Sheet
from agent_desktop.words import N_
from reports.abandoned import Fate, Followed, worth_calling
from reports.further_metrics import RECOVERED

IN_PANEL = 50
_TONES = {Fate.NEVER: "breach", Fate.MISSED_AGAIN: "warn"}


def _behind(calls: Sequence[Followed], of: str) -> list[Followed]:
    """The calls behind a figure: exactly as many as it says."""
    if of == CALLBACK:
        return worth_calling(calls)
    if of == "short":
        return [one for one in calls if one.visit.short]
    return [one for one in calls if of in ("", "abandoned", one.fate)]


async def _opened(look: ReportLook) -> tuple[str, list[Followed], str] | None:
    """What the address names: the row's name, its calls and the figure; None = there is no such row."""
    of = look.asked.of if look.asked.of in (*FATES, "abandoned", "short", CALLBACK) else CALLBACK
    calls = await followed_calls(look)
    if look.asked.row == WHOLE:
        return period_word(look), _behind(calls, of), of
    line = next((one for one in grouped_lines(look, calls) if one.key == look.asked.row), None)
    if line is None:
        return None
    head = line.head
    if not isinstance(head, str):
        head = written_time(head, form_of(look.asked.period), look.language, look.zone)  # type: ignore[arg-type]
    return head, _behind(line.calls, of), of


def _word(look: ReportLook, of: str) -> str:
    words: Mapping[str, str] = {
        "abandoned": N_("Gave up"),
        "short": N_("Short"),
        CALLBACK: N_("To be called back"),
        **{str(fate): word for fate, word in FATES.items()},
    }
    return look.say(words[of])


async def abandoned_drill(look: ReportLook) -> Drill | None:
    opened = await _opened(look)
    if opened is None:
        return None
    head, calls, of = opened
    return Drill(
        word=f"{head} {_word(look, of)}",
        about=queues_word(look),
        value=formats.count(len(calls)),
        tone="breach" if of == Fate.NEVER and calls else "",
        formula=_about(look, of),
        list_word=look.say(N_("{count} callers gave up"), count=formats.count(len(calls))),
        listed=[_listed(look, one) for one in calls[:IN_PANEL]],
        count=len(calls),
        more=look.asked.address("/reports/abandoned/calls", row=look.asked.row, of=of) if calls else "",
        empty=look.say(N_("No call lies behind this figure.")),
    )


def _about(look: ReportLook, of: str) -> str:
    if of in FATES:
        return look.say(ABOUT[Fate(of)])
    if of == CALLBACK:
        return look.say(N_("Nobody has spoken with them since; each person once, the longest wait first."))
    return metric_words(look, RECOVERED)


def _listed(look: ReportLook, one: Followed) -> Listed:
    visit = one.visit
    return Listed(
        at=moment(look, visit.entered_at),
        word=f"{person_or_number(look, visit.customer, visit.number)} · {look.named.queue(visit.queue)}",
        what=look.say(N_("waited {time}"), time=formats.duration(visit.wait)),
        tone=_TONES.get(one.fate, "mid"),
        note=_became(look, one),
        link=contact_link(visit.contact_id),
    )


def _became(look: ReportLook, one: Followed) -> str:
    said = [look.say(FATES[one.fate])]
    if one.by is not None:
        said.insert(0, moment(look, one.by.at))
        said += [look.named.person(one.by.agent)] if one.by.agent else []
    if one.to_call:
        said.append(look.say(N_("better call back")))
    return " · ".join(said)


async def abandoned_list(look: ReportLook) -> Sheet:
    """The whole list behind a figure."""
    opened = await _opened(look)
    head, calls, of = opened or ("", [], "abandoned")
    text = Kind.TEXT
    return Sheet(
        word=look.say(N_("Callers who gave up")),
        period=f"{head} · {_word(look, of)} · {queues_word(look)}",
        table=ReportTable(
            columns=[
                Column(key="time", word=look.say(N_("When")), kind=Kind.TIME),
                Column(key="customer", word=look.say(N_("Customer")), kind=text),
                Column(key="number", word=look.say(N_("Number")), kind=text, weight="dim"),
                Column(key="queue", word=look.say(N_("Queue")), kind=text),
                Column(key="wait", word=look.say(N_("Waited")), kind=Kind.SECONDS),
                Column(key="became", word=look.say(N_("What became of it")), kind=text),
                Column(key="at", word=look.say(N_("On")), kind=Kind.TIME, weight="dim"),
                Column(key="agent", word=look.say(N_("Agent")), kind=text, weight="dim"),
            ],
            rows=[_list_row(look, one) for one in calls],
            empty=look.say(N_("No call lies behind this figure.")),
        ),
    )


def _list_row(look: ReportLook, one: Followed) -> Row:
    visit, by = one.visit, one.by
    became = look.say(FATES[one.fate])
    if one.to_call:
        became = " · ".join((became, look.say(N_("better call back"))))
    cells: list[Cell] = [
        visit.entered_at, visit.customer or look.say(N_("Unknown caller")),
        formats.masked_number(visit.number, look.language), look.named.queue(visit.queue), visit.wait, became,
        by.at if by else None, look.named.person(by.agent) if by and by.agent else "",
    ]  # fmt: skip
    tone = _TONES.get(one.fate)
    return Row(
        key=visit.contact_id, cells=cells, tones={"became": tone} if tone else {}, link=contact_link(visit.contact_id)
    )
