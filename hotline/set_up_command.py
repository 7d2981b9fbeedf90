"""`hotline setup`: what a machine needs before the first start."""

from __future__ import annotations

from typing import Annotated

import typer

from hotline.set_up import set_up
from hotline.settings import Settings


def setup(
    tests: Annotated[bool, typer.Option("--tests", help="Also what the browser tests need.")] = False,
) -> None:
    """Get Asterisk, build the pages, make the prompts; done already = done in a second."""
    set_up(Settings(), tests=tests)
