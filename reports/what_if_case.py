"""What is played, as JSON to the process that plays it and back; and what a person changed of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from acd.model import AgentId, LevelStep, Overflow, Queue, QueueId, Skill, Strategy, WayOut
from reports.counts import Thresholds
from reports.what_if import Duty, Plan, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueChange:
    """Percent of the callers and of the handling time; 100 = as forecast. Service seconds 0 = as set for the queue."""

    calls: int = 100
    handling: int = 100
    seconds: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreAgents:
    """So many further agents with these skills, from one minute of the day to another."""

    count: int = 0
    skills: tuple[str, ...] = ()
    begins: int = 480
    ends: int = 990


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """`without` are agents who are not there; `teach` agents learn the skill of queue `taught` at `level`."""

    queues: Mapping[str, QueueChange] = field(default_factory=dict)
    more: MoreAgents = field(default_factory=MoreAgents)
    without: tuple[str, ...] = ()
    teach: tuple[str, ...] = ()
    taught: str = ""
    level: int = 5


def changed(plan: Plan, changes: Changes) -> Plan:
    """The plan with all that a person changed of it."""
    streams = tuple(_stream(one, changes.queues.get(str(one.queue), QueueChange())) for one in plan.streams)
    skills = {str(queue.id): queue.skill for queue in plan.queues}
    duties = [
        replace(one, skills={**one.skills, skills[changes.taught]: changes.level})
        if one.agent in changes.teach and changes.taught in skills
        else one
        for one in plan.duties
        if one.agent not in changes.without
    ]
    more = changes.more
    known = {skills[queue]: changes.level for queue in more.skills if queue in skills}
    if known and more.begins < more.ends:
        work = ((more.begins * 60.0, more.ends * 60.0),)
        duties += [Duty(agent=AgentId(f"more{one}"), skills=known, work=work) for one in range(more.count)]
    return replace(plan, streams=streams, duties=tuple(duties))


def _stream(stream: Stream, change: QueueChange) -> Stream:
    thresholds = stream.thresholds
    if change.seconds:
        thresholds = replace(thresholds, service_seconds=change.seconds)
    return replace(
        stream,
        calls=tuple(calls * change.calls / 100 for calls in stream.calls),
        handling=stream.handling * change.handling / 100,
        thresholds=thresholds,
    )


def written(plan: Plan) -> dict[str, Any]:
    return asdict(plan)


def read(told: Mapping[str, Any]) -> Plan:
    """The way back from JSON; what is told is our own."""
    return Plan(
        queues=tuple(_queue(one) for one in told["queues"]),
        duties=tuple(
            Duty(
                agent=AgentId(one["agent"]),
                skills={Skill(skill): int(level) for skill, level in one["skills"].items()},
                work=tuple((float(begins), float(ends)) for begins, ends in one["work"]),
            )
            for one in told["duties"]
        ),
        streams=tuple(
            Stream(
                queue=QueueId(one["queue"]),
                calls=tuple(one["calls"]),
                handling=one["handling"],
                patience=one["patience"],
                thresholds=Thresholds(**one["thresholds"]),
            )
            for one in told["streams"]
        ),
        answer_seconds=told["answer_seconds"],
    )


def read_changes(told: Mapping[str, Any]) -> Changes:
    return Changes(
        queues={queue: QueueChange(**one) for queue, one in told["queues"].items()},
        more=MoreAgents(**{**told["more"], "skills": _texts(told["more"]["skills"])}),
        without=_texts(told["without"]),
        teach=_texts(told["teach"]),
        taught=told["taught"],
        level=told["level"],
    )


def _texts(told: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(one) for one in told)


def _queue(told: Mapping[str, Any]) -> Queue:
    known = {one.name for one in fields(Queue)}
    values = {name: value for name, value in told.items() if name in known}
    values |= {
        "strategy": Strategy(told["strategy"]),
        "levels": tuple(LevelStep(**step) for step in told["levels"]),
        "overflow": tuple(Overflow(**move) for move in told["overflow"]),
        "when_full": WayOut(told["when_full"]),
        "when_too_long": WayOut(told["when_too_long"]),
    }
    return Queue(**values)
