"""What the pages may ask of the telephony process: nothing else than this. Both sides check what is given."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

import orjson
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError, create_model

from crm_core.errors import Invalid, NotAllowed, NotFound, PlatformError, Refused, Sentence, Unreachable
from cti.call_control import CallControl
from cti.callbacks import Callbacks
from cti.campaign_ports import PreviewCalls
from cti.desk import Desk
from cti.floor_control import FloorControl
from cti.lines import Lines
from cti.recording_control import RecordingControl
from cti.trial_calls import TrialCalls
from cti.wire.messages import Refusal

_PLACES: dict[str, tuple[type, tuple[str, ...]]] = {
    "": (
        Desk,
        (
            *("sign_in", "sign_out", "go_ready", "take_break", "plan_next", "extend_wrap_up", "dial", "hang_up"),
            *("phone_account", "revoke_phone", "visitor_account", "workforce_changed", "lines_changed"),
        ),
    ),
    "calls.": (
        CallControl,
        (
            *("consult", "hand_over", "back_to_customer", "conference", "leave_conference", "drop_party", "transfer"),
            *("park", "pick_up", "drop_message", "send_digits"),
        ),
    ),
    "recordings.": (RecordingControl, ("pause", "resume", "pause_call", "resume_call")),
    "floor_control.": (
        FloorControl,
        ("supervise", "stop_supervising", "take_over", "force", "promote", "move", "assign", "message"),
    ),
    "callbacks.": (Callbacks, ("cancel", "call_now")),
    "menu_trials.": (TrialCalls, ("call", "hang_up")),
    "lines.": (Lines, ("test_call", "end_test")),
    "previews.": (PreviewCalls, ("preview",)),
}
_KINDS: dict[int, type[PlatformError]] = {
    kind.status: kind for kind in (Refused, NotAllowed, NotFound, Invalid, Unreachable)
}


@dataclass(frozen=True, slots=True)
class Order:
    """One thing that may be asked; `given` and `result` are the types of what goes there and comes back."""

    name: str
    given: type[BaseModel]
    result: TypeAdapter[Any]

    def pack(self, **given: Any) -> dict[str, Any]:
        """What JSON knows. Raises Invalid."""
        try:
            packed: dict[str, Any] = self.given(**given).model_dump(mode="json")
        except ValidationError as wrong:
            raise Invalid("This entry cannot be used.", field=str(wrong.errors()[0]["loc"][0])) from wrong
        return packed

    def unpack(self, given: dict[str, Any]) -> dict[str, Any]:
        """Raises Invalid."""
        try:
            found = self.given.model_validate_json(orjson.dumps(given))
        except ValidationError as wrong:
            raise Invalid("This entry cannot be used.", field=str(wrong.errors()[0]["loc"][0])) from wrong
        return {name: getattr(found, name) for name in self.given.model_fields}

    def of(self, desk: object) -> Callable[..., Awaitable[Any]]:
        """The method of a cti.desk.Desk, or of what stands in for one."""
        found: Any = desk
        for part in self.name.split("."):
            found = getattr(found, part)
        return found  # type: ignore[no-any-return]


def _order(name: str, method: Callable[..., Any]) -> Order:
    hints = get_type_hints(method)
    fields: dict[str, Any] = {
        parameter.name: (
            hints[parameter.name],
            ... if parameter.default is inspect.Parameter.empty else parameter.default,
        )
        for parameter in inspect.signature(method).parameters.values()
        if parameter.name != "self"
    }
    given = create_model(name, __config__=ConfigDict(extra="forbid"), **fields)
    return Order(name, given, TypeAdapter(hints["return"]))


ORDERS = {
    f"{place}{name}": _order(f"{place}{name}", getattr(kind, name))
    for place, (kind, names) in _PLACES.items()
    for name in names
}


def as_refusal(error: PlatformError) -> Refusal:
    return Refusal(
        status=error.status,
        message_id=error.message_id,
        values=_plain(error.values),
        details=tuple((one.message_id, _plain(one.values)) for one in error.details),
    )


def _plain(values: Any) -> dict[str, str | int | float]:
    return {key: value if isinstance(value, int | float) else str(value) for key, value in values.items()}


def as_error(refusal: Refusal) -> PlatformError:
    """The same sentence with the same status, of the family that pages know."""
    error = _KINDS.get(refusal.status, PlatformError)("")
    error.status = refusal.status
    error.message_id, error.values = refusal.message_id, dict(refusal.values)
    error.args = (refusal.message_id.format(**refusal.values) if refusal.values else refusal.message_id,)
    error.details = tuple(Sentence(message, values) for message, values in refusal.details)
    return error
