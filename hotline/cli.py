"""The command `hotline`. A command is a function with typed options in a module of its own, listed in COMMANDS."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable
from typing import Annotated

import typer
from pydantic import ValidationError

from agent_desktop.words import N_
from asterisk_conf.install import AsteriskUnavailable
from asterisk_conf.kamailio import KamailioUnavailable
from crm_core.errors import PlatformError
from hotline.backup_command import backup, restore
from hotline.bench import bench
from hotline.call import call
from hotline.campaign_command import campaign
from hotline.customer_command import customer
from hotline.db_command import db
from hotline.doctor_command import doctor
from hotline.figures_command import figures
from hotline.help_words import command_in_words
from hotline.ivr_command import ivr
from hotline.ledger_command import ledger
from hotline.packages import SetupRefused
from hotline.recordings_command import recordings
from hotline.serve import serve
from hotline.set_up import set_up
from hotline.settings import Settings
from hotline.simulate import simulate
from hotline.speech import speech
from hotline.status import status
from hotline.supervisor import run, telephony
from hotline.terminal import sentence, told
from hotline.units_command import units
from hotline.upgrade_command import upgrade
from hotline.user import user
from hotline.web_workers import web


def setup(
    tests: Annotated[bool, typer.Option("--tests", help="Also what the browser tests need.")] = False,
) -> None:
    """Get Asterisk, build the pages, make the prompts; done already = done in a second."""
    set_up(Settings(), tests=tests)


NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
COMMANDS: tuple[Callable[..., None], ...] = (
    setup,
    run,
    serve,
    telephony,
    web,
    status,
    doctor,
    call,
    user,
    bench,
    simulate,
    backup,
    restore,
    upgrade,
    units,
)

app = typer.Typer(
    name="hotline",
    help="Contact centre on Asterisk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in COMMANDS:
    app.command()(command)
app.add_typer(speech, name="speech")
app.add_typer(ivr, name="ivr")
app.add_typer(campaign, name="campaign")
app.add_typer(ledger, name="ledger")
app.add_typer(recordings, name="recordings")
app.add_typer(customer, name="customer")
app.add_typer(figures, name="figures")
app.add_typer(db, name="db")


def main() -> None:
    """Run one command; a refusal is one sentence on standard error and exit status 1."""
    try:
        command_in_words(app)()
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
