"""What a refused person is told."""

from crm_core.errors import Refused


def test_a_refusal_says_what_happened_with_its_values():
    refusal = Refused("Agent {agent} is in after-call work.", agent="1018")
    assert str(refusal) == "Agent 1018 is in after-call work."
    assert refusal.status == 409
