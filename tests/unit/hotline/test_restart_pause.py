"""How soon a platform that died is started again."""

from hotline.restart_pause import restart_pause


def test_waiting_callers_get_their_platform_back_at_once():
    assert all(restart_pause(deaths) < 0.1 for deaths in range(9))


def test_a_platform_that_dies_of_its_start_again_and_again_is_slowed():
    pauses = [restart_pause(deaths) for deaths in range(9, 30)]
    assert pauses == sorted(pauses)
    assert pauses[0] >= 1
    assert pauses[-1] == 30
