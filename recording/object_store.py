"""An S3-compatible object store for finished recordings. The library is an extra: `pip install hotline[s3]`."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from crm_core.errors import Unreachable

TRIES = 2
SECONDS = 20.0  # for one request that gets no answer
MARK = ".hotline-volume"
AWAY = "The store of the recordings cannot be reached at the moment. Try again in some minutes."


class StoreAway(Unreachable):
    """The object store does not answer, or refuses us."""


class ObjectStore(Protocol):
    """Objects by key. Every method raises StoreAway."""

    async def mark(self) -> None:
        """Says that this store is ours. One without a mark counts as away, not as one that lost everything."""
        ...

    async def put(self, path: Path, key: str) -> None: ...

    async def get(self, key: str, target: Path) -> bool:
        """The object into a new file; False when there is none, and then there is no file."""
        ...

    async def size(self, key: str) -> int | None:
        """Bytes; None when there is no such object."""
        ...

    async def delete(self, key: str) -> None:
        """Also of what is not there."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Place:
    """`endpoint` "" = Amazon's own for `region`. `prefix` is put before each key, without a slash at its end."""

    bucket: str
    access_key: str
    secret_key: str
    endpoint: str = ""
    region: str = "us-east-1"
    prefix: str = ""


class S3:
    """An ObjectStore. `place.endpoint` may be http only for a store on a trusted network."""

    def __init__(self, place: S3Place, *, seconds: float = SECONDS) -> None:
        """Raises ImportError, with what to install, when the library is not there."""
        try:
            from obstore.store import S3Store  # noqa: PLC0415  optional, and 12 MB
        except ImportError as lacking:
            raise ImportError("S3 storage needs the package obstore: pip install 'hotline[s3]'") from lacking
        self._store = S3Store(
            place.bucket,
            prefix=place.prefix or None,
            config={
                "access_key_id": place.access_key,
                "secret_access_key": place.secret_key,
                "region": place.region,
                **({"endpoint": place.endpoint} if place.endpoint else {}),
            },
            client_options={
                "allow_http": place.endpoint.startswith("http://"),
                "timeout": timedelta(seconds=seconds),
                "connect_timeout": timedelta(seconds=min(5.0, seconds)),
            },
            retry_config={"max_retries": TRIES, "retry_timeout": timedelta(seconds=seconds)},
        )

    async def put(self, path: Path, key: str) -> None:
        # As bytes: given a path, obstore 0.12 now and then ended the whole process at its exit.
        await self._put(key, await asyncio.to_thread(path.read_bytes))

    async def mark(self) -> None:
        await self._put(MARK, b"Recordings of a Hotline site.\n")

    async def _put(self, key: str, content: bytes) -> None:
        try:
            with _answers():
                await self._store.put_async(key, content)
        except FileNotFoundError as away:  # there is no such bucket
            raise StoreAway(AWAY) from away

    async def get(self, key: str, target: Path) -> bool:
        part = target.with_name(f"{target.name}.part")
        try:
            with _answers():
                answer = await self._store.get_async(key)
                with part.open("wb") as out:  # blocks of some MB: no thread is worth it
                    async for block in answer.stream():
                        out.write(block)
        except FileNotFoundError:
            await self._be_there()
            return False
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        part.replace(target)
        return True

    async def size(self, key: str) -> int | None:
        try:
            with _answers():
                return int((await self._store.head_async(key))["size"])
        except FileNotFoundError:
            await self._be_there()
            return None

    async def delete(self, key: str) -> None:
        try:
            with _answers():
                await self._store.delete_async(key)
        except FileNotFoundError:
            await self._be_there()

    async def _be_there(self) -> None:
        """A bucket that is not there, or not ours, looks like one that lost everything: StoreAway instead."""
        try:
            with _answers():
                await self._store.head_async(MARK)
        except FileNotFoundError as away:
            raise StoreAway(AWAY) from away


@contextmanager
def _answers() -> Iterator[None]:
    from obstore.exceptions import BaseError  # noqa: PLC0415

    try:
        yield
    except FileNotFoundError:
        raise
    except BaseError as away:
        raise StoreAway(AWAY) from away
