"""A telephone line in a process of its own: `python -m tests.dialer_kills.line_end SOCKET LOG BEGAN SEED`.

It dials what it is told, once for each order, writes every dialled call down, and tells what comes of it to whoever is
connected. Like a telephone network it remembers calls whose dialer is gone.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

from tests.dialer_kills.days import SPEED, FastDays

CAUSES = {"no_answer": 19, "busy": 17, "answered": 16, "failed": 38, "refused": 21}
OUTCOMES = ("answered",) * 5 + ("no_answer",) * 3 + ("busy",) * 2 + ("refused", "failed")


class LineEnd:
    """`forgotten` calls are those of which no log tells anything any more."""

    def __init__(self, log: Path, clock: FastDays, seed: str) -> None:
        self._log, self._clock, self._seed = log.open("a", buffering=1), clock, seed
        self._live: set[str] = set()
        self._ends: dict[str, dict[str, Any]] = {}
        self._dialler: asyncio.StreamWriter | None = None
        self._calls: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await _line(reader):
            asked = json.loads(line)
            match asked["do"]:
                case "hello":  # only the dialer hears what comes of calls
                    self._dialler = writer
                case "place":
                    self._place(asked)
                case "live":
                    self._answer(writer, asked, sorted(self._live))
                case "past":
                    self._answer(writer, asked, {call: self._past(call) for call in asked["calls"]})
                case "forget":
                    self._answer(writer, asked, self._forget())

    def _place(self, order: dict[str, Any]) -> None:
        self._log.write(json.dumps({"call": order["call"], "digits": order["digits"], "at": self._clock()}) + "\n")
        if order["call"] not in self._live and order["call"] not in self._ends:
            self._live.add(order["call"])
            task = asyncio.create_task(self._call(order))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)

    async def _call(self, order: dict[str, Any]) -> None:
        chance = random.Random(f"{self._seed}/{order['call']}")
        result = chance.choice(OUTCOMES)
        call = {"call": order["call"], "campaign": order["campaign"]}
        self._tell("AttemptPlaced", **call, entry=order["entry"], e164="+" + order["digits"])
        await asyncio.sleep(chance.uniform(2, 20) / SPEED)
        self._tell("AttemptRang", **call)
        await asyncio.sleep(chance.uniform(3, 25) / SPEED)
        if result == "answered":
            self._tell("AttemptAnswered", **call)
            self._tell("AttemptConnected", **call, agent="1018")
            await asyncio.sleep(chance.uniform(20, 120) / SPEED)
        end = {**call, "result": result, "cause": CAUSES[result], "at": self._clock()}
        self._live.discard(order["call"])
        self._ends[order["call"]] = end
        self._log.write(json.dumps({"ended": order["call"], "result": result}) + "\n")
        self._tell("AttemptEnded", **end)

    def _past(self, call: str) -> dict[str, Any] | None:
        """None = never dialled; {} = the log that could tell is lost."""
        return self._ends.get(call)

    def _forget(self) -> str:
        """Of the last call that ended nobody will be told anything; gives which it is."""
        last = next(reversed(self._ends), "")
        if last:
            self._ends[last] = {}
        return last

    def _tell(self, event: str, **values: Any) -> None:
        if self._dialler is not None and not self._dialler.is_closing():
            told = {"event": event, "at": self._clock(), **values}
            self._dialler.write(json.dumps(told).encode() + b"\n")

    def _answer(self, writer: asyncio.StreamWriter, asked: dict[str, Any], answer: object) -> None:
        writer.write(json.dumps({"answer": answer, "to": asked["number"]}).encode() + b"\n")


async def _line(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readline()
    except OSError:  # the dialer was killed
        return b""


async def main(socket: str, log: str, began: str, seed: str) -> None:
    line = LineEnd(Path(log), FastDays(float(began)), seed)
    server = await asyncio.start_unix_server(line.serve, socket)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:5]))
