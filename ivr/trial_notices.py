"""What is said to a person who tries a menu by telephone, where the call would go on or something be done. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ivr.catalogue import LANGUAGES
from ivr.flow import Flow
from ivr.nodes import CallBack, End, Message, Node, Queue, Transfer

_ENDS: Mapping[str, Mapping[type, str]] = {
    "zh-CN": {
        Queue: "试听到此结束。来电会进入{name}队列。",
        Message: "试听到此结束。来电人会在这里留言。",
        CallBack: "试听到此结束。这里会登记一个回电。",
        Transfer: "试听到此结束。来电会转接到外线。",
        End: "试听到此结束。来电会在这里挂断。",
    },
    "en": {
        Queue: "The trial ends here. The call would go to the queue {name}.",
        Message: "The trial ends here. The caller would leave a message.",
        CallBack: "The trial ends here. A call back would be booked.",
        Transfer: "The trial ends here. The call would be put through outside.",
        End: "The trial ends here. The call would be over.",
    },
}
_DEEDS: Mapping[str, Mapping[str, str]] = {
    "zh-CN": {
        "open_rescue": "试听：这里会登记一个救援工单。",
        "position_link": "试听：这里会发出一条定位短信。",
        "request_material": "试听：这里会登记索取资料的工单。",
        "stop_calls": "试听：这里会登记不再来电。",
        "record_consent": "试听：这里会记录来电人的意愿。",
        "survey_answer": "试听：这里会记录评分。",
    },
    "en": {
        "open_rescue": "Trial: a rescue case would be opened.",
        "position_link": "Trial: a message with a link would be sent.",
        "request_material": "Trial: a case for the material would be opened.",
        "stop_calls": "Trial: no more calls would be made to this number.",
        "record_consent": "Trial: the answer would be recorded.",
        "survey_answer": "Trial: the score would be recorded.",
    },
}


@dataclass(frozen=True, slots=True)
class Notices:
    """Sentences by language: `ends` by node, `deeds` by operation. What only looks something up has none."""

    ends: Mapping[str, Mapping[str, str]]
    deeds: Mapping[str, Mapping[str, str]]

    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """All of them, each once, for the voice."""
        return {
            language: tuple(dict.fromkeys((*self.ends[language].values(), *self.deeds[language].values())))
            for language in self.ends
        }


def notices(flow: Flow, queues: Mapping[str, Mapping[str, str]]) -> Notices:
    """`queues` are the names of queues by language and id; one without a name is called by its id."""
    spoken = [language for language in flow.languages if language in LANGUAGES]
    ends = {language: dict(_ends(flow, language, queues.get(language, {}))) for language in spoken}
    return Notices(ends, {language: _DEEDS[language] for language in spoken})


def _ends(flow: Flow, language: str, queues: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, node in flow.nodes.items():
        sentence = _ENDS[language].get(type(node))
        if sentence is not None:
            yield name, sentence.format(name=_queue(node, queues))


def _queue(node: Node, queues: Mapping[str, str]) -> str:
    return queues.get(node.queue) or node.queue if isinstance(node, Queue) else ""
