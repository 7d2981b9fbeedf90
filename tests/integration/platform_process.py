"""Our telephone side in a process of its own, so that a test can kill it. Prints "ready" when in step with Asterisk.

`python -m tests.integration.platform_process CONFIG AGENT... [--act WORD]`; CONFIG is a pickle that the test wrote: its
config and its folder. The agents are signed in, ready. With `--act consult`, `conference`, `park` or `pause` the first
agent does that as soon as a talk begins; the others are signed in then. FOLDER/orders.pickle: a campaign's calls to
place.
"""

from __future__ import annotations

import asyncio
import pickle
import sys
from pathlib import Path

from crm_core.history import events as feed
from cti.bridge import Bridge
from cti.bridge_config import BridgeConfig
from cti.views import Target
from tests.integration.platform import bridge_for, menu_of, straight_to_repair
from tests.integration.questionnaires import ShortQuestionnaire
from tests.integration.questions import TwoQuestions


async def act(bridge: Bridge, agents: list[str], word: str) -> None:
    first, second = agents[0], agents[1]
    async with bridge.desk.follow() as records:
        print("ready", flush=True)
        if word == "pause" and bridge.desk.desk(first).call is not None:  # the talk was there before this process
            await bridge.desk.recordings.pause(first, "button")
        async for record in records:
            match record.event:
                case feed.RecordingStarted() if word == "pause":
                    await asyncio.sleep(0.4)  # a word before it
                    await bridge.desk.recordings.pause(first, "button")
                case feed.RecordingStarted() if word == "park":
                    await bridge.desk.calls.park(first)
                case feed.RecordingStarted():
                    await bridge.desk.sign_in(second, ready=True)
                    await bridge.desk.calls.consult(first, Target(kind="agent", value=second))
                case feed.ConsultAnswered() if word == "conference":
                    await bridge.desk.calls.conference(first)


async def run(config: BridgeConfig, folder: Path, agents: list[str]) -> None:
    own = folder / "flow.yaml"
    bridge = bridge_for(
        config,
        folder,
        menu=menu_of(own.read_text()) if own.exists() else straight_to_repair,
        questionnaires=ShortQuestionnaire(),
        surveys=TwoQuestions() if (folder / "two-questions").exists() else None,
    )
    await bridge.start()
    await bridge.ready.wait()
    if "--act" in agents:
        await bridge.desk.sign_in(agents[0], ready=True)
        await act(bridge, agents, agents[-1])
    for agent in agents:
        await bridge.desk.sign_in(agent, ready=True)
    orders = folder / "orders.pickle"
    for order in pickle.loads(orders.read_bytes()) if orders.exists() else ():  # noqa: S301  # by the test itself
        await bridge.campaign_line.place(order)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    written = pickle.loads(Path(sys.argv[1]).read_bytes())  # noqa: S301  # by the test itself
    config, place = written
    asyncio.run(run(config, place, sys.argv[2:]))
