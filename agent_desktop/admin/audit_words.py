"""The audit log's actions and subjects as a reader knows them: a thing and what was done with it."""

from __future__ import annotations

from collections.abc import Callable

from agent_desktop.words import N_

THINGS = {
    "agent": N_("Agent"),
    "article": N_("Article"),
    "calendar": N_("Calendar"),
    "caller_pin": N_("Caller's PIN"),
    "case": N_("Case file"),
    "category": N_("Category"),
    "class": N_("Customer class"),
    "contact": N_("Contact"),
    "customer": N_("Customer"),
    "customers": N_("Customers"),
    "delivery": N_("Delivery"),
    "duplicate": N_("Duplicate"),
    "duplicates": N_("Duplicates"),
    "file": N_("File"),
    "fleet_purchase": N_("Fleet purchase"),
    "hotline": N_("The hotline"),
    "key": N_("API key"),
    "lead": N_("Lead"),
    "material": N_("Material"),
    "nuisance": N_("Nuisance"),
    "number": N_("Number"),
    "order": N_("Order"),
    "password": N_("Password"),
    "phone": N_("Telephone number"),
    "pop": N_("Screen-pop"),
    "pop_host": N_("Screen-pop host"),
    "question": N_("Question"),
    "queue": N_("Queue"),
    "reasons": N_("Break reasons"),
    "recording": N_("Call recording"),
    "rescue": N_("Rescue"),
    "roles": N_("Roles"),
    "segment": N_("Customer segment"),
    "segments": N_("Customer segments"),
    "team": N_("Team"),
    "user": N_("User account"),
    "vehicle": N_("Vehicle"),
    "webhook": N_("Webhook"),
    "webhook_secret": N_("Webhook secret"),
    "workshop_visit": N_("Workshop visit"),
    "audit": N_("Audit log"),
}
DEEDS = {
    "accepted": N_("accepted"),
    "added": N_("added"),
    "allowed": N_("allowed"),
    "answered": N_("answered"),
    "asked": N_("asked"),
    "assigned": N_("assigned"),
    "blocked": N_("blocked"),
    "captured": N_("captured"),
    "changed": N_("changed"),
    "checked": N_("checked"),
    "closed": N_("closed"),
    "compared": N_("compared"),
    "confirmed": N_("confirmed"),
    "created": N_("created"),
    "disabled": N_("disabled"),
    "enabled": N_("enabled"),
    "exported": N_("exported"),
    "forbidden": N_("forbidden"),
    "given": N_("given"),
    "heard": N_("heard"),
    "lost": N_("lost"),
    "marked": N_("marked"),
    "merged": N_("merged"),
    "note": N_("noted"),
    "opened": N_("opened"),
    "paused": N_("paused"),
    "published": N_("published"),
    "recorded": N_("recorded"),
    "refused": N_("refused"),
    "released": N_("released"),
    "removed": N_("removed"),
    "reopened": N_("reopened"),
    "replayed": N_("told again"),
    "reset": N_("reset"),
    "restored": N_("restored"),
    "resumed": N_("resumed"),
    "retired": N_("retired"),
    "reviewed": N_("reviewed"),
    "revoked": N_("revoked"),
    "saved": N_("saved"),
    "seen": N_("seen"),
    "sent": N_("sent"),
    "set": N_("set"),
    "shown": N_("shown in full"),
    "step": N_("step done"),
    "stopped": N_("stopped"),
    "taken": N_("taken"),
    "taken_back": N_("taken back"),
    "turned": N_("renewed"),
    "unblocked": N_("unblocked"),
    "unmerged": N_("unmerged"),
    "verified": N_("verified"),
    "won": N_("won"),
    "written": N_("written"),
}
WHOLE = {
    "sign_in": N_("Signed in"),
    "sign_out": N_("Signed out"),
    "sign_in_failed": N_("Sign-in failed"),
    "dialled": N_("Dialled"),
    "supervised": N_("Listened in"),
}


def action_words(action: str, say: Callable[[str], str], language: str) -> str:
    """`case_opened` as "Case opened" or 工单新建; a word nobody named reads as its code."""
    if action in WHOLE:
        return say(WHOLE[action])
    for place in range(len(action), 0, -1):
        thing, deed = action[:place], action[place + 1 :]
        if thing in THINGS and (deed in DEEDS or not deed):
            parts = [say(THINGS[thing]), *([say(DEEDS[deed])] if deed else [])]
            return (" " if language == "en" else "").join(parts)
    return action.replace("_", " ")


def address_of(subject: str) -> str:
    """The page of a subject, "" when it has none."""
    kind, _, rest = subject.partition("/")
    if kind in ("customer", "segment", "article") and rest.isdigit():
        return {"customer": "/customers/", "segment": "/segments/", "article": "/knowledge/"}[kind] + rest
    if kind == "contact" and rest and "/" not in rest:
        return f"/contacts/{rest}"
    if subject[:3] in ("GD-", "TS-") and len(subject) <= 20:
        return f"/cases/{subject}"
    if subject[:3] == "XS-" and len(subject) <= 20:
        return f"/leads/{subject}"
    return ""
