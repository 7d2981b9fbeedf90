"""The firewall page lists exactly the ports that a site opened to others listens on."""

from __future__ import annotations

import re
from pathlib import Path

from hotline.ports import Listener, listening
from hotline.settings import Settings

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/firewall.md"
OPEN = Settings(_env_file=None, bind="192.0.2.10")  # type: ignore[call-arg]


def row(one: Listener, *, chinese: bool) -> str:
    purpose, whom = (one.purpose_zh, one.whom_zh) if chinese else (one.purpose, one.whom)
    nobody = "仅本机" if chinese else "this machine alone"
    return f"| {one.port} | {one.protocol} | `{one.setting}` | {purpose} | {whom or nobody} |"


def test_the_page_lists_every_port_and_no_other_in_both_languages() -> None:
    shown = re.findall(r"^\| [0-9].*\|$", PAGE.read_text(encoding="utf-8"), re.M)
    assert shown == [row(one, chinese=chinese) for chinese in (True, False) for one in listening(OPEN)]


def test_what_is_for_this_machine_alone_listens_on_loopback_however_the_site_is_opened() -> None:
    inside = [one for one in listening(OPEN) if not one.whom]
    assert {one.address for one in inside} == {"127.0.0.1"}
    assert {one.address for one in listening(OPEN) if one.whom} == {"192.0.2.10"}


def test_a_site_that_is_not_opened_listens_on_loopback_only() -> None:
    closed = listening(Settings(_env_file=None))  # type: ignore[call-arg]
    assert {one.address for one in closed} == {"127.0.0.1"}
    assert not [one for one in closed if one.whom]


def test_every_port_that_can_be_set_is_listed_for_a_site_with_two_asterisks() -> None:
    settings = {f"HOTLINE_{name.upper()}" for name in Settings.model_fields if re.search(r"_port$|rtp_", name)}
    two = Settings(_env_file=None, bind="192.0.2.10", nodes=2)  # type: ignore[call-arg]
    assert settings - {"HOTLINE_SMTP_PORT"} == {word for one in listening(two) for word in one.setting.split(", ")}
