"""`hotline serve`: the site as `hotline run` brings it up, opened to other machines by one encrypted port."""

from __future__ import annotations

import asyncio
import getpass
import os
import secrets
import ssl
from ipaddress import IPv4Address, ip_address
from typing import Annotated

import typer
from sqlalchemy import select

from agent_desktop.openid import insecure
from agent_desktop.words import N_
from crm_core.access.actions import add_user
from crm_core.access.model import User
from crm_core.access.people import reset_password
from crm_core.access.roles import Permission, Role, may, read_roles
from crm_core.clock import now
from crm_core.db import Database, make_engine
from hotline.addresses import telephone_address
from hotline.door.certificate import CertificateRefused
from hotline.door.forwarding import networks
from hotline.door.process import certificate_of
from hotline.packages import SetupRefused
from hotline.settings import Settings
from hotline.supervisor import bring_up
from hotline.terminal import say, told

FIRST_ADMINISTRATOR = "9000"


def serve(
    bind: Annotated[str, typer.Option(help="The address to open, e.g. 10.0.0.4; 0.0.0.0 for all, :: with IPv6.")] = "",
    quick: Annotated[bool, typer.Option("--quick", help="Skip the set-up; it was done before.")] = False,
) -> None:
    """Bring up the site for other machines: pages and phones by https on HOTLINE_HTTPS_PORT; Ctrl-C ends it."""
    settings = opened(Settings(), bind)
    check(settings)
    if certificate_of(settings) is None and not settings.trusted_proxies:
        say(
            N_(
                "No certificate is set: the door lets nobody in, and on this machine pages are at {address}. "
                "Set HOTLINE_TLS_CERTIFICATE and HOTLINE_TLS_KEY."
            ),
            address=settings.web_address,
        )
    if os.geteuid() == 0:
        say(
            N_(
                "The site runs as root: whoever breaks into it has the whole machine. "
                "Start it as a user of its own: see the guide, docs/en/install.md."
            )
        )
    bring_up(settings, quick=quick, greet=lambda: _greeting(settings))


def _greeting(settings: Settings) -> str:
    """Told at once: a start that fails after it would keep the password to itself."""
    if told_once := asyncio.run(first_administrator(settings)):
        typer.echo(told_once)
    say(N_("The site is starting; wait for: ready."))
    return ""


def opened(settings: Settings, bind: str) -> Settings:
    """The settings of an open site. The demo stays away from other machines unless HOTLINE_DEMO asks for it."""
    address = bind or settings.bind
    if not address:
        raise SetupRefused("Say which address to open: hotline serve --bind ADDRESS, or set HOTLINE_BIND.")
    try:
        loopback = ip_address(address).is_loopback
    except ValueError as wrong:
        raise SetupRefused(
            "{address} is no address. Give one of this machine's, or 0.0.0.0 for all.", address=address
        ) from wrong
    try:
        IPv4Address(telephone_address(address, settings.telephone_address))
    except ValueError as wrong:
        raise SetupRefused(
            "SIP and sound need an IPv4 address beside {address}. Set HOTLINE_TELEPHONE_ADDRESS to one.",
            address=address,
        ) from wrong
    demo = settings.demo if loopback or "demo" in settings.model_fields_set else False
    return settings.model_copy(update={"bind": address, "demo": demo})


def check(settings: Settings) -> None:
    """Raises SetupRefused when nothing would protect what is said through the door."""
    try:
        proxies = networks(settings.trusted_proxies)
    except ValueError as wrong:
        raise SetupRefused("HOTLINE_TRUSTED_PROXIES: {reason}. Name addresses or networks.", reason=wrong) from wrong
    try:
        certificate = certificate_of(settings)
        if certificate is not None:
            certificate.load()
    except (CertificateRefused, ssl.SSLError) as refused:
        raise SetupRefused(str(refused)) from refused
    if insecure(settings.oidc_issuer):
        raise SetupRefused("HOTLINE_OIDC_ISSUER must begin with https: whoever listens could sign in as anybody.")
    if certificate is None and not proxies and not ip_address(settings.bind).is_loopback:
        raise SetupRefused(
            "Passwords and talks would pass unencrypted. Set HOTLINE_TLS_CERTIFICATE and HOTLINE_TLS_KEY, "
            "or name the proxy that encrypts in HOTLINE_TRUSTED_PROXIES."
        )
    if not settings.demo and settings.demo_loaded_mark.exists() and not settings.database_url:
        raise SetupRefused(
            "{folder} holds the demo site, whose passwords everybody knows. "
            "Set HOTLINE_RUN_DIR to another folder, or HOTLINE_DEMO=1 to show the demo to the network.",
            folder=settings.run_dir,
        )


async def first_administrator(settings: Settings) -> str:
    """On a site where nobody may add people: makes one, and gives the lines that tell how to sign in, this once."""
    database = Database(make_engine(settings.database))
    try:
        async with database.begin() as session:
            roles = await session.scalars(select(User.roles).where(User.disabled_at.is_(None)))
            if any(may(read_roles(words), Permission.EDIT_USERS) for words in roles):
                return ""
            actor = getpass.getuser()[:16]
            number = FIRST_ADMINISTRATOR
            if await session.scalar(select(User.id).where(User.number == number)) is not None:
                return told(
                    N_("Nobody may add people. Make an administrator: hotline user NUMBER NAME --role administrator")
                )
            await add_user(
                session,
                number=number,
                name="管理员",
                name_en="Administrator",
                password=secrets.token_urlsafe(24),
                roles=(Role.ADMINISTRATOR,),
                actor=actor,
                at=now(),
            )
            password = await reset_password(session, number, actor=actor, at=now())
    finally:
        await database.close()
    return told(
        N_(
            "The first administrator signs in at {address} and chooses a password of their own. "
            "Told only now: number {number}, one-time password {password}"
        ),
        number=number,
        password=password,
        address=settings.peoples_address,
    )
