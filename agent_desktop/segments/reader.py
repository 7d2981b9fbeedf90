"""Classes, reasons, definitions and money in one reader's language: what the templates of segments call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from agent_desktop import formats
from agent_desktop.segments import words
from crm_core.segments.conditions import FIELDS, Condition, Definition, Group, read
from crm_core.segments.model import Segment
from crm_core.segments.reasons import Reason
from crm_core.workforce.fields import Unusable

Translate = Callable[..., str]  # a msgid and the values of its gaps
DATES = ("on", "until")


class SegmentReader:
    """`dealers` maps ids to short names, for conditions that name them."""

    def __init__(self, language: str, translate: Translate, today: date, dealers: Mapping[int, str]) -> None:
        self.language, self.translate, self.today, self.dealers = language, translate, today, dealers

    def word(self, table: str, code: str) -> str:
        """A code of one of the tables of segment_words, e.g. ("STAGES", "forming"); an unknown code as it is."""
        return self.translate(getattr(words, table).get(code, code)) if code or table != "UNITS" else ""

    def money(self, yuan: int) -> str:
        """¥68.4 万 over 10,000, ¥8,400 under; in English ¥684,000 and ¥12.3M."""
        if self.language != "zh-CN":
            return f"¥{yuan / 1_000_000:,.1f}M" if abs(yuan) >= 10_000_000 else f"¥{yuan:,}"
        if abs(yuan) >= 100_000_000:
            return f"¥{yuan / 100_000_000:,.1f} 亿"
        return f"¥{yuan / 10_000:,.1f} 万" if abs(yuan) >= 10_000 else f"¥{yuan:,}"

    def day(self, value: date | str | None) -> str:
        if not value:
            return formats.NOTHING
        day = date.fromisoformat(value) if isinstance(value, str) else value
        return formats.day(day, self.today, self.language)

    def reason(self, one: Reason) -> str:
        """One reason with its numbers; the days since its date are counted from today."""
        values: dict[str, Any] = dict(one.values)
        if values.get("on"):
            values["days"] = f"{(self.today - date.fromisoformat(str(values['on']))).days:,}"
        for name in DATES:
            if name in values:
                values[name] = self.day(values[name])
        if "yuan" in values:
            values["yuan"] = self.money(int(values["yuan"]))
        text = words.REASONS.get(one.code)
        return self.translate(text, **values) if text else one.code

    def reasons(self, several: Iterable[Reason]) -> str:
        return ("；" if self.language == "zh-CN" else "; ").join(self.reason(one) for one in several)

    def name(self, segment: Segment) -> str:
        """Ready-made ones are named by the catalogue."""
        return self.translate(words.READY[segment.ready]) if segment.ready in words.READY else segment.name

    def note(self, segment: Segment) -> str:
        if segment.note or segment.ready not in words.READY_NOTES:
            return segment.note
        return self.translate(words.READY_NOTES[segment.ready])

    def definition(self, raw: object) -> str:
        """A definition as a sentence; one that cannot be read any more says so."""
        try:
            found = read(raw)
        except Unusable as wrong:
            return self.translate(wrong.message_id)
        parts = [self._group(group, alone=len(found.groups) == 1) for group in found.groups]
        return self._joined(found.join, parts)

    def _group(self, group: Group, *, alone: bool) -> str:
        text = self._joined(group.join, [self.condition(one) for one in group.conditions])
        if alone or len(group.conditions) == 1:
            return text
        return f"（{text}）" if self.language == "zh-CN" else f"({text})"

    def _joined(self, join: str, parts: Sequence[str]) -> str:
        if self.language == "zh-CN":
            return (" 或 " if join == "any" else "，且 ").join(parts)
        return (" or " if join == "any" else " and ").join(parts)

    def condition(self, one: Condition) -> str:
        field = self.translate(words.FIELDS[one.field])
        sentence = self.translate(words.SENTENCES[one.op])
        return sentence.format(field=field, value=self._value(one))

    def _value(self, one: Condition) -> str:
        if one.value is None:
            return ""
        if isinstance(one.value, int):
            return self.money(one.value) if FIELDS[one.field].unit == "yuan" else f"{one.value:,}"
        named = [self.choice(one.field, word) for word in one.value]
        return ("、" if self.language == "zh-CN" else ", ").join(named)

    def choice(self, field: str, code: str) -> str:
        """The word of one value of a field."""
        if field == "dealer":
            return self.dealers.get(int(code), code) if code.isdigit() else code
        table = words.CHOICES.get(field, {})
        return self.translate(table[code]) if code in table else code

    def fields(self, stages: Sequence[str]) -> list[dict[str, Any]]:
        """What the form that builds a filter needs to know of every field; `stages` are those of the rules."""
        return [
            {
                "key": field.key,
                "dimension": field.dimension,
                "kind": field.kind.value,
                "word": self.translate(words.FIELDS[field.key]),
                "unit": self.word("UNITS", field.unit),
                "choices": [[code, self.choice(field.key, code)] for code in self._codes(field.key, stages)],
            }
            for field in FIELDS.values()
        ]

    def _codes(self, key: str, stages: Sequence[str]) -> Sequence[str]:
        if key == "life_cycle_stage":
            return stages
        return [str(one) for one in self.dealers] if key == "dealer" else FIELDS[key].choices


def first_definition() -> dict[str, Any]:
    """With what an empty form begins."""
    return Definition("all", (Group("all", (Condition("recency_on", "within", 90),)),)).written()
