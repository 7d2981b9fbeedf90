"""systemd units of a site, rendered from its settings: hardened, with nothing writable but what the site writes."""

from __future__ import annotations

import getpass
import grp
import os
import pwd
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from hotline.packages import SetupRefused
from hotline.settings import Settings

TEMPLATES = Path(__file__).parent
ROOT = TEMPLATES.parents[1]
KEPT_BACKUPS = 14
_PLAIN = re.compile(r"[A-Za-z0-9/._+:@=-]+")


@dataclass(frozen=True, slots=True)
class Account:
    user: str
    group: str


def account(user: str) -> Account:
    """Whose the service is, "" = who asks. SetupRefused for one that this machine does not know, and for root."""
    name = user or getpass.getuser()
    try:
        known = pwd.getpwnam(name)
    except KeyError:
        raise SetupRefused(
            "There is no user {name}. Make one: useradd --system --create-home {name}", name=name
        ) from None
    if known.pw_uid == 0:
        raise SetupRefused("A contact centre needs no root. Name another user: --user hotline")
    return Account(name, grp.getgrgid(known.pw_gid).gr_name)


def rendered(settings: Settings, who: Account, *, command: str, environment_file: Path) -> dict[str, str]:
    """File name -> content. Without a folder for backups their two units are left out."""
    facts = {
        "site": _one_line(settings.site_name),
        "user": who.user,
        "group": who.group,
        "root": ROOT,
        "python": Path(sys.executable).absolute(),
        "command": command,
        "environment_file": environment_file,
        "run_dir": settings.run_dir.resolve(),
        "cache_dir": settings.cache_dir.resolve(),
        "writable": _writable(settings),
        # Only for a door at a port that belongs to root otherwise, e.g. 443.
        "capabilities": "CAP_NET_BIND_SERVICE" if command == "serve" and settings.https_port < 1024 else "",
        "backup_dir": settings.backup_dir.resolve() if settings.backup_dir else "",
        "keep": KEPT_BACKUPS,
    }
    for name in ("root", "python", "environment_file", "run_dir", "cache_dir", "backup_dir"):
        _require_plain(str(facts[name]))
    names = ["hotline.service"]
    if settings.backup_dir is not None:
        names += ["hotline-backup.service", "hotline-backup.timer"]
    templates = Environment(  # noqa: S701 - units are no HTML; what goes in is checked above
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
    return {name: templates.get_template(f"{name}.j2").render(facts) for name in names}


def _writable(settings: Settings) -> list[str]:
    """What a running site writes; each folder once, none that lies in another of them."""
    wanted = [settings.run_dir.resolve(), settings.cache_dir.resolve(), settings.files_folder]
    wanted += [settings.imports_folder, settings.own_prompts_folder, settings.anchors_file.parent]
    wanted += [settings.queue_log.resolve().parent] if settings.queue_log else []
    wanted += [settings.backup_dir.resolve()] if settings.backup_dir else []
    outer = [one for one in wanted if not any(one != other and one.is_relative_to(other) for other in wanted)]
    for one in outer:
        _require_plain(str(one))
    # "-": one that is not there yet does not keep the service from its start.
    return [f"-{one}" if not os.path.lexists(one) else str(one) for one in dict.fromkeys(outer)]


def _require_plain(path: str) -> None:
    """A unit reads spaces, % and line ends in its own way: such a path is refused and not quoted by guess."""
    if path and not _PLAIN.fullmatch(path):
        raise SetupRefused(
            "systemd cannot be given the path {path}. Use letters, digits and / . _ - only.", path=repr(path)
        )


def _one_line(text: str) -> str:
    return re.sub(r"[^\w .,()-]", "", text)[:60]
