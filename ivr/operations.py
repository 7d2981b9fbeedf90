"""What a menu can look up or do for a caller: the operations, what they need, and what may come of them. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

UNAVAILABLE = "unavailable"  # the records did not answer in time: every operation may end so


class Spoken(StrEnum):
    """How a fact is said to a caller; `ivr.spoken` turns a value into prompts."""

    DIGITS = "digits"  # one by one
    NUMBER = "number"
    DATE = "date"  # ISO 8601, 2026-11-26
    TIME = "time"  # 24 h, 17:30
    MONEY = "money"  # yuan with at most two decimals
    PLATE = "plate"
    PHONE = "phone"  # E.164 or as dialled inside the country
    KILOMETRES = "kilometres"  # one decimal
    PROMPT = "prompt"  # the value is the name of a prompt
    SILENT = "silent"  # to decide on, or for the agent; never said


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """`takes` are facts that earlier nodes gathered; `identified` = only for a caller who has proven who it is.

    Each word of `results` needs a way out of the node, as does UNAVAILABLE. `gives` are the facts known afterwards.
    """

    name: str
    results: tuple[str, ...]
    takes: tuple[str, ...] = ()
    identified: bool = False
    gives: Mapping[str, Spoken] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks: the call, its number in E.164 ("" = withheld), the number dialled and the records that match."""

    call: str
    number: str
    entry: str
    matches: tuple[int, ...]
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`result` is a word of the operation's results, or UNAVAILABLE; `facts` are those it gives, as plain text."""

    result: str
    facts: Mapping[str, str] = field(default_factory=dict)


class Operations(Protocol):
    """Carries operations out. Made on the records by `ivr/self_service/`; scripted in tests."""

    async def do(self, name: str, asker: Asker, facts: Mapping[str, str]) -> Answer:
        """Answers within two seconds, UNAVAILABLE instead of an error; what is done, is done once per call and node."""
        ...


OPERATIONS: Mapping[str, Operation] = {
    operation.name: operation
    for operation in (
        # Three tries for each call and for each number a day; nothing is told apart but right, wrong and no more tries.
        Operation(
            name="identify",
            takes=("proof",),  # the keyed digits of the plate, or the PIN
            results=("right", "wrong", "no_more"),
        ),
        Operation(
            name="case_state",
            identified=True,
            results=("found", "none"),
            gives={
                "case_number": Spoken.DIGITS,
                "case_state": Spoken.PROMPT,
                "case_due": Spoken.DATE,
                "more_cases": Spoken.NUMBER,
            },
        ),
        Operation(
            name="next_service",
            identified=True,
            results=("found", "recall", "none"),
            gives={
                "plate": Spoken.PLATE,
                "service_date": Spoken.DATE,
                "service_kilometres": Spoken.NUMBER,
                "recall": Spoken.PROMPT,
            },
        ),
        Operation(
            name="nearest_station",
            takes=("area",),  # an area code or postcode keyed, a city's name spoken, or "" = the position link's place
            results=("found", "closed", "unknown_place"),
            gives={
                "station": Spoken.PROMPT,
                "station_id": Spoken.SILENT,  # of the dealer: a caller may be put through to it
                "station_phone": Spoken.PHONE,
                "station_kilometres": Spoken.KILOMETRES,
                "station_until": Spoken.TIME,
            },
        ),
        Operation(name="position_link", results=("sent", "not_sent"), gives={"position_code": Spoken.SILENT}),
        Operation(
            name="open_rescue",
            takes=("road", "kilometre"),
            results=("opened", "open_already"),
            gives={
                "case_number": Spoken.DIGITS,
                "station": Spoken.PROMPT,
                "station_id": Spoken.SILENT,
                "station_kilometres": Spoken.KILOMETRES,
            },
        ),
        Operation(
            name="book_callback",
            takes=("callback_number",),  # "" = the caller's own
            results=("booked", "refused"),
            gives={"callback_number": Spoken.PHONE},
        ),
        Operation(
            name="request_material", takes=("material",), results=("noted",), gives={"case_number": Spoken.DIGITS}
        ),
        Operation(name="stop_calls", results=("stopped",)),
        Operation(name="record_consent", takes=("purpose", "consent"), results=("noted",)),
        Operation(name="survey_answer", takes=("question", "score"), results=("kept",)),
    )
}
