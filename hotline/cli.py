"""The command `hotline`. A command is a function with typed options in a module of its own, listed in COMMANDS.

Only the module of the command that is typed gets loaded: all of them together take seconds.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from importlib import import_module

import typer
from pydantic import ValidationError

from agent_desktop.words import N_
from asterisk_conf.install import AsteriskUnavailable
from asterisk_conf.kamailio import KamailioUnavailable
from crm_core.errors import PlatformError
from hotline.help_words import command_in_words
from hotline.packages import SetupRefused
from hotline.quiet_memory import unsearched
from hotline.terminal import sentence, told

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
COMMANDS = {  # in the order of the help; where each is: a function, or a group of them, of the same name
    "setup": "hotline.set_up_command",
    "run": "hotline.supervisor",
    "serve": "hotline.serve",
    "telephony": "hotline.supervisor",
    "web": "hotline.web_workers",
    "status": "hotline.status",
    "doctor": "hotline.doctor_command",
    "call": "hotline.call",
    "user": "hotline.user",
    "bench": "hotline.bench",
    "simulate": "hotline.simulate",
    "backup": "hotline.backup_command",
    "restore": "hotline.backup_command",
    "upgrade": "hotline.upgrade_command",
    "units": "hotline.units_command",
    "speech": "hotline.speech",
    "ivr": "hotline.ivr_command",
    "campaign": "hotline.campaign_command",
    "ledger": "hotline.ledger_command",
    "recordings": "hotline.recordings_command",
    "customer": "hotline.customer_command",
    "figures": "hotline.figures_command",
    "db": "hotline.db_command",
}


def app_of(words: Sequence[str] = ()) -> typer.Typer:
    """The command with the one below it that `words` begin with; with all of them when they begin with none."""
    app = typer.Typer(name="hotline", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(_hotline)
    for name in words[:1] if words and words[0] in COMMANDS else COMMANDS:
        command = getattr(import_module(COMMANDS[name]), name)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command()(command)
    return app


def _hotline() -> None:
    """Contact centre on Asterisk."""


def main() -> None:
    """Run one command; a refusal is one sentence on standard error and exit status 1."""
    try:
        with unsearched():
            command = command_in_words(app_of(sys.argv[1:]))
        command()
    except (SetupRefused, AsteriskUnavailable, KamailioUnavailable, PlatformError) as refused:
        print(sentence(refused), file=sys.stderr)
        sys.exit(1)
    except ValidationError as wrong:
        for fault in wrong.errors():
            name = "HOTLINE_" + "_".join(map(str, fault["loc"])).upper()
            print(told(N_("{name} cannot be used: {reason}."), name=name, reason=fault["msg"]), file=sys.stderr)
        sys.exit(1)
    except OSError as fault:
        if fault.errno not in NO_ROOM:
            raise
        full = N_("The disk with {file} is full. Make room there, or set HOTLINE_RUN_DIR to a folder on another.")
        somewhere = N_("The disk is full. Make room there, or set HOTLINE_RUN_DIR to a folder on another.")
        print(told(full, file=fault.filename) if fault.filename else told(somewhere), file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
