"""The refusal of a file as a whole."""

from __future__ import annotations

from crm_core.errors import Invalid


class Unusable(Invalid):
    """The file is none that can be imported."""

    def __init__(self, message_id: str, **values: object) -> None:
        super().__init__(message_id, **{"field": "file", **values})
