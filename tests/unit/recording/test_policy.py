"""Who may hear whose talks."""

import pytest

from crm_core.access.roles import Role
from recording.policy import Listener, may_hear, may_hear_any

HEARS_ALL = {Role.SUPERVISOR, Role.QUALITY}
HEARS_OWN = HEARS_ALL | {Role.TEAM_LEADER, Role.AGENT, Role.EXPERT}


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


def test_a_team_leader_hears_the_agents_who_are_led_and_what_is_nobodys_talk():
    leader = Listener(number="2001", roles=(Role.TEAM_LEADER,), team=frozenset({"1018"}))
    assert may_hear(leader, agent="1018")
    assert may_hear(leader, agent="2001")
    assert may_hear(leader, agent="survey")
    assert not may_hear(leader, agent="1019")


def test_a_team_opens_nothing_to_somebody_who_is_no_leader():
    assert not may_hear(Listener(number="1018", roles=(Role.AGENT,), team=frozenset({"1019"})), agent="1019")


def test_what_was_shared_is_heard_and_nothing_beside_it():
    listener = Listener(number="1018", roles=(Role.EXPERT,), shared=frozenset({7}))
    assert may_hear(listener, agent="1019", recording=7)
    assert not may_hear(listener, agent="1019", recording=8)
    assert not may_hear(listener, agent="1019")
