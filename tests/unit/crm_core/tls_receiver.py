"""A real HTTPS server with certificates that are made for the test: good, by a stranger, another's, expired."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]
KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates; `certificate` is what an operator would trust."""

    folder: Path
    name: str

    @property
    def certificate(self) -> Path:
        return self.folder / f"{self.name}.pem"

    def made(self) -> Authority:
        self.folder.mkdir(exist_ok=True)
        self._openssl(
            *("req", "-x509", *KEY, "-days", "2", "-subj", f"/CN={self.name}"),
            *("-addext", "keyUsage=critical,keyCertSign", "-keyout", f"{self.name}.key", "-out", f"{self.name}.pem"),
        )
        return self

    def sign(self, name: str, names: str, *, days: int = 1) -> Path:
        """Certificate and key in one file; `names` as OpenSSL writes them, `days` -1 = it ended yesterday."""
        (self.folder / "names").write_text(f"subjectAltName={names}\n")
        self._openssl("req", *KEY, "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.csr")
        self._openssl(
            *("x509", "-req", "-in", f"{name}.csr", "-CA", f"{self.name}.pem", "-CAkey", f"{self.name}.key"),
            *("-CAcreateserial", "-days", str(days), "-extfile", "names", "-out", f"{name}.crt"),
        )
        both = self.folder / f"{name}.both"
        both.write_text((self.folder / f"{name}.crt").read_text() + (self.folder / f"{name}.key").read_text())
        return both

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)


@asynccontextmanager
async def listening(certificate: Path, answer: Answer) -> AsyncIterator[str]:
    """The address of a server that reads one request and then does what `answer` does."""

    asked: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.add(asyncio.current_task())  # a handler runs in a task
        try:
            await reader.readuntil(b"\r\n\r\n")
            await answer(writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the sender went away, as it must in some of the tests
        finally:
            writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)
    try:
        yield f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    finally:
        server.close()
        await asyncio.gather(*asked)


def says(status: int, body: bytes = b"", *headers: str) -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        head = [f"HTTP/1.1 {status} x", f"content-length: {len(body)}", "connection: close", *headers]
        writer.write("\r\n".join([*head, "", ""]).encode() + body)
        await writer.drain()

    return answer


async def drips(writer: asyncio.StreamWriter) -> None:
    """Headers at once, then a byte now and then: each read succeeds, the answer never ends."""
    writer.write(b"HTTP/1.1 200 x\r\ncontent-length: 1000\r\n\r\n")
    while not writer.is_closing():
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.05)


async def breaks_off(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 x\r\ncontent-length: 1000\r\n\r\nhalf")
    await writer.drain()
