"""What the engine refuses a person, each with what to do instead."""

from __future__ import annotations

from acd.model import AgentId, CallId, QueueId
from crm_core.errors import NotFound, Refused


class AgentAway(Refused):
    def __init__(self, agent: AgentId) -> None:
        super().__init__("Agent {agent} is signed out. Choose somebody who is signed in.", agent=agent)


class AgentNotFree(Refused):
    def __init__(self, agent: AgentId) -> None:
        super().__init__(
            "Agent {agent} is not free now. Choose somebody who is ready, or try again later.", agent=agent
        )


class LacksSkill(Refused):
    def __init__(self, agent: AgentId, queue: QueueId) -> None:
        super().__init__(
            "Agent {agent} lacks the skill of queue {queue}. Choose somebody else, or move the caller first.",
            agent=agent,
            queue=queue,
        )


class NoLongerWaiting(NotFound):
    """The caller hung up, is talking, or was never in a queue."""

    def __init__(self, call: CallId) -> None:
        super().__init__("This caller is not waiting any more.")
        self.call = call


class NoSuchQueue(NotFound):
    def __init__(self, queue: QueueId) -> None:
        super().__init__("There is no queue {queue}. Choose one of the list.", queue=queue)
