"""The words of the dealer portal: steps, tasks, orders, measures."""

from __future__ import annotations

from agent_desktop.words import N_

STAFF_ROLES = {
    "manager": N_("Manager"),
    "relations_manager": N_("Customer relations manager"),
    "sales_consultant": N_("Sales consultant"),
    "service_adviser": N_("Service adviser"),
    "technician": N_("Technician"),
}
SIGNED_IN_AS = {
    "dealer_manager": N_("Dealer manager"),
    "dealer_relations": N_("Customer relations manager"),
    "regional_manager": N_("Regional manager"),
}
STAGES = {
    "record": N_("Recorded by the customer centre"),
    "accept": N_("Accepted by customer relations"),
    "name_owner": N_("Name who owns the problem"),
    "solve": N_("Solve it and contact the customer"),
    "report": N_("Hand in the handling report"),
    "confirm": N_("The centre asks the customer, then closes"),
}
STEPS = {
    "wait_accept": N_("Waits to be accepted"),
    "wait_owner": N_("Waits for an owner"),
    "wait_contact": N_("Waits for the call to the customer"),
    "working": N_("Being solved"),
    "wait_report": N_("Waits for the report"),
    "wait_confirm": N_("The centre asks the customer"),
    "at_centre": N_("With the customer centre"),
    "closed": N_("Closed"),
}
LEVELS = {"escalated": N_("Escalated"), "major": N_("Major")}
HORIZONS = {"hot": N_("Hot lead"), "mid": N_("Mid-term"), "long": N_("Long-term")}
LEAD_STATUS = {
    "sent": N_("Waits for the first word"),
    "following": N_("Being followed up"),
    "won": N_("Won"),
    "lost": N_("Lost to us"),
}
LEAD_SOURCES = {
    "hotline": N_("By hotline"),
    "web": N_("Website"),
    "event": N_("Event"),
    "referral": N_("Referral"),
    "dealer": N_("Dealer"),
    "import": N_("Import"),
}
LOST_REASONS = {
    "competitor": N_("Bought another make"),
    "price": N_("Price"),
    "model": N_("The wanted model does not exist"),
    "delivery": N_("Delivery takes too long"),
    "used_car": N_("Bought a used car"),
    "put_off": N_("Will not buy for now"),
    "unreachable": N_("Cannot be reached"),
    "refused": N_("Wants no further contact"),
    "other": N_("Another reason"),
}
LEAD_EVENTS = {
    "captured": N_("Captured"),
    "mentioned": N_("Mentioned again"),
    "verified": N_("Verified by the centre"),
    "sent": N_("Handed to the dealer"),
    "follower_named": N_("Follow-up named"),
    "feedback": N_("Feedback"),
    "reminded": N_("Reminded"),
    "reassigned": N_("Passed on from another dealer"),
    "won": N_("Won"),
    "lost": N_("Lost to us"),
    "reopened": N_("Open again"),
}
CARE_KINDS = {
    "two_weeks": N_("Two-week call"),
    "four_weeks": N_("Four-week call"),
    "after_service": N_("After-service call"),
    "three_months": N_("Three-month call"),
    "birthday": N_("Birthday card"),
    "new_year": N_("New Year card"),
    "test_drive": N_("Test drive"),
    "visit": N_("Prospect contact"),
    "event": N_("Event invitation"),
    "handed": N_("Call of a campaign"),
}
CARE_WHY = {
    "two_weeks": N_("By the sales consultant, two weeks after the delivery"),
    "four_weeks": N_("By the service adviser, four weeks after the delivery"),
    "after_service": N_("After a visit to the workshop"),
    "three_months": N_("A prospect of long standing is called every three months"),
    "birthday": N_("A card for the birthday"),
    "new_year": N_("A card for the New Year"),
    "test_drive": N_("The prospect asked for a test drive"),
    "visit": N_("So that each prospect is contacted as often as the rules ask"),
    "event": N_("An invitation"),
    "handed": N_("The service centre handed a campaign's customer to you"),
}
CARE_STATES = {"due": N_("Due today"), "open": N_("All open"), "done": N_("Done"), "stopped": N_("Skipped or stopped")}
SKIPPED_BY_ITSELF = ("complaint", "refused", "cause_gone", "not_wanted", "not_reached", "taken_back")
SKIP_REASONS = {
    "wrong_number": N_("The number is wrong"),
    "contacted_already": N_("We spoke about this already"),
    "moved_away": N_("The customer moved away"),
    "sold_car": N_("The car is sold"),
    "does_not_want": N_("The customer does not want to be called"),
    "other": N_("Another reason"),
    "complaint": N_("A complaint of this customer is open"),
    "refused": N_("The customer does not allow this contact"),
    "cause_gone": N_("The delivery or visit behind it is gone"),
    "not_wanted": N_("The care plan does not want this contact any more"),
    "not_reached": N_("Not reached after all attempts"),
    "taken_back": N_("The centre took it back"),
}
SKIPS = {code: word for code, word in SKIP_REASONS.items() if code not in SKIPPED_BY_ITSELF}
CHANNELS = {
    "phone": N_("Telephone"),
    "sms": N_("Text message"),
    "email": N_("E-mail"),
    "wechat": N_("WeChat"),
    "post": N_("Post"),
}
VERDICTS = {"yes": N_("May be contacted"), "not_now": N_("Not now"), "no": N_("Must not be contacted")}
SERVICES = {
    "sales": N_("Car sales"),
    "workshop": N_("Workshop"),
    "rescue": N_("Road rescue"),
    "body": N_("Body and paint"),
    "charging": N_("Charging"),
    "parts": N_("Parts"),
}
WEEKDAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)
STATION_FIELDS = {
    "week": N_("Opening hours"),
    "closed_days": N_("Closed days"),
    "services": N_("Services"),
    "latitude": N_("Latitude"),
    "longitude": N_("Longitude"),
    "rescue_phone": N_("Rescue telephone"),
    "phone": N_("Telephone"),
    "address": N_("Address"),
    "name": N_("Name"),
    "short_name": N_("Short name"),
    "province": N_("Province"),
    "city": N_("City"),
    "region": N_("Region"),
    "relations_manager": N_("Customer relations manager"),
    "active": N_("Active"),
}
NEWS_KINDS = {
    "news": N_("News"),
    "policy": N_("Sales policy"),
    "campaign": N_("Campaign"),
    "advert": N_("Advertising"),
    "training": N_("Training"),
}
SUPPLY_KINDS = {"material": N_("Sales material"), "parts": N_("Parts demand")}
SUPPLY_STATUS = {
    "requested": N_("Requested"),
    "confirmed": N_("Confirmed"),
    "shipped": N_("Shipped"),
    "received": N_("Received"),
    "refused": N_("Refused"),
    "cancelled": N_("Cancelled"),
}
SUPPLY_ACTS = {
    "confirm": N_("Confirm"),
    "refuse": N_("Refuse"),
    "ship": N_("Mark as shipped"),
    "receive": N_("Confirm the arrival"),
    "cancel": N_("Cancel the order"),
}
WORK = {
    "maintenance": N_("Maintenance"),
    "repair": N_("Repair"),
    "warranty": N_("Warranty work"),
    "accident": N_("Accident repair"),
    "recall": N_("Recall"),
    "inspection": N_("Inspection"),
}
BOOKING_STATUS = {
    "booked": N_("Booked"),
    "arrived": N_("In the workshop"),
    "done": N_("Done"),
    "cancelled": N_("Cancelled"),
    "missed": N_("Did not come"),
}
BOOKING_ACTS = {
    "arrived": N_("The car is here"),
    "done": N_("Done"),
    "cancelled": N_("Cancel"),
    "missed": N_("Did not come"),
    "booked": N_("Book again"),
}
MEASURES = {
    "in_time": N_("Answered in time"),
    "complaint_days": N_("Days until a complaint is closed"),
    "closed_in_time": N_("Complaints closed in time"),
    "satisfaction": N_("Satisfaction with the handling"),
    "lead_answered": N_("Leads answered"),
    "lead_won": N_("Leads won"),
    "care_done": N_("Care tasks done"),
    "visitors": N_("Showroom visitors per day"),
    "enquiries": N_("Enquiry calls per day"),
    "reported": N_("Days reported"),
}
FORMULAS = {
    "in_time": N_("Steps of complaints done by their deadline / steps that fell due in the month"),
    "complaint_days": N_("Days from opening to closing / complaints closed in the month"),
    "closed_in_time": N_("Complaints closed by their deadline / complaints closed in the month"),
    "satisfaction": N_("Marks from 1 to 5 given by customers / customers who gave one"),
    "lead_answered": N_("Leads with the first feedback in time / leads that came in the month and whose time is over"),
    "lead_won": N_("Leads won so far / leads that came in the month and whose time is over"),
    "care_done": N_("Care tasks done / care tasks that fell due in the month and were not stopped"),
    "visitors": N_("Showroom visitors / days reported"),
    "enquiries": N_("Enquiry calls / days reported"),
    "reported": N_("Days reported / days that have passed"),
}
TOLD = {
    "accepted": N_("Accepted. Name who owns the problem next."),
    "owner": N_("Named, and told."),
    "contacted": N_("Kept: you spoke with the customer."),
    "solved": N_("Kept as solved. The handling report is next."),
    "support": N_("The maker is asked for support."),
    "handed_in": N_("Handed in. The centre asks the customer next."),
    "rescue_accepted": N_("Accepted. The centre tells the customer when you are there."),
    "rescue_under_way": N_("Kept: help is on the way."),
    "rescue_arrived": N_("Kept: help has arrived."),
    "rescue_helped": N_("Done. The centre asks the customer next."),
    "rescue_declined": N_("Given back. The centre sends another station."),
    "reported": N_("Today's figures are reported."),
    "corrected": N_("The figures are saved."),
    "care_done": N_("Done."),
    "care_tried": N_("Tried. It comes again tomorrow."),
    "care_skipped": N_("Skipped."),
    "care_moved": N_("Moved."),
    "care_open": N_("Open again."),
    "saved": N_("Saved."),
    "confirmed": N_("Confirmed as right today."),
    "left": N_("Left; open work was handed over."),
    "back": N_("Works here again."),
    "booked": N_("Booked."),
    "changed": N_("Changed."),
    "read": N_("Thank you: confirmed as read."),
    "ordered": N_("Requested. The centre answers here."),
    "followed": N_("Named, and told."),
    "feedback": N_("Feedback sent."),
    "won": N_("Congratulations: won. Customer and car are in the records."),
    "lost": N_("Closed as lost, with its reason."),
    "visit": N_("The visit is in the car's records."),
    "trade_in": N_("The used car is in the records."),
    "published": N_("Published: the dealers see it now."),
    "withdrawn": N_("Withdrawn: no dealer sees it any more."),
}
