"""The network beside the one transformers builds."""

from pathlib import Path

import pytest
import torch

from core.errors import UserError
from core.models.catalog import build_model, sketch_model
from core.models.checkpoint import load_checkpoint
from core.models.codecs.config import HeatmapConfig, SimccConfig
from core.models.model_config import ModelConfig
from core.models.vitpose.config import VitposeConfig
from core.models.vitpose.hub import add_hub_vitpose
from core.models.vitpose.sizes import VITPOSES
from tests.core.models.vitpose.hub_folders import a_vitpose_folder

TINY = VitposeConfig(hidden=32, layers=2, heads=2)


def a_model(
    network: VitposeConfig = TINY,
    crop: tuple[int, int] = (96, 128),
    codec: HeatmapConfig | SimccConfig | None = None,
) -> ModelConfig:
    maps = codec or HeatmapConfig(network.map_size_wh_px(crop), refine="dark")
    return ModelConfig("vitpose", network, maps, crop_size_wh_px=crop, alignment="udp")


@pytest.mark.parametrize(
    ("simple", "backbone"),
    [
        (True, {}),
        (False, {}),
        (True, {"num_experts": 3, "part_features": 8}),
        (True, {"patch_size": [8, 8], "mlp_ratio": 2, "qkv_bias": False}),
    ],
    ids=["simple", "classic", "experts", "patches"],
)
def test_it_says_what_transformers_says(
    tmp_path: Path, simple: bool, backbone: dict[str, object]
) -> None:
    from transformers import VitPoseForPoseEstimation

    folder = a_vitpose_folder(tmp_path / "hub", simple=simple, **backbone)
    add_hub_vitpose(folder, tmp_path / "ours", name="ours")
    ours, _ = load_checkpoint(tmp_path / "ours")
    theirs = VitPoseForPoseEstimation.from_pretrained(folder).eval()
    crops = torch.randn(2, 3, 128, 96, generator=torch.Generator().manual_seed(0))
    expert = torch.zeros(2, dtype=torch.long) if "num_experts" in backbone else None

    with torch.inference_mode():
        wanted = theirs(crops, dataset_index=expert).heatmaps
        said = ours(crops)

    assert wanted.std() > 0.05  # else nothing is compared
    assert torch.allclose(said.places, wanted, atol=5e-3 * float(wanted.abs().max()))
    assert said.flag_logits is said.presence_logits is said.visible_logits is None


def test_another_data_sets_expert_says_something_else() -> None:
    torch.manual_seed(0)
    network = VitposeConfig(hidden=32, layers=2, heads=2, experts=2, part_features=16)
    first = build_model(a_model(network)).eval()
    second = build_model(a_model(VitposeConfig(**{**vars(network), "dataset": 1}))).eval()
    second.load_state_dict(first.state_dict())
    crops = torch.randn(1, 3, 128, 96)

    with torch.inference_mode():
        assert not torch.allclose(first(crops).places, second(crops).places)


@pytest.mark.parametrize(
    ("name", "megabytes"),
    [
        ("vitpose_small", 97.2),
        ("vitpose_base_simple", 344),
        ("vitpose_base", 360),
        ("vitpose_plus_small", 133),
        ("vitpose_plus_base", 502),
        ("vitpose_huge", 2549),
        ("vitpose_plus_huge", 3598),
    ],
)
def test_the_published_sizes_are_those_of_the_public_files(name: str, megabytes: float) -> None:
    """The files of the Hub hold float32 and a header of some kilobytes."""
    sketch = sketch_model(VITPOSES[name].model)

    size = sum(4 * value.numel() for value in sketch.state_dict().values()) / 1e6

    assert size == pytest.approx(megabytes, rel=0.005)


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (a_model(VitposeConfig(hidden=33, heads=2)), "hidden 33 is no multiple of its 2 heads"),
        (
            a_model(VitposeConfig(hidden=32, heads=2, experts=2, part_features=32)),
            "part_features 32 is not below hidden 32",
        ),
        (
            a_model(VitposeConfig(hidden=32, heads=2, experts=2, part_features=8, dataset=2)),
            "dataset 2 has none of the 2 experts",
        ),
        (
            a_model(VitposeConfig(hidden=32, heads=2, patch_px=5), (96, 129)),
            "crops of 96x129 are not cut into whole patches",
        ),
        (a_model(codec=HeatmapConfig((48, 64))), "its maps are 24x32, not 48x64"),
    ],
)
def test_numbers_that_do_not_go_together_are_refused(model: ModelConfig, problem: str) -> None:
    with pytest.raises(UserError) as refused:
        sketch_model(model)

    assert refused.value.what == "This ViTPose cannot be built."
    assert refused.value.problems == (problem,)


def test_simcc_is_refused() -> None:
    with pytest.raises(UserError, match="ViTPose answers with heat maps, not with simcc"):
        sketch_model(a_model(codec=SimccConfig()))
