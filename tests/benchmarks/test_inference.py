import sys

import pytest

from benchmarks import inference


def test_everything_can_be_measured_and_a_quick_look_keeps_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(inference, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(sys, "argv", ["inference", "--quick", "--threads", "1"])
    inference.main()
    said = capsys.readouterr().out
    for words in ("photo to places of transformers", "metamodel_sbl_r50 m=256", "bfloat16"):
        assert words in said
    assert "OVER BUDGET" not in said
    assert not (tmp_path / "results.json").exists()


def test_a_budget_that_is_not_kept_is_said_but_not_of_small_networks():
    machine = inference.Machine(inference.torch.device("cpu"))
    assert machine.verdict(1.2, 1.2) == ", at most 1.2"
    assert machine.verdict(1.21, 1.2) == ", at most 1.2  OVER BUDGET"
    assert inference.replace(machine, quick=True).verdict(2, 1) == ""


def test_heads_are_held_against_their_own_base_at_their_own_size():
    machine = inference.Machine(inference.torch.device("cpu"))
    base = machine.base_of("oahpe_r50")
    assert base.family == "plain"
    assert base.crop_size_wh_px == (288, 384)
    assert machine.model("metamodel_sbl_r50 m=256").network.bottleneck == 256


@pytest.mark.parametrize(("name", "share"), [("NVIDIA H200", 0.25), ("Some Other", "unknown")])
def test_the_share_of_a_peak_is_told_where_the_peak_is_known(name, share, monkeypatch):
    monkeypatch.setattr(inference.Machine, "name", name)
    machine = inference.Machine(inference.torch.device("cpu"))
    assert machine.share_of_peak(989.4e12 / 4, "bfloat16") == share
