"""The words of the agent desktop: reasons, sub-kinds, dispositions, greetings, as English sentences to translate."""

from __future__ import annotations

from agent_desktop.words import N_

SYSTEM_REASONS = {
    "missed": N_("Missed calls"),
    "signed_in": N_("Just signed in"),
    "resync": N_("After a restart"),
    "supervising": N_("Listening"),
}

SUB_KINDS = {
    "enquiry": {
        "product": N_("Models and prices"),
        "purchase": N_("Buying and delivery"),
        "maintenance": N_("Service and upkeep"),
        "warranty": N_("Warranty terms"),
        "dealer": N_("Dealers and hours"),
        "in_car_system": N_("In-car system and app"),
    },
    "complaint": {
        "product_quality": N_("Product quality"),
        "repair_quality": N_("Repair quality"),
        "dealer_service": N_("Dealer's service"),
        "charges": N_("Charges"),
        "parts_wait": N_("Waiting for parts"),
        "delivery": N_("Delivery"),
    },
    "suggestion": {"product": N_("Product"), "service": N_("Service"), "network": N_("Dealer network")},
    "repair": {
        "booking": N_("Book a repair"),
        "progress": N_("Progress"),
        "parts": N_("Parts"),
        "fault": N_("Report a fault"),
        "cost": N_("Cost"),
    },
    "rescue": {
        "tow": N_("Towing"),
        "battery": N_("Flat battery"),
        "tyre": N_("Tyre"),
        "locked_out": N_("Locked out"),
        "accident": N_("Accident"),
    },
    "material": {"manual": N_("Manual"), "certificate": N_("Certificate"), "invoice": N_("Invoice")},
    "order": {
        "vehicle": N_("Intent order"),
        "accessory": N_("Accessories"),
        "parts": N_("Parts"),
        "test_drive": N_("Test drive"),
    },
}

DISPOSITIONS = {
    "answered": N_("Answered, done"),
    "case_opened": N_("Case opened"),
    "case_continued": N_("Case goes on"),
    "forwarded": N_("Passed to the dealer"),
    "callback_promised": N_("Callback promised"),
    "material_sent": N_("Material sent"),
    "rescue_sent": N_("Rescue sent"),
    "not_interested": N_("Not interested"),
    "not_reached": N_("Nobody reached"),
    "cut_off": N_("Cut off"),
    "nuisance": N_("Nuisance call"),
    "wrong_number": N_("Dialled wrongly"),
}

PARTY_RESULTS = {
    "busy": N_("is busy"),
    "declined": N_("declined"),
    "no_answer": N_("did not answer"),
    "unreachable": N_("cannot be reached"),
    "gone": N_("hung up"),
}
"""Why the second party of a consult is not there (any more), after the party's name."""

DROP_MESSAGES = {"call_again": N_("We will call again"), "please_call": N_("Please call us back")}
"""What an answering machine may be left; the word is also the prompt's name, see ivr/catalogue.py."""

SEND_BY = {"wechat": N_("WeChat"), "sms": N_("SMS"), "email": N_("E-mail"), "post": N_("Post")}
"""How an article can go to a customer."""

CASE_STEPS = {
    "受理": N_("Taken in"),
    "派店": N_("To a dealer"),
    "检测": N_("Inspection"),
    "待料": N_("Waits for parts"),
    "维修": N_("Repair"),
    "回访": N_("Call afterwards"),
    "转客户关系经理": N_("To manager"),
    "指定责任人": N_("Owner named"),
    "联系客户": N_("Customer called"),
    "处理报告": N_("Report written"),
    "派车": N_("Truck sent"),
    "到达": N_("Truck there"),
    "处理": N_("Being done"),
    "转经销商": N_("With a dealer"),
    "寄出": N_("Posted"),
    "确认收到": N_("Receipt confirmed"),
    "备货": N_("Made ready"),
    "交付": N_("Handed over"),
}
"""Steps of cases are kept as Chinese words; others than these are shown as they are kept."""

LIFE_CYCLE = {
    "prospect": N_("Prospect"),
    "forming": N_("New owner"),
    "stable": N_("Settled"),
    "fading": N_("May leave"),
}
FORMS_OF_ADDRESS = {"先生": N_("Mr"), "女士": N_("Ms")}

WHY = {
    "last_agent": (N_("Your caller before"), N_("spoke with you last")),
    "only_free": (N_("Only you were free"), N_("with this skill")),
    "best_skill": (N_("Best skill"), N_("highest level of those free")),
    "longest_idle": (N_("Longest idle"), N_("same skill level as others")),
    "offered_again": (N_("Offered again"), N_("nobody else fits")),
    "next_in_line": (N_("First in line"), N_("when you became free")),
    "consult": (N_("A colleague asks"), N_("about this caller")),
    "resume": (N_("Your call"), N_("it comes back to you")),
    "campaign": (N_("Campaign call"), N_("the customer has just answered")),
    "priority": (N_("Urgent queue"), N_("goes before other queues")),
}

GREETINGS = {
    "": N_("Hello {who}, this is {site}, {agent} speaking. How can I help you?"),
    "repair": N_("Hello {who}, this is {site}, {agent} speaking. Is your call about the repair of your {vehicle}?"),
    "rescue": N_(
        "Hello {who}, this is {site}, {agent} speaking. Are you safe now? Please tell me where you are, "
        "I will send help for your {vehicle} at once."
    ),
    "complaint": N_("Hello {who}, this is {site}, {agent} speaking. Please tell me what happened, I write it down."),
    "suggestion": N_("Hello {who}, this is {site}, {agent} speaking. Thank you for your suggestion, please go on."),
    "enquiry": N_("Hello {who}, this is {site}, {agent} speaking. What would you like to know?"),
}
GREETING_WITH_CASE = N_(
    "Hello {who}, this is {site}, {agent} speaking. Are you calling about: {case}? I will look it up for you now."
)

SCRIPTS = {
    "": (
        N_("Confirm who is calling and about which vehicle."),
        N_("Repeat the question in one sentence before you answer."),
        N_("Say what happens next, by whom and until when."),
    ),
    "repair": (
        N_("Confirm the plate and the mileage."),
        N_("Ask since when, how often, and under which conditions the fault appears."),
        N_("Ask whether the vehicle can still be driven safely; if not, offer roadside rescue."),
        N_("Offer a workshop date at the customer's own dealer; do not promise a finishing time."),
    ),
    "rescue": (
        N_("First: is anybody hurt, does the vehicle stand safely, are the hazard lights on?"),
        N_("Ask for the place: road, direction, kilometre post or landmark."),
        N_("Confirm the plate and the number on which the driver can be reached."),
        N_("Say when help arrives, and that you stay in touch until then."),
    ),
    "complaint": (
        N_("Let the customer finish; write the words down, do not judge."),
        N_("Repeat the point and ask what would settle it."),
        N_("Promise a first answer by a time, never an outcome."),
        N_("Open a complaint case before you hang up."),
    ),
    "enquiry": (
        N_("Find the model and the year before you answer."),
        N_("Prices: name the dealer as the one who decides."),
        N_("Offer to send the material."),
    ),
    "suggestion": (
        N_("Thank the customer and write the suggestion down word for word."),
        N_("Ask whether we may call back about it."),
    ),
}
