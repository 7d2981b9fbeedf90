"""A menu that is good in general is warned of where it asks more than this site can."""

from __future__ import annotations

from ivr.catalogue import catalogue
from ivr.checker import check_flow
from ivr.examination import examiner
from ivr.findings import Finding, Problem
from ivr.flow_file import shipped_flow, shipped_text
from ivr.recogniser import RecogniserLost
from ivr.site_findings import flow_phrases, site_findings
from ivr.vocabulary import Vocabulary, nothing_listens

FLOW = shipped_flow()
QUEUES = ("enquiry", "complaint", "suggestion", "repair", "rescue")


class Recogniser:
    """Hears English only, and not the word "brochure"; counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.away = False

    async def unknown(self, language: str, phrases: tuple[str, ...]) -> tuple[str, ...]:
        if self.away or language != "en":
            raise RecogniserLost("away")
        self.asked.append(phrases)
        return tuple(phrase for phrase in phrases if "brochure" in phrase)


async def test_a_phrase_with_a_word_that_the_recogniser_does_not_know_is_a_warning_at_its_node():
    unknown = await Vocabulary(Recogniser().unknown).unknown(FLOW)
    assert site_findings(FLOW, unknown, public=True) == [Finding(Problem.NEVER_HEARD, "self", "en: brochure")]
    assert not Finding(Problem.NEVER_HEARD, "self", "en: brochure").is_error


async def test_where_nothing_listens_no_word_is_wrong():
    assert await Vocabulary(nothing_listens).unknown(FLOW) == {}
    assert site_findings(FLOW, {}, public=True) == []


async def test_each_phrase_is_asked_once_and_a_recogniser_that_comes_later_is_asked_then():
    recogniser = Recogniser()
    vocabulary = Vocabulary(recogniser.unknown)
    recogniser.away = True
    assert await vocabulary.unknown(FLOW) == {}
    recogniser.away = False
    for _ in range(3):
        assert await vocabulary.unknown(FLOW) == {"en": {"brochure"}}
    assert recogniser.asked == [flow_phrases(FLOW, "en")]


def test_a_link_for_the_place_is_warned_of_where_no_telephone_can_open_it():
    assert site_findings(FLOW, {}, public=False) == [
        Finding(Problem.NO_PUBLIC_ADDRESS, "rescue-link", "HOTLINE_PUBLIC_URL")
    ]


def test_a_warning_of_the_site_keeps_nothing_from_being_published():
    examination = examiner(QUEUES, lambda flow: site_findings(flow, {"en": ["repair"]}, public=False))(
        "main", shipped_text(), ()
    )
    assert examination.passed
    assert [str(one).split()[1] for one in examination.warnings] == ["main:", "rescue-link"]
    assert check_flow(FLOW, catalogue(), QUEUES) == []
