"""A call centre with as many calls up as a proof wants: some talk, some wait, some are still in the menu."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from tests.integration import scenarios
from tests.integration.site import wait_until
from tests.platform.site import REPAIR, Agent, CallCentre, new_number

LANGUAGE_ONLY = REPAIR[:1]


@dataclass(frozen=True, slots=True)
class House:
    """`queued` is the number of all who chose a queue, `asked` of those whom the menu still asks."""

    queued: str
    asked: str
    agents: tuple[Agent, ...]

    def contacts(self, centre: CallCentre) -> list[dict[str, Any]]:
        return [*centre.contacts(self.queued), *centre.contacts(self.asked)]

    def states(self) -> list[str]:
        """What the desks show, sorted."""
        return sorted(agent.state() for agent in self.agents)


@contextmanager
def full_house(centre: CallCentre, calls: int, agents: Sequence[str]) -> Iterator[House]:
    """Each agent talks, a fifth of the callers are in the menu, the others wait."""
    asked = calls // 5
    for agent in agents:
        centre.telephones.phone(agent, scenarios.phone_answers(), calls=4)
    with ExitStack() as stack:
        house = House(new_number(), new_number(), tuple(stack.enter_context(centre.agent(one)) for one in agents))
        centre.call(house.queued, scenarios.caller(house.queued, keys=REPAIR), calls=calls - asked, rate=5)
        waiting = calls - asked - len(agents)
        wait_until(lambda: set(house.states()) == {"talking"}, 30, "all agents talk")
        wait_until(lambda: _waiting(centre) == waiting, 90, f"{waiting} wait; there are {_waiting(centre)}")
        centre.call(house.asked, scenarios.caller(house.asked, keys=LANGUAGE_ONLY), calls=asked, rate=10)
        wait_until(lambda: _in_menu(centre, house.asked) == asked, 20, "the last ones are in the menu")
        yield house


def open_contacts(centre: CallCentre) -> list[str]:
    return [row["id"] for row in centre.rows("SELECT id FROM contact WHERE ended_at IS NULL")]


def _waiting(centre: CallCentre) -> int:
    return int(centre.rows("SELECT count(*) AS n FROM queue_visit WHERE left_at IS NULL")[0]["n"])


def _in_menu(centre: CallCentre, caller: str) -> int:
    return sum(row["ended_at"] is None for row in centre.contacts(caller))
