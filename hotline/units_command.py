"""`hotline units`: systemd's files for this site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent_desktop.words import N_
from hotline.packages import SetupRefused
from hotline.settings import Settings
from hotline.terminal import say
from hotline.units.rendering import account, rendered


def units(
    to: Annotated[
        Path | None,
        typer.Option("--to", help="Write them here, e.g. /etc/systemd/system; without it they are printed."),
    ] = None,
    user: Annotated[str, typer.Option("--user", help="Whose the service is; default you.")] = "",
    environment_file: Annotated[
        Path, typer.Option("--environment-file", help="Where HOTLINE_* variables stand; readable by root alone.")
    ] = Path("/etc/hotline/hotline.env"),
) -> None:
    """systemd units: the service (ready, watchdog, upgrade under calls, hardened), a nightly checked backup."""
    settings = Settings()
    command = "serve" if settings.is_open else "run"
    files = rendered(settings, account(user), command=command, environment_file=environment_file)
    for name, content in files.items():
        if to is None:
            typer.echo(f"# ---- {name}\n{content}")
            continue
        try:
            to.mkdir(parents=True, exist_ok=True)
            (to / name).write_text(content)
        except OSError as refused:
            raise SetupRefused(
                "Cannot write {file} ({reason}). Give another folder: --to", file=to / name, reason=refused.strerror
            ) from refused
        say(N_("{file} is written."), file=to / name)
    if to is not None:
        timer = " hotline-backup.timer" if len(files) > 1 else ""
        say(N_("Now: {command}"), command=f"systemctl daemon-reload && systemctl enable --now hotline{timer}")
        if not timer:
            say(N_("Set HOTLINE_BACKUP_DIR for a nightly backup."))
