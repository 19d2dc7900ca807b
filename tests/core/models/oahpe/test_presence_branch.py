import pytest
import torch

from core.models.oahpe.presence_branch import PresenceBranch, fully_connected


@pytest.mark.parametrize("size_wh", [(9, 12), (5, 6), (1, 1)])
def test_features_of_any_size_give_one_number_per_keypoint(size_wh) -> None:
    branch = PresenceBranch(8, size_wh, 17, reduced=4, hidden=(6, 5)).eval()
    width, height = size_wh
    assert branch(torch.randn(2, 8, height, width)).shape == (2, 17)


def test_no_column_of_the_features_is_left_out() -> None:
    torch.manual_seed(0)
    branch = PresenceBranch(4, (5, 3), 2, reduced=32, hidden=(32,)).eval()
    features = torch.randn(1, 4, 3, 5, requires_grad=True)
    branch(features).sum().backward()
    assert (features.grad.abs().sum((0, 1)) > 0).all()


def test_at_the_papers_size_the_layers_of_1024_stand_on_c5() -> None:
    with torch.device("meta"):
        branch = PresenceBranch(2048, (9, 12), 17, reduced=256, hidden=(1024, 1024))
    shapes = [tuple(layer.weight.shape) for layer in branch.judge if hasattr(layer, "weight")]
    assert shapes == [(1024, 256 * 5 * 6), (1024, 1024), (17, 1024)]


def test_the_last_layer_has_no_relu() -> None:
    assert [type(layer).__name__ for layer in fully_connected(4, (3, 3), 2)] == [
        "Linear", "ReLU", "Linear", "ReLU", "Linear",
    ]  # fmt: skip
