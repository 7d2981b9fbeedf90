"""The words and limits of the workforce's settings, and what a site has before anybody has edited it."""

from __future__ import annotations

from dataclasses import dataclass

# The routing engine's words (`acd.model`), which this room may not import: a test keeps the two alike.
STRATEGIES = ("best_skill", "longest_idle", "least_occupied", "round_robin")
WAYS_OUT = ("stay", "voicemail", "callback", "goodbye")
MEDIA = ("voice", "chat", "email", "task")
HIGHEST_LEVEL = 9
MISSED_LIMIT = 3
"""Offers missed in a row after which an agent is set to break, unless the team says otherwise. 0 = never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why an agent takes a break; `minutes` are planned, 0 = as long as it takes."""

    code: str
    name_zh: str
    name_en: str
    minutes: int
    active: bool = True


FIRST_REASONS = (
    Reason(code="lunch", name_zh="午餐", name_en="Lunch", minutes=30),
    Reason(code="rest", name_zh="休息", name_en="Rest", minutes=10),
    Reason(code="washroom", name_zh="洗手间", name_en="Washroom", minutes=5),
    Reason(code="training", name_zh="培训", name_en="Training", minutes=60),
    Reason(code="meeting", name_zh="会议", name_en="Meeting", minutes=30),
    Reason(code="desk_work", name_zh="案头工作", name_en="Desk work", minutes=20),
)
