"""The feed's records of outbound campaigns: what became of each attempt, and what was answered on the telephone.

`call` is the attempt's ChannelId, "ob-<campaign>-<entry>-<attempt>", and the id of its contact, whose own events
(ContactStarted and so on) come beside these.
"""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.history.events import HistoryEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptPlaced(HistoryEvent):
    """Asterisk was asked to call. The attempt's row was committed before."""

    call: str
    campaign: int
    entry: int
    e164: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRang(HistoryEvent):
    call: str
    campaign: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptAnswered(HistoryEvent):
    """Somebody or something answered. `machine`: "" = not looked for, human, machine or unsure."""

    call: str
    campaign: int
    machine: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptConnected(HistoryEvent):
    """An agent hears the customer."""

    call: str
    campaign: int
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptEnded(HistoryEvent):
    """`result` is a word of campaigns.model.CampaignAttempt, `settled_by` how it became known: event, live or cel."""

    call: str
    campaign: int
    result: str
    cause: int = 0
    sip_code: int = 0
    settled_by: str = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseBegan(HistoryEvent):
    """The first question is about to be asked on the telephone, without an agent."""

    call: str
    campaign: int
    questionnaire: int
    version: int
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseAnswered(HistoryEvent):
    """`how`: key or voice. `value` -1 = the answer is none of numbers: `choice`, or the `sound` of a comment."""

    call: str
    question: str
    how: str
    value: int = -1
    choice: str = ""
    text: str = ""
    sound: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseEnded(HistoryEvent):
    """`result`: complete or declined; nothing is told of who hung up. `opted_out`: asked for no more calls."""

    call: str
    result: str
    opted_out: bool = False


CAMPAIGN_EVENTS = AttemptPlaced | AttemptRang | AttemptAnswered | AttemptConnected | AttemptEnded
RESPONSE_EVENTS = ResponseBegan | ResponseAnswered | ResponseEnded
