"""PostgreSQL is down, or hangs, in the middle of a talk: the agent goes on with the call and with the own state."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack

import pytest

from crm_core.history import events as feed
from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.integration.test_recovery import journal
from tests.platform.postgres_site import PostgresCallCentre
from tests.platform.site import REPAIR, Agent, new_number

TOLD_WITHIN = 5.0  # seconds: a server that hangs is given up then, and every click after that is quick


def done(agent: Agent, path: str, **body: object) -> float:
    """The seconds that the click took."""
    began = time.monotonic()
    answer = agent.ask(path, **body)
    assert answer.status_code == 200, answer.text
    return time.monotonic() - began


@pytest.mark.timeout(300)
@pytest.mark.parametrize("how", ["is down", "hangs"])
def test_who_talks_gives_the_call_away_takes_it_and_ends_it_while_the_database_is_away(
    postgres_centre: PostgresCallCentre, how: str
) -> None:
    centre = postgres_centre
    centre.up()
    away: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {
        "is down": (centre.server.stop, centre.server.start),
        "hangs": (centre.server.freeze, lambda: centre.server.freeze(on=False)),
    }
    number, known = new_number(), len(journal(centre.run_dir))
    for agent in ("1001", "1002"):
        centre.telephones.phone(agent, scenarios.phone_answers(), calls=2)

    def told(kind: type[feed.HistoryEvent], agent: str) -> bool:
        events = journal(centre.run_dir)[known:]
        return any(isinstance(event, kind) and getattr(event, "agent", "") == agent for event in events)

    with ExitStack() as shift:
        first = shift.enter_context(centre.agent("1001"))
        caller = centre.call(number, scenarios.caller(number, keys=REPAIR))
        centre.until_talking(number)
        second = shift.enter_context(centre.agent("1002"))
        go, come = away[how]
        go()
        try:
            assert done(first, "/api/call/recording", paused=True) < TOLD_WITHIN
            assert done(first, "/api/state/next", state="break", reason="lunch") < TOLD_WITHIN
            done(first, "/api/call/transfer", kind="agent", value="1002")
            wait_until(lambda: told(feed.TalkBegan, "1002"), 15, "1002 talks with the customer")
            outside = first.ask("/api/call/transfer", kind="dealer", value="1")
            assert outside.status_code in (409, 503), "who has no call, and a number that must be looked up"
            done(second, "/api/call/hang-up")
            wait_until(lambda: told(feed.TalkEnded, "1002"), 15, "the talk is over")
            done(second, "/api/state/extend")
            assert second.web.get("/desk").status_code == 503, "what stands in the records is away"
        finally:
            come()
        wait_until(lambda: second.web.get("/desk").status_code == 200, 30, "the records are back")
        row = centre.contact(number, seconds=30)
        caller.wait(5)
    assert [leg["agent"] for leg in centre.legs(row["id"])] == ["1001", "1002"]
