"""`hotline user`: make a person who may sign in; the first one of a site without the demo."""

from __future__ import annotations

import asyncio
import getpass
from typing import Annotated

import typer

from agent_desktop.words import N_
from crm_core.access.actions import add_user
from crm_core.access.roles import Role
from crm_core.clock import now
from crm_core.db import Database, make_engine
from crm_core.errors import Invalid
from crm_core.migrate import upgrade
from crm_core.workforce.actions import add_agent
from hotline.settings import Settings
from hotline.terminal import say


def user(
    number: Annotated[str, typer.Argument(help="The personnel number, four to six digits.")],
    name: Annotated[str, typer.Argument(help="The name as colleagues see it.")],
    role: Annotated[list[Role], typer.Option(help="May be given more than once.")],
    skill: Annotated[list[str] | None, typer.Option(help="For who takes calls, e.g. repair=5.")] = None,
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="HOTLINE_NEW_PASSWORD")
    ] = "",
) -> None:
    """Make a user. The password is asked for, and is never shown."""
    skills = dict(read_skill(text) for text in skill or [])
    settings = Settings()
    settings.run_dir.mkdir(parents=True, exist_ok=True)
    upgrade(settings.database)
    asyncio.run(_add(settings, number, name, roles=tuple(role), skills=skills, password=password))
    say(N_("{number} {name} may sign in at {address}."), number=number, name=name, address=settings.peoples_address)
    if skills:
        say(N_("A running platform knows the new phone after its next start."))


def read_skill(text: str) -> tuple[str, int]:
    """`repair=5` as ("repair", 5); Invalid for anything else."""
    word, _, level = text.partition("=")
    if not word or not level.isdecimal():
        raise Invalid("A skill is written repair=5.", field="skill")
    return word, int(level)


async def _add(
    settings: Settings, number: str, name: str, *, roles: tuple[Role, ...], skills: dict[str, int], password: str
) -> None:
    database = Database(make_engine(settings.database))
    actor = getpass.getuser()[:16]
    try:
        async with database.begin() as session:
            who = {"number": number, "name": name, "password": password}
            if skills:
                await add_agent(session, **who, skills=skills, roles=roles, actor=actor, at=now())
            else:
                await add_user(session, **who, roles=roles, actor=actor, at=now())
    finally:
        await database.close()
