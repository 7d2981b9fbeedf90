"""PlatformError: what a person is told when we refuse or fail.

PlatformError (500, our bug)
├── Refused (409)         the rules of the call centre say no
├── NotAllowed (403)      this person may not
├── NotFound (404)
├── Invalid (422)         the input cannot be used; says which field
└── Unreachable (503)     a part we need does not answer

Each package defines its own kinds below these, named for the refusal. One handler renders all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sentence:
    """A catalogue key and its gaps: each reader has it in the own language."""

    message_id: str
    values: Mapping[str, object]

    def __str__(self) -> str:
        return self.message_id.format(**self.values)


class PlatformError(Exception):
    """`message_id` is a catalogue key and `values` its gaps, so that the page speaks the reader's language.

    `details` are further sentences, where one does not tell what to do.
    """

    status = 500
    details: tuple[Sentence, ...] = ()

    def __init__(self, message_id: str, **values: object) -> None:
        super().__init__(message_id.format(**values) if values else message_id)
        self.message_id, self.values = message_id, values


class Refused(PlatformError):
    status = 409


class NotAllowed(PlatformError):
    status = 403


class NotFound(PlatformError):
    status = 404


class Invalid(PlatformError):
    status = 422


class Unreachable(PlatformError):
    status = 503
