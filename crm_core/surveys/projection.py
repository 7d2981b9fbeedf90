"""From events to the rows of the questions after a call, without I/O. Events may come twice or after a gap."""

from __future__ import annotations

from typing import Protocol

from crm_core.clock import from_instant
from crm_core.db import Base, storable
from crm_core.history import events
from crm_core.surveys.model import SurveyRound, SurveyScore

SurveyEvent = events.SurveyOffered | events.SurveyAnswered | events.SurveyEnded


class SurveyRows(Protocol):
    """Of history.projection.Rows."""

    rounds: dict[str, SurveyRound]
    answers: dict[tuple[str, str], SurveyScore]

    def store(self, row: Base) -> None: ...


def project_survey(rows: SurveyRows, event: SurveyEvent) -> None:
    """The contact's row is there already. An answer without its round tells nothing and is left out."""
    if isinstance(event, events.SurveyOffered):
        _offered(rows, event)
        return
    found = rows.rounds.get(event.leg)
    if found is None:
        return
    if isinstance(event, events.SurveyEnded):
        found.result = storable(event.result, 12)
    else:
        _answered(rows, found, event)


def _offered(rows: SurveyRows, event: events.SurveyOffered) -> None:
    if event.leg in rows.rounds:
        return
    row = SurveyRound(
        leg_id=storable(event.leg, 64),
        contact_id=event.call,
        agent=storable(event.agent, 16),
        queue=storable(event.queue, 40),
        language=storable(event.language, 8),
        version=event.version,
        asked=event.questions,
        offered_at=from_instant(event.at),
        result="",
    )
    rows.rounds[event.leg] = row
    rows.store(row)


def _answered(rows: SurveyRows, found: SurveyRound, event: events.SurveyAnswered) -> None:
    """A question that was asked again after a kill is answered by the last key."""
    answer = rows.answers.get((event.leg, event.question))
    if answer is None:
        answer = SurveyScore(
            leg_id=found.leg_id,
            question=storable(event.question, 12),
            contact_id=found.contact_id,
            agent=found.agent,
            queue=found.queue,
            language=found.language,
            version=found.version,
            value=event.value,
            at=from_instant(event.at),
            low=False,
        )
        rows.answers[event.leg, event.question] = answer
        rows.store(answer)
    answer.value, answer.at = event.value, from_instant(event.at)
