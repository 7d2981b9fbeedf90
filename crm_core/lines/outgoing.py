"""How calls go out: the number that is shown, the order of trunks, how digits are written for a carrier. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_core.errors import Invalid
from crm_core.lines.written import CHINA, TWO_DIGIT_AREAS

_MOBILE = re.compile(r"1[3-9]\d{9}")
_SHOWN = re.compile(r"[0-9]{3,15}")
_AREA = re.compile(r"0[1-9][0-9]{1,2}")
MOST_BRANDS, MOST_CAMPAIGNS = 40, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingRules:
    """`default_shown` "" = the first number of the site. `order` names trunks, [] = as they stand in the list.

    `home_area` is the site's area code with its 0, "" = unknown. For carriers that want national numbers:
    `mobile_zero` puts a 0 before mobiles of other areas, `local_short` leaves our own area code out.
    """

    default_shown: str = ""
    by_brand: Mapping[str, str] = field(default_factory=dict)
    by_campaign: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    home_area: str = ""
    mobile_zero: bool = False
    local_short: bool = False

    def shown(self, *, campaign: int = 0, brand: str = "") -> str:
        """A campaign's number before a brand's before the default; "" = the site's first."""
        return self.by_campaign.get(str(campaign)) or self.by_brand.get(brand) or self.default_shown


FIRST = OutgoingRules()
Where = Callable[[str], str]
"""The place where an E.164 number was issued, "" when unknown: crm_core.phone.location."""


def sent(digits: str, form: str, rules: OutgoingRules, where: Where) -> str:
    """E.164 digits as this carrier wants them: digits 8613…, plus +8613…, national 13… or 0431…"""
    if form == "plus":
        return f"+{digits}"
    if form != "national":
        return digits
    if not digits.startswith(CHINA):
        return f"00{digits}"
    number = digits.removeprefix(CHINA)
    if _MOBILE.fullmatch(number):
        return f"0{number}" if rules.mobile_zero and _of_another_area(digits, rules, where) else number
    if number.startswith(("400", "800")):
        return number
    home = rules.home_area.removeprefix("0")
    return number.removeprefix(home) if rules.local_short and home and number.startswith(home) else f"0{number}"


def _of_another_area(digits: str, rules: OutgoingRules, where: Where) -> bool:
    """A place that is unknown is another one: carriers take a 0 too many sooner than one too few."""
    home = where(f"+{CHINA}{rules.home_area.removeprefix('0')}{'8' * (8 if _has_long_numbers(rules) else 7)}")
    return not home or where(f"+{digits}") != home


def _has_long_numbers(rules: OutgoingRules) -> bool:
    """Cities with a two-digit code, and most provincial capitals since, have eight digits; Changchun among them."""
    return rules.home_area.removeprefix("0").startswith((*TWO_DIGIT_AREAS, "431", "371", "451", "532", "571", "755"))


def rules_from(state: Mapping[str, Any]) -> OutgoingRules:
    return OutgoingRules(
        default_shown=str(state["default_shown"]),
        by_brand=dict(state["by_brand"]),
        by_campaign=dict(state["by_campaign"]),
        order=tuple(state["order"]),
        home_area=str(state["home_area"]),
        mobile_zero=bool(state["mobile_zero"]),
        local_short=bool(state["local_short"]),
    )


def state_of(rules: OutgoingRules) -> dict[str, Any]:
    return {
        "default_shown": rules.default_shown,
        "by_brand": dict(sorted(rules.by_brand.items())),
        "by_campaign": dict(sorted(rules.by_campaign.items())),
        "order": list(rules.order),
        "home_area": rules.home_area,
        "mobile_zero": rules.mobile_zero,
        "local_short": rules.local_short,
    }


def problems(state: Mapping[str, Any]) -> list[Invalid]:
    """One sentence for each field that cannot be used."""
    found = []
    if state["default_shown"] and not _SHOWN.fullmatch(state["default_shown"]):
        found.append(Invalid("A shown number has 3 to 15 digits.", field="default_shown"))
    for name, most in (("by_brand", MOST_BRANDS), ("by_campaign", MOST_CAMPAIGNS)):
        shown = state[name]
        if len(shown) > most or not all(0 < len(key) <= 40 and _SHOWN.fullmatch(one) for key, one in shown.items()):
            found.append(Invalid("A shown number has 3 to 15 digits.", field=name))
    if state["home_area"] and not _AREA.fullmatch(state["home_area"]):
        found.append(Invalid("An area code begins with 0: 0431.", field="home_area"))
    if (state["mobile_zero"] or state["local_short"]) and not state["home_area"]:
        found.append(Invalid("Enter the area code of the site first.", field="home_area"))
    return found
