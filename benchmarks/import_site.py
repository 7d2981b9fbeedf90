"""A platform of its own for the measurement of imports: who brings the list, and who works beside it."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Any

import httpx2

from benchmarks.import_list import FIELDS
from benchmarks.offer import percentile
from crm_core.demo.staff import PASSWORD
from hotline.settings import Settings

ADMINISTRATOR, SUPERVISOR = "9001", "2001"
SYSTEM = "bench"  # whose customer numbers the list has
KNOWN_CUSTOMER = 1
_CHUNK = 256 * 1024
_FAR = httpx2.Timeout(600)


class SignedIn:
    """A person's browser."""

    def __init__(self, settings: Settings, number: str) -> None:
        self.client = httpx2.AsyncClient(base_url=settings.web_address, timeout=_FAR, trust_env=False)
        self._number, self.token = number, ""

    async def enter(self, page: str) -> None:
        await self.client.post("/login", data={"number": self._number, "password": PASSWORD})
        found = re.search(r'name="csrf-token" content="([^"]+)"', (await self.client.get(page)).text)
        self.token = found[1] if found else ""

    async def leave(self) -> None:
        await self.client.aclose()


class Administrator(SignedIn):
    """Brings lists."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, ADMINISTRATOR)
        self.refused: list[int] = []  # statuses of a progress that could not be read

    async def __aenter__(self) -> Administrator:
        await self.enter("/admin/data")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()

    async def upload(self, file: Path) -> str:
        """Where the import's page is."""
        answer = await self.client.post(
            "/admin/data/upload",
            params={"kind": "customers", "name": file.name},
            content=_chunks(file),
            headers={"X-CSRF-Token": self.token, "Accept": "application/json"},
        )
        answer.raise_for_status()
        place: str = answer.json()["location"]
        (await self.client.get(place)).raise_for_status()  # the look at what was uploaded
        return place

    async def start(self, place: str, act: str) -> None:
        fields: dict[str, Any] = {"csrf_token": self.token}
        if act == "check":
            fields |= {"column": FIELDS, "policy": "fill", "system": SYSTEM}
        answer = await self.client.post(f"{place}/{act}", data=fields)
        if answer.status_code != 303:
            raise RuntimeError(f"{act} was refused: {answer.status_code}")

    async def progress(self, place: str) -> dict[str, Any]:
        """{} while the platform is away."""
        try:
            answer = await self.client.get(f"{place}/progress")
        except httpx2.TransportError:
            return {}
        if answer.status_code != 200:
            self.refused.append(answer.status_code)
            return {}
        found: dict[str, Any] = answer.json()
        return found

    async def done(self, place: str) -> None:
        seen = await self.progress(place)
        while seen.get("busy", True):
            await asyncio.sleep(0.1)
            seen = await self.progress(place)
        if seen["state"] not in ("checked", "done"):
            raise RuntimeError(f"the import ended as {seen['state']}")


class Neighbours(SignedIn):
    """Ask for the health of the platform and for a customer's page all the time."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, SUPERVISOR)
        self._took: dict[str, list[float]] = {"healthz": [], "customer": []}
        self._asking: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Neighbours:
        await self.enter("/customers")
        paths = (("healthz", "/healthz", 0.1), ("customer", f"/customers/{KNOWN_CUSTOMER}", 0.5))
        self._asking = [asyncio.create_task(self._ask(*one)) for one in paths]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)
        await self.leave()

    def figures(self) -> dict[str, float]:
        return {f"{name}_p95_ms": percentile(times, 95) for name, times in self._took.items() if times}

    async def _ask(self, name: str, path: str, every: float) -> None:
        while True:
            began = perf_counter()
            with contextlib.suppress(httpx2.TransportError):  # while the platform is away
                answer = await self.client.get(path)
                if answer.status_code == 200:
                    self._took[name].append((perf_counter() - began) * 1000)
            await asyncio.sleep(every)


async def _chunks(file: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(file.open, "rb") as content:
        while chunk := await asyncio.to_thread(content.read, _CHUNK):
            yield chunk
