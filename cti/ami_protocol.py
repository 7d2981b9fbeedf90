"""One AMI connection: panoramisk's protocol with our own framing, and no answer left hanging."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from panoramisk.actions import Action
from panoramisk.ami_protocol import AMIProtocol

from cti.errors import AsteriskUnreachable
from cti.facts import number
from cti.frames import BadFrame, Frame, FrameReader, encode_action
from cti.translate import WANTED_EVENTS

log = structlog.get_logger(__name__)

LAG_LIMIT = 2.0  # seconds; Asterisk keeps 3 MB of old events for a late reader and then cuts it off
BACKLOG_HIGH = 100_000  # frames of about 700 bytes each
BACKLOG_LOW = 50_000

Headers = Mapping[str, str | Sequence[str]]


@dataclass(slots=True)
class _Pending:
    action: Action
    as_list: bool
    frames: list[Frame] = field(default_factory=list)


class AmiProtocol(AMIProtocol):  # type: ignore[misc]  # panoramisk has no types
    """Events go to `sink` in order; answers resolve the future of their action, or it fails with the link.

    panoramisk decodes before it frames, reads in quadratic time, and sends unanswered actions again after a
    reconnect; so receiving, sending and closing are our own, and its Action ids and futures are kept.
    """

    closed: bool

    def __init__(self, sink: Callable[[Frame], None], backlog: Callable[[], int]) -> None:
        self._sink, self._backlog = sink, backlog
        self._frames = FrameReader()
        self._pending: dict[str, _Pending] = {}
        self._paused = False
        self._clock_offset = float("inf")
        self.lost: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.booted = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        connection = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            for option, seconds in (("TCP_KEEPIDLE", 5), ("TCP_KEEPINTVL", 2), ("TCP_KEEPCNT", 3)):
                if hasattr(socket, option):
                    connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), seconds)

    def data_received(self, data: bytes) -> None:
        if self.closed:
            return
        event, sink = None, self._sink
        try:
            for frame in self._frames.feed(data):
                if (self._pending or not frame.event) and self._is_answer(frame):
                    continue
                if frame.event in WANTED_EVENTS:
                    event = frame
                    sink(frame)
                elif frame.event == "FullyBooted":
                    self.booted.set()
        except BadFrame as bad:
            log.error("ami_stream_not_trusted", reason=str(bad))
            self.drop("bad frame")
            return
        if event is not None:
            self._watch_lag(event)
        if self._backlog() > BACKLOG_HIGH and not self._paused:
            self._paused = True
            self.transport.pause_reading()
            log.error("ami_backlog_full", frames=self._backlog())
            asyncio.get_running_loop().call_later(0.05, self._resume)

    def _resume(self) -> None:
        if self.closed:
            return
        if self._backlog() > BACKLOG_LOW:
            asyncio.get_running_loop().call_later(0.05, self._resume)
            return
        self._paused = False
        self.transport.resume_reading()

    def _watch_lag(self, event: Frame) -> None:
        """The age of what we read, against the freshest seen: the two clocks need not agree."""
        said = number(event.get("Timestamp"))
        if not said:
            return
        age = time.time() - said
        self._clock_offset = min(self._clock_offset, age)
        if age - self._clock_offset > LAG_LIMIT:
            log.error("ami_reader_lags", seconds=round(age - self._clock_offset, 1))
            self.drop("reader lags")

    def _is_answer(self, frame: Frame) -> bool:
        """Takes answers and list rows; an event that only carries the id of an action stays an event."""
        pending = self._pending.get(frame.get("ActionID"))
        if pending is None:
            return not frame.event
        if frame.event and not pending.as_list:
            return False
        pending.frames.append(frame)
        if frame.event:
            finished = frame.get("EventList") == "Complete" or frame.event.endswith("Complete")
        else:
            finished = not pending.as_list or frame.get("Response") != "Success"
        if finished:
            del self._pending[pending.action.id]
            if not pending.action.future.done():
                pending.action.future.set_result(pending.frames)
        return True

    def send(self, data: Headers, as_list: bool = False) -> asyncio.Future[list[Frame]]:
        """The future of the frames that answer; `HostileValue` if this must not be sent."""
        if self.closed:
            raise AsteriskUnreachable(str(data["Action"]))
        action = Action({"Action": data["Action"]}, as_list=as_list)
        headers = [("Action", str(data["Action"])), ("ActionID", str(action.id))]
        for key, value in data.items():
            if key != "Action":
                headers += [(key, value)] if isinstance(value, str) else [(key, one) for one in value]
        wire = encode_action(headers)
        self._pending[action.id] = _Pending(action, as_list)
        # However the waiting ends, by a time-out too, the entry goes: a late answer finds nobody and is dropped.
        action.future.add_done_callback(lambda _: self._pending.pop(action.id, None))
        self.transport.write(wire)
        future: asyncio.Future[list[Frame]] = action.future
        return future

    def connection_lost(self, exc: Exception | None) -> None:
        self.drop(str(exc) if exc else "closed by the other side")

    def close(self) -> None:
        self.drop("closed by us")

    def drop(self, reason: str) -> None:
        """End the connection at once and fail whoever waits for an answer."""
        if self.closed:
            return
        self.closed = True
        self.transport.abort()
        for pending in list(self._pending.values()):
            if not pending.action.future.done():
                pending.action.future.set_exception(AsteriskUnreachable(str(pending.action["Action"])))
                pending.action.future.exception()  # a caller who no longer waits need not be told
        self._pending.clear()
        if not self.lost.done():
            self.lost.set_result(reason)
