"""Who may hear whose talks."""

import pytest

from crm_core.access.roles import Role
from recording.policy import Listener, may_hear, may_hear_any

HEARS_ALL = {Role.TEAM_LEADER, Role.SUPERVISOR, Role.QUALITY}
HEARS_OWN = HEARS_ALL | {Role.AGENT, Role.EXPERT}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_hears_what_its_work_needs_and_nothing_else(role):
    listener = Listener(number="1018", roles=(role,))
    assert may_hear(listener, agent="1018") is (role in HEARS_OWN)
    assert may_hear(listener, agent="1019") is (role in HEARS_ALL)
    assert may_hear_any(listener.roles) is (role in HEARS_OWN)


def test_somebody_without_a_role_or_number_hears_nothing():
    assert not may_hear(Listener(number="1018", roles=()), agent="1018")
    assert not may_hear(Listener(number="", roles=(Role.AGENT,)), agent="")


def test_one_of_several_roles_is_enough():
    assert may_hear(Listener(number="2001", roles=(Role.ADMINISTRATOR, Role.QUALITY)), agent="1018")


def test_a_voice_message_is_heard_by_everybody_who_takes_calls():
    for role in Role:
        assert may_hear(Listener(number="1018", roles=(role,)), agent="") is (role in HEARS_OWN)
