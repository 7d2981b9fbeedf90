"""Our telephone side in a process of its own, so that a test can kill it. Prints "ready" when in step with Asterisk.

`python -m tests.integration.platform_process CONFIG AGENT...`; CONFIG is a pickle that the test wrote: its config
and its folder. The agents are signed in, ready.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from pathlib import Path

from cti.bridge import BridgeConfig
from tests.integration.platform import bridge_for


async def run(config: BridgeConfig, folder: Path, agents: list[str]) -> None:
    bridge = bridge_for(config, folder)
    await bridge.start()
    await bridge.ready.wait()
    for agent in agents:
        await bridge.desk.sign_in(agent, ready=True)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    written = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301  # by the test itself
    asyncio.run(run(*written, sys.argv[2:]))
