"""A dealer's figures against the network by month, and the ranking of the dealers for who answers for several."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from agent_desktop.dealer.export import csv_answer
from agent_desktop.dealer.figures import amount, chart_of, lines_of, written
from agent_desktop.dealer.portal import Portal, ThePortal, show
from agent_desktop.dealer.words import FORMULAS, MEASURES
from agent_desktop.dependencies import needs
from agent_desktop.rendering import translate
from crm_core.access.roles import Permission
from crm_core.dealers.scorecard import BY_WORD, Tally, months_back, ranked, read_month
from crm_core.dealers.scorecard_queries import names_of_dealers, tallies

router = APIRouter(prefix="/dealer", dependencies=[needs(Permission.SEE_OWN_DEALER)])
MONTHS = 6


def the_asked(month: str = "", measure: str = "in_time") -> tuple[str, str]:
    return month, measure if measure in BY_WORD else "in_time"


TheAsked = Annotated[tuple[str, str], Depends(the_asked)]


def shown_dealers(portal: Portal) -> set[int]:
    return {portal.chosen} if portal.chosen else {one.id for one in portal.dealers}


@router.get("/figures")
async def show_figures(portal: ThePortal, asked: TheAsked) -> Response:
    """Each figure with its numerator, denominator and formula; the chart has its table."""
    months = months_back(portal.today, MONTHS, portal.zone)
    found = await tallies(portal.session, months, now=portal.now)
    month, dealers = read_month(asked[0], months), shown_dealers(portal)
    return await show(
        portal,
        "dealer/figures.html",
        months=months,
        month=month,
        lines=lines_of(found, month, dealers),
        chart=chart_of(found, asked[1], months, dealers),
        measure=asked[1],
        written=written,
        amount=amount,
    )


@router.get("/figures.csv")
async def export(portal: ThePortal) -> Response:
    months = months_back(portal.today, MONTHS, portal.zone)
    found = await tallies(portal.session, months, now=portal.now)

    def word(message: str) -> str:
        return translate(portal.request, message)

    head = ["Month", "Figure", "Ours", "Numerator", "Denominator", "Network", "Formula"]
    rows = [
        [
            month.word,
            word(MEASURES[line.measure.word]),
            written(line.own.value, line.measure),
            amount(line.own.numerator),
            line.own.denominator,
            written(line.network.value, line.measure),
            word(FORMULAS[line.measure.word]),
        ]
        for month in months
        for line in lines_of(found, month, shown_dealers(portal))
    ]
    return csv_answer("figures", [word(one) for one in head], rows)


@router.get("/ranking", dependencies=[needs(Permission.SEE_OWN_REGION)])
async def show_ranking(portal: ThePortal, asked: TheAsked) -> Response:
    """The own dealers by one measure, with their place in the whole network."""
    ids = {one.id for one in portal.dealers}
    values = await ranking(portal, asked)
    return await show(portal, "dealer/ranking.html", own=ids, written=written, amount=amount, **values)


async def ranking(portal: Any, asked: tuple[str, str]) -> dict[str, Any]:
    """The rows of a ranking; `portal` is whatever has session, today, now and zone."""
    months = months_back(portal.today, MONTHS, portal.zone)
    month, measure = read_month(asked[0], months), BY_WORD[asked[1]]
    found = await tallies(portal.session, [month], now=portal.now)
    dealers = await names_of_dealers(portal.session)
    by_dealer = {one: found.get(measure.word, {}).get(one, {}).get(month.word, Tally()) for one in dealers}
    rows = [(dealers[dealer], tally, place) for dealer, tally, place in ranked(by_dealer, measure)]
    return {"months": months, "month": month, "measure": measure, "rows": rows}
