"""What a good flow cannot do at this site: words that its recognisers do not know, links that reach nobody. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from ivr.findings import Finding, Problem
from ivr.hearing import phrases_of
from ivr.nodes import Do
from ivr.position import Flow
from ivr.questions import YES_AND_NO, AskAloud, Menu

Unknown = Mapping[str, Collection[str]]
"""Language -> phrases that the site's recogniser can never hear; a language without a recogniser is not in it."""


def flow_phrases(flow: Flow, language: str) -> tuple[str, ...]:
    """Every phrase of the flow in this language, each once, with the words for yes and no where it asks by voice."""
    asking = [node for node in flow.nodes.values() if isinstance(node, Menu | AskAloud)]
    expected = [phrase for node in asking for phrase in phrases_of(node.words, language)]
    if any(node.words or isinstance(node, AskAloud) for node in asking):
        expected += phrases_of(YES_AND_NO, language)
    return tuple(dict.fromkeys(expected))


def site_findings(flow: Flow, unknown: Unknown, *, public: bool) -> list[Finding]:
    """Warnings only. `public` = callers' phones can reach the pages, so that a link by message opens."""
    found = []
    for name, node in flow.nodes.items():
        if isinstance(node, Menu | AskAloud):
            for language in flow.languages:
                deaf = [phrase for phrase in phrases_of(node.words, language) if phrase in unknown.get(language, ())]
                found += [Finding(Problem.NEVER_HEARD, name, f"{language}: {phrase}") for phrase in dict.fromkeys(deaf)]
        elif isinstance(node, Do) and node.operation == "position_link" and not public:
            found.append(Finding(Problem.NO_PUBLIC_ADDRESS, name, "HOTLINE_PUBLIC_URL"))
    return found
