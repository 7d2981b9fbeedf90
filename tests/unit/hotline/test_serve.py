"""What `hotline serve` refuses to open, and whom it makes at the first start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crm_core.access.actions import add_user, sign_in
from crm_core.access.model import User
from crm_core.access.roles import Role
from crm_core.clock import now
from crm_core.db import Database, make_engine
from crm_core.migrate import upgrade
from hotline.packages import SetupRefused
from hotline.serve import check, first_administrator, opened
from hotline.settings import Settings
from hotline.web_config import server_config, web_config
from tests.certificates import Authority


def settings(folder: Path, **more: Any) -> Settings:
    """Of no file and no environment of ours."""
    return Settings(_env_file=None, run_dir=folder, **more)  # type: ignore[call-arg]


def test_somebody_must_say_which_address(tmp_path: Path) -> None:
    with pytest.raises(SetupRefused, match="Say which address to open: hotline serve --bind ADDRESS"):
        opened(settings(tmp_path), "")
    with pytest.raises(SetupRefused, match=r"hotline\.example\.com is no address"):
        opened(settings(tmp_path), "hotline.example.com")
    with pytest.raises(SetupRefused, match=r"IPv4 address beside 2001:db8::4. Set HOTLINE_TELEPHONE_ADDRESS"):
        opened(settings(tmp_path), "2001:db8::4")
    both = opened(settings(tmp_path, telephone_address="192.0.2.4"), "2001:db8::4")
    assert (both.telephone_host, both.peoples_address) == ("192.0.2.4", "https://[2001:db8::4]:8443")
    assert opened(settings(tmp_path, bind="192.0.2.4"), "").bind == "192.0.2.4"
    assert opened(settings(tmp_path, bind="192.0.2.4"), "192.0.2.5").bind == "192.0.2.5"


def test_the_demo_is_for_this_machine_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert not opened(settings(tmp_path), "192.0.2.4").demo
    assert opened(settings(tmp_path), "127.0.0.1").demo
    assert opened(settings(tmp_path, demo=True), "192.0.2.4").demo


def test_without_encryption_nothing_is_opened_to_others(tmp_path: Path) -> None:
    with pytest.raises(SetupRefused, match=r"unencrypted. Set HOTLINE_TLS_CERTIFICATE .* HOTLINE_TRUSTED_PROXIES"):
        check(opened(settings(tmp_path), "192.0.2.4"))
    check(opened(settings(tmp_path), "127.0.0.1"))
    check(opened(settings(tmp_path, trusted_proxies=("192.0.2.9",)), "192.0.2.4"))
    with pytest.raises(SetupRefused, match=r"HOTLINE_TRUSTED_PROXIES: .*proxy\.example.*Name addresses or networks"):
        check(opened(settings(tmp_path, trusted_proxies=("proxy.example",)), "192.0.2.4"))


def test_a_certificate_that_browsers_would_refuse_opens_nothing(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).sign(["hotline.example.com"])
    files = {"tls_certificate": certificate, "tls_key": key}
    check(opened(settings(tmp_path, **files), "192.0.2.4"))
    wrong_name = settings(tmp_path, **files, public_url="https://other.example.com:8443")
    with pytest.raises(SetupRefused, match=r"HOTLINE_PUBLIC_URL says other\.example\.com"):
        check(opened(wrong_name, "192.0.2.4"))


def test_known_passwords_are_not_shown_to_the_network(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).sign()
    settings(tmp_path).demo_loaded_mark.touch()
    files = {"tls_certificate": certificate, "tls_key": key}
    with pytest.raises(SetupRefused, match="holds the demo site, whose passwords everybody knows"):
        check(opened(settings(tmp_path, **files), "192.0.2.4"))
    check(opened(settings(tmp_path, **files, demo=True), "192.0.2.4"))


def test_a_provider_is_asked_by_https_only(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).sign()
    files = {"tls_certificate": certificate, "tls_key": key}
    with pytest.raises(SetupRefused, match="HOTLINE_OIDC_ISSUER must begin with https"):
        check(opened(settings(tmp_path, **files, oidc_issuer="http://login.example.com"), "192.0.2.4"))


async def test_the_first_administrator_is_told_once_and_must_choose_another_password(tmp_path: Path) -> None:
    site = settings(tmp_path, bind="192.0.2.4")
    upgrade(site.database)
    told = await first_administrator(site)
    assert await first_administrator(site) == ""
    number, password = told.split("number ")[1].split(",")[0], told.rsplit(" ", 1)[1]
    database = Database(make_engine(site.database))
    async with database.begin() as session:
        entered = await sign_in(session, number=number, password=password, address="192.0.2.1", at=now())
        assert (entered.user.roles, entered.user.must_change) == ((Role.ADMINISTRATOR,), True)
        stored = await session.scalar(select(User.password_hash))
        assert password not in str(stored)
    await database.close()


async def test_a_site_with_an_administrator_gets_no_other(tmp_path: Path) -> None:
    site = settings(tmp_path, bind="192.0.2.4")
    upgrade(site.database)
    database = Database(make_engine(site.database))
    async with database.begin() as session:
        await add_user(
            session, number="9001", name="何志强", password="correct horse", roles=(Role.ADMINISTRATOR,),
            actor="test", at=now(),
        )  # fmt: skip
    await database.close()
    assert await first_administrator(site) == ""


def test_only_an_open_site_believes_its_door_and_named_proxies(tmp_path: Path) -> None:
    closed = server_config(settings(tmp_path), None)
    assert not closed.proxy_headers
    site = settings(tmp_path, bind="192.0.2.4", trusted_proxies=("192.0.2.9",))
    opened_site = server_config(site, None)
    assert (opened_site.proxy_headers, opened_site.forwarded_allow_ips) == (True, ["192.0.2.9", "127.0.0.1"])


def test_cookies_are_secure_and_links_are_right_as_soon_as_the_site_is_open(tmp_path: Path) -> None:
    site = settings(tmp_path, bind="192.0.2.4", public_url="https://hotline.example.com")
    config = web_config(site)
    assert (config.secure, config.address) == (True, "https://hotline.example.com")
    assert config.phone_sockets == ("wss://hotline.example.com",)
    assert site.phone_socket_urls == ("/sip",)
    assert not web_config(settings(tmp_path)).secure
