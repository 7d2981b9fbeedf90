"""The first draft of a weekly report and of a news flash, in the reader's language, as Markdown a person then edits."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from agent_desktop import formats, plurals
from agent_desktop.cases.words import TOPICS as DANGER
from agent_desktop.catalogues import load
from agent_desktop.naming import Names
from agent_desktop.reports.cells import short_day
from agent_desktop.words import KINDS, N_
from crm_core.bulletins.actions import Draft
from reports.flashes import Flash
from reports.metrics import Ratio
from reports.weekly import Notable, Week, WeekFigures, as_plain, growth, notable

Say = Callable[..., str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """Whose words a text has: the language, the names of queues, the site's clock."""

    language: str
    named: Names
    zone: ZoneInfo

    def say(self, message: str, **values: object) -> str:
        text = plurals.phrase(load(self.language), message, values)
        return text.format(**values) if values else text


LINES = (
    ("offered", N_("Calls in")),
    ("answered", N_("Taken")),
    ("abandon_rate", N_("Abandon rate")),
    ("level", N_("Service level")),
    ("answer_seconds", N_("Average answer time")),
    ("resolution", N_("First call was enough")),
    ("content", N_("Content with us")),
    ("complaints_opened", N_("New complaints")),
    ("complaints_closed", N_("Complaints closed")),
    ("complaints_in_time", N_("Complaints solved in time")),
    ("overdue", N_("Cases over time")),
    ("leads", N_("New leads")),
    ("won", N_("Leads won in the week")),
    ("visitors", N_("Showroom visitors")),
)
"""The figures of the week in the order of the page; the same in the text and in the table beside it."""


def figure(figures: WeekFigures, name: str) -> str:
    """As people read it; a dash where there is nothing to measure."""
    value = getattr(figures, name)
    if not isinstance(value, Ratio):
        return formats.count(value)
    return formats.duration(value.value) if name == "answer_seconds" else formats.rate(value.value)


def change(week: Week, name: str) -> str:
    """Against the week before: a share for counts, points for rates; "" when there is nothing to compare."""
    now, before = getattr(week.now, name), getattr(week.before, name)
    if isinstance(now, Ratio):
        if now.value is None or before.value is None:
            return ""
        if name == "answer_seconds":
            moved = round(now.value - before.value)
            return f"{moved:+d} s" if moved else "0"
        return f"{(now.value - before.value) * 100:+.1f}"
    grown = growth(now, before)
    return "" if grown is None else f"{grown * 100:+.1f}%"


def weekly_draft(voice: Voice, monday: date, sunday: date, week: Week) -> Draft:
    days = f"{short_day(monday)} – {short_day(sunday)}"
    parts = [
        _head(voice, N_("In short")), _short(voice, week),
        _head(voice, N_("Worth knowing")), _list(voice, [sentence(voice, one) for one in notable(week)]),
        _head(voice, N_("What customers wanted")), _list(voice, _topics(voice, week)),
        _head(voice, N_("Cases and complaints")), _cases(voice, week),
        _head(voice, N_("Leads and showrooms")), _leads(voice, week),
        _head(voice, N_("What we do next week")), voice.say(N_("(to be written)")),
    ]  # fmt: skip
    return Draft(
        kind="weekly",
        subject="",
        language=voice.language,
        first_day=monday,
        last_day=sunday,
        title=voice.say(N_("Weekly report {days}"), days=days),
        text="\n\n".join(parts) + "\n",
        figures=as_plain(week),
    )


def _head(voice: Voice, word: str) -> str:
    return f"## {voice.say(word)}"


def _list(voice: Voice, lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) if lines else voice.say(N_("Nothing out of the ordinary."))


def _short(voice: Voice, week: Week) -> str:
    before = change(week, "offered") or "—"
    return voice.say(
        N_(
            "{offered} calls came in ({change} against the week before), {answered} were taken. {rate} gave up; the "
            "service level was {level}, the average answer time {answer}. First-contact resolution {resolution}; "
            "{content} of those who were asked are content."
        ),
        offered=figure(week.now, "offered"),
        change=before,
        answered=figure(week.now, "answered"),
        rate=figure(week.now, "abandon_rate"),
        level=figure(week.now, "level"),
        answer=figure(week.now, "answer_seconds"),
        resolution=figure(week.now, "resolution"),
        content=figure(week.now, "content"),
    )


def _topics(voice: Voice, week: Week) -> list[str]:
    lines = []
    for one in week.topics[:5]:
        grown = growth(one.now, one.before)
        told = f"{grown * 100:+.0f}%" if grown is not None else voice.say(N_("none before"))
        lines.append(f"{_topic(voice, one.kind, one.sub_kind)}: {formats.count(one.now)} ({told})")
    return lines


def _topic(voice: Voice, kind: str, sub_kind: str) -> str:
    word = voice.say(KINDS[kind]) if kind in KINDS else kind
    return f"{word} · {sub_kind}" if sub_kind else word


def _cases(voice: Voice, week: Week) -> str:
    return voice.say(
        N_(
            "{opened} complaints were opened and {closed} closed, {in_time} of these in time. {overdue} cases are over "
            "their time."
        ),
        opened=week.now.complaints_opened,
        closed=week.now.complaints_closed,
        in_time=figure(week.now, "complaints_in_time"),
        overdue=week.now.overdue,
    )


def _leads(voice: Voice, week: Week) -> str:
    return voice.say(
        N_("{leads} leads were captured, {won} won. The showrooms counted {visitors} visitors ({change})."),
        leads=week.now.leads,
        won=week.now.won,
        visitors=figure(week.now, "visitors"),
        change=change(week, "visitors") or "—",
    )


_SENTENCES: Mapping[str, str] = {
    "below_target": N_("The service level was {level}, below the target of {target}."),
    "worst_interval": N_("{queue}, {start}: {abandoned} of {offered} callers gave up."),
    "calls_up": N_("{growth} more calls than the week before: {now} instead of {before}."),
    "calls_down": N_("{growth} fewer calls than the week before: {now} instead of {before}."),
    "topic_up": N_("{topic}: {now} calls instead of {before}, {growth} more."),
    "topic_new": N_("{topic}: {now} calls, none the week before."),
    "overdue": N_("{now} cases are over their time (the week before {before})."),
    "dealer_overdue": N_("{dealer} has {now} cases over their time."),
    "complaints_up": N_("{growth} more complaints: {now} instead of {before}."),
    "complaints_down": N_("{growth} fewer complaints: {now} instead of {before}."),
}


def sentence(voice: Voice, one: Notable) -> str:
    """One notable thing in words."""
    values: dict[str, Any] = dict(one.values)
    for name in ("level", "target", "growth"):
        if name in values:
            values[name] = formats.rate(values[name])
    if "queue" in values:
        values["queue"] = voice.named.queue(values["queue"])
    if "start" in values:
        at = datetime.fromisoformat(values["start"]).astimezone(voice.zone)
        values["start"] = f"{short_day(at.date())} {at:%H:%M}"
    if "kind" in values:
        values["topic"] = _topic(voice, values.pop("kind"), values.pop("sub_kind"))
    return voice.say(_SENTENCES[one.word], **values)


def flash_draft(voice: Voice, flash: Flash, day: date) -> Draft:
    """What happened, which cases or calls say so, and what is to be decided."""
    kind, _, about = flash.subject.partition("/")
    title, body = (_safety if kind == "topic" else _abandons)(voice, about, flash.values)
    return Draft(
        kind="flash",
        subject=flash.subject,
        language=voice.language,
        first_day=day,
        last_day=day,
        title=title,
        text="\n\n".join((body, _head(voice, N_("What we do about it")), voice.say(N_("(to be written)")))) + "\n",
        figures={"values": dict(flash.values)},
    )


def _safety(voice: Voice, topic: str, values: Mapping[str, Any]) -> tuple[str, str]:
    word = voice.say(DANGER[topic]) if topic in DANGER else topic
    title = voice.say(N_("{topic}: {times} cases in {hours} hours"), topic=word, times=values["times"],
                      hours=values["hours"])  # fmt: skip
    head = (
        f"| {voice.say(N_('Case'))} | {voice.say(N_('Model'))} | {voice.say(N_('Dealer'))} | {voice.say(N_('Title'))} |"
    )
    rows = [
        f"| [{one['number']}](/cases/{one['number']}) | {_cell(one['model'])} | {_cell(one['dealer'])} | "
        f"{_cell(one['title'])} |"
        for one in values["cases"][:50]
    ]
    told = voice.say(
        N_("Within {hours} hours {times} cases name {topic}. The words were found in their titles and descriptions."),
        hours=values["hours"], times=values["times"], topic=word,
    )  # fmt: skip
    return title, "\n".join([told, "", head, "|---|---|---|---|", *rows])


def _cell(text: str) -> str:
    """As plain text in a table of Markdown: what a customer said must not become a link or a picture."""
    return "".join(f"\\{sign}" if sign in "\\|[]()*_`<>!#~" else sign for sign in text.replace("\n", " ")) or "—"


def _abandons(voice: Voice, queue: str, values: Mapping[str, Any]) -> tuple[str, str]:
    name, share = voice.named.queue(queue), formats.rate(values["abandoned"] / values["offered"])
    title = voice.say(N_("{queue}: {share} of the callers give up"), queue=name, share=share)
    body = voice.say(
        N_("In the last {minutes} minutes {abandoned} of {offered} callers of {queue} gave up ({share})."),
        minutes=values["minutes"], abandoned=values["abandoned"], offered=values["offered"], queue=name, share=share,
    )  # fmt: skip
    return title, body
