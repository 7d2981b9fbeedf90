"""A server that speaks S3 over HTTP (moto), as a process of its own that can be stopped and started again."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import dataclass, field

import httpx2

from recording.object_store import S3, S3Place
from tests.ports import free_port

BUCKET = "recordings"


@dataclass
class S3Server:
    """What it held is lost when it stops, as moto keeps it in memory: pause it with SIGSTOP for an outage."""

    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 30
        while True:
            try:
                httpx2.put(f"{self.address}/{BUCKET}", timeout=5)
                return
            except httpx2.TransportError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.1)

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()

    def store(self, seconds: float = 3.0) -> S3:
        place = S3Place(
            bucket=BUCKET, access_key="only-here", secret_key="only-here", endpoint=self.address, prefix="site"
        )
        return S3(place, seconds=seconds)
