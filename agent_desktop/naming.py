"""Numbers and ids as the names a reader knows, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crm_core.workforce.model import QueueRow


@dataclass(frozen=True, slots=True)
class Names:
    """`people` maps a personnel number to (Chinese name, English name)."""

    language: str
    people: Mapping[str, tuple[str, str]]
    queues: Mapping[str, QueueRow]

    def person(self, number: str) -> str:
        """The person's name; the number itself of somebody unknown."""
        known = self.people.get(number)
        return known[self.language == "en"] if known else number

    def queue(self, queue_id: str) -> str:
        known = self.queues.get(queue_id)
        if known is None:
            return queue_id or "—"
        return known.name_en if self.language == "en" else known.name_zh


def names_for(language: str, people: Mapping[str, tuple[str, str]], queues: Iterable[QueueRow]) -> Names:
    return Names(language, people, {queue.id: queue for queue in queues})
