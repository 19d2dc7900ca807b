"""Batches follow the time they take."""

from db.batches import FIRST_ROWS, MOST_ROWS, TARGET_S, Pace


def test_a_batch_that_took_too_long_is_followed_by_a_smaller_one() -> None:
    pace = Pace()
    pace.took(4 * TARGET_S, FIRST_ROWS)
    assert pace.rows == FIRST_ROWS // 4


def test_a_quick_batch_at_most_doubles_the_next() -> None:
    pace = Pace()
    pace.took(0.0, FIRST_ROWS)
    assert pace.rows == 2 * FIRST_ROWS
    for _ in range(20):
        pace.took(0.0, pace.rows)
    assert pace.rows == MOST_ROWS


def test_the_slowest_disk_still_gets_one_row() -> None:
    pace = Pace()
    pace.took(60.0, FIRST_ROWS)
    assert pace.rows == 1
