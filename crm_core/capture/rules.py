"""What of a call is recorded besides its talks, and how long a pause lasts at most. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from crm_core.errors import Invalid

LEAST_SECONDS, MOST_SECONDS = 10, 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """`consults`, `holds` and `menus`: whether what is said there is in the recordings.

    A consult is what an agent says to whom they ask while the customer hears music; a hold is what is said near a
    phone whose customer hears music. `pause_seconds` is after how long a pause ends by itself.
    """

    consults: bool = False
    holds: bool = False
    menus: bool = False
    pause_seconds: int = 120


FIRST = Capture()


def problems(state: Mapping[str, Any]) -> list[Invalid]:
    """One sentence for each field that cannot be used."""
    seconds = state.get("pause_seconds")
    if type(seconds) is not int or not LEAST_SECONDS <= seconds <= MOST_SECONDS:
        return [
            Invalid(
                "Enter a number of seconds from {low} to {high}.",
                low=LEAST_SECONDS,
                high=MOST_SECONDS,
                field="pause_seconds",
            )
        ]
    return []


def capture_from(state: Mapping[str, Any]) -> Capture:
    return Capture(
        consults=bool(state.get("consults")),
        holds=bool(state.get("holds")),
        menus=bool(state.get("menus")),
        pause_seconds=int(state["pause_seconds"]),
    )


def state_of(rules: Capture) -> dict[str, Any]:
    return asdict(rules)
