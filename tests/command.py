"""The command `hotline` with all below it, to be called inside the test's own process."""

from __future__ import annotations

from hotline.cli import app_of

app = app_of()
