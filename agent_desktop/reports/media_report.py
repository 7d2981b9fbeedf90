"""What media actions brought by region (B-184): calls, enquiries and visitors against the same weekdays before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from agent_desktop import formats
from agent_desktop.reports.cells import short_day
from agent_desktop.reports.choices import Choice
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import period_word
from agent_desktop.reports.sheet import (
    Cell,
    Chart,
    Column,
    Drill,
    Figure,
    Kind,
    Listed,
    ReportTable,
    Row,
    Series,
    Sheet,
)
from agent_desktop.words import N_
from crm_core.media.actions import media_actions
from crm_core.media.model import MediaAction
from reports.media_effect import MEASURES, Counts, Effect, Ran, cost_each, effect
from reports.media_queries import calls_by_region, days_needed, regions, showrooms_by_region

MEDIA = {
    "tv": N_("Television"),
    "radio": N_("Radio"),
    "print": N_("Print"),
    "outdoor": N_("Outdoor"),
    "online": N_("Online"),
    "event": N_("Show or event"),
    "mail": N_("Mailing"),
}
MEASURE_WORDS = {
    "visitors": N_("Showroom visitors"),
    "enquiries": N_("Dealers' enquiries"),
    "calls": N_("Calls to the hotline"),
}
MEASURE = Choice(name="measure", word=N_("Measured by"), options=MEASURE_WORDS)
LONGEST = timedelta(days=400)  # of calls that are read for one page


@dataclass(frozen=True, slots=True)
class Seen:
    """The actions of the period, their effects by measure, and the counts they were read from."""

    actions: Sequence[MediaAction]
    effects: Mapping[int, Mapping[str, Effect]]
    counts: Mapping[str, Counts]


async def _seen(look: ReportLook) -> Seen:
    period = look.asked.period
    actions = await media_actions(look.session, period.first, period.last)
    first = min([days_needed(one.first_day, one.last_day)[0] for one in actions] + [period.first])
    last = max([one.last_day for one in actions] + [period.last])
    today = look.now.astimezone(look.zone).date()
    first, last = max(first, period.first - LONGEST), min(last, today)
    counts: dict[str, Counts] = {"calls": await calls_by_region(look.session, first, last, look.zone)}
    counts |= await showrooms_by_region(look.session, first, last)
    everywhere = await regions(look.session)
    effects = {
        one.id: {
            measure: effect(
                measure, counts[measure], Ran(one.first_day, one.last_day, one.regions), everywhere, today=today
            )
            for measure in MEASURES
        }
        for one in actions
    }
    return Seen(actions, effects, counts)


async def media_sheet(look: ReportLook) -> Sheet:
    seen, measure = await _seen(look), MEASURE.chosen(look.asked)
    return Sheet(
        word=look.say(N_("Media effect by region")),
        period=period_word(look),
        figures=_figures(look, seen, measure),
        chart=_chart(look, seen.counts[measure], measure),
        table=ReportTable(
            columns=_columns(look),
            rows=[_row(look, one, seen.effects[one.id][measure]) for one in seen.actions],
            empty=look.say(N_("No media action ran in these days. Enter what ran where under Media actions.")),
        ),
        note=look.say(
            N_(
                "Expected = the same weekdays of the four weeks before, times how the other regions moved. A "
                "difference is called sure when it is more than twice what such counts scatter by themselves."
            )
        ),
    )


def _figures(look: ReportLook, seen: Seen, measure: str) -> list[Figure]:
    found = [seen.effects[one.id][measure] for one in seen.actions]
    sure = [one for one in found if one.sure and (one.extra or 0) > 0]
    cost = sum(one.cost_yuan for one in seen.actions)
    too_few = sum(one.lift is None for one in found)
    return [
        Figure(key="actions", word=look.say(N_("Media actions")), value=len(found)),
        Figure(key="sure", word=look.say(N_("With a sure effect")), value=len(sure),
               note=look.say(N_("more than chance"))),
        Figure(key="extra", word=look.say(N_("Brought in addition")), kind=Kind.COUNT,
               value=round(sum(one.extra or 0 for one in sure)) if sure else None,
               note=look.say(MEASURE_WORDS[measure])),
        Figure(key="few", word=look.say(N_("Not enough data")), value=too_few),
        Figure(key="cost", word=look.say(N_("Cost, yuan")), value=cost or None),
    ]  # fmt: skip


def _columns(look: ReportLook) -> list[Column]:
    text = Kind.TEXT
    return [
        Column(key="name", word=look.say(N_("Media action")), kind=text),
        Column(key="medium", word=look.say(N_("Where it ran")), kind=text, weight="dim"),
        Column(key="regions", word=look.say(N_("Regions")), kind=text),
        Column(key="days", word=look.say(N_("Ran from – to")), kind=text),
        Column(key="seen", word=look.say(N_("Seen"))),
        Column(key="expected", word=look.say(N_("Expected"))),
        Column(key="season", word=look.say(N_("Other regions")), kind=Kind.CHANGE, weight="dim",
               about=look.say(N_("How the other regions moved in the same days."))),
        Column(key="lift", word=look.say(N_("Effect")), kind=Kind.CHANGE, weight="strong"),
        Column(key="extra", word=look.say(N_("In addition"))),
        Column(key="verdict", word=look.say(N_("Verdict")), kind=text),
        Column(key="cost", word=look.say(N_("Yuan for each more"))),
    ]  # fmt: skip


def _row(look: ReportLook, one: MediaAction, found: Effect) -> Row:
    each = cost_each(one.cost_yuan, found.extra, sure=found.sure)
    cells: list[Cell] = [
        one.name, look.say(MEDIA.get(one.medium, one.medium)), _regions(look, one), _days(one.first_day, one.last_day),
        found.seen, round(found.expected) if found.expected is not None else None,
        found.season - 1 if found.season is not None else None, found.lift,
        round(found.extra) if found.extra is not None else None, verdict(look, found),
        round(each) if each is not None else None,
    ]  # fmt: skip
    tones = {"lift": "breach"} if found.sure and (found.extra or 0) < 0 else {}
    return Row(key=str(one.id), cells=cells, tones=tones)


def verdict(look: ReportLook, found: Effect) -> str:
    if found.days == 0:
        return look.say(N_("Has not begun"))
    if found.lift is None:
        return look.say(N_("Not enough data"))
    if found.season is None:
        return look.say(N_("No other region to compare with"))
    if not found.sure:
        return look.say(N_("No more than chance"))
    return look.say(N_("Sure: more came") if (found.extra or 0) > 0 else N_("Sure: fewer came"))


def _regions(look: ReportLook, one: MediaAction) -> str:
    return "、".join(one.regions) if one.regions else look.say(N_("Everywhere"))


def _days(first: date, last: date) -> str:
    return short_day(first) if first == last else f"{short_day(first)} – {short_day(last)}"


def _chart(look: ReportLook, counts: Counts, measure: str) -> Chart | None:
    """Each region's days as bars on top of each other, the largest regions first."""
    period = look.asked.period
    days = [period.first + timedelta(days=n) for n in range(min(period.days, 92))]
    names = sorted({region for region, _ in counts if region}, key=lambda name: -sum(
        count for (region, day), count in counts.items() if region == name and day in set(days)
    ))[:5]  # fmt: skip
    if not names:
        return None
    tones = ("main", "agent", "customer", "acw", "past")
    return Chart(
        word=look.say(N_("{measure} by day and region"), measure=look.say(MEASURE_WORDS[measure])),
        labels=[short_day(day) for day in days],
        keys=[day.isoformat() for day in days],
        series=[
            Series(word=name, shape="bar", values=[float(counts.get((name, day), 0)) for day in days], tone=tone)
            for name, tone in zip(names, tones, strict=False)
        ],
    )


async def media_drill(look: ReportLook) -> Drill | None:
    """One action: every measure beside the other, and its days."""
    seen = await _seen(look)
    one = next((row for row in seen.actions if str(row.id) == look.asked.row), None)
    if one is None:
        return None
    measure = MEASURE.chosen(look.asked)
    found = seen.effects[one.id][measure]
    days = [one.first_day + timedelta(days=n) for n in range(found.days)]
    inside = set(one.regions) or {region for region, _ in seen.counts[measure] if region}
    return Drill(
        word=one.name,
        about=f"{look.say(MEDIA.get(one.medium, one.medium))} · {_regions(look, one)} · "
        f"{_days(one.first_day, one.last_day)}",
        value=look.write(found.lift, Kind.CHANGE),
        over=look.say(N_("{seen} seen − {expected} expected"), seen=formats.count(found.seen),
                      expected=formats.count(round(found.expected)) if found.expected is not None else "—"),
        under=look.say(N_("{expected} expected"),
                       expected=formats.count(round(found.expected)) if found.expected is not None else "—"),
        formula=verdict(look, found),
        others=[
            (look.say(MEASURE_WORDS[name]), f"{look.write(other.lift, Kind.CHANGE)} · {verdict(look, other)}")
            for name, other in seen.effects[one.id].items()
        ],
        list_word=look.say(N_("{count} days"), count=len(days)),
        listed=[
            Listed(
                at=short_day(day),
                word=formats.weekday(day, look.language),
                what=formats.count(sum(seen.counts[measure].get((region, day), 0) for region in inside)),
                tone="mid",
            )
            for day in days
        ],
        count=len(days),
    )  # fmt: skip
