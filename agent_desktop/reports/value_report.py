"""The seven views on customers (7P) and the balanced set, by class, stage of life or segment; models; campaigns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields

from agent_desktop import formats
from agent_desktop.reports.cells_of import kind_of, metric_column
from agent_desktop.reports.choices import Choice, grouped_by
from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import period_word
from agent_desktop.reports.sheet import WHOLE, Chart, Column, Drill, Figure, Kind, ReportTable, Row, Series, Sheet
from agent_desktop.reports.value_tables import PRODUCT, PROMOTION, product_sheet, promotion_sheet, said
from agent_desktop.segments.words import READY, STAGES
from agent_desktop.words import CLASSES, N_
from reports.value_metrics import VIEWS
from reports.value_queries import groups, products, promotions, segments
from reports.value_views import Group, shown, value_share

VIEW_WORDS = {
    "profiling": N_("Profiling: who they are"),
    "persistency": N_("Persistency: who stays"),
    "profitability": N_("Profitability: what they bring"),
    "performance": N_("Performance: how content they are"),
    "prospecting": N_("Prospecting: what comes"),
    "product": PRODUCT,
    "promotion": PROMOTION,
    "balanced": N_("Balanced set"),
}
VIEW = Choice(name="view", word=N_("View"), options=VIEW_WORDS)
BY = grouped_by({"class": N_("Class"), "stage": N_("Stage of life"), "segment": N_("Customer segment")})


async def value_sheet(look: ReportLook) -> Sheet:
    view = VIEW.chosen(look.asked)
    if view == "product":
        return product_sheet(look, await products(look.session, look.asked.period))
    if view == "promotion":
        return promotion_sheet(look, await promotions(look.session, look.asked.period))
    return await _group_sheet(look, view)


async def _groups(look: ReportLook) -> tuple[list[Group], Group]:
    """The groups, most customers first, and everybody: the sum over classes, in which each is once."""
    today = look.now.astimezone(look.zone).date()
    by = BY.chosen(look.asked)
    found = await groups(look.session, by, look.asked.period, today=today)
    classes = found if by == "class" else await groups(look.session, "class", look.asked.period, today=today)
    return sorted(found, key=lambda one: (-one.customers, one.of)), _sum(classes)


def _sum(found: Sequence[Group]) -> Group:
    names = [field.name for field in fields(Group) if field.name != "of"]
    return Group(of=WHOLE, **{name: sum(getattr(one, name) for one in found) for name in names})


async def _heads(look: ReportLook) -> Mapping[str, str]:
    how = BY.chosen(look.asked)
    if how == "class":
        return {word: look.say(text) for word, text in CLASSES.items()}
    if how == "stage":
        return {word: look.say(text) for word, text in STAGES.items()}
    return {
        str(one.id): look.say(READY[one.ready]) if one.ready in READY else one.name
        for one in await segments(look.session)
    }


async def _group_sheet(look: ReportLook, view: str) -> Sheet:
    (lines, whole), heads = await _groups(look), await _heads(look)
    metrics = VIEWS[view]
    lines = [one for one in lines if one.of in heads or BY.chosen(look.asked) != "segment"]
    return Sheet(
        word=look.say(N_("Seven views on customers")),
        about=look.say(VIEW_WORDS[view]),
        period=period_word(look),
        figures=[
            Figure(key="customers", word=look.say(N_("Customers")), value=whole.customers),
            *(
                Figure(
                    key=metric.id,
                    word=metric.name_en if look.language == "en" else metric.name_zh,
                    value=shown(metric, whole),
                    kind=kind_of(metric),
                    note=_fraction(*metric.of(whole)),
                )
                for metric in metrics
            ),
        ],
        chart=_share_chart(look, lines, whole, heads) if view == "profitability" else None,
        table=ReportTable(
            columns=_group_columns(look, view),
            rows=[_group_row(view, one, whole, heads.get(one.of) or look.say(N_("Not told"))) for one in lines],
            totals=_group_row(view, whole, whole, look.say(N_("All customers"))) if lines else None,
            empty=look.say(N_("Nobody is counted yet. The worth of customers is counted every night.")),
        ),
        note=said(look),
    )


def _fraction(over: float, under: float) -> str:
    return f"{over:,.0f} / {under:,.0f}" if under else ""


def _group_columns(look: ReportLook, view: str) -> list[Column]:
    columns = [
        Column(key="of", word=look.say(BY.options[BY.chosen(look.asked)]), kind=Kind.TEXT),
        Column(key="customers", word=look.say(N_("Customers"))),
        Column(key="share", word=look.say(N_("Share")), kind=Kind.PERCENT, weight="dim"),
        *(metric_column(look, metric, opens=metric.id) for metric in VIEWS[view]),
    ]
    if view == "profitability":
        about = look.say(N_("What the group brought / what everybody brought, ever."))
        columns.append(Column(key="value_share", word=look.say(N_("Share of worth")), kind=Kind.PERCENT, about=about))
    return columns


def _group_row(view: str, one: Group, whole: Group, head: str) -> Row:
    share = one.customers / whole.customers if whole.customers else None
    cells = [head, one.customers, share, *(shown(metric, one) for metric in VIEWS[view])]
    return Row(key=one.of or "-", cells=[*cells, *([value_share(one, whole)] if view == "profitability" else [])])


def _share_chart(look: ReportLook, lines: Sequence[Group], whole: Group, heads: Mapping[str, str]) -> Chart | None:
    """Few customers bring much: both shares side by side."""
    if not lines or not whole.customers or not whole.value_yuan:
        return None
    lines = lines[:16]
    return Chart(
        word=look.say(N_("Share of customers and share of worth")),
        labels=[heads.get(one.of) or look.say(N_("Not told")) for one in lines],
        keys=[one.of or "-" for one in lines],
        series=[
            Series(word=look.say(N_("Share of customers")), shape="side", percent=True,
                   values=[one.customers / whole.customers for one in lines], tone="past"),
            Series(word=look.say(N_("Share of worth")), shape="side", percent=True, tone="main",
                   values=[value_share(one, whole) for one in lines]),
        ],
    )  # fmt: skip


async def value_drill(look: ReportLook) -> Drill | None:
    """A figure of a group: its fraction and its words; the customers are in the segment's own list."""
    view = VIEW.chosen(look.asked)
    if view not in VIEWS:
        return None
    (lines, whole), heads = await _groups(look), await _heads(look)
    row = "" if look.asked.row == "-" else look.asked.row
    one = whole if row == WHOLE else next((line for line in lines if line.of == row), None)
    metrics = VIEWS[view]
    if one is None:
        return None
    metric = next((known for known in metrics if known.id == look.asked.of), metrics[0])
    over, under = metric.of(one)
    head = look.say(N_("All customers")) if one is whole else heads.get(one.of) or look.say(N_("Not told"))
    value = shown(metric, one)
    return Drill(
        word=f"{head} {metric.name_en if look.language == 'en' else metric.name_zh}",
        about=period_word(look),
        value=look.write(value, kind_of(metric)),
        over=f"{over:,.0f}",
        under=f"{under:,.0f}",
        formula=metric.words_en if look.language == "en" else metric.words_zh,
        others=[
            (other.name_en if look.language == "en" else other.name_zh, look.write(shown(other, one), kind_of(other)))
            for other in metrics
            if other is not metric
        ],
        list_word=look.say(N_("{count} customers"), count=formats.count(one.customers)),
        count=one.customers if BY.chosen(look.asked) == "segment" and one is not whole else 0,
        more=f"/segments/{one.of}" if BY.chosen(look.asked) == "segment" and one is not whole else "",
        empty=said(look) if value is None else "",
    )
