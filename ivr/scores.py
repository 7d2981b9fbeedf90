"""What callers say to a question after the call: yes or no, and a number from 1 to 5. Pure."""

from __future__ import annotations

from ivr.questions import Words

AGREEMENT: Words = {
    "zh-CN": {"1": ("是", "是的", "好", "好的", "可以", "愿意", "一"), "2": ("不", "不用", "不愿意", "不要", "没空")},
    "en": {"1": ("yes", "yes please", "okay", "sure", "one"), "2": ("no", "no thanks", "no thank you")},
}
_ZH = {"1": "一", "2": "二", "3": "三", "4": "四", "5": "五"}
_EN = {"1": "one", "2": "two", "3": "three", "4": "four", "5": "five"}
SCORES: Words = {
    "zh-CN": {key: (word, f"{word}分") + (("两分",) if key == "2" else ()) for key, word in _ZH.items()},
    "en": {key: (word, f"{word} points" if key != "1" else "one point") for key, word in _EN.items()},
}
"""Key -> phrases. The shortest stand alone as well, so that "five" and "five points" are the same."""
