"""Who spoke how long, when nobody did, and who cut in: exact definitions over spans of speech. Pure.

A *span* is a stretch in which a voice detector hears one side, in seconds. Spans of a side with less than
`BREATH` between them are one turn: people breathe. A turn shorter than `BACKCHANNEL` is a "yes" or "mm": it
counts as speech, never as cutting in.

- Seconds of a side: the length of its turns. Silence: what no turn of either side covers, holds and pauses left out.
  Both sides may speak at once, so that the three may add up to more than the whole.
- An **interruption** is a turn of one side, no backchannel, that begins while the other side has been speaking for
  at least `UNDER_WAY`, and during which both speak for at least `OVERLAP` from its begin. Each turn counts once, for
  the side whose turn it is. These are our own thresholds; literature uses 0.2 to 1 s for each and no standard exists.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

BREATH = 0.5
BACKCHANNEL = 1.0
UNDER_WAY = 1.0
OVERLAP = 0.5
Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """Seconds of speech per side and of silence; each interruption as (when, who cut in: customer or agent)."""

    customer: float
    agent: float
    silence: float
    interruptions: tuple[tuple[float, str], ...]


def talk_of(customer: Iterable[Span], agent: Iterable[Span], *, seconds: float, left_out: Iterable[Span] = ()) -> Talk:
    """Of a recording of `seconds`; `left_out` are holds and pauses, which are nobody's speech and no silence."""
    gone = merged(left_out)
    sides = {"customer": turns(without(customer, gone)), "agent": turns(without(agent, gone))}
    counted = without([(0.0, seconds)], gone)
    covered = merged([*sides["customer"], *sides["agent"]])
    silence = length(counted) - length([part for span in counted for part in within(covered, span)])
    cuts = [
        *((at, "customer") for at in _cutting_in(sides["customer"], sides["agent"])),
        *((at, "agent") for at in _cutting_in(sides["agent"], sides["customer"])),
    ]
    return Talk(
        customer=length(sides["customer"]),
        agent=length(sides["agent"]),
        silence=max(0.0, silence),
        interruptions=tuple(sorted(cuts)),
    )


def turns(spans: Iterable[Span]) -> list[Span]:
    """Spans of one side, joined over breaths, in order."""
    return merged(spans, gap=BREATH)


def merged(spans: Iterable[Span], *, gap: float = 0.0) -> list[Span]:
    """In order, without overlaps; what lies less than `gap` apart, or touches, is one. Empty spans are dropped."""
    joined: list[Span] = []
    for began, ended in sorted(span for span in spans if span[1] > span[0]):
        if joined and (began <= joined[-1][1] or began - joined[-1][1] < gap):
            joined[-1] = (joined[-1][0], max(joined[-1][1], ended))
        else:
            joined.append((began, ended))
    return joined


def within(spans: Sequence[Span], window: Span) -> list[Span]:
    """The parts that lie in the window."""
    cut = [(max(began, window[0]), min(ended, window[1])) for began, ended in spans]
    return [span for span in cut if span[1] > span[0]]


def without(spans: Iterable[Span], gone: Sequence[Span]) -> list[Span]:
    """What is left of the spans when `gone` (in order, without overlaps) is cut out."""
    left: list[Span] = []
    for began, ended in merged(spans):
        at = began
        for out_from, out_to in gone:
            if out_to <= at or out_from >= ended:
                continue
            left.append((at, out_from))
            at = out_to
        left.append((at, ended))
    return [span for span in left if span[1] > span[0]]


def length(spans: Iterable[Span]) -> float:
    return sum(ended - began for began, ended in spans)


def _cutting_in(mine: Sequence[Span], others: Sequence[Span]) -> list[float]:
    return [
        began
        for began, ended in mine
        if ended - began >= BACKCHANNEL
        and any(from_ + UNDER_WAY <= began and min(to, ended) - began >= OVERLAP for from_, to in others)
    ]
