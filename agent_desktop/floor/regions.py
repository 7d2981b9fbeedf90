"""The floor's regions as HTML, for the first page and for every push."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from agent_desktop.contacts.story import reasons
from agent_desktop.desk import words as desk_words
from agent_desktop.desk.pop import Said
from agent_desktop.desk.regions import sayer
from agent_desktop.floor import words as floor_words
from agent_desktop.floor.model import WAIT_BREACH, WAIT_WARN, AgentLine, Alarm, CallerLine, FloorPicture
from agent_desktop.floor.queries import Ground, QueueFacts
from agent_desktop.rendering import Rendering
from agent_desktop.words import N_
from crm_core.access.actions import SignedInUser
from crm_core.access.roles import Permission
from crm_core.history.model import Leg
from reports.metrics import (
    ABANDON_RATE,
    AVERAGE_HANDLING_TIME,
    AVERAGE_SPEED_OF_ANSWER,
    OCCUPANCY,
    SERVICE_LEVEL,
)

REGIONS = ("figures", "queues", "waiting", "kept", "agents")


def regions_of(rendering: Rendering, picture: FloorPicture, ground: Ground, user: SignedInUser) -> dict[str, str]:
    """Each region's HTML by its id."""
    values = floor_values(rendering, picture, ground, user)
    return {name: rendering.render(f"floor/{name}.html", language=user.language, **values).strip() for name in REGIONS}


def floor_values(rendering: Rendering, picture: FloorPicture, ground: Ground, user: SignedInUser) -> dict[str, Any]:
    words = Words(rendering, ground, user.language)
    return {
        "floor": picture,
        "records_away": ground.away,
        "words": words,
        "metrics": {
            "level": SERVICE_LEVEL,
            "abandon": ABANDON_RATE,
            "answer": AVERAGE_SPEED_OF_ANSWER,
            "handling": AVERAGE_HANDLING_TIME,
            "occupancy": OCCUPANCY,
        },
        "wait_class": wait_class,
        "counts": lambda lines, word: sum(word in line.groups.split() for line in lines),
        "may_switch": user.may(Permission.EDIT_WORKFORCE),
    }


def wait_class(since: float | None, now: float) -> str:
    """ " breach" for who waits too long, " warn" for who soon does."""
    waited = 0.0 if since is None else now - since
    return " breach" if waited > WAIT_BREACH else " warn" if waited > WAIT_WARN else ""


class Words:
    """Names and sentences in one reader's language."""

    def __init__(self, rendering: Rendering, ground: Ground, language: str) -> None:
        self._ground, self._english = ground, language == "en"
        self.say: Callable[[Said | str], str] = sayer(rendering, language)
        self._queues = {queue.id: queue for queue in ground.queues}

    def agent(self, number: str) -> str:
        facts = self._ground.people.get(number)
        return number if facts is None else (facts.name_en if self._english else facts.name)

    def team(self, team: str) -> str:
        names = self._ground.teams.get(team, (team, team))
        return names[1] if self._english else names[0]

    def queue(self, queue: str) -> str:
        facts = self._queues.get(queue)
        return queue if facts is None else (facts.name_en if self._english else facts.name_zh)

    def metric(self, metric: Any) -> tuple[str, str]:
        """Its name and its formula in words."""
        return (metric.name_en, metric.words_en) if self._english else (metric.name_zh, metric.words_zh)

    def reason(self, reason: str) -> str:
        names = self._ground.break_names.get(reason)
        if names is not None:
            return names[1] if self._english else names[0]
        return self.say(desk_words.SYSTEM_REASONS.get(reason, reason))

    def planned(self, reason: str) -> int:
        return self._ground.break_minutes.get(reason, 0)

    def reasons(self) -> list[tuple[str, str]]:
        return [(code, names[1] if self._english else names[0]) for code, names in self._ground.break_names.items()]

    def alarm(self, alarm: Alarm) -> str:
        return self.say(Said(floor_words.ALARMS[alarm.word], {"minutes": alarm.minutes}))

    def overflow(self, queue: QueueFacts) -> str:
        """When a caller moves on, and where to."""
        told = []
        for after, expected, to in queue.overflow:
            sentence = "{seconds} s → {queue}" if after else "expected over {seconds} s → {queue}"
            told.append(self.say(Said(_OVERFLOWS[sentence], {"seconds": after or expected, "queue": self.queue(to)})))
        return " · ".join(told)

    def why_waiting(self, line: CallerLine) -> str:
        view = line.view
        word = "ringing" if view.offered_to else "reserved" if view.reserved_for else view.why
        if not word and view.priority:
            word = "priority"
        gaps = {"agent": self.agent(view.offered_to or view.reserved_for), "value": view.priority}
        return self.say(Said(floor_words.CALLER_WHYS.get(word, word), gaps))


_OVERFLOWS = {
    "{seconds} s → {queue}": N_("{seconds} s → {queue}"),
    "expected over {seconds} s → {queue}": N_("expected over {seconds} s → {queue}"),
}


def inspector_values(
    rendering: Rendering, line: AgentLine, ground: Ground, user: SignedInUser, leg: Leg | None
) -> dict[str, Any]:
    """The panel at the right: one agent, and what the reader may do."""
    mine = next((one for one in line.watched if one.supervisor == user.number), None)
    return {
        "line": line,
        "words": Words(rendering, ground, user.language),
        "mine": mine,
        "modes": floor_words.MODES,
        "paths": floor_words.PATHS,
        "questions": floor_words.QUESTIONS,
        "doing": floor_words.DOING,
        "leg": leg,
        "queues": ground.queues,
        "may_staff": user.may(Permission.EDIT_WORKFORCE),
        "verdicts": reasons(leg.verdicts or "") if leg is not None else (),
    }
