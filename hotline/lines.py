"""The lines as Asterisk's files and the dialling need them: trunks, published numbers and rules from the records."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from asterisk_conf.lines import SETTINGS_ENDPOINT, ServedNumber, TrunkLine
from crm_core.errors import PlatformError
from crm_core.lines import queries
from crm_core.lines.actions import SETTINGS_TRUNK
from crm_core.lines.model import PublishedNumber, Trunk
from crm_core.lines.outgoing import OutgoingRules
from crm_core.lines.sealing import Safe, SecretLost
from crm_core.lines.settings import outgoing_rules
from crm_core.lines.written import forms_by_number
from hotline.settings import Settings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteLines:
    """What is rendered. `order` holds endpoints, those of the records as they are tried."""

    trunks: tuple[TrunkLine, ...]
    numbers: tuple[ServedNumber, ...]
    order: tuple[str, ...]


def endpoint_of(trunk_id: str) -> str:
    return SETTINGS_ENDPOINT if trunk_id == SETTINGS_TRUNK else f"trunk-{trunk_id}"


_OF_THE_DEMO = Settings.model_fields["trunk_contact"].default  # its customers are there; a real site has nobody


async def site_lines(settings: Settings, session: AsyncSession) -> SiteLines:
    """A row that no file may hold is left out and logged: the other lines are not lost with it."""
    rows = [row for row in await queries.trunks(session) if row.in_use]
    lines = [line for row in rows if (line := _line(settings, row)) is not None]
    rules = await outgoing_rules(session)
    return SiteLines(
        trunks=tuple(lines),
        numbers=_numbers(await queries.numbers(session), {line.endpoint for line in lines}, rules),
        order=order_of(rules, [line.endpoint for line in lines], is_told=settings.trunk_contact != _OF_THE_DEMO),
    )


def order_of(rules: OutgoingRules, endpoints: list[str], *, is_told: bool = True) -> tuple[str, ...]:
    """As the rules say; without rules the settings' line first, then as the trunks stand in the list.

    `is_told` False = the settings name no carrier: that line comes last.
    """
    there = {SETTINGS_ENDPOINT, *endpoints}
    chosen = tuple(one for trunk in rules.order if (one := endpoint_of(trunk)) in there)
    if chosen or is_told:
        return chosen or (SETTINGS_ENDPOINT, *endpoints)
    return (*endpoints, SETTINGS_ENDPOINT)


def _line(settings: Settings, row: Trunk) -> TrunkLine | None:
    reserved = [IPv4Network(one, strict=False) for one in settings.line_addresses]
    try:
        if any(IPv4Network(source, strict=False).overlaps(one) for source in row.sources for one in reserved):
            log.error("trunk_left_out", trunk=row.id, reason="its address is that of the settings' line or our own")
            return None
        return TrunkLine(
            endpoint=endpoint_of(row.id),
            host=row.host,
            port=row.port,
            transport=row.transport,
            registers=row.kind == "registration",
            username=row.username,
            secret=_secret(Safe(settings.line_key_file), row),
            codecs=tuple(row.codecs),
            dtmf=row.dtmf,
            caller_id=row.caller_id,
            sources=tuple(row.sources),
        )
    except (PlatformError, ValueError) as refused:
        log.error("trunk_left_out", trunk=row.id, reason=str(refused))
        return None


def _secret(safe: Safe, row: Trunk) -> str:
    """A secret that does not open is none: the carrier refuses it, and the page says so."""
    try:
        return safe.open(row.id, row.sealed)
    except SecretLost as lost:
        log.error("trunk_secret_lost", trunk=row.id, reason=str(lost))
        return ""


def _numbers(rows: list[PublishedNumber], endpoints: set[str], rules: OutgoingRules) -> tuple[ServedNumber, ...]:
    """Only what is in use; a number whose lines are all off comes by none, and so is in service nowhere."""
    forms = forms_by_number(row.number for row in rows if row.in_use)
    known = endpoints | {SETTINGS_ENDPOINT}
    found = []
    for row in rows:
        lines = tuple(one for trunk in row.trunks if (one := endpoint_of(trunk)) in known)
        if row.in_use and (lines or not row.trunks):
            shown = rules.by_brand.get(row.brand, "") or rules.default_shown
            found.append(ServedNumber(number=row.number, forms=forms[row.number], endpoints=lines, shown=shown))
    return tuple(found)
