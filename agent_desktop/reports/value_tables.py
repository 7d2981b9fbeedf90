"""Two of the seven views that have a row for each model and for each campaign, not for a group of customers."""

from __future__ import annotations

from collections.abc import Sequence

from agent_desktop.reports.look import ReportLook
from agent_desktop.reports.period_words import period_word
from agent_desktop.reports.sheet import Cell, Column, Figure, Kind, ReportTable, Row, Sheet
from agent_desktop.words import N_
from reports.value_views import LEAST, Product, Promotion, per_hundred

PRODUCT, PROMOTION = N_("Product: by model"), N_("Promotion: by campaign")


def said(look: ReportLook) -> str:
    return look.say(N_("Not enough data is a dash: fewer than {count} customers, answers or cars."), count=LEAST)


def product_sheet(look: ReportLook, lines: Sequence[Product]) -> Sheet:
    road = sum(one.on_road for one in lines)
    count, number = Kind.COUNT, Kind.NUMBER
    heads = (
        ("on_road", N_("On the road"), count), ("share", N_("Share"), Kind.PERCENT), ("sold", N_("Sold"), count),
        ("change", N_("Against the days before"), Kind.CHANGE), ("complaints", N_("Complaints"), count),
        ("per_100", N_("Complaints per 100 cars"), number), ("visits", N_("Workshop visits"), count),
        ("claims", N_("Warranty claims"), count), ("claim_yuan", N_("Warranty, yuan"), count),
    )  # fmt: skip
    return Sheet(
        word=look.say(N_("Seven views on customers")),
        about=look.say(PRODUCT),
        period=period_word(look),
        figures=[
            Figure(key="on_road", word=look.say(N_("On the road")), value=road),
            Figure(key="sold", word=look.say(N_("Sold")), value=sum(one.sold for one in lines)),
            Figure(key="complaints", word=look.say(N_("Complaints")), value=sum(one.complaints for one in lines)),
        ],
        table=ReportTable(
            columns=[
                Column(key="of", word=look.say(N_("Model")), kind=Kind.TEXT),
                *(Column(key=key, word=look.say(word), kind=kind) for key, word, kind in heads),
            ],
            rows=[_product_row(one, road) for one in lines],
            empty=look.say(N_("No vehicle is on file yet.")),
        ),
        note=said(look),
    )


def _product_row(one: Product, road: int) -> Row:
    change = (one.sold - one.sold_before) / one.sold_before if one.sold_before >= LEAST else None
    cells: list[Cell] = [
        one.of, one.on_road, one.on_road / road if road else None, one.sold, change, one.complaints,
        per_hundred(one.complaints, one.on_road), one.visits, one.claims, round(one.claim_yuan),
    ]  # fmt: skip
    return Row(key=one.of, cells=cells)


def promotion_sheet(look: ReportLook, lines: Sequence[Promotion]) -> Sheet:
    count, percent = Kind.COUNT, Kind.PERCENT
    heads = (
        ("listed", N_("On the list"), count), ("called", N_("Called"), count), ("reached", N_("Reached"), count),
        ("reach", N_("Share reached"), percent), ("answered", N_("Answered the questions"), count),
        ("leads", N_("Leads within 30 days"), count), ("per_reached", N_("Leads per customer reached"), percent),
        ("won", N_("Won"), count),
    )  # fmt: skip
    return Sheet(
        word=look.say(N_("Seven views on customers")),
        about=look.say(PROMOTION),
        period=period_word(look),
        figures=[
            Figure(key="listed", word=look.say(N_("On the list")), value=sum(one.listed for one in lines)),
            Figure(key="reached", word=look.say(N_("Reached")), value=sum(one.reached for one in lines)),
            Figure(key="leads", word=look.say(N_("Leads within 30 days")), value=sum(one.leads for one in lines)),
        ],
        table=ReportTable(
            columns=[
                Column(key="of", word=look.say(N_("Campaign")), kind=Kind.TEXT),
                *(Column(key=key, word=look.say(word), kind=kind) for key, word, kind in heads),
            ],
            rows=[
                Row(
                    key=one.of,
                    cells=[
                        one.name, one.listed, one.called, one.reached, _rate(one.reached, one.called), one.answered,
                        one.leads, _rate(one.leads, one.reached), one.won,
                    ],
                    link=f"/campaigns/{one.of}",
                )
                for one in lines
            ],
            empty=look.say(N_("No campaign called anybody in this period.")),
        ),
        note=said(look),
    )  # fmt: skip


def _rate(over: int, under: int) -> float | None:
    return over / under if under >= LEAST else None
