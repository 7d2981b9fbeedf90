"""Talks of the demo that agents gave to a dealer or asked somebody about. Without I/O.

Each call depends on its id only. Rows of legs get the words of crm_core.history.second_legs.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any

Row = dict[str, Any]
ROADSIDE = "+864008101166"
_LEADERS = ("2011", "2012")
_SHARE = 0.045
_WAYS = (("dealer", 48), ("number", 14), ("asked", 26), ("three", 12))


def add_second_legs(contacts: Sequence[Row], legs: list[Row], dealers: int) -> None:
    """Change some answered talks: a second party's leg is added, and a call that was given away ends with it."""
    known = {row["id"]: row for row in contacts}
    for leg in [one for one in legs if one["result"] == "answered" and one["queue"]]:
        contact, random = known.get(leg["contact_id"]), Random(f"second {leg['id']}")
        if contact is not None and random.random() < _SHARE:
            legs.append(_second(random, contact, leg, dealers))


def _second(random: Random, contact: Row, leg: Row, dealers: int) -> Row:
    way = random.choices([word for word, _ in _WAYS], [weight for _, weight in _WAYS])[0]
    dealer = str(random.randrange(1, dealers + 1))
    second = {**leg, "id": f"{leg['id']}9", "why": "consult", "hold_seconds": 0.0, "ended_by": "customer"}
    if way == "asked":
        return _asked(random, second, leg)
    kind, party = ("number", ROADSIDE) if way == "number" else ("dealer", dealer)
    second.update(kind=kind, party=party, agent="", offered_at=leg["ended_at"], answered_at=None, ended_at=None)
    rung = leg["ended_at"] + timedelta(seconds=random.uniform(6, 18))
    talked = rung + timedelta(seconds=random.uniform(40, 190))
    if way == "three":
        second.update(offered_at=leg["answered_at"], consulted_at=leg["answered_at"], answered_at=leg["answered_at"])
        second.update(ended_at=leg["ended_at"], consult_seconds=12.0)
        return second
    leg.update(given_to=f"{kind}:{party}", ended_by="agent")
    nobody = random.random() < 0.12
    second.update(why="transfer", result="no_answer" if nobody else "answered", ended_at=rung if nobody else talked)
    second["answered_at"] = None if nobody else rung
    contact["ended_at"] = max(contact["ended_at"], second["ended_at"])
    if contact["recorded_at"] is not None:
        contact["recorded_at"] = max(contact["recorded_at"], contact["ended_at"])
    return second


def _asked(random: Random, second: Row, leg: Row) -> Row:
    """A team's leader was asked; the caller stayed with the agent."""
    seconds = min(random.uniform(12, 50), (leg["ended_at"] - leg["answered_at"]).total_seconds() / 2)
    began = leg["answered_at"] + timedelta(seconds=seconds / 2)
    second.update(agent=random.choice(_LEADERS), offered_at=began, answered_at=None, result="cancelled")
    second.update(consulted_at=began, consult_seconds=seconds, ended_at=began + timedelta(seconds=seconds))
    return second
