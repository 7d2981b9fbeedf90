"""Every prompt of the hotline, as text in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("zh-CN", "en")
LAST_COUNTED = 20  # a caller farther back hears "more than 20"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of speech in one language."""

    language: str
    text: str


_ZH = {
    "greeting": "您好，欢迎致电远辰汽车客户服务中心。",
    "greeting-sales": "您好，欢迎致电远辰汽车销售热线。",
    "recording-notice": "为了保证服务质量，您的通话将被录音。",
    "menu": "咨询请按一，投诉请按二，建议请按三，维修请按四，道路救援请按五，人工服务请按零。",
    "invalid": "您的输入有误，请重新选择。",
    "no-key": "没有收到您的按键，请重新选择。",
    "transfer": "正在为您转接，请稍候。",
    "transfer-rescue": "正在为您转接道路救援，请稍候。",
    "out-of-hours": "您好，现在是非工作时间，如果需要道路救援，请按五。其他业务，请在工作时间来电。",
    "not-in-service": "对不起，您拨打的号码没有启用，请核对后再拨。",
    "goodbye": "感谢您的来电，再见。",
    "fallback": "系统正忙，正在为您接通人工服务，请不要挂机。",
    "moment": "请稍候，您的电话很快就会接通。",
    "voicemail": "现在没有人能够接听您的电话，请在提示音后留言。",
    "lost": "对不起，您的通话中断了，正在为您重新接通。",
    "position-1": "您是下一位，请稍候。",
    "position-more": "您前面还有二十位以上的客户，请耐心等待。",
}

_EN = {
    "greeting": "Welcome to Yuanchen Motors customer service.",
    "greeting-sales": "Welcome to the Yuanchen Motors sales line.",
    "recording-notice": "To keep our service good, this call will be recorded.",
    "menu": (
        "For questions, press 1. For complaints, press 2. For suggestions, press 3. "
        "For repairs, press 4. For roadside rescue, press 5. To speak to an agent, press 0."
    ),
    "invalid": "That is not a valid choice. Please try again.",
    "no-key": "We did not receive a key. Please choose again.",
    "transfer": "Please hold while we connect you.",
    "transfer-rescue": "Please hold while we connect you to roadside rescue.",
    "out-of-hours": (
        "We are closed now. For roadside rescue, press 5. For anything else, please call during opening hours."
    ),
    "not-in-service": "Sorry, this number is not in service. Please check it and dial again.",
    "goodbye": "Thank you for calling. Goodbye.",
    "fallback": "Our system is busy. We are connecting you to an agent. Please stay on the line.",
    "moment": "Please hold. Your call will be answered soon.",
    "voicemail": "Nobody can take your call now. Please leave a message after the tone.",
    "lost": "Sorry, we lost your call for a moment. We are connecting you again.",
    "position-1": "You are next in line. Please hold.",
    "position-more": "There are more than twenty callers ahead of you. Thank you for your patience.",
}

_CHOOSE_LANGUAGE = (Part("zh-CN", "中文服务请按一。"), Part("en", "For English, press 2."))

_DIGITS = "零一二三四五六七八九"


def catalogue() -> Mapping[str, Mapping[str, tuple[Part, ...]]]:
    """language -> prompt name -> what is said. The question for the language is spoken in both, in either folder."""
    spoken: dict[str, dict[str, tuple[Part, ...]]] = {}
    for language, texts in (("zh-CN", _ZH), ("en", _EN)):
        spoken[language] = {name: (Part(language, text),) for name, text in texts.items()}
        spoken[language]["language"] = _CHOOSE_LANGUAGE
    for position in range(2, LAST_COUNTED + 1):
        name = f"position-{position}"
        spoken["zh-CN"][name] = (Part("zh-CN", f"您前面还有{chinese_number(position - 1)}位客户，请稍候。"),)
        spoken["en"][name] = (Part("en", f"You are number {position} in line. Please hold."),)
    return spoken


def position_prompts(position: int) -> tuple[str, ...]:
    """What a waiting caller hears; 1 = next."""
    if position > LAST_COUNTED:
        return ("position-more",)
    return (f"position-{max(position, 1)}",)


def chinese_number(number: int) -> str:
    """1 to 99 as it is said before a measure word: 2 is 两, 12 is 十二."""
    if number == 2:
        return "两"
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else _DIGITS[tens] + "十")
    return head + (_DIGITS[ones] if ones or not head else "")
