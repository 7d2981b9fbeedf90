"""The words of the knowledge pages."""

from __future__ import annotations

from agent_desktop.words import N_

STATES = {
    "published": N_("Published"),
    "to_review": N_("To look at again"),
    "review": N_("Waiting for approval"),
    "draft": N_("Drafts"),
    "retired": N_("Retired"),
}
VERSION_STATES = {
    "draft": N_("Draft"),
    "review": N_("Waiting for approval"),
    "published": N_("Published"),
    "replaced": N_("Replaced"),
}
ARTICLE_KINDS = {"article": N_("Article"), "script": N_("Talk script")}
AUDIENCES = {"centre": N_("Contact centre"), "dealer": N_("Dealers too"), "public": N_("Everybody")}
OUTCOMES = {"new": N_("New article"), "changed": N_("Changed"), "same": N_("As it was"), "wrong": N_("Cannot be used")}
FIELDS = {
    "title_zh": N_("Chinese title"),
    "answer_zh": N_("Chinese short answer"),
    "body_zh": N_("Chinese text"),
    "title_en": N_("English title"),
    "answer_en": N_("English short answer"),
    "body_en": N_("English text"),
    "models": N_("Models"),
    "brands": N_("Brands"),
    "topics": N_("Kinds"),
    "sub_kinds": N_("Sub-kinds"),
    "queues": N_("Queues"),
    "words": N_("Search words"),
    "valid_from": N_("Valid from"),
    "valid_until": N_("Valid until"),
    "review_on": N_("Look again on"),
    "audience": N_("Who may read it"),
}
EMPTY = {
    "published": N_("No article here yet. Write the first one, or import a folder of Markdown files."),
    "to_review": N_("Nothing is due for a look in the next 14 days."),
    "review": N_("Nothing waits for approval. A draft that its author sends appears here."),
    "draft": N_("No drafts. An article that is being written appears here."),
    "retired": N_("No article is retired or past its last day."),
}
