"""What can be wrong with a flow, and what to do about it. Pure; the sentences are keys of the catalogues."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Problem(StrEnum):
    UNKNOWN_NODE = "unknown_node"  # a way leads to a name that is no node
    UNREACHABLE = "unreachable"  # no caller ever comes here
    DEAD_END = "dead_end"  # no way from here to an agent or an end
    LOOP = "loop"  # who presses nothing goes round for ever
    NO_AGENT = "no_agent"  # whoever begins here can reach no agent
    MISSING_PROMPT = "missing_prompt"  # the text or file is missing in a language
    MISSING_TRANSLATION = "missing_translation"  # an own text that is said in the first language instead
    NOTHING_SAID = "nothing_said"  # a question without a word
    UNKNOWN_LANGUAGE = "unknown_language"
    UNKNOWN_QUEUE = "unknown_queue"
    UNKNOWN_TOPIC = "unknown_topic"
    UNKNOWN_OUTCOME = "unknown_outcome"
    BAD_NAME = "bad_name"
    BAD_KEY = "bad_key"  # not one key of a telephone
    BAD_NUMBER = "bad_number"  # tries, seconds, digits, scores beyond what a caller can be asked
    BAD_WORDS = "bad_words"  # words for a key or value that is none, or one phrase with two meanings
    BAD_GIVE_UP = "bad_give_up"  # the flow's last resort must be a queue
    UNKNOWN_OPERATION = "unknown_operation"
    MISSING_WAY = "missing_way"  # a result of an operation leads nowhere
    UNKNOWN_WAY = "unknown_way"  # a way for a result that the operation does not have
    UNKNOWN_PURPOSE = "unknown_purpose"  # of a consent: the records keep no such answer
    BAD_TRANSFER = "bad_transfer"  # puts callers through to nobody, to two at once, or where nobody may call
    NOT_IDENTIFIED = "not_identified"  # tells a person's own facts to somebody who has not proven to be that person
    MISSING_FACT = "missing_fact"  # needed or said, and on some path nothing has given it
    UNSURE_FACT = "unsure_fact"  # decided on, and on some path nothing has given it
    UNKNOWN_FACT = "unknown_fact"  # no node of the flow gives it
    NEVER_HEARD = "never_heard"  # the site's recogniser does not know a word of a phrase
    NO_PUBLIC_ADDRESS = "no_public_address"  # sends a link that no caller's phone can open


WARNINGS = frozenset({Problem.MISSING_TRANSLATION, Problem.UNSURE_FACT, Problem.NEVER_HEARD, Problem.NO_PUBLIC_ADDRESS})

SENTENCES: Mapping[Problem, str] = {
    Problem.UNKNOWN_NODE: "Node {node} leads to {detail}, which is no node. Add the node or choose another.",
    Problem.UNREACHABLE: "No caller ever comes to node {node}. Lead a way there or remove it.",
    Problem.DEAD_END: "From node {node} no caller comes to an agent or an end. Lead a way out of it.",
    Problem.LOOP: "Who presses nothing at node {node} goes round for ever. Let the give_up lead to a person or an end.",
    Problem.NO_AGENT: "From node {node} nobody can reach a person. Add a way to a queue.",
    Problem.MISSING_PROMPT: "Node {node} plays {detail}, which does not exist. Add the text or choose another prompt.",
    Problem.MISSING_TRANSLATION: "Node {node}: {detail} has no text and is said in the first language. Add the text.",
    Problem.NOTHING_SAID: "Node {node} asks without a word. Give it a prompt.",
    Problem.UNKNOWN_LANGUAGE: "Node {node} names the language {detail}, which the flow does not speak. Use another.",
    Problem.UNKNOWN_QUEUE: "Node {node} uses the queue {detail}, which does not exist. Make it or choose another.",
    Problem.UNKNOWN_TOPIC: "Node {node} has the topic {detail}, which is too long. Use at most 20 characters.",
    Problem.UNKNOWN_OUTCOME: "Node {node} ends with {detail}, which is no outcome of a menu. Choose one that is.",
    Problem.BAD_NAME: "Node {node}: {detail} cannot be a name. Use lower-case letters, digits, - and _.",
    Problem.BAD_KEY: "Node {node} uses {detail}, which is not one key of a telephone. Use 0 to 9, * or #.",
    Problem.BAD_NUMBER: "Node {node}: {detail} is out of range. Choose a number that a caller can be asked.",
    Problem.BAD_WORDS: "Node {node}: the words {detail} mean nothing here or two things. Give them one meaning.",
    Problem.BAD_GIVE_UP: "The flow's give_up {detail} is no queue. Callers in trouble must come to a person.",
    Problem.UNKNOWN_OPERATION: "Node {node} does {detail}, which is not known. Choose one of the operations.",
    Problem.MISSING_WAY: "Node {node} has no way for the result {detail}. Add one.",
    Problem.UNKNOWN_WAY: "Node {node} has a way for {detail}, which never comes of this. Remove it.",
    Problem.UNKNOWN_PURPOSE: "Node {node} asks for consent to {detail}, which the records do not keep. Choose a "
    "purpose.",
    Problem.BAD_TRANSFER: "Node {node} puts callers through to {detail}. Name one number that may be called, one "
    "dealer's id, or one fact that holds a dealer's id.",
    Problem.NOT_IDENTIFIED: "Node {node} tells what only the person may hear. Lead callers through identify first.",
    Problem.MISSING_FACT: "Node {node} needs the fact {detail}, not known on every way here. Gather it first.",
    Problem.UNSURE_FACT: "Node {node} decides on {detail}, which is not known on every way there. Is that meant?",
    Problem.NEVER_HEARD: "Node {node}: {detail} is never understood, the recogniser lacks a word. Use other words.",
    Problem.NO_PUBLIC_ADDRESS: "Node {node} sends a link that phones cannot open. Set {detail} to the public address.",
    Problem.UNKNOWN_FACT: "Node {node} uses the fact {detail}, which nothing gives. Correct the name.",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """`node` is "" when the flow as a whole is meant; `detail` is the name, key or "language/prompt" that is wrong."""

    problem: Problem
    node: str
    detail: str = ""

    @property
    def is_error(self) -> bool:
        """An error keeps a flow from being published; a warning does not."""
        return self.problem not in WARNINGS

    def values(self) -> dict[str, str]:
        """For the gaps of the sentence."""
        return {"node": self.node or "-", "detail": self.detail}

    def __str__(self) -> str:
        return SENTENCES[self.problem].format(**self.values())
