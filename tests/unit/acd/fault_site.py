"""The call centre of the fault runs: five queues that use every rule, six people, and what is true of a contact."""

from __future__ import annotations

from dataclasses import dataclass

from acd.model import AgentId, CallId, LevelStep, Medium, Overflow, Queue, QueueId, Skill, Strategy, WayOut

REPAIR, RESCUE, ENGLISH = Skill("repair"), Skill("rescue"), Skill("english")
QUEUES = (
    Queue(
        id=QueueId("repair"),
        skill=REPAIR,
        levels=(LevelStep(after_seconds=0, level=6), LevelStep(after_seconds=25, level=1)),
        sticky_seconds=15,
        overflow=(Overflow(to=QueueId("experts"), after_seconds=60),),
    ),
    Queue(
        id=QueueId("rescue"),
        skill=RESCUE,
        priority=2,
        ageing_seconds=30,
        wrap_up_seconds=0,
        strategy=Strategy.LONGEST_IDLE,
    ),
    Queue(
        id=QueueId("english"),
        skill=ENGLISH,
        strategy=Strategy.ROUND_ROBIN,
        most_waiting=3,
        when_full=WayOut.CALLBACK,
        longest_wait_seconds=120,
        when_too_long=WayOut.VOICEMAIL,
    ),
    Queue(id=QueueId("experts"), skill=REPAIR, strategy=Strategy.LEAST_OCCUPIED, affinity_seconds=20, ring_seconds=10),
    Queue(
        id=QueueId("vip"),
        skill=REPAIR,
        priority=5,
        wrap_up_seconds=5,
        overflow=(Overflow(to=QueueId("repair"), expected_over_seconds=60),),
    ),
)
PEOPLE = tuple(AgentId(str(1001 + number)) for number in range(6))
OPEN_SECONDS, CALLS = 400.0, 22
ATTEMPTS = 3


@dataclass
class Call:
    """What is true of one contact. `way` is how it ended; `leg` counts its offers."""

    id: CallId
    queue: QueueId
    since: float
    priority: int = 0
    medium: Medium = Medium.VOICE
    state: str = "waiting"
    agent: AgentId | None = None
    leg: int = 0
    callback: bool = False
    attempts: int = 0
    second: AgentId | None = None
    second_talks: bool = False
    way: str = ""


@dataclass(frozen=True)
class Faults:
    lost: float
    doubled: float
    late: float  # seconds at most
    cuts: int
    restarts: int


FAULTS = (
    Faults(0.0, 0.0, 0.0, 0, 0),
    Faults(0.05, 0.05, 0.5, 1, 0),
    Faults(0.2, 0.2, 3.0, 0, 1),
    Faults(0.0, 0.3, 8.0, 2, 1),
)
