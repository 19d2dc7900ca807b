import pytest
import torch
from torch import nn

from core.models.metamodel.branch import VisibilityBranch

K, CHANNELS, SIZE_WH = 5, 12, (6, 8)


def a_branch(size_wh=SIZE_WH, **fields) -> VisibilityBranch:
    torch.manual_seed(0)
    sizes = {"bottleneck": 6, "reduced": 4, "hidden": (16, 8)} | fields
    return VisibilityBranch(CHANNELS, size_wh, K, **sizes).eval()


@torch.inference_mode()
def test_exchanging_the_last_layers_groups_of_three_exchanges_keypoints():
    branch, features = a_branch(), torch.randn(2, CHANNELS, 8, 6)
    last = branch.classify[-1]
    nn.init.normal_(last.weight)
    before = branch(features)
    order = torch.tensor([3, 1, 4, 0, 2])
    rows = (order[:, None] * 3 + torch.arange(3)).flatten()  # keypoint first, then flag
    last.weight.copy_(last.weight[rows])
    assert before.shape == (2, K, 3)
    torch.testing.assert_close(branch(features), before[:, order])


@torch.inference_mode()
def test_features_are_also_handed_on_past_the_bottleneck():
    branch, features = a_branch(), torch.rand(1, CHANNELS, 8, 6)
    for module in branch.bottleneck.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.weight.zero_()  # the bottleneck says 0
    pooled = []
    branch.reduce.register_forward_hook(lambda module, given, found: pooled.append((given, found)))
    branch(features)
    (given,), found = pooled[0]
    torch.testing.assert_close(given, features)
    assert found.shape == (1, 4, 4, 3)


def test_the_bottleneck_is_three_by_three_one_by_one_three_by_three():
    kernels = [m.kernel_size for m in a_branch().bottleneck.modules() if isinstance(m, nn.Conv2d)]
    assert kernels == [(3, 3), (1, 1), (3, 3)]


def test_a_papers_branch_on_resnet_50_has_the_parameters_counted_by_hand():
    with torch.device("meta"):
        branch = VisibilityBranch(
            2048, (6, 8), 17, bottleneck=512, reduced=128, hidden=(4096, 2048, 1024)
        )
    convolutions = 9 * 2048 * 512 + 512 * 512 + 9 * 512 * 2048 + 2048 * 128
    norms = 2 * (512 + 512 + 2048 + 128)
    layers = (128 * 12 + 1) * 4096 + 4097 * 2048 + 2049 * 1024 + 1025 * 51
    assert sum(p.numel() for p in branch.parameters()) == convolutions + norms + layers


@torch.inference_mode()
@pytest.mark.parametrize("size_wh", [(5, 7), (1, 1), (6, 8)])
def test_odd_feature_maps_are_pooled_whole(size_wh):
    width, height = size_wh
    said = a_branch(size_wh)(torch.randn(1, CHANNELS, height, width))
    assert said.shape == (1, K, 3)


def test_weights_begin_as_the_branch_says():
    branch = a_branch(hidden=(256,), reduced=64, bottleneck=64)
    convolution, layer = branch.bottleneck[1][0], branch.classify[0]
    assert float(convolution.weight.detach().std()) == pytest.approx((2 / 64) ** 0.5, rel=0.1)
    assert float(layer.weight.detach().std()) == pytest.approx(0.01, rel=0.05)
    assert not layer.bias.any()
