"""Audit entries as one reader may see them: who, what, of which thing, and each changed field before and after."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent_desktop.admin.audit_fields import CODES, FIELDS, UNSAID, VALUES, reader_of
from agent_desktop.admin.audit_subjects import Subject, page_of, subject_of
from agent_desktop.admin.audit_words import THINGS, action_words
from agent_desktop.admin.diff import Line, diff_lines, in_words
from agent_desktop.customers.words import CHANNELS, PURPOSES
from agent_desktop.lines.words import WHO
from agent_desktop.naming import Names
from crm_core.access.actions import SignedInUser
from crm_core.access.audit_detail import read
from crm_core.access.model import AuditEntry
from crm_core.workforce.versions import State

Say = Callable[[str], str]
_E164 = re.compile(r"\+[0-9]{6,15}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*")
_SUBJECT = re.compile(r"([a-z_]{3,16})/([0-9]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`lines` are the changed fields, `text` the rest; `hidden` = there is more, which is not this reader's."""

    lines: tuple[Line, ...] = ()
    text: str = ""
    hidden: bool = False

    @property
    def plain(self) -> str:
        """In one line, for a spreadsheet."""
        changes = [f"{one.field}: {one.before or '—'} → {one.after or '—'}" for one in self.lines]
        return "; ".join([*([self.text] if self.text else []), *changes])


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Names that the log has only codes for. `fields` and `skills` by code, `dealers` by id, `reasons` of breaks."""

    names: Names
    dealers: Mapping[int, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[int, str] = field(default_factory=dict)
    skills: Mapping[str, str] = field(default_factory=dict)


class AuditReader:
    """`say` translates, `moment` writes an ISO time as the site does, `definition` a segment's as a sentence."""

    def __init__(
        self,
        me: SignedInUser,
        known: Known,
        *,
        say: Say,
        masked: Callable[[str], str],
        moment: Callable[[str], str],
        definition: Callable[[object], str],
    ) -> None:
        self._me, self._known, self._say = me, known, say
        self._masked, self._moment, self._definition = masked, moment, definition
        self._coded: Mapping[str, Say] = {
            "reason": lambda code: known.reasons.get(code) or self._plain(code),
            "fields": self._field,
            "asked": self._asked_for,
            "tags": self._tag,
            "agent": known.names.person,
            "dialled": masked,
        }

    def actor(self, number: str) -> str:
        if number == "system":
            return self._say("The system")
        if number.startswith("key:") and number[4:].isdecimal():
            name = self._known.keys.get(int(number[4:]), number[4:])
            return f"{self._say('API key')} {name}"
        return self._known.names.person(number)

    def action(self, action: str) -> str:
        return action_words(action, self._say, self._known.names.language)

    def subject(self, entry: AuditEntry) -> str:
        """ "Customer 17", a person's or a queue's name; a number that not everybody may read is masked."""
        return self._named(subject_of(entry.action, entry.subject))

    def filter_of(self, entry: AuditEntry) -> str:
        """What the address holds to show only this subject; "" for a telephone number, which no address shows."""
        return "" if _E164.fullmatch(entry.subject) else entry.subject

    def page(self, entry: AuditEntry) -> str:
        return page_of(subject_of(entry.action, entry.subject), self._me.roles)

    def told(self, entry: AuditEntry) -> Told:
        """The detail in words; of what is somebody else's business only which fields changed."""
        detail, needed = read(entry.detail), reader_of(entry.action)
        if needed is not None and not self._me.may(needed):
            unseen = tuple(Line(field=self._field(name), before="", after="") for name in detail.changed)
            return Told(lines=unseen, hidden=bool(entry.detail))
        then = {name: pair[0] for name, pair in detail.changed.items()}
        now = {name: pair[1] for name, pair in detail.changed.items()}
        facts = [
            f"{self._field(name)} {self._fact(name, one)}" for name, one in detail.facts.items() if self._said(name)
        ]
        return Told(lines=self.lines(then, now), text=" · ".join([*facts, *self._text(entry.action, detail.text)]))

    def lines(self, before: State | None, after: State | None) -> tuple[Line, ...]:
        """What differs between two states of a setting, in words."""
        return tuple(diff_lines(before, after, self._say, people=self._names(), name=self._field, word=self._value))

    def _said(self, name: str) -> bool:
        return name not in UNSAID

    def _named(self, subject: Subject) -> str:
        match subject.kind:
            case "":
                return self._masked(subject.id) if subject.is_number else subject.id
            case "person":
                return self._known.names.person(subject.id)
            case "dialling":
                return self._say(WHO.get(subject.id, subject.id))
            case "queue":
                return self._known.names.queue(subject.id)
            case "dealer":
                own, _, day = subject.id.partition("/")
                return f"{self._dealer(own)} {day}".strip()
        word = THINGS.get(subject.kind)
        return f"{self._say(word)} {subject.id}".strip() if word else f"{subject.kind}/{subject.id}"

    def _dealer(self, number: str) -> str:
        return self._known.dealers.get(int(number), number) if number.isdecimal() else number

    def _names(self) -> dict[str, str]:
        """Whatever is told by its code in a list: people, queues, skills."""
        names = self._known.names
        return {
            **{queue: names.queue(queue) for queue in names.queues},
            **self._known.skills,
            **{number: names.person(number) for number in names.people},
        }

    def _field(self, code: str) -> str:
        if code in self._known.fields:
            return self._known.fields[code]
        return self._say(FIELDS[code]) if code in FIELDS else code.replace("_", " ")

    def _value(self, name: str, value: Any) -> str | None:
        """A value whose field has words of its own; None = as any other."""
        if name == "capacity" and isinstance(value, dict):
            return self._listed([f"{self._code(name, media)} {count}" for media, count in value.items()])
        if name == "definition":
            return self._definition(value) if value else ""
        if name in ("dealer", "dealer_id"):
            return self._dealer(str(value)) if value is not None else ""
        if isinstance(value, str):
            return self._code(name, value)
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            people = self._names()
            return self._listed([people.get(one) or self._code(name, one) for one in value])
        return None

    def _fact(self, name: str, value: Any) -> str:
        own = self._value(name, value)
        return own if own is not None else in_words(name, value, self._say, self._names())

    def _listed(self, words: list[str]) -> str:
        return ("、" if self._known.names.language == "zh-CN" else ", ").join(words) or "—"

    def _code(self, name: str, code: str) -> str:
        table, own = VALUES.get(name, {}), self._coded.get(name)
        if code in table:
            return self._say(table[code])
        return own(code) if own is not None else self._plain(code)

    def _asked_for(self, code: str) -> str:
        purpose, _, channel = code.partition("/")
        return f"{self._say(PURPOSES.get(purpose, purpose))} ({self._say(CHANNELS.get(channel, channel))})"

    def _tag(self, tag: str) -> str:
        kind, _, rest = tag.partition(":")
        if kind == "dealer":
            return self._dealer(rest)
        return rest if kind == "region" else tag

    def _text(self, action: str, text: str) -> list[str]:
        """A plain detail; codes, people, queues and things in it by their names, telephone numbers masked."""
        if not text:
            return []
        if action in CODES:
            return [self._listed([self._say(CODES[action].get(code, code)) for code in text.split(", ")])]
        if action in ("case_assigned", "floor_assign"):
            return [self._known.names.person(text)]
        if action == "floor_move":
            return [self._known.names.queue(text)]
        return [self._plain(text)]

    def _plain(self, text: str) -> str:
        if _MOMENT.fullmatch(text):
            return self._moment(text)
        return _SUBJECT.sub(self._thing, self.masked(text))

    def masked(self, text: str) -> str:
        """With every telephone number in it as this reader may see it."""
        return _E164.sub(lambda found: self._masked(found[0]), text)

    def _thing(self, found: re.Match[str]) -> str:
        return self._named(Subject(found[1], found[2])) if found[1] in THINGS else found[0]
