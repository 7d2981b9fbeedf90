"""The keys that a customer presses in a pause: in no file, no log, no event and no feed, whatever the line sends."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from benchmarks.telephone import Telephone
from crm_core.history import events as feed
from tests.integration import scenarios
from tests.integration.ami import ami_session
from tests.integration.platform import platform
from tests.integration.site import CUSTOMERS, SiteUnderTest
from tests.integration.test_keys import pressed
from tests.integration.test_recording_pauses import recorded
from tests.integration.test_recovery import HOTLINE
from tests.integration.voices import strength

CARD = "4929170368"
ROWS, COLUMNS = (697, 770, 852, 941), (1209, 1336, 1477)
A_KEY = re.compile(r"(?i)dtmf|\bsignal[=:]|\bdigit[: ]")  # as Asterisk would name one, in a log or an event


def texts_below(folder: Path, since: Mapping[str, int] | None = None) -> dict[str, str]:
    """What the files hold; of those in `since` what comes after so many bytes, for the rest is an earlier test's."""
    begun = since or {}
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path): path.read_bytes()[begun.get(str(path), 0) :].decode(errors="replace") for path in files}


def sizes_below(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_size for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("way", ["events", "tones", "info"])
async def test_the_digits_of_a_card_in_a_pause_are_kept_nowhere(
    telephone_site: SiteUnderTest, tmp_path: Path, capfd: pytest.CaptureFixture[str], way: str
) -> None:
    site = telephone_site
    earlier = sizes_below(site.site.message_log.parent)
    site.phone("1001", scenarios.phone_answers())
    async with platform(site, tmp_path) as running:
        desk = running.bridge.desk
        await desk.sign_in("1001", ready=True)
        with ami_session(site) as events:
            customer = await Telephone.dial(
                (site.site.host, site.site.sip_port),
                number=HOTLINE,
                caller="13900000001",
                host=CUSTOMERS,
                hear=lambda *_: None,
                events=way == "events",
            )
            try:
                await running.until(lambda: bool(running.of(feed.RecordingStarted)))
                await desk.recordings.pause("1001", "button")
                await pressed(customer, CARD, way)
                await asyncio.sleep(0.2)
                await desk.recordings.resume("1001", "button")
                await asyncio.sleep(0.2)
                await desk.hang_up("1001")
                await running.until_ended(1)
            finally:
                await customer.hang_up()
            told = events.heard()
    (started,) = running.of(feed.RecordingStarted)
    sound = await asyncio.to_thread(recorded, site, started.file)
    loudest = max(float(strength(sound[:, side], hertz).max()) for side in (0, 1) for hertz in (*ROWS, *COLUMNS))
    assert loudest < 0.005, "no tone of a key"
    assert np.abs(sound).max() < 400, "nor a click of one"
    written = {"events": told, "feed": repr(running.records), "said": "".join(capfd.readouterr())}
    written |= texts_below(site.site.message_log.parent, earlier) | texts_below(tmp_path)
    assert str(site.site.cel_file) in written
    for where, text in written.items():
        assert CARD not in text, where
        found = A_KEY.search(text)
        assert found is None, f"{where}: {text[max(0, found.start() - 80) : found.end() + 80]}"
