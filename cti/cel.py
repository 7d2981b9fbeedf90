"""Asterisk's event log on disk, read from a position on: what happened to calls while nobody listened.

Its lines become the same facts as the live events, with their own times, so that one book does both.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

import orjson
import structlog

from cti import facts as f
from cti.facts import number
from cti.node_marks import mark_log

log = structlog.get_logger(__name__)

FIELDS = 12
READ_LIMIT = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class CelPosition:
    """`inode` tells a rotated file from the same one."""

    inode: int = 0
    offset: int = 0


class _Where(TypedDict):
    channel: str
    uniqueid: str
    call: str


@dataclass(frozen=True, slots=True)
class Line:
    """`kind` is Asterisk's event, `name` our own of a user-defined one."""

    kind: str
    at: float
    uniqueid: str
    call: str
    channel: str
    name: str
    values: dict[str, str]
    number: str
    exten: str
    context: str

    @property
    def where(self) -> _Where:
        return {"channel": self.channel, "uniqueid": self.uniqueid, "call": self.call}


def end_of(file: Path) -> CelPosition:
    try:
        status = file.stat()
    except OSError:
        return CelPosition()
    return CelPosition(status.st_ino, status.st_size)


def newest_of(file: Path) -> CelPosition:
    """Where the newest part of the log begins, at a whole line: as much as one reading takes. The older may be cut off,
    never the newer, or a call of today would be taken for one that was never made."""
    end = end_of(file)
    begin = end.offset - READ_LIMIT
    if begin <= 0:
        return CelPosition(end.inode, 0)
    try:
        with file.open("rb") as lines:
            lines.seek(begin)
            return CelPosition(end.inode, begin + len(lines.readline()))
    except OSError:
        return end


def read_since(file: Path, position: CelPosition, node: str = "") -> tuple[list[f.Fact], CelPosition]:
    """The facts since `position` and where to go on. A last line that is still being written waits for next time.

    `node`: whose log this is, see cti.node_marks.
    """
    facts: list[f.Fact] = []
    end = end_of(file)
    if position.inode and position.inode != end.inode:
        for rotated in file.parent.glob(f"{file.name}*"):
            if rotated.stat().st_ino == position.inode:
                facts += _facts_of(mark_log(_whole_lines(rotated, position.offset)[0], node))
        position = CelPosition(end.inode, 0)
    if not end.inode:
        return facts, end
    offset = position.offset if position.offset <= end.offset else 0
    text, read = _whole_lines(file, offset)
    facts += _facts_of(mark_log(text, node))
    return facts, CelPosition(end.inode, offset + read)


def _whole_lines(file: Path, offset: int) -> tuple[str, int]:
    try:
        with file.open("rb") as lines:
            lines.seek(offset)
            raw = lines.read(READ_LIMIT)
    except OSError:
        log.exception("cel_not_readable", file=str(file))
        return "", 0
    whole = raw[: raw.rfind(b"\n") + 1]
    return whole.decode(errors="replace"), len(whole)


def _facts_of(text: str) -> list[f.Fact]:
    return [fact for line in lines_of(text) for fact in _facts(line)]


def lines_of(text: str) -> Iterator[Line]:
    rows = csv.reader(io.StringIO(text.replace("\0", ""), newline=""))
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error as damage:
            log.error("cel_line_damaged", reason=str(damage))
            continue
        if len(row) != FIELDS:
            log.error("cel_line_damaged", fields=len(row))
            continue
        yield Line(row[0], number(row[1]), row[2], row[3], row[4], row[10], _values(row[11]), row[5], row[6], row[7])


def _values(extra: str) -> dict[str, str]:
    """Of {"extra":"key=value|key=value"} of our own dialplan, or of Asterisk's own keys."""
    try:
        told = orjson.loads(extra) if extra else {}
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(told, dict):
        return {}
    own = told.get("extra")
    if isinstance(own, str):
        return dict(pair.split("=", 1) for pair in own.split("|") if "=" in pair)
    return {str(key): str(value) for key, value in told.items()}


def _facts(line: Line) -> list[f.Fact]:
    if line.name:
        return _told(line)
    if line.kind == "ANSWER":
        return [f.ChannelAnswered(at=line.at, **line.where)]
    if line.kind == "CHAN_START":
        return [f.ChannelAppeared(at=line.at, **line.where, context=line.context, exten=line.exten, caller=line.number)]
    if line.kind == "HANGUP":
        return [
            f.ChannelHungUp(at=line.at, **line.where, cause=int(number(line.values.get("hangupcause", ""))), sip_code=0)
        ]
    return []


def _told(line: Line) -> list[f.Fact]:
    values = line.values
    match line.name:
        case "HLSTART":
            return [_user_event(line, "HLStart", {"Served": values.get("served", "1")})]
        case "HLQUEUE" if values.get("queue") != "fallback":
            return [
                f.MusicBegan(
                    at=line.at,
                    **line.where,
                    context="hl-wait",
                    state="waiting",
                    queue=values.get("queue", ""),
                    since=number(values.get("since", "")),
                    priority=int(number(values.get("prio", ""))),
                )
            ]
        case "HLOWN":
            return [f.OwnerChanged(at=line.at, **line.where)]
        case "HLTALK" | "HLCONSULTANSWER" | "HLOUTSIDEANSWER":
            return [f.BridgeEntered(at=line.at, **line.where, bridge="", leg=values.get("leg", ""))]
        case "HLOUT":
            return [
                f.OutboundDialled(
                    at=line.at,
                    **line.where,
                    agent=values.get("agent", ""),
                    leg=values.get("leg", ""),
                    number=values.get("number", ""),
                )
            ]
    return _ends(line)


_OF_CAMPAIGNS = {"HLMACHINE": "HLMachine", "HLRECALLED": "HLRecalled", "HLDROPPED": "HLDropped"}
_SIMPLE_ENDS = {
    "HLOFFEREND": "HLOfferEnd",
    "HLOUTEND": "HLOutEnd",
    "HLCONSULTEND": "HLConsultEnd",
    "HLJOINEND": "HLJoinEnd",
    "HLOUTSIDEEND": "HLOutsideEnd",
    "HLLOST": "HLLost",
}


def _ends(line: Line) -> list[f.Fact]:
    values = line.values
    if line.name in _OF_CAMPAIGNS:
        return [_user_event(line, _OF_CAMPAIGNS[line.name], {"Status": values.get("status", "")})]
    ended = {
        "Leg": values.get("leg", ""),
        "Agent": values.get("agent", ""),
        "DialStatus": values.get("dialstatus", ""),
        "Source": values.get("source", ""),
    }
    match line.name:
        case name if name in _SIMPLE_ENDS:
            return [_user_event(line, _SIMPLE_ENDS[name], ended)]
        case "HLEND":
            told = {
                "Source": values.get("source", ""),
                "Voicemail": values.get("voicemail", ""),
                "Outcome": values.get("outcome", ""),
                "Message": values.get("message", ""),
                "Spoken": values.get("spoken", ""),
            }
            return [_user_event(line, "HLEnd", told)]
    return []


def _user_event(line: Line, name: str, headers: dict[str, str]) -> f.Told:
    return f.Told(at=line.at, **line.where, name=name, headers=headers)
