"""How many numbers are dialled, and that too many never are."""

import pytest

from acd.dialer import Mode, Pacer, PacingRules, PastAnswer, Staffing


def pacer(mode: Mode = Mode.PREDICTIVE, limit: float = 3.0, lines: int = 1000) -> Pacer:
    return Pacer(PacingRules(mode=mode, most_lines=lines, abandon_limit_percent=limit))


def dial(campaign: Pacer, count: int, at: float) -> list[str]:
    names = [f"{at}-{number}" for number in range(count)]
    for name in names:
        campaign.placed(name, at)
    return names


def test_progressive_dials_one_line_for_each_free_agent():
    campaign = pacer(Mode.PROGRESSIVE)
    assert campaign.wanted(Staffing(at=0.0, ready=3)) == 3
    dial(campaign, 2, 0.0)
    assert campaign.wanted(Staffing(at=1.0, ready=3)) == 1


def test_callers_who_wait_have_the_agents_first():
    campaign = pacer(Mode.PROGRESSIVE)
    assert campaign.wanted(Staffing(at=0.0, ready=3, waiting_inbound=2)) == 1
    assert campaign.wanted(Staffing(at=0.0, ready=3, waiting_inbound=5)) == 0


def test_a_campaign_that_may_drop_nobody_never_has_more_lines_than_free_agents():
    campaign = pacer(limit=0.0)
    campaign.restore([PastAnswer(at=number, dropped=False) for number in range(1000)])
    assert campaign.wanted(Staffing(at=1000.0, ready=4)) == 4


def test_a_survey_without_agents_uses_the_lines_that_are_free():
    campaign = pacer(Mode.VOICE, lines=5)
    first, *_ = dial(campaign, 2, 0.0)
    campaign.answered(first, 9.0)
    assert campaign.wanted(Staffing(at=10.0, ready=0)) == 3
    campaign.ended(first, 40.0)
    assert campaign.wanted(Staffing(at=41.0, ready=0)) == 4


def test_who_was_taken_for_a_machine_and_spoke_up_counts_as_an_answer_and_as_a_drop():
    campaign = pacer()
    machine, person = dial(campaign, 2, 0.0)
    for name in (machine, person):
        campaign.answered(name, 5.0, machine=True)
    assert campaign.figures(6.0).answers == 0
    campaign.dropped(person, 9.0)
    for name in (machine, person):
        campaign.ended(name, 12.0)
    figures = campaign.figures(12.0)
    assert (figures.answers, figures.drops) == (1, 1)


def test_a_phone_rings_for_fifteen_seconds_at_least():
    with pytest.raises(ValueError, match="15 s"):
        PacingRules(mode=Mode.PREDICTIVE, most_lines=1, ring_seconds=14)
