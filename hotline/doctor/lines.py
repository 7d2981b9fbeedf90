"""The lines that were entered on the pages: whether each trunk works, and whether what answers a number is whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection
from pathlib import Path

import httpx2
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from agent_desktop.lines.inbound import missing_behind
from agent_desktop.words import N_
from crm_core.db import Database, make_engine
from crm_core.lines import queries
from crm_core.lines.model import PublishedNumber, Trunk
from hotline.doctor import telephony
from hotline.doctor.findings import Finding, State, absent, fault, fine, warning
from hotline.doctor.machine import is_running
from hotline.settings import Settings

TRUNK, NUMBERS = "trunk", "numbers"
PAGES_SECONDS = 3.0
LOGIN_SECONDS, AGAIN_SECONDS = 5.0, 0.5
Entered = tuple[list[Trunk], list[PublishedNumber], dict[str, tuple[str, ...]]]


def trunks(settings: Settings) -> list[Finding]:
    """Each trunk in use as telephony sees it; without any the line of the settings is asked."""
    entered = _entered(settings)
    if not entered or not entered[0]:
        of_settings = telephony.trunk(settings)
        if of_settings.state is State.ABSENT and not settings.demo:
            remedy = N_("Enter its trunk at /admin/lines/trunks. Until then hotline call tries the site.")
            return [warning(TRUNK, N_("There is no carrier yet: no call comes in, and none goes out."), remedy)]
        return [of_settings]
    names = {row.id: row.name or row.id for row in entered[0]}
    if not is_running(settings.run_dir):
        return [fine(TRUNK, N_("entered: {names}"), names=", ".join(names.values()))]
    working = _settled(settings, names)
    if working is None:
        remedy = N_("See hotline status, and the pages at /admin/lines/trunks.")
        return [warning(TRUNK, N_("The site does not tell how its trunks are."), remedy)]
    return [_trunk(name, works=working.get(trunk, False)) for trunk, name in names.items()]


def _trunk(name: str, *, works: bool) -> Finding:
    if works:
        return fine(TRUNK, N_("{name} works"), name=name)
    remedy = N_("Its page at /admin/lines/trunks tells the carrier's answer; try a call at /admin/lines/test.")
    return fault(TRUNK, N_("{name} is not logged in, or does not answer."), remedy, name=name)


def numbers(settings: Settings) -> list[Finding]:
    """What answers each published number."""
    entered = _entered(settings)
    if not entered or not entered[1]:
        own = ", ".join(settings.hotline_numbers)
        return [absent(NUMBERS, N_("none is published at /admin/lines/numbers; answered are {numbers}"), numbers=own)]
    _, rows, missing = entered
    remedy = N_("Make these queues at /admin/queues. Until then such callers wait in the first queue.")
    lacking = [
        warning(
            NUMBERS,
            N_("{number}: its flow leads to queues that are not made: {queues}."),
            remedy,
            number=row.number,
            queues=", ".join(missing[row.number]),
        )
        for row in rows
        if missing.get(row.number)
    ]
    return lacking or [fine(NUMBERS, N_("answered: {numbers}"), numbers=", ".join(row.number for row in rows))]


def _entered(settings: Settings) -> Entered | None:
    """None where there is no database of ours: another part tells why."""
    url = make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        return None
    try:
        return asyncio.run(_read(settings))
    except (SQLAlchemyError, OSError):
        return None


async def _read(settings: Settings) -> Entered:
    database = Database(make_engine(settings.database))
    try:
        async with database.begin() as session:
            rows = [row for row in await queries.numbers(session) if row.in_use]
            used = [row for row in await queries.trunks(session) if row.in_use]
            return used, rows, await missing_behind(session, rows)
    finally:
        await database.close()


def _settled(settings: Settings, trunks: Collection[str]) -> dict[str, bool] | None:
    """As `_working`; a trunk that logs in, after a start or a change, has a moment for it."""
    until = time.monotonic() + LOGIN_SECONDS
    while (working := _working(settings)) is not None and not all(working.get(trunk) for trunk in trunks):
        if time.monotonic() > until:
            break
        time.sleep(AGAIN_SECONDS)
    return working


def _working(settings: Settings) -> dict[str, bool] | None:
    """By trunk, as /metrics tells; None = it does not."""
    told = {"Authorization": f"Bearer {settings.metrics_token}"} if settings.metrics_token else {}
    try:
        answer = httpx2.get(f"{settings.web_address}/metrics", headers=told, timeout=PAGES_SECONDS, trust_env=False)
        answer.raise_for_status()
    except httpx2.HTTPError:
        return None
    families = text_string_to_metric_families(answer.text)
    samples = (one for family in families for one in family.samples if one.name == "hotline_trunk_up")
    return {one.labels["trunk"]: one.value == 1.0 for one in samples}
