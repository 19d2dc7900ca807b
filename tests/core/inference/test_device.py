import pytest
import torch

from core.errors import UserError
from core.inference.device import choose_device


def test_auto_is_always_a_device_there_is():
    assert choose_device("auto").type in {"cpu", "cuda", "mps"}
    assert choose_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize("wanted", ["gpu", "cuda:x", "cpu:1", "", "mps:0"])
def test_an_unknown_word_is_refused_with_the_known_ones(wanted):
    with pytest.raises(UserError, match="no device") as refused:
        choose_device(wanted)
    assert refused.value.remedy == "Use auto, cpu, cuda, cuda:N or mps."


@pytest.mark.parametrize("wanted", ["cuda", "cuda:97", "mps"])
def test_a_device_this_machine_lacks_is_refused(wanted, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(UserError, match=f"This machine has no device '{wanted}'"):
        choose_device(wanted)


def test_the_number_of_a_gpu_is_checked(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert choose_device("cuda:1") == torch.device("cuda:1")
    with pytest.raises(UserError, match="no device 'cuda:2'"):
        choose_device("cuda:2")
