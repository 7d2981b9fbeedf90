"""What can be wrong with one node of a flow: keys, words, numbers, operations, facts. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from crm_core.consent.purposes import Purpose
from crm_core.dialling import dialable
from crm_core.errors import Invalid, NotAllowed
from crm_core.history.events import Outcome
from ivr.conditions import FIRST_FACTS, facts_asked, queue_of, queues_asked
from ivr.fact_paths import IDENTIFIED, Known
from ivr.findings import Finding, Problem
from ivr.nodes import CallBack, Decide, Do, End, Message, Node, Queue, Transfer
from ivr.operations import OPERATIONS, UNAVAILABLE
from ivr.position import Flow
from ivr.questions import KEYS, AskAloud, ChooseLanguage, Collect, Consent, Menu, Survey, Words

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,38}")
MOST_TRIES, MOST_DIGITS = 5, 32
SECONDS = (1.0, 15.0)  # how long a caller may hear nothing after a question
LONGEST_TOPIC = 20
OUTCOMES = frozenset({Outcome.MENU_ONLY, Outcome.OUT_OF_HOURS, Outcome.TURNED_AWAY, Outcome.CALLBACK, Outcome.BLOCKED})
SURVEY = range(1, 6)
PURPOSES = frozenset(Purpose) - {Purpose.SERVICE}  # what the caller asked for needs no consent
RING = range(10, 61)  # seconds that a telephone outside may ring
DEALER_ID = re.compile(r"[1-9][0-9]{0,8}")
ANYWHERE = ("",)  # which countries and areas may be dialled is the site's own: asked when a caller is put through


def queues_named(node: Node) -> tuple[str, ...]:
    """Those that the node decides by, and the one to which it leads."""
    asked = queues_asked(node) if isinstance(node, Decide) else ()
    return (*asked, node.queue) if isinstance(node, Queue | CallBack) else tuple(asked)


def check_node(flow: Flow, name: str, node: Node, queues: Collection[str]) -> Iterator[Finding]:
    """Everything that the node tells of itself."""
    if not NAME.fullmatch(name):
        yield Finding(Problem.BAD_NAME, name[:60], name[:60])
    for queue in queues_named(node):
        if queue not in queues:
            yield Finding(Problem.UNKNOWN_QUEUE, name, queue)
    topic = node.topic if isinstance(node, Queue | CallBack | Message | Transfer) else ""
    if len(topic) > LONGEST_TOPIC:
        yield Finding(Problem.UNKNOWN_TOPIC, name, topic[:60])
    if isinstance(node, End | Message) and node.outcome not in OUTCOMES:
        yield Finding(Problem.UNKNOWN_OUTCOME, name, node.outcome[:60])
    yield from _keys(flow, name, node)
    yield from _numbers(name, node)
    yield from _words(flow, name, node)
    if isinstance(node, Do):
        yield from _operation(name, node)
    if isinstance(node, Consent) and node.purpose not in PURPOSES:
        yield Finding(Problem.UNKNOWN_PURPOSE, name, node.purpose[:60])
    if isinstance(node, Transfer):
        yield from _transfer(name, node)


def check_facts(name: str, node: Node, known: Known | None, given: Known, spoken: Iterable[str]) -> Iterator[Finding]:
    """`known` on all ways here (None = nobody comes here), `given` by any node of the flow, `spoken` here."""
    if known is None:
        return
    for fact in (*spoken, *_needed(node)):
        own = isinstance(node, Collect | AskAloud) and node.fact == fact  # said when the caller is asked to confirm it
        if fact not in known and not own:
            yield Finding(Problem.MISSING_FACT if fact in given else Problem.UNKNOWN_FACT, name, fact)
    for fact in facts_asked(node) if isinstance(node, Decide) else ():
        if fact not in known and not queue_of(fact) and fact not in FIRST_FACTS:
            yield Finding(Problem.UNSURE_FACT if fact in given else Problem.UNKNOWN_FACT, name, fact)
    operation = OPERATIONS.get(node.operation) if isinstance(node, Do) else None
    if operation and operation.identified and IDENTIFIED not in known:
        yield Finding(Problem.NOT_IDENTIFIED, name, operation.name)


def _needed(node: Node) -> Iterator[str]:
    match node:
        case Do(operation=operation, given=given) if operation in OPERATIONS:
            yield from (fact for fact in OPERATIONS[operation].takes if fact not in given)
        case CallBack():
            yield from OPERATIONS["book_callback"].takes
        case Transfer(fact=fact) if fact:
            yield fact


def _keys(flow: Flow, name: str, node: Node) -> Iterator[Finding]:
    keys: Collection[str] = node.keys if isinstance(node, Menu | ChooseLanguage | AskAloud) else ()
    yield from (Finding(Problem.BAD_KEY, name, key[:60]) for key in keys if key not in KEYS)
    if isinstance(node, ChooseLanguage):
        strange = (language for language in node.keys.values() if language not in flow.languages)
        yield from (Finding(Problem.UNKNOWN_LANGUAGE, name, language[:60]) for language in strange)
    wordless = not node.prompts if isinstance(node, Menu | ChooseLanguage | AskAloud | Collect | Consent) else False
    if isinstance(node, AskAloud) and (node.keys or node.digits) and not node.by_key:
        wordless = True
    if isinstance(node, Survey):
        wordless = not all(question.prompts for question in node.questions)
    if wordless:
        yield Finding(Problem.NOTHING_SAID, name)


def _numbers(name: str, node: Node) -> Iterator[Finding]:
    tries, seconds = getattr(node, "tries", 1), getattr(node, "seconds", SECONDS[0])
    good = {
        "tries": 1 <= tries <= MOST_TRIES,
        "seconds": SECONDS[0] <= seconds <= SECONDS[1],
        "sure": 0 <= getattr(node, "sure", 0.0) <= 1,
        "digits": 0 <= getattr(node, "digits", 0) <= MOST_DIGITS,
        "ring": getattr(node, "ring", RING[0]) in RING,
        "priority": -100 <= getattr(node, "priority", 0) <= 100,
    }
    if isinstance(node, Collect):
        good["min, max"] = 0 <= node.min <= node.max <= MOST_DIGITS and node.max >= 1
    if isinstance(node, Survey):
        good["questions"] = len(node.questions) in SURVEY
        good["most"] = all(2 <= question.most <= 9 for question in node.questions)
    yield from (Finding(Problem.BAD_NUMBER, name, field) for field, fine in good.items() if not fine)


def _words(flow: Flow, name: str, node: Node) -> Iterator[Finding]:
    words: Words = node.words if isinstance(node, Menu | AskAloud) else {}
    for language, meanings in words.items():
        if language not in flow.languages:
            yield Finding(Problem.UNKNOWN_LANGUAGE, name, language[:60])
        said: dict[str, str] = {}
        for value, phrases in meanings.items():
            if isinstance(node, Menu) and value not in node.keys:
                yield Finding(Problem.BAD_WORDS, name, value[:60])
            for phrase in phrases:
                if not phrase.strip() or said.setdefault(phrase.casefold(), value) != value:
                    yield Finding(Problem.BAD_WORDS, name, phrase[:60])
    if isinstance(node, Menu):
        yield from (Finding(Problem.BAD_KEY, name, key[:60]) for key in node.confirm if key not in node.keys)


def _operation(name: str, node: Do) -> Iterator[Finding]:
    operation = OPERATIONS.get(node.operation)
    if operation is None:
        yield Finding(Problem.UNKNOWN_OPERATION, name, node.operation[:60])
        return
    results = (*operation.results, UNAVAILABLE)
    yield from (Finding(Problem.MISSING_WAY, name, result) for result in results if result not in node.ways)
    yield from (Finding(Problem.UNKNOWN_WAY, name, way[:60]) for way in node.ways if way not in results)
    strange = (fact for fact in node.given if fact not in operation.takes)
    yield from (Finding(Problem.UNKNOWN_FACT, name, fact[:60]) for fact in strange)


def _transfer(name: str, node: Transfer) -> Iterator[Finding]:
    named = [target for target in (node.number, node.dealer, node.fact) if target]
    if len(named) != 1 or (node.dealer and not DEALER_ID.fullmatch(node.dealer)):
        yield Finding(Problem.BAD_TRANSFER, name, ", ".join(named)[:60] or "-")
    elif node.number:
        try:
            dialable(node.number, ANYWHERE)
        except (Invalid, NotAllowed):
            yield Finding(Problem.BAD_TRANSFER, name, node.number[:60])
