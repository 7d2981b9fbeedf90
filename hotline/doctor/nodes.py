"""Two Asterisks behind Kamailio: the second one, and who deals the calls."""

from __future__ import annotations

import asyncio
from pathlib import Path

from agent_desktop.words import N_
from asterisk_conf.kamailio import KamailioUnavailable, installed_kamailio
from asterisk_conf.proxy_control import ProxyControl
from hotline.doctor.findings import Finding, absent, fault, fine, warning
from hotline.doctor.machine import is_running
from hotline.looks import ask_sip
from hotline.settings import Settings

PART = "two asterisks"
ANSWER_SECONDS = 3.0
_LOOK = N_("Look at {log}; the site starts it again by itself.")


def two_asterisks(settings: Settings) -> list[Finding]:
    """While the site runs each is asked; before it there must be a Kamailio to start."""
    if settings.nodes == 1:
        return [absent(PART, N_("one Asterisk, and no Kamailio is needed"))]
    try:
        version = installed_kamailio(settings.cache_dir)
    except KamailioUnavailable:
        remedy = N_("Run: hotline setup, or install Debian's package kamailio.")
        return [fault(PART, N_("There is no Kamailio."), remedy)]
    if not is_running(settings.run_dir):
        return [fine(PART, N_("Kamailio {version}"), version=version)]
    wrong = [one for one in (_second(settings), _kamailio(settings)) if one is not None]
    return wrong or [fine(PART, N_("both answer, and Kamailio {version} deals them the calls"), version=version)]


def _second(settings: Settings) -> Finding | None:
    host, port = settings.telephone_host, settings.second_sip_port
    if _answers("127.0.0.1" if host == "0.0.0.0" else host, port):  # noqa: S104 - told apart
        return None
    told = N_("The second Asterisk does not answer at port {port}: its calls are cut off.")
    return fault(PART, told, _LOOK, port=port, log=settings.second_asterisk_dir.resolve() / "log" / "messages")


def _kamailio(settings: Settings) -> Finding | None:
    log = settings.proxy_dir.resolve() / "log"
    if not _lives(settings.proxy_dir / "kamailio.pid"):
        return fault(PART, N_("Kamailio does not run: no call comes in."), _LOOK, log=log)
    if not _answers(settings.proxy_host, settings.proxy_port, settings.proxy_host):
        told = N_("Kamailio does not answer at {host}:{port}: no call comes in.")
        remedy = N_("End its process: the site starts another one. Then look at {log}.")
        return fault(PART, told, remedy, host=settings.proxy_host, port=settings.proxy_port, log=log)
    try:
        up = ProxyControl(settings.proxy_dir).nodes_up()
    except (OSError, ValueError):
        told = N_("Kamailio does not tell whom it deals calls to.")
        return warning(PART, told, _LOOK, log=log)
    if away := [node for node, gets_calls in up.items() if not gets_calls]:
        told = N_("Kamailio deals no calls to {nodes}.")
        remedy = N_("An Asterisk that came back gets calls after 10 s. If it stays so, look at its log/messages.")
        return warning(PART, told, remedy, nodes=", ".join(away))
    return None


def _answers(host: str, port: int, source: str = "") -> bool:
    try:
        asyncio.run(asyncio.wait_for(ask_sip(host, port, source), ANSWER_SECONDS))
    except (TimeoutError, OSError, ValueError):
        return False
    return True


def _lives(pid_file: Path) -> bool:
    try:
        return Path(f"/proc/{int(pid_file.read_text())}").exists()
    except (OSError, ValueError):
        return False
