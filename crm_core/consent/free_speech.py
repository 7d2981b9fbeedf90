"""Whether somebody who speaks freely asks for no more calls. Pure.

Only a wish counts: who complains that nobody calls, asks for another hour or another number, still wants to be called.
"""

from __future__ import annotations

import re

_TRADITIONAL = str.maketrans("電話別聯繫絡騷擾號碼來們給刪請訪問終", "电话别联系络骚扰号码来们给删请访问终")
_SENTENCES = re.compile(r"[。！？!?;；\n]|(?<!\d)[.](?!\d)")
_SPACES = re.compile(r"\s+")

_ZH = re.compile(
    r"(?:不要|别|请勿|勿|不想|不愿意?|不希望|不需要|不用|停止|拒绝|麻烦不要)(?:你们?|您|他们|再|继续|总是?|老是?|接到|收到|接|给我|向我|往我这|"
    r"跟我|和我|一直|这样|反复|频繁|这种|这类|这些|任何|的|了){0,8}"
    r"(?:打电话|打(?:给我|过来|来|了|扰|我)|来电|电话|致电|拨打|联系|联络|骚扰|打$|回访)"
)
_ZH_OTHERS = re.compile(
    r"(?:号码|电话|手机号?)(?:从.{0,8})?(?:删|移除|去掉|拉黑|取消)|(?:把|将)我.{0,10}(?:删|移除|拉黑)|取消(?:所有|以后的?)?回访|退订"
)
_ZH_ANOTHER_TIME = re.compile(
    r"早上|上午|中午|下午|晚上|半夜|夜里|上班|下班|午休|休息|周末|周[一二三四五六日天]|星期|节假日|开车|[0-9一二三四五六七八九十]点|"
    r"为什么|怎么|是不是|的时候|之前|以前|打错|太太|老婆|老公|先生|家人|父母|妈|爸|孩子|座机|换个|另一个|另外"
)
_EN = re.compile(
    r"\b(?:(?:do not|don't|dont|never|please stop|stop|quit|no need to)(?: (?:ever|please|you|even|keep|to))* "
    r"(?:call(?:ing)?|phon(?:e|ing)|ring(?:ing)?|contact(?:ing)?|bother(?:ing)?|harass(?:ing)?)\b"
    r"|no (?:more|further) (?:phone )?calls\b"
    r"|(?:don't|dont|do not|not) (?:want|wish|like)"
    r"(?: (?:any|to|for|get|receive|have|more|further|of|these|your|such))* (?:phone )?calls\b"
    r"|(?:remove|delete|take off|erase) (?:me|my (?:phone )?number)|take (?:me|my (?:phone )?number) off|unsubscribe)"
)
_EN_ANOTHER_TIME = re.compile(
    r"\b(?:back|morning|afternoon|evening|night|noon|weekends?|monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"at work|while|during|before|after|until|when|why|wife|husband|home|landline|other number|o'clock|as promised)\b"
)


def wish_for_no_calls(text: str) -> str:
    """The sentence in which the speaker asks for no more calls, as it was heard; "" = there is none.

    Mandarin and English, whatever the talk began in.
    """
    for sentence in _SENTENCES.split(text[:4000]):
        heard = sentence.strip(' ,，、:："“”')
        if heard and (_in_chinese(heard) or _in_english(heard)):
            return heard
    return ""


def _in_chinese(sentence: str) -> bool:
    plain = re.sub(r"[\s,，、]", "", sentence.translate(_TRADITIONAL))
    return bool((_ZH.search(plain) or _ZH_OTHERS.search(plain)) and not _ZH_ANOTHER_TIME.search(plain))


def _in_english(sentence: str) -> bool:
    plain = _SPACES.sub(" ", sentence.lower().replace("’", "'").replace(",", " ").replace("  ", " "))
    return bool(_EN.search(plain) and not _EN_ANOTHER_TIME.search(plain))
