"""Whoever may no longer work here has no telephone at either of two Asterisks."""

from __future__ import annotations

from pathlib import Path

import httpx2
import pytest

from tests.browser import people
from tests.integration.site import wait_until
from tests.platform.desk_browser import desk_browser, voice
from tests.platform.people import disabled
from tests.platform.test_asterisk_killed import sign_in_on_a_break
from tests.platform.two_asterisks import TwoAsterisks


@pytest.mark.browser
@pytest.mark.timeout(300)
def test_a_disabled_person_is_registered_with_neither_asterisk_five_seconds_later(
    centre: TwoAsterisks, tmp_path: Path
) -> None:
    def known_to() -> set[str]:
        return {name for name, node in centre.both.items() if f"{people.AGENT}/sip:" in node.rx("pjsip show contacts")}

    with desk_browser(voice(tmp_path / "agent.wav", 880)) as page:
        sign_in_on_a_break(page, centre)
        wait_until(lambda: known_to() == {"", "b"}, 30, "registered with both")
        with (
            httpx2.Client(base_url=centre.address, trust_env=False, timeout=10) as web,
            disabled(web, people.AGENT),
        ):
            wait_until(lambda: not known_to(), 5, "both registrations are gone")
