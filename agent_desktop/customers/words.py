"""The words of the customer's and the vehicle's pages, as English sentences to translate, and the groups of filters."""

from __future__ import annotations

from agent_desktop.words import N_
from crm_core.customers.timeline import Kind

GROUPS: dict[str, tuple[str, tuple[Kind, ...]]] = {
    "": (N_("All"), ()),
    "calls": (N_("Phone calls"), (Kind.CALL,)),
    "messages": (N_("Mail and chat"), (Kind.MESSAGE,)),
    "cases": (N_("Cases"), (Kind.CASE,)),
    "workshop": (N_("Workshop"), (Kind.VISIT, Kind.CLAIM)),
    "purchases": (N_("Purchases"), (Kind.ORDER, Kind.DELIVERY, Kind.TRADE_IN)),
    "leads": (N_("Leads"), (Kind.LEAD,)),
    "care": (N_("Care calls"), (Kind.CARE,)),
    "consents": (N_("Consents"), (Kind.CONSENT,)),
}
"""What a filter of the timeline is called, and which kinds it shows; () = all."""

LABELS = {
    "mobile": N_("Mobile"),
    "home": N_("Home"),
    "office": N_("Office"),
    "work": N_("At work"),
    "family": N_("Family"),
    "company": N_("Company"),
    "post": N_("For post"),
    "invoice": N_("For invoices"),
    "email": N_("E-mail"),
    "wechat": N_("WeChat"),
}
RELATIONS = {
    "spouse": N_("Husband or wife"),
    "parent": N_("Parent"),
    "child": N_("Child"),
    "driver": N_("Driver"),
    "fleet_manager": N_("Fleet manager"),
    "buyer": N_("Buyer"),
    "secretary": N_("Assistant"),
    "friend": N_("Friend"),
    "other": N_("Other"),
}
ROLES = {"buyer": N_("Buyer"), "user": N_("User"), "driver": N_("Driver")}
USES = {"": N_("Not said"), "own": N_("Own use"), "partner": N_("Partner's use"), "company": N_("Company's use")}
GENDERS = {"male": N_("Male"), "female": N_("Female")}
KINDS = {"person": N_("Person"), "company": N_("Company")}
PROFILE = {
    "under_100k": N_("under 100,000 yuan"),
    "100k_200k": N_("100,000 to 200,000 yuan"),
    "200k_500k": N_("200,000 to 500,000 yuan"),
    "500k_1m": N_("500,000 to 1,000,000 yuan"),
    "over_1m": N_("over 1,000,000 yuan"),
    "school": N_("School"),
    "vocational": N_("Vocational college"),
    "bachelor": N_("Bachelor"),
    "master": N_("Master"),
    "doctor": N_("Doctor"),
    "single": N_("Single"),
    "married": N_("Married"),
    "divorced": N_("Divorced"),
    "widowed": N_("Widowed"),
    "flat": N_("Own flat"),
    "house": N_("House"),
    "rented": N_("Rented"),
    "company_flat": N_("Company flat"),
}
PROFILE_FIELDS = {
    "income": N_("Income"),
    "occupation": N_("Occupation"),
    "education": N_("Education"),
    "marital_status": N_("Marital status"),
    "household_size": N_("Household size"),
    "dwelling": N_("Dwelling"),
    "employees": N_("Employees"),
    "annual_sales_wan": N_("Annual sales"),
    "average_order_wan": N_("Average order"),
    "annual_purchases_wan": N_("Annual purchases"),
    "value_added_wan": N_("Value added"),
    "interests": N_("Interests"),
    "competitors": N_("Other brands"),
}
VISIT_KINDS = {
    "maintenance": N_("Maintenance"),
    "repair": N_("Repair"),
    "warranty": N_("Warranty repair"),
    "accident": N_("Accident repair"),
    "recall": N_("Recall"),
    "inspection": N_("Inspection"),
}
ORDER_STATES = {
    "open": N_("Ordered"),
    "in_production": N_("In production"),
    "warehouse": N_("In the warehouse"),
    "transport": N_("In transport"),
    "in_sale": N_("In sale"),
    "delivered": N_("Delivered"),
    "cancelled": N_("Cancelled"),
}
VEHICLE_STATES = {
    "ordered": N_("Ordered"),
    "produced": N_("Produced"),
    "warehouse": N_("In the warehouse"),
    "transport": N_("In transport"),
    "in_sale": N_("In sale"),
    "sold": N_("Sold"),
    "scrapped": N_("Scrapped"),
}
ENERGIES = {"petrol": N_("Petrol"), "hybrid": N_("Hybrid"), "electric": N_("Electric")}
STATES = {
    "in_workshop": N_("In the workshop"),
    "filed": N_("Filed"),
    "accepted": N_("Accepted"),
    "refused": N_("Refused"),
    "paid": N_("Paid"),
    "given": N_("Agreed"),
    "checked": N_("Checked at delivery"),
    "verified": N_("Verified by a call"),
    "open": N_("Being handled"),
    "paused": N_("Paused"),
    "reported": N_("Reported as solved"),
    "closed": N_("Closed"),
    "new": N_("New"),
    "sent": N_("With the dealer"),
    "following": N_("Being followed up"),
    "won": N_("Won"),
    "lost": N_("Lost to others"),
    "nurture": N_("Nurture"),
    "invalid": N_("Invalid"),
}
HORIZONS = {"": N_("No time named"), "hot": N_("Hot"), "mid": N_("Mid-term"), "long": N_("Long-term")}
CARE_KINDS = {
    "two_weeks": N_("Two-week call after delivery"),
    "four_weeks": N_("Four-week call after delivery"),
    "after_service": N_("Care after a workshop visit"),
    "three_months": N_("Three-month follow-up"),
    "birthday": N_("Birthday"),
    "new_year": N_("New Year card"),
    "test_drive": N_("After a test drive"),
    "visit": N_("Visit"),
    "event": N_("Event"),
    "handed": N_("Call of a campaign by the dealer"),
}
PURPOSES = {
    "service": N_("Service"),
    "survey": N_("Satisfaction surveys"),
    "care": N_("After-sales care"),
    "news": N_("New cars and offers"),
    "event": N_("Owners' events"),
    "lead": N_("Advice on buying"),
}
CHANNELS = {
    "phone": N_("Phone"),
    "sms": N_("SMS"),
    "email": N_("Mail"),
    "wechat": N_("WeChat"),
    "post": N_("Post"),
}
ANSWERS = {"yes": N_("Go ahead"), "not_now": N_("Not now"), "no": N_("Not allowed")}
PARTS = {
    "person": N_("Person"),
    "contact": N_("Ways of contact"),
    "relations": N_("Related people"),
    "profile": N_("Profile"),
    "roles": N_("Roles to a vehicle"),
}
RISKS = {"": N_("unknown"), "low": N_("low"), "medium": N_("medium"), "high": N_("high")}
SOURCES = {"hotline": N_("The hotline"), "web": N_("Web"), "event": N_("Event"), "referral": N_("Referral"),
           "dealer": N_("Dealer"), "import": N_("Import")}  # fmt: skip
DUPLICATE_REASONS = {
    "number": N_("the same number"),
    "shared_number": N_("a shared number"),
    "handle": N_("the same e-mail or WeChat"),
    "vin": N_("the same vehicle"),
    "vin_other_role": N_("the same vehicle"),
    "plate": N_("the same plate"),
    "name": N_("the same name"),
    "sound": N_("a name that sounds the same"),
    "similar_name": N_("a similar name"),
    "company": N_("the same company"),
    "similar_company": N_("a similar company"),
    "birth_year": N_("born in the same year"),
    "street": N_("the same street"),
    "city": N_("the same city"),
}
