"""Finds what is wrong with a flow before a caller does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ivr.fact_paths import given_somewhere, known_on_entry
from ivr.findings import Finding, Problem
from ivr.node_checks import NAME, check_facts, check_node
from ivr.nodes import Node, Queue
from ivr.position import Flow
from ivr.questions import Asking, Ending, Menu, Prompts, SpokenFact, Survey
from ivr.saying import text_of
from ivr.ways import idle_ways, successors

__all__ = ["Finding", "Problem", "check_flow", "prompts_of"]

MOST_NODES, LONGEST_TEXT = 400, 500
LIMITS = range(5, 201)  # nodes and questions that one caller may meet


def check_flow(flow: Flow, prompts: Mapping[str, Collection[str]], queues: Collection[str]) -> list[Finding]:
    """All findings, [] for a good flow. `prompts` maps each language to the names that exist in it."""
    if len(flow.nodes) > MOST_NODES:
        return [Finding(Problem.BAD_NUMBER, "", f"nodes {len(flow.nodes)}")]
    unknown = _unknown_nodes(flow)
    if unknown:  # the other questions have no answer before these are mended
        return unknown
    reachable = _from(flow, {flow.start, flow.give_up, *flow.entries.values()})
    findings = [Finding(Problem.UNREACHABLE, name) for name in flow.nodes if name not in reachable]
    findings += _stuck(flow) + _loops(flow) + _whole(flow, prompts)
    known, given = known_on_entry(flow), given_somewhere(flow)
    for name, node in flow.nodes.items():
        findings += check_node(flow, name, node, queues)
        findings += check_facts(name, node, known.get(name), given, spoken_facts_of(node))
        findings += _check_prompts(flow, name, node, prompts)
    return findings


def prompts_of(node: Node) -> tuple[str, ...]:
    """Every prompt that a caller may hear at this node."""
    return tuple(prompt for prompt in _all_prompts(node) if isinstance(prompt, str))


def spoken_facts_of(node: Node) -> tuple[str, ...]:
    return tuple(prompt.fact for prompt in _all_prompts(node) if isinstance(prompt, SpokenFact))


def _all_prompts(node: Node) -> Prompts:
    said: list[Prompts] = [getattr(node, field, ()) for field in ("prompts", "invalid", "silent", "by_key")]
    confirm = getattr(node, "confirm", ())
    said += confirm.values() if isinstance(confirm, Mapping) else [confirm]
    if isinstance(node, Survey):
        said += [question.prompts for question in node.questions]
    return tuple(prompt for prompts in said for prompt in prompts)


def _check_prompts(flow: Flow, name: str, node: Node, prompts: Mapping[str, Collection[str]]) -> Iterable[Finding]:
    for language in flow.languages:
        for prompt in dict.fromkeys(prompts_of(node)):
            own = text_of(flow, prompt, language)
            if own is None and prompt not in prompts.get(language, ()):
                yield Finding(Problem.MISSING_PROMPT, name, f"{language}/{prompt}")
            elif own is not None and own[0] != language:
                yield Finding(Problem.MISSING_TRANSLATION, name, f"{language}/{prompt}")


def _unknown_nodes(flow: Flow) -> list[Finding]:
    points = [("", flow.start), ("", flow.give_up), *(("", name) for name in flow.entries.values())]
    points += [(name, target) for name, node in flow.nodes.items() for target in successors(node)]
    return [Finding(Problem.UNKNOWN_NODE, name, target) for name, target in points if target not in flow.nodes]


def _from(flow: Flow, starts: set[str]) -> set[str]:
    seen: set[str] = set()
    open_ends = list(starts)
    while open_ends:
        name = open_ends.pop()
        if name not in seen:
            seen.add(name)
            open_ends += successors(flow.nodes[name])
    return seen


def _stuck(flow: Flow) -> list[Finding]:
    ending = _leading_to(flow, {name for name, node in flow.nodes.items() if isinstance(node, Ending)})
    served = _leading_to(flow, {name for name, node in flow.nodes.items() if hasattr(node, "queue")})
    findings = [Finding(Problem.DEAD_END, name) for name in flow.nodes if name not in ending]
    menus = {name for name, node in flow.nodes.items() if isinstance(node, Menu)}
    begins = sorted({flow.start, *flow.entries.values()} | menus)
    return findings + [Finding(Problem.NO_AGENT, name) for name in begins if name not in served]


def _leading_to(flow: Flow, ends: set[str]) -> set[str]:
    """The nodes from which one of these can be reached, they themselves included."""
    before: dict[str, set[str]] = {}
    for name, node in flow.nodes.items():
        for target in successors(node):
            before.setdefault(target, set()).add(name)
    seen, open_ends = set(ends), list(ends)
    while open_ends:
        fresh = before.get(open_ends.pop(), set()) - seen
        seen |= fresh
        open_ends += fresh
    return seen


def _loops(flow: Flow) -> list[Finding]:
    """The nodes on a ring that a caller who does nothing is led around: what remains when all ends are cut off."""
    ways = {name: set(idle_ways(node)) for name, node in flow.nodes.items()}
    onward = _cut(ways)
    backward: dict[str, set[str]] = {name: set() for name in onward}
    for name, targets in onward.items():
        for target in targets:
            backward[target].add(name)
    ring = _cut(backward)
    asked = [name for name in ring if isinstance(flow.nodes[name], Asking)]
    return [Finding(Problem.LOOP, name) for name in (asked or ring)]


def _cut(ways: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """Without the nodes that lead nowhere, and those that lead only to such, and so on."""
    left = {name: set(targets) for name, targets in ways.items()}
    while ended := {name for name, targets in left.items() if not targets}:
        left = {name: targets - ended for name, targets in left.items() if name not in ended}
    return left


def _whole(flow: Flow, prompts: Mapping[str, Collection[str]]) -> list[Finding]:
    findings = []
    if not isinstance(flow.nodes[flow.give_up], Queue):
        findings.append(Finding(Problem.BAD_GIVE_UP, "", flow.give_up))
    findings += [Finding(Problem.UNKNOWN_LANGUAGE, "", word) for word in flow.languages if word not in prompts]
    findings += [Finding(Problem.UNKNOWN_LANGUAGE, "", word) for word in flow.texts if word not in flow.languages]
    if flow.limit not in LIMITS:
        findings.append(Finding(Problem.BAD_NUMBER, "", f"limit {flow.limit}"))
    names = [flow.name, *(name for texts in flow.texts.values() for name in texts)]
    findings += [Finding(Problem.BAD_NAME, "", name[:60]) for name in names if not NAME.fullmatch(name)]
    long = [
        (language, name) for language, texts in flow.texts.items() for name in texts if len(texts[name]) > LONGEST_TEXT
    ]
    return findings + [Finding(Problem.BAD_NUMBER, "", f"{language}/{name}") for language, name in long]
