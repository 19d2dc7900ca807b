from dataclasses import replace

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from core.errors import UserError
from core.models.catalog import build_model, sketch_model
from core.models.codecs.config import HeatmapConfig
from core.models.config_bounds import model_problems
from core.models.entries import ENTRIES, model_of
from core.models.hybridpose.config import HybridPoseConfig
from core.models.hybridpose.network import HybridPose
from core.models.outputs import PoseOutput

TINY = model_of("hybridpose_tiny")
NAMES = [name for name, entry in ENTRIES.items() if entry.model.family == "hybridpose"]


def count(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def gigaflops(module: torch.nn.Module, side_px: int) -> float:
    """Of one picture, a multiplication and an addition counted as two."""
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        module(torch.empty(1, 3, side_px, side_px))
    return counter.get_total_flops() / 1e9


# Parameters in millions and GFLOPs at 640 x 640, as the README of YOLOv5's release 5.0 has them.
@pytest.mark.parametrize(
    ("name", "millions", "gflops"),
    [
        ("hybridpose_s", 12.7, 17.4),
        ("hybridpose_m", 35.9, 52.4),
        ("hybridpose_l", 77.2, 117.7),
    ],
)
def test_with_a_head_of_80_classes_the_body_is_yolov5_p6(name, millions, gflops):
    body = sketch_model(model_of(name)).body
    head = sum(255 * channels + 255 for channels in body.channels)
    assert (count(body) + head) / 1e6 == pytest.approx(millions, abs=0.07)
    head_flops = sum(
        2 * 255 * channels * (640 // stride) ** 2
        for channels, stride in zip(body.channels, (8, 16, 32, 64), strict=True)
    )
    assert gigaflops(body, 640) + head_flops / 1e9 == pytest.approx(gflops, rel=0.005)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("hybridpose_s", 13_389_664),
        ("hybridpose_m", 36_919_168),
        ("hybridpose_l", 78_545_696),
        ("hybridpose_tiny", 1_983_136),
    ],
)
def test_parameters_of_every_entry(name, parameters):
    assert count(sketch_model(model_of(name))) == parameters


@pytest.mark.parametrize(
    ("name", "share"), [("hybridpose_s", 0.14), ("hybridpose_m", 0.06), ("hybridpose_l", 0.03)]
)
def test_maps_cost_little_beside_the_rest(name, share):
    network = sketch_model(model_of(name))
    whole = gigaflops(network, 1280)
    network.map_head.forward = lambda features: features
    assert whole / gigaflops(network, 1280) - 1 == pytest.approx(share, abs=0.005)


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_is_within_its_bounds(name):
    assert model_problems(model_of(name)) == []


def test_levels_have_cells_and_maps_per_anchor():
    network = build_model(TINY).eval()
    with torch.inference_mode():
        output = network(torch.zeros(2, 3, 128, 192))
    sizes = [(16, 24), (8, 12), (4, 6), (2, 3)]
    assert [tuple(level.cells.shape) for level in output.levels] == [
        (2, 3, 5 + 2 * 17, *size) for size in sizes
    ]
    assert [tuple(level.maps.shape) for level in output.levels] == [(2, 3, 17, *s) for s in sizes]
    assert not isinstance(output, PoseOutput)


def test_a_fresh_network_expects_few_objects_and_maps_close_to_empty():
    torch.manual_seed(0)
    network = HybridPose(replace(TINY.network, map_prior=0.02), 17).eval()
    with torch.inference_mode():
        levels = network(torch.rand(1, 3, 128, 128)).levels
    expected = [8 / (640 / stride) ** 2 for stride in (8, 16, 32, 64)]
    found = [level.cells[:, :, 4].sigmoid().mean().item() for level in levels]
    assert found == pytest.approx(expected, rel=0.5)
    assert [level.maps.sigmoid().mean().item() for level in levels] == pytest.approx(
        [0.02] * 4, rel=0.5
    )


def test_parts_can_be_trained_alone():
    names = dict(build_model(TINY).named_children())
    assert list(names) == ["body", "pose_head", "map_head"]


def test_batch_norms_forget_as_the_config_says():
    network = sketch_model(replace(TINY, network=HybridPoseConfig(0.33, 0.1, norm_momentum=0.07)))
    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert {norm.momentum for norm in norms} == {0.07}


def test_the_whole_network_learns_from_every_output():
    network = build_model(TINY)
    output = network(torch.rand(2, 3, 64, 64))
    sum(level.cells.mean() + level.maps.mean() for level in output.levels).backward()
    assert [n for n, p in network.named_parameters() if p.grad is None] == []


def test_a_size_the_strides_do_not_divide_is_refused():
    with pytest.raises(UserError, match="cannot look at pictures of 320 x 300 pixels") as refused:
        build_model(replace(TINY, crop_size_wh_px=(320, 300)))
    assert refused.value.remedy == "Both sides have to be multiples of 64."


def test_an_alignment_of_crops_is_refused():
    with pytest.raises(UserError, match="does not know the alignment 'udp'"):
        build_model(replace(TINY, alignment="udp"))


def test_a_codec_of_crops_is_refused():
    with pytest.raises(UserError, match="has no codec 'heatmap'"):
        build_model(replace(TINY, codec=HeatmapConfig()))


def test_anchors_stand_in_levels_of_three():
    assert HybridPoseConfig().anchors_of(0) == ((19, 27), (44, 40), (38, 94))
    assert HybridPoseConfig().anchors_of(3) == ((436, 615), (739, 380), (925, 792))
