"""Turns on the processor: never two at once, visitors first, jobs never starved."""

import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.worker.turns import PATIENCE_S, Turns

WAIT_S = 10.0


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def in_thread(work: Callable[[], None]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def until(done: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + WAIT_S
    while not done():
        assert time.monotonic() < give_up_at
        time.sleep(0.001)


def who_wants_it(turns: Turns) -> tuple[list[str], Callable[[], None], Callable[[], None]]:
    """Who had the processor, so far; a job and a visitor that want it."""
    order: list[str] = []

    def job() -> None:
        with turns.turn():
            order.append("job")

    def visitor() -> None:
        with turns.visitor_turn():
            order.append("visitor")

    return order, job, visitor


@given(kinds=st.lists(st.booleans(), min_size=1, max_size=12))
@settings(max_examples=40, deadline=None)
def test_one_at_a_time_and_everybody_in_the_end(kinds: list[bool]) -> None:
    turns = Turns()
    inside, most, served = 0, 0, []

    def work(place: int, visitor: bool) -> None:
        nonlocal inside, most
        with turns.visit() if visitor else turns.turn():
            if not visitor:
                inside += 1
                most = max(most, inside)
                time.sleep(0.001)
                inside -= 1
                served.append(place)
                return
            with turns.visitor_turn():
                inside += 1
                most = max(most, inside)
                time.sleep(0.001)
                inside -= 1
                served.append(place)

    threads = [in_thread(lambda p=p, v=v: work(p, v)) for p, v in enumerate(kinds)]
    for thread in threads:
        thread.join(WAIT_S)
    assert (most, sorted(served)) == (1, list(range(len(kinds))))


def test_a_visitor_goes_before_a_job_that_waited_longer() -> None:
    turns = Turns()
    order, job, visitor = who_wants_it(turns)
    with turns.visit():
        with turns.visitor_turn():
            waiting = in_thread(job)
            until(lambda: turns._jobs_waiting_since != [])
        time.sleep(0.05)  # the job could go now, if nobody were at a screen
        in_thread(visitor).join(WAIT_S)
    waiting.join(WAIT_S)
    assert order == ["visitor", "job"]


def test_a_job_that_waited_too_long_gets_one_turn_before_the_next_visitor() -> None:
    clock = Clock()
    turns = Turns(clock)
    order, job, visitor = who_wants_it(turns)
    with turns.visit():
        with turns.visitor_turn():
            waiting = in_thread(job)
            until(lambda: turns._jobs_waiting_since != [])
            clock.now = PATIENCE_S
            late = in_thread(visitor)
            time.sleep(0.05)
        late.join(WAIT_S)
        waiting.join(WAIT_S)
        assert order == ["job", "visitor"]
        again = in_thread(job)  # patience begins anew
        time.sleep(0.05)
        assert order == ["job", "visitor"]
    again.join(WAIT_S)
    assert order == ["job", "visitor", "job"]


def test_photos_are_read_ahead_only_while_nobody_is_served() -> None:
    turns = Turns()
    turns.let_pass()
    read = threading.Event()

    def reader() -> None:
        turns.let_pass()
        read.set()

    with turns.visit():
        waiting = in_thread(reader)
        assert not read.wait(0.05)
    waiting.join(WAIT_S)
    assert read.is_set()


def test_a_turn_that_fails_is_given_back() -> None:
    turns = Turns()
    for take in (turns.turn, turns.visitor_turn, turns.visit):
        with pytest.raises(RuntimeError), take():
            raise RuntimeError
    order, job, _ = who_wants_it(turns)
    in_thread(job).join(WAIT_S)
    assert order == ["job"]
