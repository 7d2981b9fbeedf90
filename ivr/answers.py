"""What a question is, and what an answer to it means: keys, words, silence, results of operations. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ivr.hearing import meant
from ivr.line import NOT_UNDERSTOOD, Heard
from ivr.nodes import CallBack, Do, Questioning, Transfer
from ivr.operations import OPERATIONS, UNAVAILABLE, Answer
from ivr.position import (
    REACHED,
    UNREACHABLE,
    Action,
    Ask,
    Connect,
    Deaf,
    Gather,
    Go,
    Leave,
    Listen,
    Perform,
    Reply,
    State,
    Turn,
)
from ivr.questions import NO, YES, YES_AND_NO, AskAloud, ChooseLanguage, Collect, Consent, Menu, Prompts, Survey

LONGEST_WORDS = 60  # characters of free speech that become a fact
_CONFIRM = "confirm:"


def question(node: Questioning, complaint: Prompts = ()) -> Action:
    """The node's own question, after a word about the last answer."""
    match node:
        case Menu(words=words) if words:
            prompts = complaint + node.prompts
            return Listen(prompts=prompts, by_key=prompts, words=words, seconds=node.seconds, digits=1)
        case Collect():
            return Gather(prompts=complaint + node.prompts, seconds=node.seconds, digits=node.max)
        case AskAloud():
            return Listen(
                prompts=complaint + node.prompts,
                by_key=complaint + node.by_key,
                words=node.words,
                seconds=node.seconds,
                digits=node.digits or (1 if node.keys else 0),
            )
        case Survey():
            return Ask(prompts=node.questions[0].prompts, seconds=node.seconds)
        case _:
            return Ask(prompts=complaint + node.prompts, seconds=node.seconds)


def answered(node: Questioning | Do | CallBack | Transfer, state: State, reply: Reply) -> Turn | Go:
    """What the reply to the last action of this node leads to."""
    return _ANSWERS[type(node)](node, state, reply)


def perform(state: State, operation: str, given: Mapping[str, str], prompts: Prompts = ()) -> Perform:
    """The operation gets the facts that it takes, those of the node, and the node's name: once per call and node."""
    wanted = OPERATIONS[operation].takes if operation in OPERATIONS else ()
    taken = {name: state.facts.get(name, "") for name in wanted}
    return Perform(prompts=prompts, operation=operation, facts={**taken, **given, "node": state.node})


def deed(node: Do | CallBack | Transfer, state: State) -> Perform | Connect:
    """What has to be done at this node before the caller can go on."""
    match node:
        case Do(operation=operation, given=given, prompts=prompts):
            return perform(state, operation, given, prompts)
        case CallBack(queue=queue, topic=topic):
            return perform(state, "book_callback", {"queue": queue, "topic": topic})
        case Transfer(prompts=prompts, number=number, topic=topic, ring=ring):
            dealer = state.facts.get(node.fact, "") if node.fact else node.dealer
            return Connect(prompts=prompts, number=number, dealer=dealer, topic=topic, ring=ring)


def done(node: Do, state: State, reply: Reply) -> Go:
    """An answer that the operation does not know counts as none."""
    answer = reply if isinstance(reply, Answer) else Answer(result=UNAVAILABLE)
    operation = OPERATIONS.get(node.operation)
    gives = operation.gives if operation else {}
    facts = {name: value for name, value in answer.facts.items() if name in gives}
    result = answer.result if answer.result in node.ways else UNAVAILABLE
    proven = node.operation == "identify" and result == "right"
    state = replace(state, facts={**state.facts, **facts}, identified=state.identified or proven)
    return Go(state=state, to=node.ways.get(result, ""), by=result)


def _menu(node: Menu, state: State, reply: Reply) -> Turn | Go:
    if state.pending.startswith(_CONFIRM):
        offered = state.pending.removeprefix(_CONFIRM)
        if _yes_or_no(reply, state.language) == YES:
            return Go(state=state, to=node.keys[offered], by=offered)
        return _again(node, replace(state, pending=""), ())
    key = _keys(reply)
    if isinstance(reply, Heard) and reply.words and not key:
        key = meant(node.words, state.language, reply.words)
        if key in node.keys and reply.confidence < node.sure:
            doubt = node.confirm.get(key)
            return _ask_whether(state, key, doubt) if doubt else _again(node, state, node.invalid)
    if key in node.keys:
        return Go(state=state, to=node.keys[key], by=key)
    return _again(node, state, node.invalid if _said_something(reply) else node.silent)


def _collected(node: Collect, state: State, reply: Reply) -> Turn | Go:
    keys = _keys(reply)
    digits = keys == "" or (keys.isascii() and keys.isdigit())
    if digits and node.min <= len(keys) <= node.max:
        facts = {**state.facts, node.fact: keys}
        return Go(state=replace(state, facts=facts), to=node.then, by="given")
    return _again(node, state, node.invalid if keys else node.silent)


def _told(node: AskAloud, state: State, reply: Reply) -> Turn | Go:
    if isinstance(reply, Deaf):
        return Go(state=state, to=node.give_up, by="give_up")
    if state.pending.startswith(_CONFIRM):
        if _yes_or_no(reply, state.language) == YES:
            return Go(state=state, to=node.then, by="given")
        facts = {name: value for name, value in state.facts.items() if name != node.fact}
        return _again(node, replace(state, pending="", facts=facts), ())
    value, doubtful = _value(node, state.language, reply)
    if not value or (doubtful and not node.confirm):
        return _again(node, state, node.invalid if _said_something(reply) else node.silent)
    state = replace(state, facts={**state.facts, node.fact: value})
    return _ask_whether(state, "", node.confirm) if doubtful else Go(state=state, to=node.then, by="given")


def _value(node: AskAloud, language: str, reply: Reply) -> tuple[str, bool]:
    """What was meant, and whether it must be confirmed."""
    keys = _keys(reply)
    if keys:
        if node.keys:
            return node.keys.get(keys, ""), False
        return (keys if keys.isascii() and keys.isdigit() and len(keys) <= node.digits else ""), False
    if not isinstance(reply, Heard) or reply.words in ("", NOT_UNDERSTOOD):
        return "", False
    said = meant(node.words, language, reply.words) if node.words else reply.words.strip()[:LONGEST_WORDS]
    return said, reply.confidence < node.sure


def _language(node: ChooseLanguage, state: State, reply: Reply) -> Turn | Go:
    key = _keys(reply)
    chosen = node.keys.get(key)
    if chosen:
        return Go(state=replace(state, language=chosen, language_known=True), to=node.then, by=key)
    if state.asked >= node.tries:
        return Go(state=state, to=node.then)
    return _once_more(node, state, ())


def _consent(node: Consent, state: State, reply: Reply) -> Turn | Go:
    if state.pending:
        if not isinstance(reply, Answer) or reply.result == UNAVAILABLE:
            return Go(state=state, to=node.unavailable, by=UNAVAILABLE)
        state = replace(state, facts={**state.facts, f"consent.{node.purpose}": state.pending})
        return Go(state=state, to=node.yes if state.pending == "yes" else node.no, by=state.pending)
    word = {YES: "yes", NO: "no"}.get(_yes_or_no(reply, state.language))
    if word:
        record = perform(state, "record_consent", {"purpose": node.purpose, "consent": word})
        return replace(state, pending=word), record
    if state.asked >= node.tries:
        return Go(state=state, to=node.no, by="no")
    return _once_more(node, state, ("invalid",) if _said_something(reply) else ("no-key",))


def _survey(node: Survey, state: State, reply: Reply) -> Turn | Go:
    """`pending` is the number of the open question, and "kept:" before it while the answer is being kept."""
    number = int(state.pending.removeprefix("kept:") or 0)
    if not state.pending.startswith("kept:"):
        key, asked = _keys(reply), node.questions[number]
        if key.isascii() and key.isdigit() and 1 <= int(key) <= asked.most:
            keep = perform(state, "survey_answer", {"question": asked.id, "score": key})
            return replace(state, pending=f"kept:{number}"), keep
    if number + 1 == len(node.questions):
        return Go(state=state, to=node.then, by="done")
    state = replace(state, pending=str(number + 1), steps=state.steps + 1)
    return state, Ask(prompts=node.questions[number + 1].prompts, seconds=node.seconds)


def _booked(node: CallBack, state: State, reply: Reply) -> Turn | Go:
    if not state.pending and not (isinstance(reply, Answer) and reply.result == "booked"):
        return Go(state=state, to=node.refused, by="refused")
    gone = Leave(prompts=node.prompts, topic=node.topic, outcome="callback")
    return replace(state, pending="booked"), gone


def _connected(node: Transfer, state: State, reply: Reply) -> Turn | Go:
    if reply == REACHED:
        return state, Leave(prompts=(), topic=node.topic, outcome="put_through")
    return Go(state=state, to=node.unreachable, by=UNREACHABLE)


def _ask_whether(state: State, key: str, prompts: Prompts) -> Turn:
    ask = Listen(prompts=prompts, by_key=prompts, words=YES_AND_NO, seconds=5.0, digits=1)
    return replace(state, pending=_CONFIRM + key, steps=state.steps + 1), ask


def _again(node: Menu | Collect | AskAloud, state: State, complaint: Prompts) -> Turn | Go:
    if state.asked >= node.tries:
        return Go(state=state, to=node.give_up, by="give_up")
    return _once_more(node, state, complaint)


def _once_more(node: Questioning, state: State, complaint: Prompts) -> Turn:
    return replace(state, asked=state.asked + 1, steps=state.steps + 1), question(node, complaint)


def _yes_or_no(reply: Reply, language: str) -> str:
    """The key 1 or 2, or what words of the same meaning stand for; "" = neither."""
    if isinstance(reply, Heard) and reply.words and not reply.keys:
        no_first = sorted(YES_AND_NO.get(language, {}).items(), reverse=True)
        return meant({language: dict(no_first)}, language, reply.words)
    return _keys(reply)


def _keys(reply: Reply) -> str:
    return reply if isinstance(reply, str) else reply.keys if isinstance(reply, Heard) else ""


def _said_something(reply: Reply) -> bool:
    return bool(_keys(reply) or (isinstance(reply, Heard) and reply.words))


_ANSWERS: Mapping[type, Callable[[Any, State, Reply], Turn | Go]] = {
    Menu: _menu,
    Collect: _collected,
    AskAloud: _told,
    ChooseLanguage: _language,
    Consent: _consent,
    Survey: _survey,
    Do: done,
    CallBack: _booked,
    Transfer: _connected,
}
