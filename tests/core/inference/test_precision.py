import pytest
import torch

from core.errors import UserError
from core.inference.precision import in_bfloat16

CPU, CUDA = torch.device("cpu"), torch.device("cuda")


@pytest.mark.parametrize(
    ("precision", "expected"), [("float32", False), ("bfloat16", True), ("auto", False)]
)
def test_a_cpu_runs_in_bfloat16_only_if_told_to(precision, expected):
    assert in_bfloat16(precision, CPU) is expected


@pytest.mark.parametrize(("capability", "expected"), [((7, 5), False), ((8, 0), True)])
def test_auto_takes_bfloat16_where_a_gpu_computes_it_natively(monkeypatch, capability, expected):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert in_bfloat16("auto", CUDA) is expected
    assert in_bfloat16("float32", CUDA) is False


def test_an_unknown_precision_is_refused_with_the_known_ones():
    with pytest.raises(UserError, match="no precision 'half'") as refused:
        in_bfloat16("half", CPU)
    assert refused.value.remedy == "Use float32, bfloat16, auto."
