"""How a questionnaire sounds: each sentence as the voice speaks it, and how long that takes. Pure.

The same sentences are the names of the prompt files (`ivr.question_prompts.prompt_of`), so what is heard is what the
designer showed.
"""

from __future__ import annotations

from crm_core.questionnaires.questions import LANGUAGES, Content, Kind, Question

SIGNS_A_SECOND = {"zh-CN": 4.2, "en": 15.0}  # measured on the voices of this product's demo prompts
ANSWER_SECONDS = {Kind.RATING: 3.0, Kind.NPS: 5.0, Kind.YES_NO: 3.0, Kind.CHOICE: 4.0, Kind.COMMENT: 20.0}

_HOW = {
    Kind.RATING: {
        "zh-CN": "请按 1 到 5 评分，5 分表示非常满意，1 分表示非常不满意。",
        "en": "Please answer from 1, not at all satisfied, to 5, very satisfied.",
    },
    Kind.NPS: {
        "zh-CN": "请输入 0 到 10，然后按井号键，10 表示一定会。",
        "en": "Please enter a number from 0 to 10, then the hash key. 10 means certainly.",
    },
    Kind.YES_NO: {"zh-CN": "是请按 1，否请按 2。", "en": "For yes press 1, for no press 2."},
    Kind.COMMENT: {
        "zh-CN": "请在提示音后留言，说完请按井号键。",
        "en": "Please speak after the tone, and press the hash key when you have finished.",
    },
}
_OPTION = {"zh-CN": "{words}请按 {key}。", "en": "For {words}, press {key}."}
AGAIN = {"zh-CN": "对不起，我没有收到您的回答。", "en": "Sorry, I did not get your answer."}
HEARD = {
    "zh-CN": "留言已录下。确认请按 1，重录请按 2。",
    "en": "Thank you. To keep it press 1, to record again press 2.",
}
STOP = {"zh-CN": "不想再接到这样的来电，请按 9。", "en": "If you want no more calls like this, press 9."}
STOPPED = {"zh-CN": "好的，我们不会再为此致电。再见。", "en": "We will not call you about this again. Goodbye."}


def spoken(question: Question, language: str) -> tuple[str, ...]:
    """The question, and how it is answered by key."""
    language = language if language in LANGUAGES else LANGUAGES[0]
    if question.kind is Kind.CHOICE:
        options = [
            _OPTION[language].format(words=one.words.text(language), key=key)
            for key, one in enumerate(question.options, start=1)
        ]
        return (question.words.text(language), *options)
    return (question.words.text(language), _HOW[question.kind][language])


def sentences(content: Content) -> dict[str, list[str]]:
    """Every sentence that must have been spoken before this is asked without an agent, by language."""
    found: dict[str, list[str]] = {}
    for language in LANGUAGES:
        said = [content.greeting.text(language), STOP[language], AGAIN[language], HEARD[language], STOPPED[language]]
        for question in content.questions:
            said += spoken(question, language)
        found[language] = [text for text in dict.fromkeys([*said, content.thanks.text(language)]) if text]
    return found


def seconds(content: Content, language: str) -> int:
    """How long the longest way through takes on the telephone, when nobody hesitates."""
    speed = SIGNS_A_SECOND.get(language, SIGNS_A_SECOND["zh-CN"])
    frame = [content.greeting.text(language), STOP.get(language, STOP["zh-CN"]), content.thanks.text(language)]
    longest = _longest_way(content, [_one(question, language, speed) for question in content.questions])
    return round(sum(len(text) for text in frame) / speed + longest)


def _one(question: Question, language: str, speed: float) -> float:
    return sum(len(text) for text in spoken(question, language)) / speed + ANSWER_SECONDS[question.kind]


def _longest_way(content: Content, each: list[float]) -> float:
    """From the last question to the first: what comes after each one at most. A way back counts as the end."""
    places = {question.id: place for place, question in enumerate(content.questions)}
    rest = [0.0] * (len(each) + 1)
    for place in range(len(each) - 1, -1, -1):
        branches = content.questions[place].branches
        ahead = [places[one.to] for one in branches if places.get(one.to, -1) > place]
        if not any(not one.on and not one.of for one in branches):
            ahead.append(place + 1)
        rest[place] = each[place] + max((rest[one] for one in ahead), default=0.0)
    return rest[0]
