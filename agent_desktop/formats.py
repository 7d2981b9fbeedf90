"""How numbers, times and identities are written for a reader; pure, so that a page and a push show the same."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from math import floor

UNKNOWN = {"zh-CN": "暂缺", "en": "n/a"}
NOTHING = "—"
_HALF = 0.5 + 1e-7  # 17 of 80 is 21.3, also where its share in binary lies a hair below the half

_WEEKDAYS = {
    "zh-CN": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def as_datetime(value: datetime | float) -> datetime:
    """An aware UTC time from a feed's seconds or a row's datetime."""
    return value if isinstance(value, datetime) else datetime.fromtimestamp(value, UTC)


def as_date(value: date | str) -> date:
    """A day, also as JSON keeps it."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def duration(seconds: float | None) -> str:
    """03:18 under an hour, 1:03:18 over; — when there is nothing to measure."""
    if seconds is None:
        return NOTHING
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes:02}:{left:02}"


def time_span(seconds: float, language: str) -> str:
    """A span in words for a sentence: 3 天, 1 小时 10 分, 45 秒."""
    whole = max(0, int(seconds))
    days, hours, minutes = whole // 86400, whole % 86400 // 3600, whole % 3600 // 60
    zh = language == "zh-CN"
    if days:
        return f"{days} 天" if zh else f"{days} d"
    if hours:
        tail = (f" {minutes} 分" if zh else f" {minutes} min") if minutes else ""
        return (f"{hours} 小时" if zh else f"{hours} h") + tail
    if minutes:
        return f"{minutes} 分" if zh else f"{minutes} min"
    return f"{whole} 秒" if zh else f"{whole} s"


def time_left(seconds: float, language: str) -> str:
    """What is left until a deadline, or by how much it has passed: 剩 7 小时 18 分, 超 1 天."""
    words = time_span(abs(seconds), language)
    if language == "zh-CN":
        return f"剩 {words}" if seconds >= 0 else f"超 {words}"
    return f"{words} left" if seconds >= 0 else f"{words} over"


def day(value: date, today: date, language: str) -> str:
    """今天, 昨天, 周四 within a week, then 7-14, with the year once it is not this year."""
    ago = (today - value).days
    if ago in (0, 1):
        return (("今天", "昨天") if language == "zh-CN" else ("Today", "Yesterday"))[ago]
    if ago == -1:
        return "明天" if language == "zh-CN" else "Tomorrow"
    if 1 < ago < 7:
        return _WEEKDAYS[language][value.weekday()]
    if value.year != today.year:
        return value.isoformat()
    return f"{value.month}-{value.day:02}" if language == "zh-CN" else f"{value.day} {_MONTHS[value.month - 1]}"


def weekday(value: date, language: str) -> str:
    return _WEEKDAYS[language][value.weekday()]


def long_day(value: date, language: str) -> str:
    """7 月 16 日 周四; Thu 16 Jul."""
    name = weekday(value, language)
    if language == "zh-CN":
        return f"{value.month} 月 {value.day} 日 {name}"
    return f"{name} {value.day} {_MONTHS[value.month - 1]}"


def clock(value: datetime | float, zone: tzinfo, *, seconds: bool = False) -> str:
    """24-hour time in the site's zone."""
    return as_datetime(value).astimezone(zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def moment(value: datetime | float, now: datetime, zone: tzinfo, language: str) -> str:
    """Day and time: 今天 10:39, 7-14 09:40."""
    local, today = as_datetime(value).astimezone(zone), now.astimezone(zone).date()
    return f"{day(local.date(), today, language)} {local:%H:%M}"


def count(value: int | None) -> str:
    return NOTHING if value is None else f"{value:,}"


def rate(share: float | None) -> str:
    """A share of 1 as a percentage with one decimal; — when there was nothing to measure, never 0%."""
    return NOTHING if share is None else f"{rate_figure(share)}%"


def rate_figure(share: float | None) -> str:
    """The figure of `rate` alone, where the sign is set smaller. A half goes up, as in frontend/rates.ts."""
    return NOTHING if share is None else f"{floor(share * 1000 + _HALF) / 10:.1f}"


def masked_number(number: str, language: str = "zh-CN") -> str:
    """138 **** 7706, 0431 **** 3318; what is too short to mask stays, an unknown caller is said to be unknown."""
    if not number:
        return UNKNOWN[language]
    local = national(number)
    if len(local) < 8:
        return local
    return f"{local[: _prefix_length(local)]} **** {local[-4:]}"


def money(yuan: int, language: str) -> str:
    """¥68.4 万 over 10,000, ¥8,400 under; in English ¥684,000."""
    if language == "zh-CN" and abs(yuan) >= 10_000:
        return f"¥{yuan / 10_000:,.1f} 万".replace(".0 万", " 万")
    return f"¥{yuan:,}"


def national(number: str) -> str:
    """A Chinese E.164 number as it is dialled at home; others unchanged."""
    if not number.startswith("+86"):
        return number
    rest = number[3:]
    return rest if rest.startswith("1") and len(rest) == 11 else f"0{rest}"


def hotline_number(number: str) -> str:
    """400-171-8888 or 0431-8888-3318: a number of ours in the groups in which it is advertised."""
    if not number.isdigit():
        return number
    if number.startswith("0"):
        area = _prefix_length(number)
        return f"{number[:area]}-{number[area:-4]}-{number[-4:]}" if len(number) >= 10 else number
    return f"{number[:3]}-{number[3:6]}-{number[6:]}" if len(number) == 10 else number


def _prefix_length(local: str) -> int:
    if not local.startswith("0"):
        return 3
    return 3 if local.startswith(("010", "02")) else 4


def plate_text(plate: str) -> str:
    """吉A·D30618: province and letter, a dot, the rest."""
    return f"{plate[:2]}·{plate[2:]}" if len(plate) > 2 and "·" not in plate else plate


def is_new_energy_plate(plate: str) -> bool:
    """New-energy plates have six signs after province and letter, others five."""
    return len(plate.replace("·", "")) == 8


def vin_parts(vin: str) -> tuple[str, str]:
    """The first nine signs and the last eight, which are what people say."""
    return vin[:-8], vin[-8:]


def start_of_day(at: datetime, zone: tzinfo) -> datetime:
    """Midnight of the site's day that holds `at`, as aware UTC."""
    local = at.astimezone(zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
