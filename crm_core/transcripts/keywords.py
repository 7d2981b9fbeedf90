"""Words that somebody must hear of when they are said, by topic; and which talks are transcribed at all. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from typing import Any

from crm_core.errors import Invalid
from crm_core.knowledge.words import fold, is_chinese

BOTH, CUSTOMER, AGENT = "both", "customer", "agent"
SIDES = (BOTH, CUSTOMER, AGENT)
MOST_TOPICS, MOST_WORDS, LONGEST_WORD, LONGEST_NAME = 20, 200, 40, 40
MOST_CALLS = 1_000
_KEY = re.compile(r"[a-z][a-z0-9_]{0,11}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """`side` = whose words count; `alert` = supervisors and quality reviewers are told of each talk."""

    key: str
    name_zh: str
    name_en: str
    words: tuple[str, ...]
    side: str = BOTH
    alert: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """`silent`: queues whose talks are not transcribed. Nothing is while more than `most_calls` people talk; 0 = at
    any time."""

    topics: tuple[Topic, ...]
    silent: tuple[str, ...] = ()
    most_calls: int = 20

    def topic(self, key: str) -> Topic | None:
        return next((one for one in self.topics if one.key == key), None)


def _topic(key: str, zh: str, en: str, words_zh: str, words_en: str, **more: Any) -> Topic:
    words = (*words_zh.split(), *(word.strip() for word in words_en.split(",")))
    return Topic(key=key, name_zh=zh, name_en=en, words=words, **more)


FIRST = Listening(
    topics=(
        _topic(
            *("safety", "安全", "Safety"),
            "刹车失灵 刹不住 起火 着火 冒烟 自燃 失控 方向盘锁死 气囊没 断轴 突然熄火 漏电 受伤",
            "brake failure, brakes failed, caught fire, on fire, smoke, lost control, airbag, steering locked, injured",
            side=CUSTOMER,
        ),
        _topic(
            *("media", "媒体", "Media"),
            "媒体 记者 曝光 电视台 发微博 发抖音 小红书 上热搜 发到网上 拉横幅",
            "media, reporter, journalist, newspaper, go viral, social media, on television",
            side=CUSTOMER,
        ),
        _topic(
            *("lawyer", "法律", "Lawyer"),
            "律师 起诉 法院 打官司 仲裁 法律途径 消协 12315 市场监管",
            "lawyer, attorney, sue, lawsuit, court, consumer association",
            side=CUSTOMER,
        ),
        _topic(
            *("return", "退车", "Return of the car"),
            "退车 换车 退订 退定金 退一赔三 三包",
            "refund, lemon, return the car, give the car back, buy back, cancel my order",
            side=CUSTOMER,
        ),
        _topic(
            *("competitor", "竞品", "Competitor"),
            "比亚迪 特斯拉 小鹏 理想汽车 蔚来 问界 吉利 小米汽车",
            "byd, tesla, xpeng, nio, toyota, volkswagen",
            alert=False,
        ),
        _topic(
            *("rude", "坐席失礼", "Rude agent"),
            "闭嘴 你有病 随便你 爱找谁找谁 不归我管",
            "shut up, not my problem, whatever you want",
            side=AGENT,
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Found:
    """A topic's word in a text, as [begin, end) of its signs."""

    topic: str
    word: str
    begin: int
    end: int


def found_in(text: str, side: str, topics: Iterable[Topic]) -> list[Found]:
    """Each word of each topic where it stands in what this side said, in order; one inside another counts, too."""
    plain = fold(text)
    if len(plain) != len(text):
        plain = text.casefold()
    if len(plain) != len(text):
        return []
    told = [
        Found(topic.key, word, *match.span())
        for topic in topics
        if topic.side in (BOTH, side)
        for word in topic.words
        for match in _pattern(word).finditer(plain)
    ]
    return sorted(told, key=lambda one: (one.begin, -one.end, one.topic))


@cache
def _pattern(word: str) -> re.Pattern[str]:
    """Chinese anywhere, as it has no blanks between words; Latin as whole words."""
    plain = fold(word)
    if is_chinese(plain):
        return re.compile(re.escape("".join(plain.split())))
    return re.compile(r"(?<![a-z0-9])" + r"\s+".join(map(re.escape, plain.split())) + r"(?![a-z0-9])")


def problems(state: Mapping[str, Any]) -> list[Invalid]:
    """One sentence for each field that cannot be used; a topic's field is `topic-<place>`."""
    calls = state.get("most_calls")
    wrong = []
    if type(calls) is not int or not 0 <= calls <= MOST_CALLS:
        wrong.append(Invalid("Enter a number from {low} to {high}.", low=0, high=MOST_CALLS, field="most_calls"))
    topics = state.get("topics") or []
    if len(topics) > MOST_TOPICS:
        wrong.append(Invalid("There may be at most {most} topics.", most=MOST_TOPICS, field=""))
    if len({topic["key"] for topic in topics}) < len(topics):
        wrong.append(Invalid("Two topics have the same key.", field=""))
    return wrong + [one for place, topic in enumerate(topics) if (one := _problem(topic, f"topic-{place}"))]


def _problem(topic: Mapping[str, Any], field: str) -> Invalid | None:
    names, words = (topic["name_zh"], topic["name_en"]), topic["words"]
    if not _KEY.fullmatch(topic["key"]) or topic["side"] not in SIDES:
        return Invalid("Choose from the list.", field=field)
    if not all(names) or any(len(name) > LONGEST_NAME for name in names):
        return Invalid("Give the topic a name in both languages, at most {most} characters.", most=40, field=field)
    if not words:
        return Invalid("Enter at least one word, one on each line.", field=field)
    if len(words) > MOST_WORDS:
        return Invalid("A topic has at most {most} words.", most=MOST_WORDS, field=field)
    wrong = next((word for word in words if len(word) > LONGEST_WORD or not any(map(str.isalnum, word))), None)
    if wrong is not None:
        return Invalid("“{word}” cannot be listened for.", word=wrong[:20], field=field)
    return None


def listening_from(state: Mapping[str, Any]) -> Listening:
    topics = tuple(Topic(**{**topic, "words": tuple(dict.fromkeys(topic["words"]))}) for topic in state["topics"])
    return Listening(topics=topics, silent=tuple(state["silent"]), most_calls=int(state["most_calls"]))


def state_of(listening: Listening) -> dict[str, Any]:
    topics: Sequence[Mapping[str, Any]] = [{**asdict(one), "words": list(one.words)} for one in listening.topics]
    return {"topics": list(topics), "silent": list(listening.silent), "most_calls": listening.most_calls}
