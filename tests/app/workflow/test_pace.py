"""Pace: as many persons at once as fit into a moment, never fewer than one."""

from hypothesis import given
from hypothesis import strategies as st

from app.workflow.pace import MOST_PERSONS, Pace


@given(seconds=st.floats(0.001, 5), target=st.floats(0.01, 1))
def test_it_settles_at_what_fits(seconds: float, target: float) -> None:
    pace = Pace(target)
    assert pace.persons == 1
    for _ in range(8):
        before = pace.persons
        pace.took(seconds * before, before)
        assert 1 <= pace.persons <= min(2 * before, MOST_PERSONS)
    assert pace.persons == 1 or pace.persons * seconds <= target * 1.001
    assert pace.persons == MOST_PERSONS or (pace.persons + 1) * seconds > target * 0.999


def test_a_model_of_several_seconds_a_person_gets_one_at_a_time() -> None:
    pace = Pace(0.1)
    pace.took(0.0, 1)
    assert pace.persons == 2
    pace.took(7.0, 2)
    assert pace.persons == 1
