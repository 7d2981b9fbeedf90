"""Our `queue_log` has, event by event, the fields that a real app_queue writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from crm_core.history import events as feed
from crm_core.history.events import Direction, EndedBy, HistoryEvent, Outcome
from reports.queue_log import QueueLog
from tests.integration import scenarios
from tests.integration.ami import ami_session
from tests.integration.site import SiteUnderTest, wait_until

T = 1_784_200_000.0
Shape = tuple[str, ...]


def shape(line: str) -> tuple[str, Shape]:
    """An event with the kinds of its fields: n = a whole number, t = text, "" = empty."""
    at, call, queue, agent, event, *data = line.rstrip("\n").split("|")
    assert re.fullmatch(r"\d{9,}", at)
    assert "" not in (call, queue)
    member = "member" if agent.startswith("PJSIP/") else agent
    kinds = ("n" if re.fullmatch(r"\d+", one) else "t" if one else "" for one in data)
    return event, (member, *kinds)


def asterisks_own(site: SiteUnderTest) -> list[str]:
    """Lines of a real app_queue: callers who are answered, give up, wait too long, press a key or are given away; an
    agent who takes a break."""
    asterisk, log = site.asterisk, site.site.folder / "log" / "queue_log"
    _let_it_tell(site)

    def told(word: str) -> bool:
        return log.exists() and f"|{word}|" in log.read_text()

    def caller(what: str, word: str, *, queue: str = "700", does: str = "Wait 20") -> None:
        asterisk.rx(f"channel originate Local/{queue}@ledger-test application {does}")
        wait_until(lambda: told(word), 20, what)

    site.phone("1001", scenarios.phone_answers(ring=1.2, hang_up_after=0.5))
    caller("an answered caller", "COMPLETEAGENT")
    site.phone("1001", scenarios.phone_answers(ring=0.2))
    caller("a caller who ends the talk", "COMPLETECALLER", does="Wait 3")
    _given_away(site, "BlindTransfer", told)
    _given_away(site, "Atxfer", told)
    site.hang_up_everything()
    caller("a caller who waits too long", "EXITWITHTIMEOUT", queue="701")
    caller("a caller who gives up", "ABANDON", does="Wait 2")
    caller("a caller who presses a key", "EXITWITHKEY", does="SendDTMF www1")
    for number, word in (("703", "PAUSEALL"), ("704", "UNPAUSEALL")):
        caller("an agent's break", word, queue=number, does="Wait 1")
    return log.read_text().splitlines()


def _let_it_tell(site: SiteUnderTest) -> None:
    """Switch the log on, and what a caller or an agent needs for leaving by a key and for giving a call away."""
    asterisk, folder = site.asterisk, site.site.folder
    for file, old, new in (
        ("logger.conf", "queue_log = no", "queue_log = yes"),
        ("queues.conf", "[fallback](fallback-queue)", "[fallback](fallback-queue)\ncontext = ledger-keys"),
        ("features.conf", "", "[featuremap]\natxfer = *2\n"),
    ):
        conf = next(folder.rglob(file))
        text = conf.read_text()
        conf.write_text(text.replace(old, new) if old else text + new)
    for module in ("res_clioriginate", "app_senddtmf"):
        asterisk.rx(f"module load {module}.so")
    for part in ("logger reload", "queue reload all", "module reload features"):
        asterisk.rx(part)
    for number, seconds in (("700", 20), ("701", 2)):
        asterisk.rx(f"dialplan add extension {number},1,Answer() into ledger-test")
        asterisk.rx(f"dialplan add extension {number},2,Queue(fallback,t,,,{seconds}) into ledger-test")
    for step, application in enumerate(("Answer()", "Wait(20)"), 1):
        asterisk.rx(f"dialplan add extension 702,{step},{application} into ledger-test")
    for number, application in (("703", "PauseQueueMember"), ("704", "UnpauseQueueMember")):
        asterisk.rx(f"dialplan add extension {number},1,{application}(,PJSIP/1001,,lunch) into ledger-test")
    asterisk.rx("dialplan add extension 1,1,Hangup() into ledger-keys")


def _given_away(site: SiteUnderTest, how: str, told: Callable[[str], bool]) -> None:
    """The agent gives the call to 702 by this action; who asked there before hangs up when it is answered."""
    word = {"BlindTransfer": "BLINDTRANSFER", "Atxfer": "ATTENDEDTRANSFER"}[how]
    site.hang_up_everything()
    site.phone("1001", scenarios.phone_answers(ring=0.2, hang_up_after=None if how == "BlindTransfer" else 6.0))
    site.asterisk.rx("channel originate Local/700@ledger-test application Wait 20")
    wait_until(lambda: bool(_bridged(site)), 15, "the agent and the caller hear each other")
    with ami_session(site) as ami:
        ami.send(how, Channel=_bridged(site), Exten="702", Context="ledger-test")
        wait_until(lambda: told(word), 20, word)


def _bridged(site: SiteUnderTest) -> str:
    """The channel of the agent who talks, "" = nobody does."""
    for row in site.asterisk.rx("core show channels concise").splitlines():
        name, *_, bridge, _uniqueid = row.split("!")
        if name.startswith("PJSIP/1001-") and bridge:
            return name
    return ""


def ours() -> list[str]:
    """The same stories as our feed tells them."""
    story: list[HistoryEvent] = []
    for call, by in (("c1", EndedBy.AGENT), ("c2", EndedBy.CUSTOMER)):
        story += [*_talk(call), feed.TalkEnded(at=T + 40, call=call, leg=f"{call}-2", agent="1001", by=by)]
        story.append(feed.ContactEnded(at=T + 40, call=call, outcome=Outcome.ANSWERED, by=by))
    for call, result in (("c3", "overflow"), ("c4", "abandoned"), ("c5", "callback")):
        story += [*_talk(call)[:2], feed.CallLeftQueue(at=T + 3, call=call, queue="repair", result=result)]
    for call, blind in (("c6", True), ("c7", False)):
        target: dict[str, Any] = {"kind": "agent", "target": "1019", "blind": blind}
        story += [*_talk(call), feed.CallTransferred(at=T + 40, call=call, leg=f"{call}-2", by="1001", **target)]
    for state, reason in (("ready", ""), ("break", "lunch"), ("ready", "")):
        story.append(feed.AgentStateChanged(at=T, agent="1001", state=state, reason=reason))
    log = QueueLog()
    return [line for event in story for line in log.lines(event)]


def _talk(call: str) -> list[HistoryEvent]:
    """Up to the moment when the second agent answers."""
    return [
        feed.ContactStarted(at=T, call=call, direction=Direction.INBOUND, caller="13843107706", entry="400"),
        feed.CallQueued(at=T, call=call, queue="repair"),
        feed.CallOffered(at=T + 1, call=call, leg=f"{call}-1", agent="1018", queue="repair", why="idle"),
        feed.OfferEnded(at=T + 9, call=call, leg=f"{call}-1", agent="1018", result="no_answer"),
        feed.CallOffered(at=T + 9, call=call, leg=f"{call}-2", agent="1001", queue="repair", why="idle"),
        feed.TalkBegan(at=T + 11, call=call, leg=f"{call}-2", agent="1001"),
    ]


COMPARED = {
    *("ENTERQUEUE", "CONNECT", "COMPLETEAGENT", "COMPLETECALLER", "EXITWITHTIMEOUT", "EXITWITHKEY", "ABANDON"),
    *("BLINDTRANSFER", "ATTENDEDTRANSFER", "PAUSEALL", "UNPAUSEALL"),
}


def test_each_event_has_the_fields_of_a_real_app_queue(own_telephone_site: SiteUnderTest) -> None:
    theirs: dict[str, set[Shape]] = {}
    for line in asterisks_own(own_telephone_site):
        event, fields = shape(line)
        theirs.setdefault(event, set()).add(fields)
    mine = dict(map(shape, ours()))
    compared = set(mine) & set(theirs)
    assert compared >= COMPARED
    # A caller without a number leaves the field empty in both; the id of the agent's channel is text or a number.
    loose = {"ENTERQUEUE": 2, "CONNECT": 2}
    for event in compared:
        for fields in theirs[event]:
            assert len(mine[event]) == len(fields), (event, mine[event], fields)
            for place, (one, other) in enumerate(zip(mine[event], fields, strict=True)):
                assert one == other or loose.get(event) == place, (event, mine[event], fields)
