"""Words of the pages of questionnaires."""

from __future__ import annotations

from agent_desktop.words import N_

KINDS = {
    "rating": N_("Rating 1 to 5"),
    "nps": N_("Recommendation 0 to 10"),
    "yes_no": N_("Yes or no"),
    "choice": N_("Choice"),
    "comment": N_("Comment"),
}
ICONS = {"rating": "star", "nps": "gauge", "yes_no": "toggle-left", "choice": "list", "comment": "mic"}
TEMPLATES = {
    "two_weeks": N_("Two weeks after delivery"),
    "four_weeks": N_("Four weeks after delivery"),
    "after_service": N_("After a workshop visit, six topics"),
    "complaint": N_("After a complaint"),
    "empty": N_("Empty"),
}
DIFFERENCES = {
    "added": N_("New question {place}: {after}"),
    "removed": N_("Question {place} is gone: {before}"),
    "moved": N_("Question {place} stood at {before}: {after}"),
    "words": N_("Question {place} has other words: {after}"),
    "kind": N_("Question {place} has another kind of answer, its figures begin anew: {after}"),
    "ways": N_("After question {place} other ways lead on: {after}"),
    "frame": N_("Title, greeting or thanks: {after}"),
    "limits": N_("Low is a rating of {after} or less, before {before}"),
}
HOW = {
    "key": N_("By key"),
    "voice": N_("By voice"),
    "agent": N_("With an agent"),
    "link": N_("By link"),
}
GROUPS = {"dealer": N_("Dealer"), "adviser": N_("Adviser"), "agent": N_("Agent"), "model": N_("Vehicle model")}
WHICH = {"low": N_("Low answers"), "complete": N_("Complete"), "broken": N_("Broken off"), "all": N_("All")}
HEADS = (
    *(N_("Asked at"), N_("Customer"), N_("Dealer"), N_("Adviser"), N_("Agent"), N_("Vehicle model"), N_("Way")),
    *(N_("Version"), N_("Result"), N_("Case")),
)
