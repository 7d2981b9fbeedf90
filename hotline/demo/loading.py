"""Puts the demo site's people and history into a new run folder, and tells how to sign in."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from agent_desktop.words import N_
from crm_core.demo.load import load_demo
from crm_core.demo.staff import DemoLogin
from hotline.settings import Settings
from hotline.terminal import say


def load_demo_site(settings: Settings) -> str:
    """Fill an empty database; gives the lines that tell how to sign in."""
    if not settings.demo_loaded_mark.exists():
        say(N_("Loading the demo site"))
    logins = load_demo(settings.database, datetime.now(UTC), zone=ZoneInfo(settings.site_zone))
    settings.demo_loaded_mark.touch()
    shown: dict[str, DemoLogin] = {}
    for login in logins:  # one of each role is enough
        shown.setdefault(login.role, login)
    lines = (f"  {login.number}  {login.name} {login.name_en}, {login.role}" for login in shown.values())
    return "\n".join([f"demo logins, password {logins[0].password}:", *lines])
