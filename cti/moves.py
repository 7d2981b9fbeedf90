"""How a step that concerns a channel is carried out in Asterisk; `cti.actions` keeps them in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from cti.ami import AsteriskLink
from cti.ami_protocol import Headers
from cti.deeds import Deed, HangUp, Move, Silence
from cti.errors import AsteriskRefused

log = structlog.get_logger(__name__)

NOT_UP = "channel not up"
RETRY_SECONDS = 0.005
RETRIES = 60  # Asterisk accepts again within 15 ms; 0.3 s are for a busy machine
SETTLE_SECONDS = 0.05  # a channel that is led elsewhere before it has arrived may do the rest of the first way, too
PAUSE = "HL_PAUSE"
DRAIN_SECONDS = 0.04
KEY_SECONDS, BETWEEN_KEYS = 0.12, 0.2  # what telephones of others understand surely


async def carry_out(link: AsteriskLink, step: Deed) -> None:
    """AsteriskRefused when a channel is not led where it should go; what is gone already needs nothing."""
    match step:
        case Move():
            await _move(link, step)
        case HangUp(channel=channel):
            await _unless_gone(link, {"Action": "Hangup", "Channel": channel, "Cause": "16"})
        case Silence():
            await _silence(link, step)


async def _silence(link: AsteriskLink, step: Silence) -> None:
    """A kill between the two leaves a recording that is silent for too long, never one that is not."""
    mute = {"Action": "MixMonitorMute", "Channel": step.channel, "Direction": "both", "State": "1" if step.on else "0"}
    note = {"Action": "Setvar", "Channel": step.channel, "Variable": PAUSE, "Value": step.pause}
    if not step.on:  # what was said last is still in Asterisk's hands: seen 40 ms of it in the file without this
        await asyncio.sleep(DRAIN_SECONDS)
    for action in (note, mute) if step.on else (mute, note):
        await _unless_gone(link, action)


async def _move(link: AsteriskLink, step: Move) -> None:
    writes = [
        link.send({"Action": "Setvar", "Channel": channel, "Variable": name, "Value": value})
        for channel, name, value in step.variables
    ]
    action = {
        "Action": "Redirect",
        "Channel": step.channel,
        "Context": step.context,
        "Exten": step.exten,
        "Priority": "1",
    }
    if step.also:
        action |= {
            "ExtraChannel": step.also,
            "ExtraContext": step.also_context,
            "ExtraExten": step.also_exten,
            "ExtraPriority": "1",
        }
    *written, moved = await asyncio.gather(*writes, redirect(link, action), return_exceptions=True)
    for failed in written:
        if isinstance(failed, BaseException):  # of a leg that has just gone
            log.info("variable_not_set", call=step.call, reason=str(failed))
    if isinstance(moved, BaseException):
        raise moved
    await asyncio.sleep(SETTLE_SECONDS)


async def _unless_gone(link: AsteriskLink, action: Headers) -> None:
    try:
        await link.send(action)
    except AsteriskRefused as gone:
        log.info("channel_gone", action=action["Action"], reason=gone.answer)


async def redirect(link: AsteriskLink, action: Headers, still: Callable[[], bool] = lambda: True) -> None:
    """Tried again while the channel is on its way from another write, and `still` wants it."""
    for _ in range(RETRIES):
        try:
            await link.send(action)
        except AsteriskRefused as refused:
            if NOT_UP not in refused.answer or not still():
                raise
            await asyncio.sleep(RETRY_SECONDS)
        else:
            return
    raise AsteriskRefused("Redirect", NOT_UP)


async def press(link: AsteriskLink, channel: str, digits: str) -> None:
    """Send these keys to whoever is at the other end of this channel, one after the other."""
    for digit in digits:
        milliseconds = str(int(KEY_SECONDS * 1_000))
        await link.send({"Action": "PlayDTMF", "Channel": channel, "Digit": digit, "Duration": milliseconds})
        await asyncio.sleep(KEY_SECONDS + BETWEEN_KEYS)
