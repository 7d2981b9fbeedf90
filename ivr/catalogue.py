"""Every prompt of the hotline, as text in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ivr.pieces import pieces
from ivr.self_service_texts import TEXTS

LANGUAGES = ("zh-CN", "en")
MESSAGES = {"call_again": "message-call-again", "please_call": "message-please-call"}
"""Left with the answering machine of a customer by an agent who goes on: `cti.call_control`."""
LAST_COUNTED = 20  # a caller farther back hears "more than 20"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of speech in one language."""

    language: str
    text: str


_ZH = {
    "greeting": "您好，欢迎致电客户服务中心。",
    "greeting-sales": "您好，欢迎致电销售热线。",
    "recording-notice": "为了保证服务质量，您的通话将被录音。",
    "menu": "咨询请按一，投诉请按二，建议请按三，维修请按四，道路救援请按五，人工服务请按零。",
    "invalid": "您的输入有误，请重新选择。",
    "no-key": "没有收到您的按键，请重新选择。",
    "transfer": "正在为您转接，请稍候。",
    "transfer-rescue": "正在为您转接道路救援，请稍候。",
    "out-of-hours": "您好，现在是非工作时间。道路救援请按五，留言请按二。其他业务，请在工作时间来电。",
    "not-in-service": "对不起，您拨打的号码没有启用，请核对后再拨。",
    "goodbye": "感谢您的来电，再见。",
    "fallback": "系统正忙，正在为您接通人工服务，请不要挂机。",
    "moment": "请稍候，您的电话很快就会接通。",
    "voicemail": "现在没有人能够接听您的电话，请在提示音后留言。",
    "lost": "对不起，您的通话中断了，正在为您重新接通。",
    "message-call-again": "您好，这里是客户服务中心。刚才的来电没有找到您，我们稍后会再次致电，谢谢。",
    "message-please-call": "您好，这里是客户服务中心。您反映的问题有了进展，请您方便的时候回电，谢谢。",
    "position-1": "您是下一位，请稍候。",
    "wait-short": "预计等候不到一分钟。",
    "wait-long": "预计等候超过三十分钟。",
    "hold-on": "请您稍候。",
    "choices": "如果需要我们给您回电并保留您的位置，请按一；如果需要留言，请按二。",
    "comfort-1": "感谢您的耐心等待，我们会尽快为您接通。",
    "comfort-2": "客服人员正在为其他客户服务，请您不要挂机，您的位置会一直保留。",
    "comfort-3": "请提前准备好您的车牌号或者车架号，这样可以更快地为您服务。",
    "comfort-rescue-1": "如果您的车停在路上，请打开双闪灯，人员撤离到护栏以外的安全位置。",
    "comfort-rescue-2": "请留意路边的公里桩或者路牌，救援人员需要知道您的位置。",
    "callback-offer": "现在来电较多，我们可以给您回电，并保留您的位置。",
    "callback-number": "我们将拨打的号码是",
    "callback-confirm": "确认请按一，更换号码请按二，返回请按星号键。",
    "callback-enter": "请输入回电号码，按井号键结束。",
    "callback-wrong": "这个号码不能拨打，请重新输入。",
    "callback-booked": "已经为您登记回电，并保留您的位置。轮到您时，我们会给您打电话。再见。",
    "place-kept": "您的位置没有变，请继续等候。",
    "message-intro": "请在提示音后留言，按井号键结束。",
    "message-way-back": "返回排队请按星号键。",
    "survey-intro": "请您为本次服务评价。愿意评价请按一，不评价请直接挂机。",
    "survey-scale": "满意请按五，不满意请按一，请按一到五。",
    "survey-again": "请按一到五之间的数字键。",
    "survey-intro-say": "请您为本次服务评价。愿意评价请说可以或者按一，不评价请直接挂机。",
    "survey-scale-say": "请说一到五，或者按键。五是满意，一是不满意。",
    "survey-thanks": "感谢您的评价，再见。",
    "message-saved": "您的留言已经保存，我们会尽快与您联系。再见。",
    "goodbye-full": "对不起，现在来电较多，请您稍后再拨。再见。",
    "goodbye-closed": "对不起，现在是非工作时间，请您在工作时间来电。再见。",
    "closure": "您好，因特殊情况，热线暂停服务，给您带来不便，敬请谅解。",
    "closure-weather": "您好，受恶劣天气影响，热线暂停服务，给您带来不便，敬请谅解。",
    "closure-system": "您好，因系统故障，热线暂停服务，我们正在尽快恢复，给您带来不便，敬请谅解。",
    "closure-choices": "如果需要道路救援，请按五；如果需要留言，请按二。",
    "campaign-dropped": (
        "您好，这里是客户服务中心。很抱歉，我们刚刚给您打了电话，现在却没有客服人员能与您通话。"
        "我们三天内不会再次来电打扰您。如果您愿意，可以回拨本机显示的号码，再见。"
    ),
    "questionnaire-begin": "现在方便回答几个问题吗？方便请按一，不方便请按二。",
    "questionnaire-later": "好的，不打扰您了，再见。",
    "campaign-machine": (
        "您好，这里是客户服务中心，我们想听听您的用车感受。如果您正在听，请直接说话或者按一。"
        "您也可以回拨本机显示的号码，谢谢，再见。"
    ),
    "position-more": "您前面还有二十位以上的客户，请耐心等待。",
}

_EN = {
    "greeting": "Welcome to customer service.",
    "greeting-sales": "Welcome to the sales line.",
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
        "We are closed now. For roadside rescue, press 5. To leave a message, press 2. "
        "For anything else, please call during opening hours."
    ),
    "not-in-service": "Sorry, this number is not in service. Please check it and dial again.",
    "goodbye": "Thank you for calling. Goodbye.",
    "fallback": "Our system is busy. We are connecting you to an agent. Please stay on the line.",
    "moment": "Please hold. Your call will be answered soon.",
    "voicemail": "Nobody can take your call now. Please leave a message after the tone.",
    "lost": "Sorry, we lost your call for a moment. We are connecting you again.",
    "message-call-again": (
        "Hello, this is customer service. We could not reach you just now. We will call again. Thank you."
    ),
    "message-please-call": (
        "Hello, this is customer service. There is news about your request. Please call us back. Thank you."
    ),
    "position-1": "You are next in line. Please hold.",
    "wait-short": "The expected wait is less than a minute.",
    "wait-long": "The expected wait is more than thirty minutes.",
    "hold-on": "Please hold.",
    "choices": "To be called back and keep your place in line, press 1. To leave a message, press 2.",
    "comfort-1": "Thank you for your patience. We will be with you as soon as we can.",
    "comfort-2": "All our agents are serving other customers. Please stay on the line; your place is kept.",
    "comfort-3": "If you have your number plate or vehicle identification number at hand, we can help you faster.",
    "comfort-rescue-1": (
        "If your car stands on the road, please switch on the hazard lights and wait in safety behind the guard rail."
    ),
    "comfort-rescue-2": "Please look for a kilometre post or a road sign. The rescue team needs to know where you are.",
    "callback-offer": "Many customers are waiting now. We can call you back, and you keep your place.",
    "callback-number": "We will call this number:",
    "callback-confirm": "To confirm, press 1. To enter another number, press 2. To go back, press star.",
    "callback-enter": "Please enter the number that we should call, and then press the hash key.",
    "callback-wrong": "This number cannot be called. Please enter another one.",
    "callback-booked": "Your place is kept, and we will call you when it is your turn. Goodbye.",
    "place-kept": "You have kept your place. Please hold.",
    "message-intro": "Please leave your message after the tone, and press the hash key when you have finished.",
    "message-way-back": "To go back to the line, press star.",
    "survey-intro": "Please rate this call. To answer, press 1. Otherwise, just hang up.",
    "survey-scale": "Press 5 if you are satisfied, 1 if you are not, or a number between them.",
    "survey-again": "Please press a key from 1 to 5.",
    "survey-intro-say": "Please rate this call. To answer, say yes or press 1. Otherwise, just hang up.",
    "survey-scale-say": "Say or press a number from 1 to 5. 5 means that you are satisfied, 1 that you are not.",
    "survey-thanks": "Thank you for your answers. Goodbye.",
    "message-saved": "Your message is saved. We will contact you as soon as we can. Goodbye.",
    "goodbye-full": "Sorry, we have too many calls now. Please call again later. Goodbye.",
    "goodbye-closed": "Sorry, we are closed now. Please call during opening hours. Goodbye.",
    "closure": "Because of an unforeseen event, our hotline is closed for now. We apologise for this.",
    "closure-weather": "Because of severe weather, our hotline is closed for now. We apologise for this.",
    "closure-system": "Because of a technical fault, our hotline is closed for now. We apologise for this.",
    "closure-choices": "For roadside rescue, press 5. To leave a message, press 2.",
    "campaign-dropped": (
        "Hello, this is customer service. We are sorry: we have just called you, and no agent is free "
        "to talk to you. We will not call you again for three days. You can call us back at the number on your "
        "display. Goodbye."
    ),
    "questionnaire-begin": "May we ask you a few questions now? For yes, press 1. For not now, press 2.",
    "questionnaire-later": "We will not disturb you any longer. Goodbye.",
    "campaign-machine": (
        "Hello, this is customer service. We would like to hear how you get on with your car. If you "
        "are listening, please speak or press 1. You can also call us back at the number on your display. Goodbye."
    ),
    "position-more": "There are more than twenty callers ahead of you. Thank you for your patience.",
}

_CHOOSE_LANGUAGE = (Part("zh-CN", "中文服务请按一。"), Part("en", "For English, press 2."))

_DIGITS = "零一二三四五六七八九"
_SPOKEN_DIGITS = {
    "zh-CN": "零幺二三四五六七八九",  # as telephone numbers are read
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
}
WAIT_MINUTES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30)
"""What an expected wait is rounded up to: a promise that is kept is worth more than a short one."""

_COMFORT = ("comfort-1", "comfort-2", "comfort-3")
_COMFORT_OF_QUEUE = {"rescue": ("comfort-rescue-1", "comfort-rescue-2", "comfort-1")}


def catalogue() -> Mapping[str, Mapping[str, tuple[Part, ...]]]:
    """language -> prompt name -> what is said. The question for the language is spoken in both, in either folder."""
    spoken: dict[str, dict[str, tuple[Part, ...]]] = {}
    for language, texts in (("zh-CN", _ZH), ("en", _EN)):
        spoken[language] = {name: (Part(language, text),) for name, text in texts.items()}
        spoken[language]["language"] = _CHOOSE_LANGUAGE
    for position in range(2, LAST_COUNTED + 1):
        name = f"position-{position}"
        spoken["zh-CN"][name] = (Part("zh-CN", f"您前面还有{chinese_number(position - 1)}位客户。"),)
        spoken["en"][name] = (Part("en", f"You are number {position} in line."),)
    for minutes in WAIT_MINUTES:
        name = f"wait-{minutes}"
        spoken["zh-CN"][name] = (Part("zh-CN", f"预计等候大约{chinese_number(minutes)}分钟。"),)
        plural = "" if minutes == 1 else "s"
        spoken["en"][name] = (Part("en", f"The expected wait is about {minutes} minute{plural}."),)
    for language, digits in _SPOKEN_DIGITS.items():
        spoken[language] |= {f"digit-{value}": (Part(language, word),) for value, word in enumerate(digits)}
    for name, (chinese, english) in (pieces() | TEXTS).items():
        # The Mandarin voice cannot read Latin letters, which Chinese callers know in English.
        spoken["zh-CN"][name] = (Part("en" if chinese.isascii() else "zh-CN", chinese),)
        spoken["en"][name] = (Part("en", english),)
    return spoken


def position_prompts(position: int, expected_wait: float | None = None) -> tuple[str, ...]:
    """What a waiting caller hears of the place, 1 = next, and of the wait in seconds, None = nobody can tell."""
    place = "position-more" if position > LAST_COUNTED else f"position-{max(position, 1)}"
    if expected_wait is not None:
        return (place, wait_prompt(expected_wait))
    return (place, "hold-on") if 1 < position <= LAST_COUNTED else (place,)


def wait_prompt(seconds: float) -> str:
    """The expected wait as it is said: under a minute, about so many minutes, or more than thirty."""
    if seconds < 60:
        return "wait-short"
    minutes = next((minutes for minutes in WAIT_MINUTES if seconds <= minutes * 60), None)
    return f"wait-{minutes}" if minutes else "wait-long"


def comfort_prompt(queue: str, turn: int) -> str:
    """What is said between two announcements of the place, the `turn`-th time, in this queue."""
    prompts = _COMFORT_OF_QUEUE.get(queue, _COMFORT)
    return prompts[turn % len(prompts)]


def number_prompts(digits: str) -> tuple[str, ...]:
    """A telephone number digit by digit; signs that are no digits are left out."""
    return tuple(f"digit-{digit}" for digit in digits if digit in "0123456789")


def chinese_number(number: int) -> str:
    """1 to 99 as it is said before a measure word: 2 is 两, 12 is 十二."""
    if number == 2:
        return "两"
    tens, ones = divmod(number, 10)
    head = "" if tens == 0 else ("十" if tens == 1 else _DIGITS[tens] + "十")
    return head + (_DIGITS[ones] if ones or not head else "")
