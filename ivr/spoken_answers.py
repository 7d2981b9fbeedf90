"""What customers say and press when they answer a question on the telephone, and which answer that is. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from crm_core.questionnaires.questions import Given, Kind, Question

STOP_KEY = "9"
STOP = {
    "zh-CN": ("不要再打了", "别再打电话", "不要打电话给我", "不要再来电", "以后不要打"),
    "en": ("do not call me", "stop calling", "no more calls", "remove my number"),
}
AGREES = {"zh-CN": ("方便", "可以", "好的", "行"), "en": ("yes", "okay", "sure", "go ahead")}
DECLINES = {"zh-CN": ("不方便", "没空", "现在没时间", "不行"), "en": ("no", "not now", "i am busy")}
_YES = {"zh-CN": ("是", "是的", "对", "有", "会"), "en": ("yes", "yes it is", "correct")}
_NO = {"zh-CN": ("否", "不是", "没有", "不会", "不对"), "en": ("no", "no it is not", "not at all")}
_NUMBERS = {
    "zh-CN": ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十"],
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
}
_RATINGS: dict[str, dict[str, tuple[str, ...]]] = {
    "zh-CN": {"1": ("非常不满意",), "2": ("不满意", "两分"), "3": ("一般",), "4": ("满意",), "5": ("非常满意",)},
    "en": {
        "1": ("very dissatisfied",),
        "2": ("dissatisfied",),
        "3": ("neutral",),
        "4": ("satisfied",),
        "5": ("very satisfied",),
    },
}


def phrases(question: Question, language: str) -> dict[str, str]:
    """What can be said to this question: phrase -> token. Empty for a comment, which is free speech."""
    language = language if language in _NUMBERS else "zh-CN"
    match question.kind:
        case Kind.RATING:
            said = {phrase: token for token, some in _RATINGS[language].items() for phrase in some}
            return said | _numbers(language, question.tokens)
        case Kind.NPS:
            return _numbers(language, question.tokens)
        case Kind.YES_NO:
            return dict.fromkeys(_YES[language], "1") | dict.fromkeys(_NO[language], "0")
        case Kind.CHOICE:
            return {one.words.text(language): one.id for one in question.options if one.words.text(language)}
    return {}


def _numbers(language: str, tokens: tuple[str, ...]) -> dict[str, str]:
    """ "五" and "五分"; in English the number alone."""
    words = {_NUMBERS[language][int(token)]: token for token in tokens}
    return words | ({f"{word}分": token for word, token in words.items()} if language == "zh-CN" else {})


def token_of_keys(question: Question, keys: str) -> str:
    """The answer that these keys are; "" = none. The first option is key 1, yes is 1 and no is 2."""
    keys = keys.rstrip("#")
    match question.kind:
        case Kind.YES_NO:
            return {"1": "1", "2": "0"}.get(keys, "")
        case Kind.CHOICE:
            place = int(keys) if keys.isascii() and keys.isdigit() else 0
            return question.options[place - 1].id if 1 <= place <= len(question.options) else ""
        case Kind.NPS:
            number = str(int(keys)) if keys.isascii() and keys.isdigit() and len(keys) < 3 else ""
            return number if number in question.tokens else ""
    return keys if keys in question.tokens else ""


def stops(question: Question | None, keys: str) -> bool:
    """Whether key 9 is a wish for no more calls: wherever it is no answer."""
    return keys == STOP_KEY and (question is None or not token_of_keys(question, keys))


def given_of(question: Question, token: str) -> Given:
    """The answer with this token; "" = passed over."""
    if not token or question.kind is Kind.COMMENT:
        return Given()
    return Given(choice=token) if question.kind is Kind.CHOICE else Given(value=int(token))


def kept(answers: Mapping[str, Given]) -> str:
    """The answers as one plain word for a channel's variable, so that a restarted platform knows the way so far."""
    return "_".join(f"{name}-{given.token}" for name, given in answers.items())


def read_back(text: str, questions: tuple[Question, ...]) -> dict[str, Given]:
    """`kept` again; what fits no question is left out."""
    known = {question.id: question for question in questions}
    found: dict[str, Given] = {}
    for pair in text.split("_"):
        name, _, token = pair.partition("-")
        question = known.get(name)
        if question is not None and (token == "" or token in question.tokens):
            found[name] = given_of(question, token)
    return found
