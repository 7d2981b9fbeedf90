"""The administrator says what is recorded besides talks, and after how long a pause ends."""

from __future__ import annotations

from crm_core.capture.rules import Capture
from crm_core.capture.settings import capture_rules
from tests.browser import people
from tests.unit.agent_desktop.conftest import WebSite

PAGE = "/admin/recordings"


async def test_what_is_recorded_is_saved_and_a_pause_has_a_limit(web: WebSite):
    entered = await web.enter(people.ADMIN)
    form = {"csrf_token": entered.user.csrf, "base": "0", "holds": "1", "pause_seconds": "60"}
    assert (await web.client.post(f"{PAGE}/capture", data=form)).status_code == 303
    async with web.db.begin() as session:
        assert await capture_rules(session) == Capture(holds=True, pause_seconds=60)
    refused = await web.client.post(f"{PAGE}/capture", data={**form, "base": "1", "pause_seconds": "5"})
    assert refused.status_code == 422
    assert "请填写 10 到 600 之间的秒数" in refused.text
    assert 'value="5"' in refused.text
