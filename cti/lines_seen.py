"""What the pages see of the lines at one moment. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from cti.dial_caps import CapHit
from cti.line_tests import LineTest
from cti.trunk_watch import TrunkView


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesSeen:
    """`hits` are the newest limits that were met, the newest last; `refusals` how many since the start."""

    trunks: tuple[TrunkView, ...] = ()
    hits: tuple[CapHit, ...] = ()
    refusals: int = 0
    tests: tuple[LineTest, ...] = ()

    def test_of(self, by: str) -> LineTest | None:
        return next((one for one in self.tests if one.by == by), None)
