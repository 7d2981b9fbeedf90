"""Asterisk's event log as calls, for a check of a whole day. Reads any length of it; blocks: call it in a thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crm_core.ledger.outside import CallLog, LoggedCall, LoggedTalk
from cti.attempts import attempt_of
from cti.calls import ENTRY_CONTEXT
from cti.cel import Line, lines_of
from cti.contacts import cleaned_number
from cti.facts import number
from cti.line_tests import TESTS

CHUNK = 4 * 1024 * 1024
LONGEST_CALL = 8 * 3600.0
TALKS = frozenset({"HLTALK", "HLCONSULTANSWER", "HLOUTSIDEANSWER"})


@dataclass(slots=True)
class _Story:
    """What the lines of one linkedid say."""

    first: float
    channel: str  # the first one's uniqueid
    inbound: bool = False
    dialled: float | None = None
    answered: float | None = None
    ended: float | None = None
    caller: str = ""
    entry: str = ""
    said: str = ""
    queue: str = ""
    talks: list[LoggedTalk] = field(default_factory=list)


def logged_calls(file: Path, since: float, until: float) -> CallLog:
    """The contacts that began in [since, until), and the time the log covers, rotated files included.

    Calls that are no contacts (a supervisor's ear, a person who tries a menu, an agent's phone that was rung in vain
    for a call out) are left out.
    """
    files = sorted((first, path) for path in _files(file) if (first := _time_at(path, 0)) is not None)
    if not files:
        return CallLog()
    stories: dict[str, _Story] = {}
    last = 0.0
    for _, path in files:
        for line in _lines_between(path, since - 1.0, until + LONGEST_CALL):
            _tell(stories, line)
        last = max(last, _last_time(path))
    calls = {call: story for call, story in stories.items() if since <= _began(story) < until}
    told = {call: _call(call, story) for call, story in calls.items() if _is_contact(call, story)}
    return CallLog(calls=told, first=files[0][0], last=last)


def joined(logs: Iterable[CallLog]) -> CallLog:
    """Of several Asterisks; one that was added later had no calls before."""
    told = list(logs)
    return CallLog(
        calls={call: one for log in told for call, one in log.calls.items()},
        first=min((log.first for log in told if log.first is not None), default=None),
        last=max((log.last for log in told if log.last is not None), default=None),
    )


def _files(file: Path) -> list[Path]:
    return [path for path in file.parent.glob(f"{file.name}*") if path.is_file() and path.suffix != ".gz"]


def _tell(stories: dict[str, _Story], line: Line) -> None:
    story = stories.get(line.call)
    if story is None:
        if line.kind != "CHAN_START":
            return  # began before what is read
        story = stories[line.call] = _Story(line.at, line.uniqueid, _is_entry(line))
        story.caller = cleaned_number(line.number) if story.inbound else ""
    if line.name:
        _told(story, line, line.values)
    elif line.kind == "LINKEDID_END" or (line.kind == "HANGUP" and line.uniqueid == story.channel):
        story.ended = line.at
    elif line.kind == "ANSWER" and story.inbound and line.uniqueid == story.channel:
        story.answered = story.answered or line.at


def _told(story: _Story, line: Line, values: Mapping[str, str]) -> None:
    match line.name:
        case "HLSTART":
            story.entry = cleaned_number(values.get("entry", ""))
        case "HLOUT":
            story.dialled, story.caller = line.at, "+" + cleaned_number(values.get("number", "")).removeprefix("+")
        case "HLQUEUE" if values.get("queue") != "fallback":
            story.queue = values.get("queue", "")
        case "HLEND":
            story.said = values.get("outcome", "")
        case name if name in TALKS and values.get("leg"):
            agent, file = values.get("agent", ""), values.get("file", "")
            story.talks.append(LoggedTalk(leg=values["leg"], began=line.at, agent=agent, file=file))


def _is_entry(line: Line) -> bool:
    """A test call's own channel is made where a trunk's callers come in, but nobody called."""
    return line.context == ENTRY_CONTEXT and not line.call.startswith(TESTS)


def _began(story: _Story) -> float:
    """A call of a desk is a contact from the moment on when the customer is dialled."""
    return story.dialled or story.first


def _is_contact(call: str, story: _Story) -> bool:
    return story.inbound or story.dialled is not None or attempt_of(call) is not None


def _call(call: str, story: _Story) -> LoggedCall:
    talked = min((talk.began for talk in story.talks), default=None)
    return LoggedCall(
        call=call,
        inbound=story.inbound,
        started=_began(story),
        ended=story.ended,
        answered=story.answered if story.inbound else talked,
        caller=story.caller,
        entry=story.entry,
        said=story.said,
        queue=story.queue,
        talks=tuple(story.talks),
    )


def _lines_between(path: Path, since: float, until: float) -> Iterator[Line]:
    """The place of the first line is found by halving: the log grows for weeks. Its times only roughly rise."""
    with path.open("rb") as lines:
        lines.seek(_offset_of(path, since - 5.0))
        rest = b""
        while raw := lines.read(CHUNK):
            whole, _, rest = (rest + raw).rpartition(b"\n")
            for line in lines_of((whole + b"\n").decode(errors="replace")):
                if line.at > until + 5.0:
                    return
                if line.at >= since:
                    yield line


def _offset_of(path: Path, at: float) -> int:
    """Where the first line of about this time, or one shortly before it, begins."""
    low, high = 0, path.stat().st_size
    while high - low > 65_536:
        middle = (low + high) // 2
        found = _time_at(path, middle)
        if found is None or found >= at:
            high = middle
        else:
            low = middle
    if not low:
        return 0
    with path.open("rb") as lines:
        lines.seek(low)
        return low + len(lines.readline())


def _time_at(path: Path, offset: int) -> float | None:
    """The time of the first whole line behind the offset; None = there is none."""
    with path.open("rb") as lines:
        lines.seek(offset)
        if offset:
            lines.readline()
        for raw in lines:
            fields = raw.split(b'","', 2)
            if len(fields) == 3 and (at := number(fields[1].decode(errors="replace"))):
                return at
    return None


def _last_time(path: Path) -> float:
    size = path.stat().st_size
    with path.open("rb") as lines:
        lines.seek(max(0, size - 65_536))
        tail = lines.read().decode(errors="replace").splitlines()
    times = [number(line.split('","', 2)[1]) for line in tail if line.startswith('"') and line.count('","') > 2]
    return max(times, default=0.0)
