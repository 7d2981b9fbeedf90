"""The rules of care as editable data: an event, so many days, who does it, on which way, for whom. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from enum import StrEnum
from typing import Any

from crm_core.consent.purposes import Channel, Purpose
from crm_core.dealers.care_rules import LOOKED_BACK, Rules

A_YEAR = 366


class Trigger(StrEnum):
    DELIVERY = "delivery"
    VISIT = "visit"  # the vehicle left the workshop
    COMPLAINT = "complaint"  # a complaint was closed
    LEAD = "lead"  # an interest was taken down; its class is a condition
    TEST_DRIVE = "test_drive"  # a lead that wants one went to a dealer
    PROSPECT = "prospect"  # the latest contact with a prospect: comes again and again
    BIRTHDAY = "birthday"
    NEW_YEAR = "new_year"  # of prospects


class Owner(StrEnum):
    """In whose name the customer hears of us."""

    CONSULTANT = "sales_consultant"
    ADVISER = "service_adviser"
    CENTRE = "centre"


class By(StrEnum):
    DEALER = "dealer"  # a task on the portal
    CENTRE = "centre"  # an entry of a campaign


YEARLY = (Trigger.BIRTHDAY, Trigger.NEW_YEAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class CareRule:
    """`days` after the event; a yearly day may be led by up to 30. `window`: so many days late it is still made.

    `attempts`: how often it is tried by a dealer, 0 = until the customer is reached. The conditions hold the words of
    which one must fit, () = all; `models` are first letters of a vehicle's model. `campaign` is set for the centre.
    """

    id: str
    name_zh: str
    trigger: Trigger
    days: int
    name_en: str = ""
    on: bool = True
    owner: Owner = Owner.CONSULTANT
    by: By = By.DEALER
    campaign: int | None = None
    channel: Channel = Channel.PHONE
    purpose: Purpose = Purpose.CARE
    window: int = 30
    attempts: int = 0
    models: tuple[str, ...] = ()
    energies: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    horizons: tuple[str, ...] = ()

    def name(self, language: str) -> str:
        return self.name_en or self.name_zh if language == "en" else self.name_zh


CareRules = tuple[CareRule, ...]
CONDITIONS = ("models", "energies", "regions", "classes", "horizons")
_ENUMS: Mapping[str, type[StrEnum]] = {
    "trigger": Trigger,
    "owner": Owner,
    "by": By,
    "channel": Channel,
    "purpose": Purpose,
}


def shipped(old: Rules) -> CareRules:
    """What holds until somebody saves other rules: N9 to N11 and N14, with the numbers that the centre had set."""
    late = LOOKED_BACK.days
    deliveries = [
        ("two_weeks", "交车两周回访", "Two-week call after delivery", old.first_call_days, Owner.CONSULTANT),
        ("four_weeks", "交车四周回访", "Four-week call after delivery", old.second_call_days, Owner.ADVISER),
    ]
    rules = [
        CareRule(
            id=key, name_zh=zh, name_en=en, trigger=Trigger.DELIVERY, days=days, owner=owner, window=max(late - days, 0)
        )
        for key, zh, en, days, owner in deliveries
    ]
    after, year = old.after_service_days, old.contacts_per_year
    visit = CareRule(id="after_service", name_zh="进厂后回访", trigger=Trigger.VISIT, days=after, owner=Owner.ADVISER)
    drive = CareRule(id="test_drive", name_zh="安排试驾", trigger=Trigger.TEST_DRIVE, days=2, purpose=Purpose.LEAD)
    again = CareRule(id="visit", name_zh="潜客定期联系", trigger=Trigger.PROSPECT, days=365 // (year or 4), on=year > 0)
    birth = CareRule(id="birthday", name_zh="生日贺卡", trigger=Trigger.BIRTHDAY, days=0, on=old.birthday_cards)
    new_year = CareRule(id="new_year", name_zh="新年贺卡", trigger=Trigger.NEW_YEAR, days=0, on=old.new_year_cards)
    return (
        *rules,
        _with(visit, name_en="Call after a workshop visit", window=max(late - after, 0)),
        _with(drive, name_en="Arrange the test drive", window=A_YEAR),
        _with(again, name_en="Regular contact with a prospect", purpose=Purpose.LEAD),
        _with(birth, name_en="Birthday card", channel=Channel.POST, window=0),
        _with(new_year, name_en="New Year card", channel=Channel.POST, window=0),
    )


def _with(rule: CareRule, **changes: Any) -> CareRule:
    return read_rule(write_rule(rule) | changes)


def write_rule(rule: CareRule) -> dict[str, Any]:
    """The rule as it is kept and as a form begins with it."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(rule).items()}


def read_rule(state: Mapping[str, Any]) -> CareRule:
    """The way back; what is missing or no longer known has its default."""
    known = {one.name for one in fields(CareRule)}
    values: dict[str, Any] = {name: value for name, value in state.items() if name in known}
    values |= {name: kind(values[name]) for name, kind in _ENUMS.items() if name in values}
    values |= {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return CareRule(**values)


def write_rules(rules: Sequence[CareRule]) -> dict[str, Any]:
    return {"rules": [{k: str(v) if k in _ENUMS else v for k, v in write_rule(one).items()} for one in rules]}


def read_rules(state: Mapping[str, Any]) -> CareRules:
    return tuple(read_rule(one) for one in state["rules"])


def window_of(rule: CareRule) -> timedelta | None:
    """How late it is still made; None = however late: who was not called for long is called today."""
    return None if rule.trigger is Trigger.PROSPECT else timedelta(days=rule.window)
