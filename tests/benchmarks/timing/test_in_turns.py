import pytest
import torch

from benchmarks.timing import in_turns

CPU = torch.device("cpu")


@pytest.fixture
def ran(monkeypatch):
    """Which ways ran, and how to make one: it takes as long as `cost` says of how many ran."""
    ran = []
    now = {"s": 0.0, "cpu": 0.0}
    monkeypatch.setattr(in_turns.time, "perf_counter", lambda: now["s"])
    monkeypatch.setattr(in_turns.time, "process_time", lambda: now["cpu"])

    def way(name, cost, cpu_s=1.0):
        def run():
            ran.append(name)
            now["s"] += cost(len(ran))
            now["cpu"] += cpu_s

        return run

    return ran, way


def test_ways_take_turns_forwards_and_backwards_after_a_warm_up(ran):
    names, way = ran
    found = in_turns.compared(
        {"a": way("a", lambda n: 2.0), "b": way("b", lambda n: 1.0, 0.25)}, CPU, rounds=3
    )
    assert "".join(names) == "ab" + "ab" + "ba" + "ab"
    assert found.median_s == {"a": 2.0, "b": 1.0}
    assert found.ratio == {"b": (0.5, 0.5, 0.5)}
    assert found.cpu_ratio == {"b": 0.25}
    assert (found.rounds, found.tries) == (3, 1)


def test_what_takes_long_is_looked_at_less_often(ran):
    _, way = ran
    slow = {"a": way("a", lambda n: in_turns.SLOW_S + 1)}
    assert in_turns.compared(slow, CPU).rounds == in_turns.SLOW_ROUNDS


def test_restless_ratios_are_measured_again_and_the_calmest_is_kept(ran):
    names, way = ran
    restless = way("b", lambda n: float(n) if n < 20 else 1.0)
    found = in_turns.compared({"a": way("a", lambda n: 1.0), "b": restless}, CPU, rounds=10)
    assert len(names) == 44
    assert (found.tries, found.scatter) == (2, 0.0)


def test_no_other_try_is_made_when_enough_time_has_gone_by(ran):
    _, way = ran
    restless = {"a": way("a", lambda n: 1.0), "b": way("b", lambda n: float(n * n))}
    assert in_turns.compared(restless, CPU).tries == 1
