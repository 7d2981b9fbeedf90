"""Our `queue_log` has, event by event, the fields that a real app_queue writes."""

from __future__ import annotations

import re

from crm_core.history import events as feed
from crm_core.history.events import Direction, EndedBy, HistoryEvent, Outcome
from reports.queue_log import QueueLog
from tests.integration import scenarios
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
    """Lines of a real app_queue: one caller is answered, one gives up, one waits too long."""
    asterisk, folder = site.asterisk, site.site.folder
    conf = next(folder.rglob("logger.conf"))
    conf.write_text(conf.read_text().replace("queue_log = no", "queue_log = yes"))
    asterisk.rx("logger reload")
    asterisk.rx("module load res_clioriginate.so")
    for number, seconds in (("700", 20), ("701", 2)):
        asterisk.rx(f"dialplan add extension {number},1,Answer() into ledger-test")
        asterisk.rx(f"dialplan add extension {number},2,Queue(fallback,,,,{seconds}) into ledger-test")
    log = folder / "log" / "queue_log"

    def told(word: str) -> bool:
        return log.exists() and f"|{word}|" in log.read_text()

    site.phone("1001", scenarios.phone_answers(ring=1.2, hang_up_after=0.5))
    asterisk.rx("channel originate Local/700@ledger-test application Wait 20")
    wait_until(lambda: told("COMPLETEAGENT"), 20, "an answered caller")
    site.phone("1001", scenarios.phone_answers(ring=0.2))
    asterisk.rx("channel originate Local/700@ledger-test application Wait 3")
    wait_until(lambda: told("COMPLETECALLER"), 20, "a caller who ends the talk")
    asterisk.rx("channel originate Local/701@ledger-test application Wait 20")
    wait_until(lambda: told("EXITWITHTIMEOUT"), 20, "a caller who waits too long")
    asterisk.rx("channel originate Local/700@ledger-test application Wait 2")
    wait_until(lambda: told("ABANDON"), 20, "a caller who gives up")
    return log.read_text().splitlines()


def ours() -> list[str]:
    """The same stories as our feed tells them."""
    story: list[HistoryEvent] = []
    for call, by in (("c1", EndedBy.AGENT), ("c2", EndedBy.CUSTOMER)):
        story += [
            feed.ContactStarted(at=T, call=call, direction=Direction.INBOUND, caller="13843107706", entry="400"),
            feed.CallQueued(at=T, call=call, queue="repair"),
            feed.CallOffered(at=T + 1, call=call, leg=f"{call}-1", agent="1018", queue="repair", why="idle"),
            feed.OfferEnded(at=T + 9, call=call, leg=f"{call}-1", agent="1018", result="no_answer"),
            feed.CallOffered(at=T + 9, call=call, leg=f"{call}-2", agent="1001", queue="repair", why="idle"),
            feed.TalkBegan(at=T + 11, call=call, leg=f"{call}-2", agent="1001"),
            feed.TalkEnded(at=T + 40, call=call, leg=f"{call}-2", agent="1001", by=by),
            feed.ContactEnded(at=T + 40, call=call, outcome=Outcome.ANSWERED, by=by),
        ]
    for call, result in (("c3", "overflow"), ("c4", "abandoned")):
        story += [
            feed.ContactStarted(at=T, call=call, direction=Direction.INBOUND, caller="13843107706", entry="400"),
            feed.CallQueued(at=T, call=call, queue="repair"),
            feed.CallLeftQueue(at=T + 3, call=call, queue="repair", result=result),
        ]
    log = QueueLog()
    return [line for event in story for line in log.lines(event)]


def test_each_event_has_the_fields_of_a_real_app_queue(own_telephone_site: SiteUnderTest) -> None:
    theirs: dict[str, set[Shape]] = {}
    for line in asterisks_own(own_telephone_site):
        event, fields = shape(line)
        theirs.setdefault(event, set()).add(fields)
    mine = dict(map(shape, ours()))
    compared = set(mine) & set(theirs)
    assert {"ENTERQUEUE", "CONNECT", "COMPLETEAGENT", "COMPLETECALLER", "EXITWITHTIMEOUT", "ABANDON"} <= compared
    # A caller without a number leaves the field empty in both; the id of the agent's channel is text or a number.
    loose = {"ENTERQUEUE": 2, "CONNECT": 2}
    for event in compared:
        for fields in theirs[event]:
            assert len(mine[event]) == len(fields), (event, mine[event], fields)
            for place, (one, other) in enumerate(zip(mine[event], fields, strict=True)):
                assert one == other or loose.get(event) == place, (event, mine[event], fields)
