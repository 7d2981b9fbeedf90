"""Where each node may lead: for the checker, and for who draws a flow. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from ivr.nodes import Announce, CallBack, Decide, Do, IfOpen, Node, Say, Transfer
from ivr.questions import AskAloud, Asking, ChooseLanguage, Collect, Consent, Menu, Survey


def ways(node: Node) -> Iterator[tuple[str, str]]:
    """Every way out, as (what leads there, node). The first is a key, a result, a case's number, or a word of ours."""
    match node:
        case Say(then=then) | Announce(then=then):
            yield "", then
        case IfOpen(open=when_open, closed=closed, emergency=emergency):
            yield "open", when_open
            yield "closed", closed
            if emergency:
                yield "closure", emergency
        case Do(ways=results):
            yield from results.items()
        case Decide(cases=cases, otherwise=otherwise):
            yield from ((str(number), case.then) for number, case in enumerate(cases, start=1))
            yield "otherwise", otherwise
        case CallBack(refused=refused):
            yield "refused", refused
        case Transfer(unreachable=unreachable):
            yield "unreachable", unreachable
        case Asking():
            yield from _after_question(node)


def _after_question(node: Node) -> Iterator[tuple[str, str]]:
    match node:
        case ChooseLanguage(then=then, keys=keys):
            yield from ((key, then) for key in keys)
            yield "", then
        case Menu(keys=keys, give_up=give_up):
            yield from keys.items()
            yield "give_up", give_up
        case Collect(then=then, give_up=give_up) | AskAloud(then=then, give_up=give_up):
            yield "given", then
            yield "give_up", give_up
        case Consent(yes=yes, no=no, unavailable=unavailable):
            yield "yes", yes
            yield "no", no
            yield "unavailable", unavailable
        case Survey(then=then):
            yield "done", then


def successors(node: Node) -> Iterator[str]:
    """Every node that may come next."""
    return (name for _, name in ways(node))


def idle_ways(node: Node) -> Iterator[str]:
    """Where a caller who does nothing may come to: every way of a node that asks nothing, one of each question."""
    match node:
        case Menu(give_up=give_up) | Collect(give_up=give_up) | AskAloud(give_up=give_up):
            yield give_up
        case Consent(no=no):
            yield no
        case _:
            yield from successors(node)
