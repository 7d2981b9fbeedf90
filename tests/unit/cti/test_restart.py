"""What outlives our process: the memory, the event log, and what Asterisk's lists show."""

from __future__ import annotations

from pathlib import Path

from acd import events as acd
from acd.engine import RoutingEngine
from acd.model import AgentId, AgentState, CallId, Queue, QueueId, Skill
from crm_core.history import events as feed
from crm_core.history.events import Direction, EndedBy, Outcome
from cti import facts as f
from cti.adoption import compare
from cti.book import ContactBook
from cti.calls import tell
from cti.cel import CelPosition, end_of, read_since
from cti.deeds import Step
from cti.ghosts import lay
from cti.live import read_calls
from cti.memory import AgentThen, Memory, NodeThen, load, save
from cti.resync import ordered, rebuild
from tests.unit.cti.streams import frames
from tests.unit.cti.test_calls import inbound, play, product_facts, story, told, up


def test_the_memory_and_the_records_after_it_give_the_book_again(tmp_path: Path) -> None:
    facts = product_facts("answered-caller-hangs-up")
    cut = next(i for i, fact in enumerate(facts) if isinstance(fact, f.HangupAsked))
    steps, book = play(facts[:cut])
    records = [step for step in steps if isinstance(step, feed.HistoryEvent)]
    for half in range(len(records) + 1):
        memory = Memory()
        for record in records[:half]:
            memory.replay(record)
        save(memory, tmp_path / "memory.json")
        again = load(tmp_path / "memory.json")
        for record in records[half:]:
            again.replay(record)
        (contact,) = again.contacts.values()
        (live,) = book.contacts.values()
        assert (contact.call, contact.caller, contact.entry, contact.talked) == (live.call, live.caller, "400", True)
        assert contact.leg is not None
        assert live.leg is not None
        assert (contact.leg.id, contact.leg.agent, contact.leg.answered_at) == (
            live.leg.id, live.leg.agent, live.leg.answered_at,
        )  # fmt: skip


def test_agents_are_remembered_and_a_damaged_memory_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "memory.json"
    node = NodeThen(CelPosition(3, 9), "x")
    save(Memory(7, agents={"1018": AgentThen("break", 5.0, "lunch")}, nodes={"b": node}), path)
    memory = load(path)
    memory.replay(feed.AgentStateChanged(at=6.0, agent="1019", state="ready"))
    memory.replay(feed.AgentStateChanged(at=7.0, agent="1018", state="offline"))
    assert (memory.number, list(memory.agents)) == (7, ["1019"])
    assert memory.nodes == {"b": node}
    path.write_bytes(b'{"form":1,"number":')
    assert load(path) == Memory()
    assert load(tmp_path / "none.json") == Memory()


def line(*fields: str) -> str:
    return ",".join('"' + text.replace('"', '""') + '"' for text in fields) + "\n"


def cel(kind: str, at: float, uniqueid: str = "9.1", name: str = "PJSIP/trunk-9", extra: str = "") -> str:
    own = kind if kind.startswith("HL") else ""
    json = f'{{"extra":"{extra}"}}' if own else ""
    return line(kind, f"{at:.6f}", uniqueid, "9.1", name, "13900000009", "4001718888", "hl-in", "", "", own, json)


STORY = (
    cel("CHAN_START", 10.0)
    + cel("HLSTART", 10.1, extra="dir=in|caller=13900000009|entry=4001718888|served=1")
    + cel("ANSWER", 10.2)
    + cel("HLQUEUE", 11.0, extra="queue=repair|since=10.9|prio=2")
    + cel("CHAN_START", 12.0, uniqueid="9.2", name="PJSIP/1018-2")
    + cel("HLTALK", 13.0, uniqueid="9.2", name="PJSIP/1018-2", extra="agent=1018|leg=9.1-1|file=x")
    + cel("HLOFFEREND", 20.0, extra="agent=1018|leg=9.1-1|dialstatus=ANSWER|source=PJSIP/1018-2")
    + cel("HLEND", 20.1, extra="source=PJSIP/1018-2|voicemail=|outcome=")
    + cel("HANGUP", 20.2)
)


def test_a_call_that_came_and_went_is_rebuilt_from_the_event_log(tmp_path: Path) -> None:
    file = tmp_path / "cel.csv"
    file.write_text(STORY)
    facts, position = read_since(file, CelPosition())
    steps = rebuild(ContactBook(), facts, until=100.0)
    assert story(steps) == [
        "ContactStarted", "ContactAnswered", "CallQueued", "CallOffered", "CallLeftQueue", "TalkBegan", "TalkEnded",
        "ContactEnded",
    ]  # fmt: skip
    end = steps[-1]
    ends = [step for step in steps if isinstance(step, feed.ContactEnded)]
    assert (ends[0].outcome, ends[0].by, ends[0].at, ends[0].estimated) == (
        Outcome.ANSWERED, EndedBy.AGENT, 20.2, True,
    )  # fmt: skip
    assert end is not None
    assert read_since(file, position) == ([], position)


def test_a_kill_between_an_agents_new_state_and_the_talk_that_made_it_loses_no_talk(tmp_path: Path) -> None:
    """The state stood in the journal with the time at which we heard of the talk: later than the log has it."""
    file = tmp_path / "cel.csv"
    file.write_text(STORY)
    facts, _ = read_since(file, CelPosition())
    memory, call = Memory(), "9.1"
    for record in (
        feed.ContactStarted(at=10.0, call=call, direction=Direction.INBOUND, caller="139", entry="4001718888"),
        feed.ContactAnswered(at=10.2, call=call),
        feed.CallQueued(at=11.0, call=call, queue="repair", priority=2),
        feed.CallOffered(at=12.0, call=call, leg="9.1-1", agent="1018", queue="repair", why="only_free"),
        feed.AgentStateChanged(at=13.002, agent="1018", state="talking", call=call),
    ):
        memory.replay(record)
    book = ContactBook()
    book.contacts.update(memory.contacts)
    steps = rebuild(book, facts, until=100.0, gone={call})
    assert "TalkBegan" in story(steps)
    [end] = [step for step in steps if isinstance(step, feed.ContactEnded)]
    assert end.outcome is Outcome.ANSWERED


def test_a_torn_line_waits_and_a_rotated_file_is_read_to_its_end(tmp_path: Path) -> None:
    file = tmp_path / "cel.csv"
    lines = STORY.splitlines(keepends=True)
    file.write_text(lines[0] + lines[1][:20])
    facts, position = read_since(file, CelPosition())
    assert [type(fact) for fact in facts] == [f.ChannelAppeared]
    with file.open("a") as more:
        more.write(lines[1][20:])
    file.rename(tmp_path / "cel.csv.1")
    file.write_text(lines[2])
    facts, position = read_since(file, position)
    assert [type(fact) for fact in facts] == [f.Told, f.ChannelAnswered]
    assert position == end_of(file)


def test_hostile_lines_of_the_event_log_are_left_out(tmp_path: Path) -> None:
    file = tmp_path / "cel.csv"
    hostile = line("CHAN_START", "x", "1\0", '"', "a|b=c", "%0d%0a", "", "hl-in", "", "", "HLEND", '{"extra":[1]}')
    file.write_bytes(hostile.encode() + b'"unfinished,\xff\n' + b"a,b,c\n")
    facts, _ = read_since(file, CelPosition())
    book = ContactBook()
    rebuild(book, facts, until=1e12)
    assert len(book.contacts) <= 1


def test_what_was_seen_live_is_not_told_again(tmp_path: Path) -> None:
    file = tmp_path / "cel.csv"
    file.write_text(STORY)
    facts, _ = read_since(file, CelPosition())
    book = ContactBook()
    first = [step for fact in facts for step in tell(book, fact)]
    assert story(first).count("ContactEnded") == 1
    assert rebuild(book, facts, until=100.0) == []
    half = ContactBook()
    for fact in facts[:5]:
        tell(half, fact)
    assert "ContactStarted" not in story(rebuild(half, facts, until=100.0))


def live(name: str = "resync-lists") -> list[Step]:
    book = ContactBook()
    rows = [frame for frame in frames(name) if frame.event == "CoreShowChannel"]
    return compare(book, read_calls(rows, now=1795311324.9), at=1795311325.0)


def test_a_restarted_platform_finds_the_talk_and_tells_the_engine() -> None:
    calls = read_calls([frame for frame in frames("resync-lists") if frame.event == "CoreShowChannel"], now=1795311325)
    talk = calls[0]
    assert (talk.call, talk.direction, talk.queue, talk.caller) == (
        "1795311324.1167", Direction.INBOUND, "service", "13800138000",
    )  # fmt: skip
    assert talk.leg is not None
    assert (talk.leg.agent, talk.leg.talking) == ("1001", True)
    steps = live()
    assert [type(step).__name__ for step in steps if isinstance(step, acd.Event)] == ["CallFoundTalking"]
    assert story(steps).count("ContactStarted") == 2


def test_a_call_that_is_gone_without_a_trace_ends_as_ended_while_away() -> None:
    book = ContactBook()
    for fact in (inbound(), up(), told("HLAgi", Done="1", queue="repair")):
        tell(book, fact)
    steps = compare(book, [], at=60.0)
    (end,) = [step for step in steps if isinstance(step, feed.ContactEnded)]
    assert (end.outcome, end.estimated) == (Outcome.ENDED_WHILE_AWAY, True)
    assert any(isinstance(step, acd.CallLeft) for step in steps)
    assert not book.contacts


def floor_with_one_agent() -> RoutingEngine:
    engine = RoutingEngine([Queue(id=QueueId("q"), skill=Skill("s"), wrap_up_seconds=30)])
    engine.handle(acd.AgentSignedIn(at=0.0, agent=AgentId("1002"), skills={Skill("s"): 5}, state=AgentState.READY))
    return engine


def test_a_talk_that_began_and_ended_while_we_were_away_leaves_after_call_work_and_nobody_talking() -> None:
    engine = floor_with_one_agent()
    call, agent = CallId("9.1"), AgentId("1002")
    found = acd.CallFoundTalking(at=1.0, call=call, agent=agent, since=1.0, queue=QueueId("q"))
    for step in ordered([found, acd.TalkEnded(at=2.5, call=call, agent=agent)]):
        assert isinstance(step, acd.Event)
        engine.handle(step)
    view = engine.agent(agent)
    assert view is not None
    assert (view.state, view.until) == (AgentState.WRAP_UP, 32.5)


def test_who_is_thought_to_talk_with_nobody_is_set_free_by_the_next_look() -> None:
    engine = floor_with_one_agent()
    call, agent = CallId("9.1"), AgentId("1002")
    engine.handle(acd.CallFoundTalking(at=1.0, call=call, agent=agent, since=1.0, queue=QueueId("q")))
    assert lay(engine.snapshot().agents, {"9.1"}, 3.0) == []
    for event in lay(engine.snapshot().agents, set(), 3.0):
        engine.handle(event)
    view = engine.agent(agent)
    assert view is not None
    assert view.state is AgentState.WRAP_UP


def test_a_phone_thought_to_ring_for_a_caller_who_is_gone_is_free_again() -> None:
    engine = floor_with_one_agent()
    engine.handle(acd.CallQueued(at=1.0, call=CallId("9.1"), queue=QueueId("q")))
    for event in lay(engine.snapshot().agents, set(), 3.0):
        engine.handle(event)
    view = engine.agent(AgentId("1002"))
    assert view is not None
    assert view.state is AgentState.READY
