"""What was typed about leads, as the actions take it; what cannot be read is told at its field."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.datastructures import FormData

from agent_desktop.admin.forms import text
from crm_core.errors import Invalid


def id_of(typed: str) -> int | None:
    """An id from an address or a form; None for what is none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def day_of(form: FormData, name: str) -> date | None:
    """None = left empty. Raises Invalid."""
    typed = text(form, name)
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Invalid("Write a day as 2026-11-30.", field=name) from None


def number_of(form: FormData, name: str, most: int = 100_000_000) -> int | None:
    """None = left empty. Raises Invalid for what is no whole number."""
    typed = text(form, name).replace(",", "")
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 10 and int(typed) <= most):
        raise Invalid("Enter a number from {low} to {high}.", low=0, high=most, field=name)
    return int(typed)


def consent_of(form: FormData) -> bool | None:
    """The answer to "may we call you about it?"; None = not asked."""
    return {"yes": True, "no": False}.get(text(form, "consent"))


def typed_of(form: FormData) -> dict[str, Any]:
    """What a refused form shows again."""
    return {name: value for name, value in form.items() if isinstance(value, str) and name != "csrf_token"}


def captured_from(form: FormData) -> dict[str, Any]:
    """The facts of a new lead."""
    return {
        "source": text(form, "source") or "hotline",
        "model": text(form, "model"),
        "wish": text(form, "wish"),
        "buy_by": day_of(form, "buy_by"),
        "horizon": text(form, "horizon"),
        "budget_wan": number_of(form, "budget_wan", 10_000),
        "trade_in": text(form, "trade_in"),
        "test_drive": text(form, "test_drive") == "1",
        "dealer_id": number_of(form, "dealer_id"),
        "touchpoint": text(form, "touchpoint"),
        "consent": consent_of(form),
        "consent_words": text(form, "consent_words"),
        "contact_id": text(form, "contact_id")[:64],
        "again": text(form, "again") == "1",
    }
