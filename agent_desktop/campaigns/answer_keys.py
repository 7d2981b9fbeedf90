"""Which key stands for which answer while an agent reads a question. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from agent_desktop.words import N_
from crm_core.questionnaires.questions import Kind, Question

YES, NO = N_("Yes"), N_("No")


@dataclass(frozen=True, slots=True)
class Key:
    """`key` "" = no single key (an NPS of 10); `word` is a msgid or the option's own words."""

    key: str
    token: str
    word: str
    own: bool = False


def keys_of(question: Question, language: str) -> list[Key]:
    """A rating 1 to 5, an NPS 0 to 9 and a click for 10, yes = 1 and no = 2 as on the telephone, options from 1."""
    match question.kind:
        case Kind.YES_NO:
            return [Key("1", "1", YES), Key("2", "0", NO)]
        case Kind.CHOICE:
            return [Key(str(n), one.id, one.words.text(language), True) for n, one in enumerate(question.options, 1)]
        case Kind.RATING | Kind.NPS:
            return [Key(one if len(one) == 1 else "", one, one, True) for one in question.tokens]
    return []
