"""Lines in the records: what may be saved, how secrets are kept, how numbers are written both ways."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from crm_core.access.model import AuditEntry
from crm_core.db import Database
from crm_core.dialling import Destinations, NumberNotAllowed, NumberNotDialable, dialable
from crm_core.lines import actions, limits, outgoing, queries, settings
from crm_core.lines.limits import DialLimits
from crm_core.lines.number_actions import remove_number, save_number
from crm_core.lines.outgoing import OutgoingRules, sent
from crm_core.lines.sealing import Safe, SecretLost
from crm_core.lines.trunk_checks import problems
from crm_core.lines.written import forms_by_number, published
from crm_core.workforce.fields import Unusable
from crm_core.workforce.model import WorkforceVersion
from crm_core.workforce.restore import restore

AT = datetime(2026, 7, 14, 2, 0, tzinfo=UTC)
BY: dict[str, Any] = {"base": None, "actor": "9001", "at": AT}
CARRIER = {"name": "联通", "host": "192.0.2.10", "username": "hotline01", "in_use": True}
SECRET = "s3cr3t-of-the-line"


async def saved(database: Database, safe: Safe, **more: Any) -> None:
    async with database.begin() as session:
        await actions.save_trunk(session, "unicom", {**CARRIER, **more}, secret=SECRET, safe=safe, **BY)


async def test_a_secret_is_in_no_row_version_or_audit_entry_and_opens_for_its_trunk_only(
    db: Database, tmp_path: Path
) -> None:
    safe = Safe(tmp_path / "line-key")
    await saved(db, safe)
    async with db.begin() as session:
        row = await queries.trunk(session, "unicom")
        versions = list(await session.scalars(select(WorkforceVersion)))
        entries = list(await session.scalars(select(AuditEntry)))
    everything = row.sealed + "".join(f"{one.before}{one.after}" for one in versions)
    everything += "".join(f"{one.subject}{one.detail}" for one in entries)
    assert SECRET not in everything
    assert {"trunk_saved", "trunk_secret_set"} <= {one.action for one in entries}
    assert safe.open("unicom", row.sealed) == SECRET
    for trunk, key in (("mobile", "line-key"), ("unicom", "another-key")):
        with pytest.raises(SecretLost):
            Safe(tmp_path / key).open(trunk, row.sealed)
    assert (tmp_path / "line-key").stat().st_mode & 0o077 == 0


async def test_a_save_without_a_secret_keeps_it_and_an_undo_brings_the_settings_back(
    db: Database, tmp_path: Path
) -> None:
    safe = Safe(tmp_path / "line-key")
    await saved(db, safe)
    async with db.begin() as session:
        version = await actions.save_trunk(session, "unicom", {"port": 5080}, **BY)
    assert version is not None
    async with db.begin() as session:
        await restore(session, version.id, undo=True, base=None, actor="9001", at=AT)
        row = await queries.trunk(session, "unicom")
        assert (row.port, safe.open("unicom", row.sealed)) == (5060, SECRET)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("host", "192.0.2.1\ncontext=from-agents"),
        ("host", "sip.example.com;transport=udp"),
        ("username", "x@y"),
        ("username", "x]\n[trunk-evil"),
        ("port", 0),
        ("port", "5060;"),
        ("codecs", ["opus"]),
        ("codecs", []),
        ("dtmf", "auto\nallow=all"),
        ("caller_id", "Diversion"),
        ("sources", ["0.0.0.0/0"]),
        ("sources", ["10.0.0.0/8"]),
        ("sources", ["carrier.example.com"]),
        ("sources", ["127.0.0.2"]),
        ("number_form", "national)"),
        ("name", " "),
    ],
)
def test_what_must_not_reach_a_file_is_refused_at_its_field(field: str, value: object) -> None:
    state = {**CARRIER, "kind": "registration", "port": 5060, "transport": "udp", "codecs": ["alaw"], "dtmf": "auto"}
    state |= {"caller_id": "from", "sources": ["192.0.2.10"], "number_form": "digits", "capacity": 0, "position": 1}
    found = problems({**state, field: value}, taken=["127.0.0.2"], secret=None, has_secret=True)
    assert [one.values["field"] for one in found] == [field]
    assert not problems(state, taken=["127.0.0.2"], secret=None, has_secret=True)


@pytest.mark.parametrize("secret", ["with space", "line\nend", "x" * 129, "密码", "\x00"])
async def test_a_secret_that_no_line_takes_is_refused(db: Database, tmp_path: Path, secret: str) -> None:
    async with db.begin() as session:
        with pytest.raises(Unusable) as refused:
            await actions.save_trunk(session, "unicom", CARRIER, secret=secret, safe=Safe(tmp_path / "line-key"), **BY)
    assert set(refused.value.by_field) == {"secret"}


async def test_until_a_number_is_published_the_settings_hold_and_after_the_last_one_again(db: Database) -> None:
    of_settings = ("4001718888",)
    async with db.begin() as session:
        assert await queries.served_numbers(session, of_settings) == of_settings
        await save_number(session, "043188883318", {"name": "长春"}, **BY)
        assert await queries.served_numbers(session, of_settings) == ("043188883318",)
        await remove_number(session, "043188883318", **BY)
        assert await queries.served_numbers(session, of_settings) == of_settings


async def test_a_number_cannot_be_given_what_is_not_there(db: Database) -> None:
    async with db.begin() as session:
        for state in ({"menu": "nowhere"}, {"queue": "nowhere"}, {"trunks": ["nowhere"]}):
            with pytest.raises(Unusable) as refused:
                await save_number(session, "4001718888", state, **BY)
            assert set(refused.value.by_field) == set(state)
        for number in ("_X.", "400-171", "40", "1" * 16, "４００１７１８８８８"):
            with pytest.raises(Unusable):
                await save_number(session, number, {}, **BY)


async def test_a_trunk_by_which_alone_a_number_arrives_is_not_removed(db: Database, tmp_path: Path) -> None:
    await saved(db, Safe(tmp_path / "line-key"))
    async with db.begin() as session:
        await save_number(session, "4001718888", {"trunks": ["unicom"]}, **BY)
        with pytest.raises(actions.StillArrivesHere):
            await actions.remove_trunk(session, "unicom", **BY)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("4001718888", "4001718888"),
        ("+864001718888", "4001718888"),
        ("00864001718888", "4001718888"),
        ("04001718888", "4001718888"),
        ("1718888", "4001718888"),
        ("43188883318", "043188883318"),
        ("+8643188883318", "043188883318"),
        ("88883318", "043188883318"),
        ("62001111", "01062001111"),
        ("95588", "95588"),
        ("095588", ""),
        ("40017188889", ""),
        ("+864001718888x", ""),
        ("", ""),
    ],
)
def test_a_carriers_way_of_writing_leads_to_the_published_number_and_nothing_else_does(asked: str, meant: str) -> None:
    assert published(asked, ("4001718888", "043188883318", "01062001111", "95588")) == meant


def test_a_form_that_two_numbers_share_belongs_to_neither() -> None:
    forms = forms_by_number(("4001718888", "8001718888"))
    assert not any("1718888" in each for each in forms.values())
    assert forms_by_number(("4001718888", "1718888"))["1718888"] == (
        "1718888",
        *forms_by_number(("1718888",))["1718888"][1:],
    )


PLACES = {"+8613812340000": "吉林长春", "+8613512340000": "北京", "+8643188888888": "吉林长春"}


@pytest.mark.parametrize(
    ("digits", "form", "written"),
    [
        ("8613812340000", "digits", "8613812340000"),
        ("8613812340000", "plus", "+8613812340000"),
        ("8613812340000", "national", "13812340000"),
        ("8613512340000", "national", "013512340000"),
        ("8613912340000", "national", "013912340000"),  # of a place that is unknown
        ("8643188883318", "national", "88883318"),
        ("861062001111", "national", "01062001111"),
        ("864001718888", "national", "4001718888"),
        ("4930123456", "national", "004930123456"),
    ],
)
def test_digits_are_sent_as_the_carrier_wants_them(digits: str, form: str, written: str) -> None:
    rules = OutgoingRules(home_area="0431", mobile_zero=True, local_short=True)
    assert sent(digits, form, rules, lambda number: PLACES.get(number, "")) == written


def test_a_campaigns_number_is_shown_before_a_brands_before_the_default() -> None:
    rules = OutgoingRules(default_shown="1", by_brand={"远辰": "2"}, by_campaign={"7": "3"})
    assert [rules.shown(campaign=7, brand="远辰"), rules.shown(brand="远辰"), rules.shown(brand="?")] == ["3", "2", "1"]


@pytest.mark.parametrize(
    "number",
    [
        "110", "95588", "16812345678", "+4930123456", "0044 20 7946 0000", "+881612345678", "+8617401234567",
        "+86 017401234567", "0086 17401234567", "+861349123456", "17401234567",
    ],
)  # fmt: skip
def test_by_default_only_domestic_numbers_are_dialled_and_no_satellite_however_it_is_written(number: str) -> None:
    with pytest.raises((NumberNotAllowed, NumberNotDialable)):
        dialable(number, DialLimits().destinations)


@pytest.mark.parametrize(
    "number", ["13812345678&PJSIP/x", "8613812345678@evil", "13812345678,30", "${EXTEN}", "138\r\n1", "１３８", "_X."]
)
def test_a_hostile_number_is_no_telephone_number(number: str) -> None:
    with pytest.raises((NumberNotAllowed, NumberNotDialable)):
        dialable(number, DialLimits().destinations)


def test_denied_wins_over_allowed_and_nothing_is_allowed_by_an_empty_list() -> None:
    assert dialable("13812345678", Destinations(("86",))) == "8613812345678"
    for places in (Destinations(("86",), ("86138",)), Destinations()):
        with pytest.raises(NumberNotAllowed):
            dialable("13812345678", places)


async def test_limits_change_with_a_reason_only_and_are_versioned(db: Database) -> None:
    state = limits.state_of(DialLimits())
    async with db.begin() as session:
        with pytest.raises(Unusable) as refused:
            await settings.save_dial_limits(session, {**state, "agent_in_an_hour": 20}, **BY)
        assert set(refused.value.by_field) == {"why"}
        changed = {**state, "agent_in_an_hour": 20, "why": "test week"}
        assert await settings.save_dial_limits(session, changed, **BY) is not None
        assert (await settings.dial_limits(session)).agent.in_an_hour == 20


@pytest.mark.parametrize(
    "wrong", [{"allowed": ["+86"]}, {"allowed": ["0"]}, {"denied": ["86;"]}, {"night_from": "25:00"}]
)
def test_a_prefix_or_time_that_is_none_is_told_at_its_field(wrong: dict[str, Any]) -> None:
    state = {**limits.state_of(DialLimits()), "why": "x", **wrong}
    assert [one.values["field"] for one in limits.problems(state)] == list(wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"default_shown": "400&1"}, {"by_brand": {"x": "12"}}, {"by_campaign": {"1": "abc"}}, {"home_area": "431"}],
)
def test_a_shown_number_or_area_code_that_is_none_is_told_at_its_field(wrong: dict[str, Any]) -> None:
    state = {**outgoing.state_of(OutgoingRules()), **wrong}
    assert [one.values["field"] for one in outgoing.problems(state)] == list(wrong)


async def test_the_tables_are_there_after_the_migration(db: Database) -> None:
    async with db.begin() as session:
        assert (await session.execute(text("select count(*) from trunk"))).scalar() == 0
