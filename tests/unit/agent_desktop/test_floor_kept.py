"""Places kept for customers who hung up, as a leader sees them."""

from __future__ import annotations

from tests.browser.floor_people import LEADER, SUPERVISOR
from tests.unit.agent_desktop.conftest import WebSite
from tests.unit.agent_desktop.floor_web import at_work, regions


async def test_the_places_kept_are_listed_as_they_will_be_called_and_only_those_of_the_own_queues(web: WebSite):
    floor = await at_work(web)
    html = (await regions(floor, LEADER))["kept"]
    order = [html.index(f'id="k-{one}"') for one in ("k3", "k1", "k2")]
    assert order == sorted(order)
    assert 'id="k-k4"' not in html
    assert "陈" in html
    assert "已拨 2 次" in html
    assert 'data-callback="k3"' not in html, "who is being called cannot be put first or taken off"
    everybody = (await regions(floor, SUPERVISOR))["kept"]
    assert 'id="k-k4"' in everybody
    floor.telephony.places = []
    assert (await regions(floor, SUPERVISOR))["kept"] == ""
