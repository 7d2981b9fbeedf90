"""The words of classes, stages, worth and segments; the codes never reach a reader."""

from __future__ import annotations

from collections.abc import Mapping

from agent_desktop.words import N_

STAGES = {
    "prospect": N_("Considering"),
    "forming": N_("Forming"),
    "stable": N_("Stable"),
    "fading": N_("Fading"),
    "first_met": N_("First met"),
    "reserved": N_("Reserved"),
    "steady": N_("Steady"),
    "wavering": N_("Wavering"),
    "loyal": N_("Loyal"),
}
RISKS = {"high": N_("High"), "medium": N_("Medium"), "low": N_("Low"), "": N_("Never bought")}
NEEDS = {
    "service": N_("Service"),
    "warranty_end": N_("End of warranty"),
    "replacement": N_("Replacement"),
    "": N_("Nothing known"),
}
SIGNS = {"purchase": N_("purchase"), "visit": N_("workshop visit"), "contact": N_("contact"), "": N_("never")}
DIMENSIONS = {"who": N_("Who they are"), "behaviour": N_("What they do"), "worth": N_("What they are worth")}
READY = {
    "dormant": N_("Dormant customers"),
    "churn": N_("At risk of leaving"),
    "service": N_("Service due"),
    "key_account": N_("Key accounts"),
    "high_value": N_("High value"),
    "replacement": N_("Time to replace"),
}
READY_NOTES = {
    "dormant": N_("No purchase, visit or contact for a long time, and calls not refused"),
    "churn": N_("Enough signals of leaving; each customer says which"),
    "service": N_("Due within 30 days or missed, and nobody came since"),
    "key_account": N_("By rule or by decision"),
    "high_value": N_("The first 10 % by purchases and services"),
    "replacement": N_("The car comes of age within half a year, or an open lead says so"),
}
ADVICE = {
    "ask_when": N_("Ask when the purchase is planned, and keep it as a lead"),
    "offer_test_drive": N_("Offer a test drive at the nearest dealer"),
    "send_material": N_("Send the brochure of the model asked about"),
    "name_adviser": N_("Name a sales consultant who keeps in touch"),
    "call_after_delivery": N_("Call two and four weeks after the delivery"),
    "book_first_service": N_("Book the first service"),
    "ask_contact_consent": N_("Ask for consent to news and events"),
    "book_service": N_("Book the next service before it is due"),
    "invite_event": N_("Invite to owners' events"),
    "ask_referral": N_("Ask for a recommendation"),
    "offer_replacement": N_("Talk about the next car before the present one is old"),
    "ask_why_quiet": N_("Ask why they stayed away, and listen"),
    "offer_check": N_("Offer a free check with pick-up"),
    "tell_adviser": N_("Tell the service adviser, who calls in person"),
}
REASONS = {
    "vehicles_any_3y": N_("{count} vehicles bought within three years (until {on})"),
    "vehicles_3y": N_("{count} vehicles bought in the last three years"),
    "vehicles": N_("{count} vehicles bought in all"),
    "value_yuan": N_("spent {yuan} in all"),
    "referrals": N_("{count} recommended and sold"),
    "manual": N_("{why} (until {until})"),
    "never_bought": N_("nothing bought yet"),
    "first_year": N_("first purchase {on}, still in the first year"),
    "settled": N_("{count} vehicles bought, still in touch"),
    "known_short": N_("known since {on}, not well yet"),
    "known_longer": N_("known for a while, nothing bought yet"),
    "loyal": N_("{count} vehicles bought, {referrals} recommended and sold"),
    "quiet": N_("no contact or visit since {on} ({days} days)"),
    "service_overdue": N_("missed the service of {on} ({days} days ago)"),
    "warranty_over": N_("out of warranty, no visit for a year"),
    "open_complaint": N_("{count} complaints are open"),
    "bad_rating": N_("rated our handling {rating} of 5"),
    "competitor": N_("looks at {name}"),
    "refused": N_("refused further calls"),
}
SIGNALS = {
    "service_overdue": N_("A service was missed"),
    "warranty_over": N_("Out of warranty, no visit for a year"),
    "open_complaint": N_("A complaint is open"),
    "bad_rating": N_("Our handling was rated 1 or 2"),
    "competitor": N_("Looks at another brand"),
    "refused": N_("Refused further calls"),
    "quiet": N_("No sign of life"),
}
MEASURES = {
    "vehicles_any_3y": N_("Vehicles in any three years"),
    "vehicles_3y": N_("Vehicles in the last three years"),
    "vehicles": N_("Vehicles in all"),
    "value_yuan": N_("Spent in all (yuan)"),
    "referrals": N_("Recommended and sold"),
}
FIELDS = {
    "kind": N_("Person or company"),
    "gender": N_("Gender"),
    "age": N_("Age"),
    "city": N_("City"),
    "dealer": N_("Dealer"),
    "source": N_("Came from"),
    "model": N_("Model they have"),
    "energy": N_("Drive"),
    "known_since": N_("File since"),
    "life_cycle_stage": N_("Stage of life"),
    "churn_risk": N_("Risk of leaving"),
    "churn_score": N_("Points of risk"),
    "dormant": N_("Dormant"),
    "recency_on": N_("Last sign of life"),
    "last_contact_on": N_("Last contact"),
    "last_visit_on": N_("Last workshop visit"),
    "last_purchase_on": N_("Last purchase"),
    "contacts": N_("Contacts in 365 days"),
    "visits": N_("Workshop visits in 365 days"),
    "open_complaints": N_("Open complaints"),
    "worst_rating": N_("Worst rating in 365 days"),
    "competitor": N_("Looks at another brand"),
    "refused": N_("Refused further calls"),
    "horizon": N_("Open lead"),
    "next_need": N_("Next need"),
    "service_due_on": N_("Service due"),
    "warranty_until": N_("End of warranty"),
    "replacement_on": N_("Age of replacement"),
    "customer_class": N_("Class"),
    "value_yuan": N_("Value in all"),
    "expected_yuan": N_("Expected a year"),
    "service_yuan": N_("Spent on service"),
    "value_top": N_("Rank by value"),
    "vehicles": N_("Vehicles bought in all"),
    "vehicles_3y": N_("Vehicles in the last three years"),
    "vehicles_any_3y": N_("Vehicles in any three years"),
    "cars": N_("Vehicles they have now"),
    "referrals": N_("Recommended and sold"),
    "recency": N_("R: recency digit"),
    "frequency": N_("F: frequency digit"),
    "value": N_("M: value digit"),
}
OPERATORS = {
    "in": N_("is one of"),
    "not_in": N_("is none of"),
    "least": N_("at least"),
    "most": N_("at most"),
    "equal": N_("exactly"),
    "first": N_("among the first %"),
    "within": N_("in the last days"),
    "before": N_("longer ago than days, or never"),
    "never": N_("never"),
    "due_within": N_("in the next days"),
    "overdue": N_("missed by at least days"),
    "unknown": N_("not known"),
    "yes": N_("yes"),
    "no": N_("no"),
    "is": N_("is"),
    "begins": N_("begins with"),
}
SENTENCES = {
    "in": N_("{field} is {value}"),
    "not_in": N_("{field} is not {value}"),
    "least": N_("{field} at least {value}"),
    "most": N_("{field} at most {value}"),
    "equal": N_("{field} exactly {value}"),
    "first": N_("{field} among the first {value} %"),
    "within": N_("{field} in the last {value} days"),
    "before": N_("{field} more than {value} days ago, or never"),
    "never": N_("{field}: never"),
    "due_within": N_("{field} in the next {value} days"),
    "overdue": N_("{field} missed by {value} days or more"),
    "unknown": N_("{field} not known"),
    "yes": N_("{field}"),
    "no": N_("not: {field}"),
    "is": N_("{field} is {value}"),
    "begins": N_("{field} begins with {value}"),
}
UNITS = {"years": N_("years"), "yuan": N_("yuan"), "days": N_("days"), "": ""}
KINDS_OF_CUSTOMER = {"person": N_("Person"), "company": N_("Company")}
_UNKNOWN = N_("Not known")
CHOICES: Mapping[str, Mapping[str, str]] = {
    "kind": KINDS_OF_CUSTOMER,
    "gender": {"male": N_("Male"), "female": N_("Female"), "": _UNKNOWN},
    "source": {
        "hotline": N_("The hotline"),
        "web": N_("Web"),
        "event": N_("Event"),
        "dealer": N_("Dealer"),
        "import": N_("Import"),
        "": _UNKNOWN,
    },
    "energy": {"petrol": N_("Petrol"), "hybrid": N_("Hybrid"), "electric": N_("Electric")},
    "life_cycle_stage": STAGES,
    "churn_risk": RISKS,
    "horizon": {"hot": N_("Hot"), "mid": N_("Middle"), "long": N_("Long"), "": N_("None")},
    "next_need": NEEDS,
    "customer_class": {"standard": N_("Standard"), "vip": N_("VIP"), "key_account": N_("Key account")},
}
AGES = {
    "": _UNKNOWN,
    "30": N_("Under 30"),
    "40": N_("30 to 39"),
    "50": N_("40 to 49"),
    "60": N_("50 to 59"),
    "61": N_("60 and over"),
}
PHASES = {
    "customers": N_("Computing customers: {done} of {all}"),
    "ranks": N_("Ranking everybody"),
    "segments": N_("Counting the segments"),
}
RULE_TABS = (
    ("classes", N_("Classes")),
    ("life_cycle", N_("Life cycle")),
    ("churn", N_("Risk and needs")),
)
NUMBERS = {
    "forming_days": (N_("A new customer becomes settled after"), N_("days from the first purchase")),
    "fading_days": (N_("Fading after"), N_("days without purchase, visit or contact")),
    "overdue_days": (N_("Fading, too, when a service was missed for"), N_("days")),
    "known_days": (N_("Of five stages: first met for"), N_("days")),
    "medium": (N_("Medium from"), N_("points")),
    "high": (N_("High from"), N_("points")),
    "churn_overdue_days": (N_("A service counts as missed after"), N_("days")),
    "dormant_months": (N_("Dormant after"), N_("months without purchase, visit or contact")),
    "replacement_years": (N_("A car is replaced after"), N_("years")),
}
RULE_FIELDS = {
    "rules": N_("Rules"),
    "stages": N_("Stages"),
    **SIGNALS,
    **{name: told[0] for name, told in NUMBERS.items()},
}
"""Names of the fields of a saved version of the rules."""
