"""What the designer's script gets: the content, what is wrong with it in the reader's language, how it sounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crm_core.questionnaires.checks import problems
from crm_core.questionnaires.questions import LANGUAGES, Content
from crm_core.questionnaires.saying import seconds, spoken
from crm_core.questionnaires.stored import store

Say = Callable[..., str]


def looked_at(content: Content, say: Say) -> dict[str, Any]:
    """`say` translates. Problems are in the order in which they are read."""
    return {
        "content": store(content),
        "problems": [
            {
                "question": one.question,
                "field": one.field,
                "text": say(one.sentence.message_id, **one.sentence.values),
                "warning": one.warning,
            }
            for one in problems(content)
        ],
        "spoken": {lang: {one.id: list(spoken(one, lang)) for one in content.questions} for lang in LANGUAGES},
        "seconds": {lang: seconds(content, lang) for lang in LANGUAGES},
    }
