"""The read-only SQL views: their columns with units, and where each comes from. docs/sql-views.md is made of it.

Names are a promise to other systems: a column is added, never renamed or taken away. Views without "personal" in their
name hold nothing that names a person outside the house, no telephone number and no free text.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """`source` is SQL over the view's table; {seconds:a,b} stands for the seconds from a to b."""

    name: str
    unit: str
    words: str
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    name: str
    about: str
    table: str
    columns: tuple[Column, ...]


def _columns(*lines: str) -> tuple[Column, ...]:
    """Each "name | unit | words" or "name = source | unit | words"."""
    made = []
    for line in lines:
        head, unit, words = (part.strip() for part in line.split("|"))
        name, _, source = (part.strip() for part in head.partition("="))
        made.append(Column(name=name, unit=unit, words=words, source=source or name))
    return tuple(made)


_QUEUE = (
    "queue | text | the queue's id",
    "offered | calls | answered + abandoned + elsewhere + lost",
    "answered | calls | an agent talked",
    "abandoned | calls | hung up waiting, short ones included",
    "short_abandoned | calls | of them under the queue's short-abandon seconds",
    "answered_in_time | calls | answered within the queue's service-level seconds",
    "abandoned_in_time | calls | abandoned within them",
    "elsewhere | calls | left for a callback or a voice message",
    "lost | calls | ended otherwise",
    "overflowed | calls | went to another queue; counted there",
    "answer_wait_seconds = answer_wait | seconds | sum of the waits of the answered",
    "abandon_wait_seconds = abandon_wait | seconds | sum of the waits of the abandoned, short ones left out",
)
_AGENT = (
    "agent | text | personnel number",
    "ready_seconds = ready | seconds | waiting for a call",
    "ringing_seconds = ringing | seconds | the phone rang",
    "talking_seconds = talking | seconds | in talks",
    "hold_seconds = hold | seconds | the customer heard music",
    "wrap_up_seconds = wrap_up | seconds | after-call work",
    "break_seconds = pause | seconds | breaks",
    "offered | calls | offered to this agent",
    "missed | calls | of them not answered or declined",
    "handled | calls | talks that ended, in and out",
    "outbound | calls | of them, calls the site made",
)
VIEWS = (
    View(
        name="hl_contact",
        about="One row for each contact, in or out.",
        table="contact",
        columns=_columns(
            "id | text | the contact; the same in every view",
            "channel | text | voice",
            "direction | text | inbound or outbound",
            "started_at | UTC | when it began",
            "answered_at | UTC | when our side, or the customer who was called, answered; NULL = never",
            "ended_at | UTC | NULL = it lives",
            "duration_seconds = {seconds:started_at,ended_at} | seconds | from beginning to end",
            "outcome | text | how it ended: answered, abandoned, menu_only, …; NULL = it lives",
            "ended_by | text | customer, agent or system",
            "estimated | boolean | times were rebuilt from Asterisk's log",
            "queue | text | the last queue",
            "agent | text | who talked last",
            "language | text | zh-CN or en",
            "topic | text | what the caller chose in the menu",
            "menu_path | text | nodes of the menu, e.g. main>repair",
            "kind | text | enquiry, complaint, …, as the agent chose",
            "disposition | text | the result, as the agent chose",
            "customer_id | number | NULL = unknown",
            "vehicle_id | number | NULL = none",
            "case_id | number | NULL = none",
        ),
    ),
    View(
        name="hl_leg",
        about="One agent's part of a contact: the offer, and the talk if there was one.",
        table="leg",
        columns=_columns(
            "id | text | the leg",
            "contact_id | text | of hl_contact",
            "agent | text | personnel number",
            "queue | text | the queue it came from",
            "kind | text | agent, dealer, number or supervisor",
            "offered_at | UTC | the phone was rung",
            "answered_at | UTC | the talk began; NULL = never",
            "ended_at | UTC | NULL = it lives",
            "ring_seconds = {seconds:offered_at,coalesce(answered_at,ended_at)} | seconds | until the answer or end",
            "talk_seconds = {seconds:answered_at,ended_at} | seconds | hold included; NULL = no talk",
            "hold_seconds | seconds | of it on hold",
            "result | text | answered, no_answer, declined, withdrawn, …",
            "ended_by | text | customer, agent or system",
        ),
    ),
    View(
        name="hl_queue_visit",
        about="One stay of one contact in one queue.",
        table="queue_visit",
        columns=_columns(
            "id | number | the stay",
            "contact_id | text | of hl_contact",
            "queue | text | the queue's id",
            "entered_at | UTC | when the wait began",
            "answered_at | UTC | NULL = no agent answered",
            "left_at | UTC | NULL = waits",
            "wait_seconds | seconds | until the answer or the leaving",
            "result | text | answered, abandoned, voicemail, callback, overflow, turned_away, lost",
        ),
    ),
    View(
        name="hl_agent_state",
        about="An agent was in one state for a time; being offline is no row.",
        table="agent_stint",
        columns=_columns(
            "id | number | the row",
            "agent | text | personnel number",
            "state | text | ready, ringing, talking, hold, wrap_up, break",
            "reason | text | of a break",
            "contact_id | text | the contact of the state, if any",
            "began_at | UTC | from",
            "ended_at | UTC | to; NULL = still",
            "seconds = {seconds:began_at,ended_at} | seconds | how long; NULL = still",
        ),
    ),
    View(
        name="hl_queue_interval",
        about="Counts of each queue per quarter of an hour, by the beginning of the stay. No calls, no row.",
        table="queue_slot",
        columns=_columns("start_at | UTC | a full quarter of an hour", *_QUEUE),
    ),
    View(
        name="hl_queue_day",
        about="The same per day of the site.",
        table="queue_day",
        columns=_columns("day | date | of the site", *_QUEUE),
    ),
    View(
        name="hl_agent_interval",
        about="Each agent per quarter of an hour.",
        table="agent_slot",
        columns=_columns("start_at | UTC | a full quarter of an hour", *_AGENT),
    ),
    View(
        name="hl_agent_day",
        about="The same per day of the site.",
        table="agent_day",
        columns=_columns("day | date | of the site", *_AGENT),
    ),
    View(
        name="hl_stream_gap",
        about="Times without Asterisk's events: figures of them are estimates.",
        table="stream_gap",
        columns=_columns(
            "began_at | UTC | from",
            "ended_at | UTC | to; NULL = still",
            "reason | text | link_lost, platform_down, asterisk_restarted",
        ),
    ),
    View(
        name="hl_recording",
        about="The recording of a leg; the sound itself is heard on the pages.",
        table="recording",
        columns=_columns(
            "leg_id | text | of hl_leg",
            "contact_id | text | of hl_contact",
            "agent | text | personnel number",
            "started_at | UTC | when it began",
            "seconds | seconds | its length",
            "status | text | recording, ready, missing or cut",
        ),
    ),
    View(
        name="hl_case",
        about="Cases with their clocks.",
        table="case_file",
        columns=_columns(
            "number | text | as people call it, e.g. GD-0714-0001",
            "kind | text | complaint, repair, …",
            "sub_kind | text | of the kind",
            "level | text | normal, urgent, …",
            "status | text | open, closed, …",
            "stage | text | where the loop is",
            "customer_id | number | of whom",
            "vehicle_id | number | NULL = none",
            "dealer_id | number | NULL = the centre's",
            "owner | text | who works on it",
            "contact_id | text | the contact that opened it",
            "opened_at | UTC | when",
            "due_at | UTC | when it has to be closed",
            "closed_at | UTC | NULL = open",
        ),
    ),
    View(
        name="hl_lead",
        about="Leads and what became of them.",
        table="lead",
        columns=_columns(
            "number | text | as people call it",
            "customer_id | number | of whom",
            "source | text | hotline, web, event, referral, dealer, import",
            "touchpoint | text | a code of the contact points",
            "model | text | the model of interest",
            "test_drive | boolean | wanted one",
            "status | text | new, sent, …",
            "dealer_id | number | who has it",
            "created_at | UTC | captured",
            "sent_at | UTC | sent to the dealer",
            "feedback_at | UTC | first word of the dealer",
            "closed_at | UTC | NULL = open",
            "lost_reason | text | of a lost one",
        ),
    ),
    View(
        name="hl_survey_answer",
        about="What a customer answered after the call.",
        table="survey_score",
        columns=_columns(
            "leg_id | text | of hl_leg",
            "contact_id | text | of hl_contact",
            "agent | text | personnel number",
            "queue | text | the queue's id",
            "question | text | id of the question",
            "version | number | of the queue's questions",
            "value | 1 to 5 | 5 is the best",
            "at = at | UTC | when",
            "low | boolean | so low that supervisors were told",
        ),
    ),
    View(
        name="hl_personal_contact",
        about="What names a person in a contact.",
        table="contact",
        columns=_columns(
            "id | text | of hl_contact",
            "caller | E.164 | the customer's number, in or out",
            "note | text | what the agent wrote",
        ),
    ),
    View(
        name="hl_personal_customer",
        about="Customers.",
        table="customer",
        columns=_columns(
            "id | number | customer_id of the other views",
            "kind | text | person or company",
            "name | text | the name",
            "city | text | where",
            "customer_class | text | the class",
            "dealer_id | number | whose customer",
        ),
    ),
    View(
        name="hl_personal_case",
        about="The words of a case.",
        table="case_file",
        columns=_columns(
            "number | text | of hl_case",
            "title | text | in a line",
            "detail | text | as the agent wrote it",
        ),
    ),
    View(
        name="hl_personal_lead",
        about="The words of a lead.",
        table="lead",
        columns=_columns("number | text | of hl_lead", "wish | text | in a few words"),
    ),
)
