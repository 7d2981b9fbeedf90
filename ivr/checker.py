"""Finds what is wrong with a flow before a caller does."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from ivr.flow import KEYS, ChooseLanguage, End, Flow, Menu, Message, Node, Queue, successors


class Problem(StrEnum):
    UNKNOWN_NODE = "unknown_node"  # a way leads to a name that is no node
    UNREACHABLE = "unreachable"  # no caller ever comes here
    DEAD_END = "dead_end"  # no way from here to an agent or an end
    NO_AGENT = "no_agent"  # whoever begins here can reach no agent
    MISSING_PROMPT = "missing_prompt"  # the text or file is missing in a language
    UNKNOWN_LANGUAGE = "unknown_language"
    UNKNOWN_QUEUE = "unknown_queue"
    BAD_KEY = "bad_key"  # not one key of a telephone
    BAD_GIVE_UP = "bad_give_up"  # the flow's last resort must be a queue


@dataclass(frozen=True, slots=True)
class Finding:
    """`node` is "" when the flow as a whole is meant; `detail` is the name, key or "language/prompt" that is wrong."""

    problem: Problem
    node: str
    detail: str = ""


def check_flow(flow: Flow, prompts: Mapping[str, Collection[str]], queues: Collection[str]) -> list[Finding]:
    """All findings, [] for a good flow. `prompts` maps each language to the names that exist in it."""
    unknown = _unknown_nodes(flow)
    if unknown:  # the other questions have no answer before these are mended
        return unknown
    reachable = _from(flow, {flow.start, flow.give_up, *flow.entries.values()})
    findings = [Finding(Problem.UNREACHABLE, name) for name in flow.nodes if name not in reachable]
    findings += _stuck(flow)
    if not isinstance(flow.nodes[flow.give_up], Queue):
        findings.append(Finding(Problem.BAD_GIVE_UP, "", flow.give_up))
    for name, node in flow.nodes.items():
        findings += _check_node(flow, name, node, queues)
        findings += [
            Finding(Problem.MISSING_PROMPT, name, f"{language}/{prompt}")
            for language in flow.languages
            for prompt in prompts_of(node)
            if prompt not in prompts.get(language, ())
        ]
    return findings


def prompts_of(node: Node) -> tuple[str, ...]:
    """Every prompt that a caller may hear at this node."""
    match node:
        case Menu(prompts=prompts, invalid=invalid, silent=silent):
            return (*prompts, *invalid, *silent)
        case ChooseLanguage(prompts=prompts) | Queue(prompts=prompts) | Message(prompts=prompts) | End(prompts=prompts):
            return prompts
        case _:
            return getattr(node, "prompts", ())


def _unknown_nodes(flow: Flow) -> list[Finding]:
    ways = [("", flow.start), ("", flow.give_up), *(("", name) for name in flow.entries.values())]
    ways += [(name, target) for name, node in flow.nodes.items() for target in successors(node)]
    return [Finding(Problem.UNKNOWN_NODE, name, target) for name, target in ways if target not in flow.nodes]


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
    findings = []
    for name in flow.nodes:
        ahead = [flow.nodes[other] for other in _from(flow, {name})]
        if not any(isinstance(node, Queue | Message | End) for node in ahead):
            findings.append(Finding(Problem.DEAD_END, name))
    for name in sorted({flow.start, *flow.entries.values()} | _menus(flow)):
        if not any(isinstance(flow.nodes[other], Queue) for other in _from(flow, {name})):
            findings.append(Finding(Problem.NO_AGENT, name))
    return findings


def _menus(flow: Flow) -> set[str]:
    return {name for name, node in flow.nodes.items() if isinstance(node, Menu)}


def _check_node(flow: Flow, name: str, node: Node, queues: Collection[str]) -> list[Finding]:
    match node:
        case Queue(queue=queue) if queue not in queues:
            return [Finding(Problem.UNKNOWN_QUEUE, name, queue)]
        case Menu(keys=keys):
            return [Finding(Problem.BAD_KEY, name, key) for key in keys if key not in KEYS]
        case ChooseLanguage(keys=keys):
            wrong = [Finding(Problem.BAD_KEY, name, key) for key in keys if key not in KEYS]
            strange = [language for language in keys.values() if language not in flow.languages]
            return wrong + [Finding(Problem.UNKNOWN_LANGUAGE, name, language) for language in strange]
        case _:
            return []
