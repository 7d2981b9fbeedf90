"""Starts sipp on one of our scenarios: the only SIP stack of the simulated people."""

from __future__ import annotations

import asyncio
import shutil
from asyncio.subprocess import DEVNULL, Process
from pathlib import Path

from jinja2 import Environment, PackageLoader

from crm_core.errors import Unreachable

_scenarios = Environment(
    loader=PackageLoader("hotline.demo", ""), trim_blocks=True, lstrip_blocks=True, autoescape=True
)

END_WITH_US = ("setpriv", "--pdeathsig", "KILL", "--")  # a platform that is killed leaves no telephones behind


async def start_sipp(scenario: str, folder: Path, host: str, port: int, *more: str, **values: object) -> Process:
    """Render the scenario into `folder` and run it bound to `host:port`, deaf to our terminal's Ctrl-C."""
    sipp = shutil.which("sipp")
    if sipp is None:
        raise Unreachable("sipp is missing: install the Debian package sip-tester.")
    file = _write_scenario(scenario, folder / f"{scenario}-{port}.xml", values)
    return await asyncio.create_subprocess_exec(
        *END_WITH_US,
        *(sipp, "-sf", str(file), "-i", host, "-p", str(port), "-mi", host, "-nostdin"),
        *more,
        cwd=folder,
        stdout=DEVNULL,
        stderr=DEVNULL,
        start_new_session=True,
    )


def _write_scenario(scenario: str, file: Path, values: dict[str, object]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_scenarios.get_template(f"{scenario}.xml.j2").render(**values), encoding="utf-8")
    return file
