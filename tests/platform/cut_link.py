"""The platform with a link to Asterisk that a test cuts or silences."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable

from tests.integration.test_recovery import Cutter

# The command itself; its platform process reaches AMI through a proxy.
RUN_PROXIED = (
    sys.executable,
    "-c",
    (
        "from hotline import cli, run_folder; run_folder.PLATFORM = 'tests.platform.proxied_platform'; "
        "import sys; sys.argv = ['hotline', 'run', '--quick']; cli.main()"
    ),
)


class ProxyInThread:
    """A Cutter with a loop of its own beside the test."""

    def __init__(self, port: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._cutter = Cutter(port)
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        _, self.port = asyncio.run_coroutine_threadsafe(self._cutter.serve(), self._loop).result(5)

    def do(self, work: Callable[[Cutter], None]) -> None:
        done = threading.Event()

        def act() -> None:
            work(self._cutter)
            done.set()

        self._loop.call_soon_threadsafe(act)
        assert done.wait(5)

    def close(self) -> None:
        self.do(lambda cutter: cutter.cut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
