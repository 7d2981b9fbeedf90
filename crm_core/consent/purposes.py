"""Why and how a customer may be contacted."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    SERVICE = "service"  # what the customer asked for: a call back, news of a case; needs no consent
    SURVEY = "survey"
    CARE = "care"  # after a delivery or a visit to the workshop
    NEWS = "news"  # new cars, offers
    EVENT = "event"
    LEAD = "lead"  # follow-up of an interest in buying


class Channel(StrEnum):
    PHONE = "phone"
    SMS = "sms"
    EMAIL = "email"
    WECHAT = "wechat"
    POST = "post"
