from copy import deepcopy
from functools import cache

import pytest
import torch
from torch import nn

from core.errors import UserError
from core.models.bases.build import BASES, build_base
from core.models.bases.config import BASE_NAMES, BaseConfig
from core.models.bases.pose_base import PoseBase

K = 5
# Width and height of crops, not square so that swapped axes are seen.
CROP_WH = (64, 96)
STAGED = {"mspn2": 7, "hourglass": 0, "hourglass2": 1, "cpn_r50": 4, "cpn_r101": 4}
# The smallest of each family of bases; the others differ in depth and width alone.
ONE_OF_EACH = (
    "sbl_r50", "sbl_efficientnet_b0", "hrnet_w32", "mspn2", "hourglass2", "cpn_r50", "tiny",
)  # fmt: skip


@cache
def small(name: str) -> PoseBase:
    torch.manual_seed(3)
    return build_base(BaseConfig(name, width=0.1), num_keypoints=K).eval()


def crops(count: int = 2, size_wh: tuple[int, int] = CROP_WH) -> torch.Tensor:
    torch.manual_seed(4)
    return torch.randn(count, 3, size_wh[1], size_wh[0])


def sketched(name: str) -> PoseBase:
    with torch.device("meta"):
        return build_base(BaseConfig(name), num_keypoints=17)


def count_of(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def test_every_name_a_config_may_hold_is_a_base() -> None:
    assert tuple(BASES) == BASE_NAMES


def test_an_unknown_base_is_refused_by_name() -> None:
    with pytest.raises(UserError, match="There is no base called 'resnet'"):
        build_base(BaseConfig("resnet"), num_keypoints=K)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_maps_and_features_have_the_promised_sizes(name: str) -> None:
    base = small(name)
    said = base(crops())
    width, height = CROP_WH
    assert said.maps.shape == (2, K, height // base.map_stride, width // base.map_stride)
    features_wh = base.feature_size_wh(CROP_WH)
    assert said.features.shape == (2, base.feature_channels, *reversed(features_wh))
    assert len(said.coarse) == STAGED.get(name, 0)
    assert {tuple(maps.shape) for maps in said.coarse} <= {tuple(said.maps.shape)}


@pytest.mark.parametrize("name", [*ONE_OF_EACH, "hourglass", "cpn_r101"])
def test_no_base_looks_at_numbers_to_decide_its_way(name: str) -> None:
    # On the meta device there are none; a graph that can be exported needs none.
    said = sketched(name).eval()(torch.empty(1, 3, 64, 64, device="meta"))
    assert said.maps.shape == (1, 17, 16, 16)
    assert len(said.coarse) == STAGED.get(name, 0)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("sbl_r50", 33_999_697),  # counted on the authors' code
        ("sbl_r101", 52_991_825),
        ("sbl_r152", 68_635_473),
        # 5,288,548 and 43,040,704 with classifiers of 1000 classes, less these, plus the heads.
        ("sbl_efficientnet_b0", 5_288_548 - 1_281_000 + 7_345_937),
        ("sbl_efficientnet_b6", 43_040_704 - 2_305_000 + 11_540_241),
        ("hrnet_w32", 28_535_552 + 32 * 17 + 17),
        ("hrnet_w48", 63_594_912 + 48 * 17 + 17),
        ("mspn2", 56_867_032),
        # The toolbox prints 94.85 M: it also builds one block (1,180,672) that it never runs.
        ("hourglass", 94_847_889 - 1_180_672),
        ("cpn_r50", 27_010_538),  # 27.0 M in Sun et al. 2019, table 1
    ],
)
def test_at_full_width_there_are_as_many_parameters_as_published(
    name: str, parameters: int
) -> None:
    assert count_of(sketched(name)) == parameters


def test_full_features_are_those_the_papers_name() -> None:
    channels = {name: sketched(name).feature_channels for name in ("sbl_r50", "mspn2", "hrnet_w32")}
    assert channels == {"sbl_r50": 2048, "mspn2": 2048, "hrnet_w32": 256}


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_one_training_step_moves_every_parameter(name: str) -> None:
    torch.manual_seed(5)
    base = build_base(BaseConfig(name, width=0.1), num_keypoints=K).train()
    said = base(crops(2, (64, 64)))
    # The last features are a branch's ground; with a branch they get a gradient of their own.
    loss = sum(maps.square().mean() for maps in (said.maps, *said.coarse))
    (loss + said.features.square().mean()).backward()
    still = [key for key, value in base.named_parameters() if value.grad is None]
    assert still == []


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_memory_layout_does_not_change_the_answer(name: str) -> None:
    # Doubles, so that the order of additions cannot matter.
    base, given = deepcopy(small(name)).double(), crops().double()
    plain = base(given).maps
    last = base(given.contiguous(memory_format=torch.channels_last)).maps
    torch.testing.assert_close(last, plain)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_half_precision_gives_nearly_the_same_maps(name: str) -> None:
    base, given = small(name), crops()
    exact = base(given).maps
    with torch.autocast("cpu", torch.bfloat16):
        rough = base(given).maps.float()
    assert (rough - exact).abs().mean() < 0.1 * exact.abs().mean()


# Export of the others takes long; they have nothing that these have not.
@pytest.mark.parametrize("name", ["cpn_r50"])
def test_the_graph_can_be_exported(name: str) -> None:
    base, given = small(name), crops()
    exported = torch.export.export(base, (given,), strict=False).module()
    torch.testing.assert_close(exported(given).maps, base(given).maps)


def test_cpn_refines_coarse_levels_by_more_blocks_than_fine_ones() -> None:
    cascades = small("cpn_r50").head.refine_net.cascades  # type: ignore[union-attr]
    assert [len(cascade) for cascade in cascades] == [3, 2, 1, 0]  # type: ignore[arg-type]


def test_transposed_convolutions_start_near_zero_as_the_authors_had_them() -> None:
    head = build_base(BaseConfig("sbl_r50", width=0.5), num_keypoints=K).head
    spreads = [head.deconv_layers[place].weight.std().item() for place in (0, 3, 6)]
    assert spreads == pytest.approx([0.001] * 3, rel=0.05)
    assert head.final_layer.bias is not None
    assert head.final_layer.bias.abs().sum() == 0


def test_batch_norms_of_efficientnets_keep_their_averages() -> None:
    base = small("sbl_efficientnet_b0")
    norms = [m for m in base.backbone.modules() if isinstance(m, nn.BatchNorm2d)]
    assert {norm.momentum for norm in norms} == {0.01}
    assert all(norm.weight.eq(1).all() for norm in norms)
