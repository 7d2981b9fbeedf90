"""What callers hear of facts that are words: the state of a case, a recall, a station without a prompt of its own."""

from __future__ import annotations

TEXTS: dict[str, tuple[str, str]] = {
    "case-open": ("正在处理中", "is being worked on"),
    "case-paused": ("暂时停下，等待您的答复", "is waiting for your answer"),
    "case-reported": ("已经处理完毕，等待您确认", "has been dealt with and waits for your confirmation"),
    "case-at-dealer": ("已经交给经销商处理", "has been given to your dealer"),
    "case-dispatch": ("正在安排救援站", "is being given to a rescue station"),
    "case-accept": ("已经通知救援站", "has been given to a rescue station"),
    "case-under-way": ("救援站已经接单，马上出发", "has been accepted by the rescue station"),
    "case-arrive": ("救援人员正在路上", "is under way: help is on the road"),
    "case-help": ("救援人员已经到达", "is being served: help has arrived"),
    "recall-open": (
        "您的车辆有一项尚未完成的召回，请联系服务站免费处理。",
        "There is an open recall for your vehicle. Please have it done at a service station, free of charge.",
    ),
    "station-general": ("离您最近的服务站", "the service station nearest to you"),
}
"""Name -> Chinese and English text."""
