"""The steps of a case are read in both languages on the desk."""

from agent_desktop.desk.words import CASE_STEPS
from crm_core.demo.wording import STEPS


def test_every_step_of_the_demo_has_an_english_word():
    assert {step for steps in STEPS.values() for step in steps} <= set(CASE_STEPS)
    assert all(word.isascii() for word in CASE_STEPS.values())
