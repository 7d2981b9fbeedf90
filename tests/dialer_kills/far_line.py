"""The dialer's end of the line over a local socket: `cti.campaign_ports.CampaignLine`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Collection, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from crm_core.clock import instant
from crm_core.history import campaign_events
from crm_core.history.campaign_events import AttemptEnded
from cti.campaign_ports import DialOrder, OpenAttempt
from cti.feed import Feed


class FarLine:
    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._asked: dict[int, asyncio.Future[Any]] = {}

    async def connect(self, socket: Path) -> asyncio.Task[None]:
        """What comes of calls is in the feed from now on."""
        self._reader, self._writer = await asyncio.open_unix_connection(str(socket), limit=2**24)
        self._send({"do": "hello"})
        return asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while line := await self._reader.readline():
            told = json.loads(line)
            if "to" in told:
                self._asked.pop(told["to"]).set_result(told["answer"])
            else:
                kind = getattr(campaign_events, told.pop("event"))
                known = {field.name for field in fields(kind)}
                self._feed.publish(kind(**{name: value for name, value in told.items() if name in known}))

    def _send(self, order: dict[str, Any]) -> None:
        self._writer.write(json.dumps(order).encode() + b"\n")

    async def ask(self, do: str, **more: Any) -> Any:
        number = len(self._asked) + id(more)
        self._asked[number] = asyncio.get_running_loop().create_future()
        self._send({"do": do, "number": number, **more})
        return await self._asked[number] if number in self._asked else None

    async def place(self, order: DialOrder) -> None:
        known = {"call": order.call, "campaign": order.campaign, "entry": order.entry, "digits": order.digits}
        self._send({"do": "place", **known})

    async def live(self) -> frozenset[str]:
        return frozenset(await self.ask("live"))

    async def past(self, attempts: Collection[OpenAttempt]) -> Mapping[str, AttemptEnded]:
        told = await self.ask("past", calls=[one.call for one in attempts])
        found = {}
        for one in attempts:
            end = told[one.call]
            if end is None:
                never: dict[str, Any] = {"call": one.call, "campaign": one.campaign, "result": "not_placed"}
                found[one.call] = AttemptEnded(at=instant(one.placed_at), **never)
            elif end:
                found[one.call] = AttemptEnded(**end)
        return found
