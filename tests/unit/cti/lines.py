"""Lines of a site for tests: the settings' one, and what may be dialled."""

from __future__ import annotations

from crm_core.lines.limits import DialLimits, Limits
from cti.line_plan import LinePlan, SettingsOnly
from cti.lines import Lines

BY_HAND = Limits()
GENEROUS = Limits(in_a_minute=600, in_an_hour=6_000, at_once=60, same_number_in_an_hour=600)


def lines_allowing(*prefixes: str, agent: Limits = BY_HAND, campaign: Limits = GENEROUS) -> Lines:
    """Calls out by the trunk of the settings, to these prefixes."""
    plan = LinePlan(
        limits=DialLimits(allowed=prefixes, denied=(), agent=agent, campaign=campaign), first_number="4001718888"
    )
    return Lines(SettingsOnly(plan), plan)
