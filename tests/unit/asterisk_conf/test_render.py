"""What is written into Asterisk's files, and what is refused."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from asterisk_conf.install import AsteriskBuild
from asterisk_conf.render import CHANNEL_VARIABLES, Machine, prepare_secrets, render, render_text
from asterisk_conf.site import AgentPhone, AmiUser, AsteriskSite, FallbackQueue, UnusableForAsterisk

BUILD = AsteriskBuild(
    command=("asterisk",), modules=Path("/m"), data=Path("/d"), version="Asterisk 22.10.1", language="en"
)
MACHINE = Machine(own_addresses=("192.0.2.2",))


def site(folder: Path = Path("/srv/hotline")) -> AsteriskSite:
    return AsteriskSite(
        folder=folder / "asterisk",
        recordings=folder / "recordings",
        hotline_numbers=("4001718888",),
        agents=(AgentPhone(number="1001", contact="sip:1001@127.0.0.3:5390"), AgentPhone(number="1018")),
        queues=(FallbackQueue(id="repair", agents=("1001",)),),
        ami_users=(AmiUser(name="hotline", secret="s3cret"),),
    )


@pytest.fixture(scope="module")
def dialplan() -> str:
    return render_text("extensions.conf", site(), BUILD, MACHINE)


def test_the_dialplan_has_no_wildcard_that_lets_line_ends_in(dialplan: str) -> None:
    patterns = re.findall(r"^exten => (_[^,]*),", dialplan, re.M)
    assert patterns
    assert all(re.fullmatch(r"_X{1,15}", pattern) for pattern in patterns)


def test_the_dialplan_never_touches_the_callers_name(dialplan: str) -> None:
    code = "\n".join(line.split(";")[0] for line in dialplan.splitlines())
    for forbidden in ("CALLERID(name)", "CALLERID(all)", "EVAL(", "SHELL(", "System("):
        assert forbidden not in code


def test_every_context_says_which_code_answers_it(dialplan: str) -> None:
    lines = dialplan.splitlines()
    silent = {lines[n] for n in range(len(lines)) if lines[n].startswith("[") and not lines[n - 1].startswith(";")}
    assert silent == {"[hl-customer]"}  # told with hl-out-ring


def test_agents_phones_can_dial_nothing(dialplan: str) -> None:
    block = dialplan.split("[from-agents]")[1].split("[", maxsplit=1)[0]
    assert "exten" not in block


def test_ami_users_cannot_reach_a_shell() -> None:
    text = render_text("manager.conf", site(), BUILD, MACHINE)
    write = re.search(r"^write = (.*)$", text, re.M)
    assert write is not None
    assert set(write[1].split(",")).isdisjoint({"system", "command", "config", "all"})


def test_of_devices_only_phones_and_trunks_are_told() -> None:
    filters = [
        line for line in render_text("manager.conf", site(), BUILD, MACHINE).splitlines() if "DeviceState" in line
    ]
    assert {line.partition(" = ")[2] for line in filters} == {"PJSIP/"}
    assert all("name(DeviceStateChange),header(Device),method(starts_with)" in line for line in filters)


def test_every_variable_a_restarted_platform_needs_is_on_the_channel_events() -> None:
    assert f"channelvars = {','.join(CHANNEL_VARIABLES)}\n" in render_text("manager.conf", site(), BUILD, MACHINE)


def test_a_desk_phone_has_a_fixed_address_and_a_browser_phone_a_secret() -> None:
    text = render_text("pjsip_agents.conf", site(), BUILD, MACHINE)
    assert "[1001](desk-phone)\naors = 1001\n" in text
    assert "contact = sip:1001@127.0.0.3:5390" in text
    assert "[1018](browser-phone)\ncontext = from-agents\nauth = 1018\n" in text


def test_a_loopback_site_maps_the_machines_addresses_for_the_browsers() -> None:
    text = render_text("rtp.conf", site(), BUILD, MACHINE)
    assert "192.0.2.2 => 127.0.0.1" in text
    assert "ice_deny = ::/0" in text
    assert "ice_deny" not in render_text("rtp.conf", replace(site(), host="192.0.2.9"), BUILD, MACHINE)


def test_modules_that_open_a_shell_or_a_forgery_are_not_loaded() -> None:
    text = render_text("modules.conf", site(), BUILD, MACHINE)
    loaded = {line.removeprefix("load = ") for line in text.splitlines() if line.startswith("load = ")}
    assert loaded.isdisjoint({"app_system.so", "func_shell.so", "res_pjsip_diversion.so", "pbx_spool.so"})
    assert not any(name.startswith("res_ari") for name in loaded)


@pytest.mark.parametrize(
    "broken",
    [
        lambda: AgentPhone(number="10;01"),
        lambda: AgentPhone(number="1001", contact="sip:1001@127.0.0.3:5390\ncontext=hl-in"),
        lambda: AgentPhone(number="1001", contact="sip:1001@phones.example:5390"),
        lambda: FallbackQueue(id="repair]", agents=()),
        lambda: FallbackQueue(id="repair", agents=("1001\nmember => Local/1@hl-out",)),
        lambda: AmiUser(name="hotline", secret="a\nwrite=all"),
        lambda: replace(site(), hotline_numbers=("_X.",)),
        lambda: replace(site(), trunk_contact="sip:127.0.0.2\nfoo"),
        lambda: replace(site(), recordings=Path("/tmp/with space,`id`")),  # noqa: S108
        lambda: replace(site(), folder=Path("relative")),
    ],
)
def test_what_could_break_out_of_a_file_is_refused(broken: object) -> None:
    assert callable(broken)
    with pytest.raises(UnusableForAsterisk):
        broken()


def test_a_desk_phone_must_not_share_the_browsers_or_the_trunks_address() -> None:
    for address in ("127.0.0.1", "127.0.0.2"):
        with pytest.raises(UnusableForAsterisk, match="shares its address"):
            replace(site(), agents=(AgentPhone(number="1001", contact=f"sip:1001@{address}:5390"),))


def test_secrets_are_made_once_and_kept(tmp_path: Path) -> None:
    ours = site(tmp_path)
    render(ours, BUILD)
    with sqlite3.connect(ours.realtime_database) as database:
        database.execute("UPDATE ps_auths SET md5_cred = 'of-this-session' WHERE id = '1018'")
    prepare_secrets(replace(ours, agents=(*ours.agents, AgentPhone(number="1019"))))
    with sqlite3.connect(ours.realtime_database) as database:
        rows = dict(database.execute("SELECT id, md5_cred FROM ps_auths"))
    assert rows["1018"] == "of-this-session"
    assert set(rows) == {"1018", "1019", "visitor-1", "visitor-2", "visitor-3", "visitor-4"}
    assert len(set(rows.values())) == len(rows)


def test_files_with_secrets_are_for_our_own_user_only(tmp_path: Path) -> None:
    ours = site(tmp_path)
    render(ours, BUILD)
    for path in (ours.realtime_database, ours.folder / "etc" / "manager.conf"):
        assert path.stat().st_mode & 0o077 == 0


def test_an_open_site_offers_its_public_address_beside_its_own_and_keeps_ami_inside() -> None:
    opened = replace(site(), telephone_host="192.0.2.2", external_address="203.0.113.7", local_networks=("10.0.0.0/8",))
    media = render_text("rtp.conf", opened, BUILD, MACHINE)
    assert "192.0.2.2 => 203.0.113.7,include_local_address\n" in media
    assert "ice_deny" not in media
    signalling = render_text("pjsip.conf", opened, BUILD, MACHINE)
    assert "bind = 192.0.2.2:5160\nexternal_signaling_address = 203.0.113.7\n" in signalling
    assert "local_net = 10.0.0.0/8\n" in signalling
    assert "bindaddr = 127.0.0.1\n" in render_text("manager.conf", opened, BUILD, MACHINE)
    assert "bindaddr = 127.0.0.1\n" in render_text("http.conf", opened, BUILD, MACHINE)


def test_the_sound_of_an_open_sites_browser_phones_is_where_other_machines_reach_it() -> None:
    signalling = render_text("pjsip.conf", replace(site(), telephone_host="192.0.2.2"), BUILD, MACHINE)
    websocket = signalling.partition("[ws]")[2].partition("\n\n")[0]
    assert "\nbind = 192.0.2.2" in websocket


def test_an_open_site_without_nat_offers_what_the_machine_has_and_asks_a_stun_server_when_told() -> None:
    opened = replace(site(), telephone_host="192.0.2.2")
    assert "ice_" not in render_text("rtp.conf", opened, BUILD, MACHINE)
    assert "external_" not in render_text("pjsip.conf", opened, BUILD, MACHINE)
    asked = render_text("rtp.conf", replace(opened, stun="stun.example.com:3478"), BUILD, MACHINE)
    assert "\nstunaddr = stun.example.com:3478\n" in asked


@pytest.mark.parametrize(
    "hostile",
    [
        {"external_address": "203.0.113.7\nbind = 0.0.0.0"},
        {"telephone_host": "0.0.0.0 ; x"},
        {"local_networks": ("10.0.0.0/8\n",)},
        {"stun": "stun.example.com\nrtpstart = 1"},
    ],
)
def test_no_line_gets_into_the_files_by_an_address(hostile: dict[str, object]) -> None:
    with pytest.raises((ValueError, UnusableForAsterisk)):
        replace(site(), **hostile)  # type: ignore[arg-type]
