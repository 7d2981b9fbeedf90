"""Lines of the records as Asterisk's files and the dialling get them."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from asterisk_conf.lines import ServedNumber, TrunkLine, UnusableLine
from asterisk_conf.render import prepare_secrets, prepare_trunk_secrets, render_text
from asterisk_conf.site import UnusableForAsterisk
from crm_core.db import Database
from crm_core.lines.actions import save_trunk
from crm_core.lines.model import Trunk
from crm_core.lines.number_actions import save_number
from crm_core.lines.outgoing import OutgoingRules, state_of
from crm_core.lines.sealing import Safe
from crm_core.lines.settings import save_outgoing
from hotline.line_source import DatabaseLines
from hotline.settings import Settings
from hotline.telephone_site import telephone_site, telephone_sites
from tests.empty_databases import sqlite_database
from tests.unit.asterisk_conf.test_render import BUILD, MACHINE, site

BY: dict[str, Any] = {"base": None, "actor": "9001", "at": datetime(2026, 7, 14, 2, tzinfo=UTC)}
SECRET = "s3cret'; DROP TABLE ps_auths; --"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(run_dir=tmp_path / "run", ami_secret="x", _env_file=None)  # type: ignore[call-arg]


@pytest.fixture
def db(tmp_path: Path) -> Database:
    return sqlite_database(tmp_path / "lines.db")


async def fill(db: Database, settings: Settings) -> None:
    async with db.begin() as session:
        carrier = {"name": "联通", "host": "192.0.2.10", "username": "hotline01", "number_form": "national"}
        safe = Safe(settings.line_key_file)
        await save_trunk(session, "unicom", carrier, secret=SECRET.replace(" ", ""), safe=safe, **BY)
        await save_number(session, "4001718888", {"brand": "远辰", "trunks": ["unicom"]}, **BY)
        rules = OutgoingRules(by_brand={"远辰": "043188883318"}, order=("unicom", "settings"))
        await save_outgoing(session, state_of(rules), **BY)


async def test_the_records_become_endpoints_numbers_and_an_order(db: Database, settings: Settings) -> None:
    await fill(db, settings)
    async with db.begin() as session:
        site = await telephone_site(settings, session)
    assert [line.endpoint for line in site.trunks] == ["trunk-unicom"]
    assert site.dial_order == ("trunk-unicom", "trunk")
    [number] = site.numbers
    assert (number.number, number.endpoints, number.shown) == ("4001718888", ("trunk-unicom",), "043188883318")
    assert "+864001718888" in number.forms
    plan = await DatabaseLines(settings, db, None).current()
    assert plan.published("00864001718888") == "4001718888"
    assert plan.route("8613812345678", lambda _: True, lambda _: "") == "13812345678@trunk-unicom&8613812345678@trunk"
    assert plan.shown(entry="4001718888") == "043188883318"
    await db.close()


async def test_a_hostile_secret_is_a_value_in_the_realtime_file_and_in_no_other(
    db: Database, settings: Settings, tmp_path: Path
) -> None:
    await fill(db, settings)
    async with db.begin() as session:
        site = await telephone_site(settings, session)
    site.folder.mkdir(parents=True)
    prepare_secrets(site)
    prepare_trunk_secrets(site)
    text = "".join(
        render_text(name, site, BUILD, MACHINE) for name in ("pjsip_trunks.conf", "pjsip.conf", "numbers.conf")
    )
    assert "DROP" not in text
    with sqlite3.connect(site.realtime_database) as database:
        rows = dict(database.execute("SELECT id, password FROM ps_auths WHERE id LIKE 'trunk-%'"))
    assert rows == {"trunk-unicom": SECRET.replace(" ", "")}
    assert site.realtime_database.stat().st_mode & 0o077 == 0
    await db.close()


async def test_a_line_that_no_file_may_hold_or_whose_key_is_lost_costs_the_others_nothing(
    db: Database, settings: Settings
) -> None:
    await fill(db, settings)
    async with db.begin() as session:
        session.add(
            Trunk(id="evil", name="x", host="192.0.2.99\ncontext=from-agents", codecs=["alaw"], sources=["192.0.2.99"])
        )
        session.add(
            Trunk(id="ours", name="x", host="192.0.2.98", kind="address", codecs=["alaw"], sources=["127.0.0.2"])
        )
    settings.line_key_file.unlink()
    async with db.begin() as session:
        site = await telephone_site(settings, session)
    assert [(line.endpoint, line.secret) for line in site.trunks] == [("trunk-unicom", "")]
    await db.close()


async def test_of_two_asterisks_the_first_one_logs_in_and_both_call_out(db: Database, tmp_path: Path) -> None:
    two = Settings(run_dir=tmp_path / "run", ami_secret="x", nodes=2, _env_file=None)  # type: ignore[call-arg]
    await fill(db, two)
    async with db.begin() as session:
        first, second = await telephone_sites(two, session)
    assert [[line.registers for line in node.trunks] for node in (first, second)] == [[True], [False]]
    assert first.dial_order == second.dial_order
    files = [render_text("pjsip_trunks.conf", node, BUILD, MACHINE) for node in (first, second)]
    assert ["type = registration" in text for text in files] == [True, False]
    assert all("outbound_auth = trunk-unicom" in text for text in files)
    await db.close()


def test_a_trunk_by_tls_checks_the_carrier_and_only_one_that_asserts_is_believed_who_calls() -> None:
    plain = TrunkLine(endpoint="trunk-plain", host="192.0.2.10")
    sure = TrunkLine(endpoint="trunk-sure", host="192.0.2.11", transport="tls", caller_id="pai")
    one = replace(site(), trunks=(plain, sure), carrier_authorities=Path("/etc/carrier.pem"))
    text = render_text("pjsip_trunks.conf", one, BUILD, MACHINE)
    assert "verify_server = yes\nca_list_file = /etc/carrier.pem" in text
    assert "ca_list_path = /etc/ssl/certs" in render_text(
        "pjsip_trunks.conf", replace(one, carrier_authorities=None), BUILD, MACHINE
    )
    endpoints = {part.split("]")[0]: part for part in text.split("[") if "(trunk-line)" in part}
    assert "trust_id_inbound" not in endpoints["trunk-plain"]
    assert "trust_id_inbound = yes" in endpoints["trunk-sure"]
    with pytest.raises(UnusableForAsterisk):
        replace(site(), carrier_authorities=Path("/etc/a b;c.pem"))


@pytest.mark.parametrize(
    "more",
    [
        {"host": "a\nb"}, {"endpoint": "trunk-a;b"}, {"endpoint": "1018"}, {"username": "u]"}, {"port": 0},
        {"registers": True, "username": ""}, {"secret": "a\nb"}, {"codecs": ("opus",)}, {"dtmf": "x"},
        {"transport": "ws"},
    ],
)  # fmt: skip
def test_what_could_break_out_of_a_file_is_refused_once_more(more: dict[str, Any]) -> None:
    good: dict[str, Any] = {"endpoint": "trunk-unicom", "host": "192.0.2.10", "username": "u"}
    TrunkLine(**good)
    with pytest.raises(UnusableLine):
        TrunkLine(**{**good, **more})


@pytest.mark.parametrize("form", ["_X.", "400,1", "4001718888)", "s", ""])
def test_a_form_that_is_a_pattern_is_refused(form: str) -> None:
    with pytest.raises(UnusableLine):
        ServedNumber(number="4001718888", forms=(form,))
