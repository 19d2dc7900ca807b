import sys

from benchmarks import inference


def test_everything_can_be_measured_and_a_quick_look_keeps_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(inference, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(sys, "argv", ["inference", "--quick", "--threads", "1"])
    inference.main()
    said = capsys.readouterr().out
    for words in ("vitpose_base of tran", "metamodel_sbl_r50", "channels last, bfloat16"):
        assert words in said
    assert "OVER BUDGET" not in said
    assert not (tmp_path / "results.json").exists()


def test_alternatives_take_turns_and_the_median_counts(monkeypatch):
    ran = []
    now = iter(range(100))
    monkeypatch.setattr(inference.time, "perf_counter", lambda: next(now))
    machine = inference.Machine(inference.torch.device("cpu"), 3, quick=False)
    found = machine.timed({"a": lambda: ran.append("a"), "b": lambda: ran.append("b")})
    assert ran == ["a", "b"] * (inference.WARM_UP + 3)
    assert found == {"a": 1000.0, "b": 1000.0}
