"""How a campaign calls: its settings, what is wrong with them, when it may dial, and which act its status allows. Pure.

Windows are minutes of the site's day, as in consent.rules, and only narrow the hours of the rules of contact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from typing import Any

from crm_core.campaigns.detection import MEASURED, detection_problems
from crm_core.consent.rules import Span
from crm_core.errors import Invalid, Refused

MODES = ("preview", "progressive", "predictive", "voice", "link")
WITH_AGENTS = ("preview", "progressive", "predictive")
IN_NAME_OF = ("centre", "sales_consultant", "service_adviser")
RETRIED = ("no_answer", "busy", "machine", "hung_up", "refused", "failed", "dropped")
"""Results after which the customer may be called again."""
DROPPED_REST = timedelta(hours=72)
"""After a call that was answered and had no agent nobody dials this customer again, whatever the settings say."""
DROPPED_REST_MINUTES = 72 * 60
DISPOSITIONS = ("interested", "not_interested", "call_later", "not_the_person", "machine", "no_more_calls")


@dataclass(frozen=True, slots=True)
class Retry:
    """`minutes` until the next attempt; `most` such results, then the entry is exhausted. 0 = no second attempt."""

    minutes: int
    most: int


FIRST_RETRIES: Mapping[str, Retry] = {
    "no_answer": Retry(180, 3),
    "busy": Retry(20, 3),
    "machine": Retry(240, 2),
    "hung_up": Retry(1440, 1),
    "refused": Retry(1440, 1),
    "failed": Retry(60, 2),
    "dropped": Retry(DROPPED_REST_MINUTES, 1),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`abandon_limit_percent` 0 = never more lines than free agents. `windows` () = all hours of the contact rules.

    `language` "" = the customer's own. `script` is an article of the knowledge base, 0 = the queue's. `detection` is
    what machine detection is given, see campaigns.detection, since `detection_since` (ISO, "" = from the beginning).
    """

    abandon_limit_percent: float = 3.0
    lines_per_agent: float = 1.5
    most_lines: int = 20
    ring_seconds: int = 25
    detect_machines: bool = False
    detection: tuple[int, ...] = MEASURED
    detection_since: str = ""
    windows: tuple[Span, ...] = ()
    retries: Mapping[str, Retry] = field(default_factory=lambda: FIRST_RETRIES)
    most_attempts: int = 3
    language: str = ""
    script: int = 0
    dispositions: tuple[str, ...] = DISPOSITIONS


FIRST_SETTINGS = Settings()


def state_of(settings: Settings) -> dict[str, Any]:
    """As Campaign.settings keeps them."""
    return {
        "abandon_limit_percent": settings.abandon_limit_percent,
        "lines_per_agent": settings.lines_per_agent,
        "most_lines": settings.most_lines,
        "ring_seconds": settings.ring_seconds,
        "detect_machines": settings.detect_machines,
        "detection": list(settings.detection),
        "detection_since": settings.detection_since,
        "windows": [list(span) for span in settings.windows],
        "retries": {result: [retry.minutes, retry.most] for result, retry in settings.retries.items()},
        "most_attempts": settings.most_attempts,
        "language": settings.language,
        "script": settings.script,
        "dispositions": list(settings.dispositions),
    }


def settings_from(state: Mapping[str, Any]) -> Settings:
    """The way back; what an older save does not have is that of the first settings. The state was checked."""
    whole = {**state_of(FIRST_SETTINGS), **{name: state[name] for name in state_of(FIRST_SETTINGS) if name in state}}
    return Settings(
        **{
            **whole,
            "detection": tuple(whole["detection"]),
            "windows": tuple((begin, end) for begin, end in whole["windows"]),
            "retries": {**FIRST_RETRIES, **{name: Retry(*pair) for name, pair in whole["retries"].items()}},
            "dispositions": tuple(whole["dispositions"]),
        }
    )


_WHOLE = (("most_lines", 1, 500), ("ring_seconds", 15, 60), ("most_attempts", 1, 10))
_PARTS = (("abandon_limit_percent", 0, 5), ("lines_per_agent", 1, 3))


def problems(state: Mapping[str, Any]) -> list[Invalid]:
    """What is wrong with settings as they were typed, one sentence for each field."""
    wrong: list[Invalid] = []
    for name, low, high in _WHOLE:
        if type(state.get(name)) is not int or not low <= state[name] <= high:
            wrong.append(Invalid("Enter a number from {low} to {high}.", low=low, high=high, field=name))
    for name, low, high in _PARTS:
        if type(state.get(name)) not in (int, float) or not low <= state[name] <= high:
            wrong.append(Invalid("Enter a number from {low} to {high}.", low=low, high=high, field=name))
    if state.get("language", "") not in ("", "zh-CN", "en"):
        wrong.append(Invalid("Choose from the list.", field="language"))
    wrong += detection_problems(state.get("detection", MEASURED))
    return [*wrong, *_window_problems(state.get("windows", ())), *_retry_problems(state.get("retries", {}))]


def _window_problems(windows: Iterable[Any]) -> list[Invalid]:
    last = 0
    for span in sorted(windows) if _are_spans(windows) else [(1, 0)]:
        begin, end = span
        if not last <= begin < end <= 1440:
            return [Invalid("Write hours in order, e.g. 09:00-12:00, 14:00-20:00.", field="windows")]
        last = end
    return []


def _are_spans(windows: Iterable[Any]) -> bool:
    return all(len(span) == 2 and all(type(minute) is int for minute in span) for span in windows)


def _retry_problems(retries: Mapping[str, Any]) -> list[Invalid]:
    wrong: list[Invalid] = []
    for name, pair in retries.items():
        low = DROPPED_REST_MINUTES if name == "dropped" else 1
        if name not in RETRIED or len(pair) != 2 or any(type(one) is not int for one in pair):
            wrong.append(Invalid("Choose from the list.", field="retries"))
        elif not low <= pair[0] <= 43_200:
            wrong.append(Invalid("Enter {low} to {high} minutes.", low=low, high=43_200, field=f"retries_{name}"))
        elif not 0 <= pair[1] <= 10:
            wrong.append(Invalid("Enter a number from {low} to {high}.", low=0, high=10, field=f"retries_{name}"))
    return wrong


def next_open(settings: Settings, at: datetime, zone: tzinfo) -> datetime:
    """`at` itself when it lies in a window of the campaign, else the beginning of the next one."""
    local = at.astimezone(zone)
    minute = local.hour * 60 + local.minute
    if not settings.windows or any(begin <= minute < end for begin, end in settings.windows):
        return at
    begins = sorted(begin for begin, _ in settings.windows)
    ahead = 0 if minute < begins[-1] else 1
    begin = next((one for one in begins if one > minute), begins[0]) if not ahead else begins[0]
    opens = datetime.combine(local.date() + timedelta(days=ahead), time(), zone) + timedelta(minutes=begin)
    return opens.astimezone(at.tzinfo)


ACTS: Mapping[tuple[str, str], str] = {
    ("draft", "sample"): "sample",
    ("draft", "start"): "running",
    ("sample", "start"): "running",
    ("sample", "pause"): "paused",
    ("running", "pause"): "paused",
    ("paused", "sample"): "sample",
    ("paused", "start"): "running",
    ("draft", "end"): "ended",
    ("sample", "end"): "ended",
    ("running", "end"): "ended",
    ("paused", "end"): "ended",
}
"""(status, act) -> the status after it; what is not here is refused. An ended campaign stays ended."""
DIALLING = ("sample", "running")


def status_after(status: str, act: str) -> str:
    """Raises Refused with a sentence for an act that this status does not allow."""
    after = ACTS.get((status, act))
    if after is not None:
        return after
    if status == "ended":
        raise Refused("This campaign has ended. Make a new one from it.")
    if act == "pause":
        raise Refused("This campaign does not call now.")
    raise Refused("This campaign is running already.")
