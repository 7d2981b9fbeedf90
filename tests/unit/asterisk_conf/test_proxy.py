"""What is written into Kamailio's files, and what is refused."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from asterisk_conf.kamailio import find_kamailio
from asterisk_conf.proxy import ProxySite, render, render_text
from asterisk_conf.render import render_text as asterisk_text
from asterisk_conf.site import AsteriskSite, UnusableForAsterisk
from hotline.settings import Settings
from tests.unit.asterisk_conf.test_render import BUILD, MACHINE, site


def proxy(folder: Path = Path("/r/kamailio"), **changed: Any) -> ProxySite:
    first: AsteriskSite = site()
    nodes = (first, replace(first, node="b", folder=folder / "b", sip_port=5161))
    values: dict[str, Any] = {
        "folder": folder,
        "host": "127.0.0.4",
        "port": 5060,
        "carriers": ("127.0.0.2", "10.9.0.0/24"),
        "carrier": "sip:127.0.0.2:5380",
        "nodes": nodes,
    }
    return ProxySite(**(values | changed))


def test_only_the_carrier_and_our_own_asterisks_are_heard() -> None:
    text = render_text(proxy(), Path("/m"))
    assert "src_ip == 127.0.0.2 || src_ip == 10.9.0.0/24" in text
    assert text.index("drop;") < text.index("is_method")


@pytest.mark.parametrize(
    "changed",
    [
        {"carrier": "sip:127.0.0.2:5380;transport=tcp"},
        {"carrier": 'sip:a"; drop; "'},
        {"carriers": ("127.0.0.2) || (1",)},
        {"host": "all"},
    ],
)
def test_a_value_that_would_be_read_as_more_than_an_address_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises((UnusableForAsterisk, ValueError)):
        proxy(**changed)


def test_the_second_asterisk_has_a_name_before_its_ids_and_the_first_ones_secrets() -> None:
    first = site()
    second = replace(first, node="b", folder=Path("/r/b"), secrets_of=first.folder)
    assert "systemname = b" in asterisk_text("asterisk.conf", second, BUILD, MACHINE)
    assert "systemname" not in asterisk_text("asterisk.conf", first, BUILD, MACHINE)
    assert str(first.realtime_database) in asterisk_text("res_config_sqlite3.conf", second, BUILD, MACHINE)
    with pytest.raises(UnusableForAsterisk):
        replace(first, node="b\nx = y")


@pytest.mark.integration
def test_kamailio_itself_accepts_its_file(tmp_path: Path) -> None:
    build = find_kamailio(Settings().cache_dir)
    mine = proxy(tmp_path / "k")
    render(mine, build)
    done = subprocess.run(
        [*build.command, "-f", str(mine.config), "-c"], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr
