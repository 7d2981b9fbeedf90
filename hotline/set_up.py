"""Everything between the virtual environment and the first start, side by side, with progress."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import typer
from rich import progress as moving
from rich.console import Console
from rich.markup import escape

from agent_desktop.catalogues import compile_all
from agent_desktop.words import N_
from asterisk_conf.install import find_asterisk
from asterisk_conf.kamailio import find_kamailio
from crm_core.errors import Sentence
from hotline import start_note
from hotline.front_end import build_front_end
from hotline.packages import FOR_RUN, FOR_TESTS, SetupRefused, ensure
from hotline.settings import Settings
from hotline.speech_packages import korean_model
from hotline.terminal import read, told
from ivr.prompts import Progress, make_prompts

Report = Callable[[Sentence | str], None]
Step = Callable[[Report], object]


def set_up(settings: Settings, *, tests: bool = False) -> None:
    """Bring this machine to where `hotline run` can start. A second call finds everything done, in about a second.

    Raises SetupRefused, AsteriskUnavailable, KamailioUnavailable or PlatformError with one sentence.
    """
    for folder, name in ((settings.cache_dir, "HOTLINE_CACHE_DIR"), (settings.run_dir, "HOTLINE_RUN_DIR")):
        require_writable(folder, name)
    start_note.note(settings.run_dir, "set-up")
    with start_note.told(settings.run_dir):
        _set_up(settings, tests=tests)


def _set_up(settings: Settings, *, tests: bool) -> None:
    ensure(FOR_TESTS if tests else FOR_RUN, typer.echo)
    steps: dict[str, Step] = {
        N_("Asterisk"): lambda report: find_asterisk(settings.cache_dir, report),
        N_("Web pages"): _pages,
        N_("Prompts"): lambda report: make_prompts(settings.prompts_dir, tell=report, own=settings.own_prompts_folder),
    }
    if settings.nodes > 1 or tests:
        steps[N_("Kamailio")] = lambda report: find_kamailio(settings.cache_dir, report)
    if tests:
        steps[N_("Speech")] = lambda report: korean_model(settings.cache_dir.resolve(), report)
    run_side_by_side(steps, Console())


def _pages(report: Report) -> None:
    compile_all()
    build_front_end(report)


def require_writable(folder: Path, setting: str) -> None:
    """Make the folder; refuse with the setting that names another."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        reason = "" if os.access(folder, os.W_OK | os.X_OK) else "Permission denied"
    except OSError as refused:
        reason = refused.strerror or str(refused)
    if reason:
        raise SetupRefused(
            "Cannot write to {folder} ({reason}). Set {setting} to a folder you own.",
            folder=folder,
            reason=reason,
            setting=setting,
        )


def run_side_by_side(steps: dict[str, Step], console: Console) -> None:
    """One line per step, with its time; on a terminal it moves."""
    columns = (
        moving.SpinnerColumn(finished_text="✓"),
        moving.TextColumn("{task.description}"),
        moving.TimeElapsedColumn(),
    )
    with moving.Progress(*columns, console=console) as progress, ThreadPoolExecutor(len(steps)) as pool:

        def run(name: str, step: Step) -> None:
            task = progress.add_task(name, total=1)

            def report(news: Sentence | str) -> None:
                text = told(N_("{part}: {news}"), part=name, news=read(news))
                progress.update(task, description=escape(text))
                if not (console.is_terminal or isinstance(news, Progress)):
                    progress.console.print(text, markup=False, highlight=False)

            step(report)
            progress.update(task, description=name, completed=1)

        for done in [pool.submit(run, told(name), step) for name, step in steps.items()]:
            done.result()
