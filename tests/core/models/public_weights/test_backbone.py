import pytest
import torch
from safetensors.torch import save_file

from core.errors import UserError
from core.models.bases.build import build_base
from core.models.bases.config import BaseConfig
from core.models.public_weights.backbone import backbone_weights
from tests.core.models.public_weights.written import (
    Sheet,
    run_hrnet,
    run_sbl,
    under,
    write_hrnet,
    write_resnet,
    write_sbl,
)

K = 4


def a_base(name="sbl_r50", width=0.125):
    torch.manual_seed(3)
    return build_base(BaseConfig(name, width), num_keypoints=K).eval()


def saved(tmp_path, weights, name="weights.pth"):
    torch.save(weights, tmp_path / name)
    return tmp_path / name


def crops() -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(2, 3, 64, 64)


def ours(base) -> dict:
    return {f"head.{name}": value.clone() for name, value in base.head.state_dict().items()}


def imagenet_resnet() -> dict:
    sheet = Sheet()
    width = write_resnet(sheet, 8, (3, 4, 6, 3))
    sheet.linear("fc", width, 1000)
    return sheet.weights


@pytest.mark.parametrize("prefix", ["", "backbone."])
def test_an_imagenet_resnet_fills_the_backbone_and_leaves_the_head(tmp_path, prefix):
    base, weights = a_base(), imagenet_resnet()
    head = ours(base)
    report = backbone_weights(saved(tmp_path, under({"fc": "", "": prefix}, weights)), base)
    assert dict(report.unused) == dict.fromkeys(
        ("fc.weight", "fc.bias"), "a classifier, which keypoints do not need"
    )
    assert all(torch.equal(value, head[name]) for name, value in ours(base).items())
    own_head = {name.removeprefix("head."): value for name, value in head.items()}
    torch.testing.assert_close(
        base(crops()).maps, run_sbl({**weights, **own_head}, crops()), rtol=1e-4, atol=1e-5
    )


def test_a_pose_network_gives_its_backbone_alone(tmp_path):
    sheet = Sheet()
    write_sbl(sheet, 17)
    report = backbone_weights(saved(tmp_path, sheet.weights), a_base("cpn_r50"))
    assert set(report.unused.values()) == {"a pose head; a start takes the backbone alone"}
    assert len(report.matched) == 318


def test_a_folder_of_the_hub_fills_the_backbone(tmp_path):
    start = a_base().backbone.state_dict()
    hub = {f"resnet.{name}": value + 1 for name, value in start.items()}
    save_file({**hub, "classifier.1.weight": torch.ones(2)}, tmp_path / "model.safetensors")
    base = a_base()
    backbone_weights(tmp_path, base)
    assert all(
        torch.equal(value, start[name] + 1) for name, value in base.backbone.state_dict().items()
    )


def test_an_efficientnet_of_the_hub_fills_the_backbone(tmp_path):
    start = a_base("sbl_efficientnet_b0").backbone.state_dict()
    hub = {f"efficientnet.{name}": value + 1 for name, value in start.items()}
    save_file({**hub, "classifier.weight": torch.ones(2)}, tmp_path / "model.safetensors")
    base = a_base("sbl_efficientnet_b0")
    backbone_weights(tmp_path, base)
    assert all(
        torch.equal(value, start[name] + 1) for name, value in base.backbone.state_dict().items()
    )


def imagenet_hrnet() -> dict:
    """The classifier's: it mixes for every branch at the end, and has layers of its own."""
    sheet = Sheet()
    write_hrnet(sheet, K)
    del sheet.weights["final_layer.weight"], sheet.weights["final_layer.bias"]
    for end in (1, 2, 3):
        sheet.conv(f"stage4.2.fuse_layers.{end}.0.0.0", 8, 8, 3)
    sheet.conv("incre_modules.0.0.conv1", 8, 8, 1)
    sheet.conv("downsamp_modules.0.0", 8, 8, 3, bias=True)
    sheet.conv("final_layer.0", 64, 128, 1, bias=True)
    sheet.linear("classifier", 128, 1000)
    return sheet.weights


def test_an_imagenet_hrnet_fills_the_backbone(tmp_path):
    base, weights = a_base("hrnet_w32"), imagenet_hrnet()
    report = backbone_weights(saved(tmp_path, weights), base)
    assert sorted(set(report.unused.values())) == [
        "a classifier's layer",
        "a classifier, which keypoints do not need",
        "a mixing that keypoints do not need",
    ]
    used = {name: value for name, value in weights.items() if name not in report.unused}
    wanted = run_hrnet({**used, **base.head.state_dict()}, crops())
    torch.testing.assert_close(base(crops()).maps, wanted, rtol=1e-4, atol=1e-5)


def test_another_depth_is_refused_with_all_that_does_not_fit(tmp_path):
    sheet = Sheet()
    write_resnet(sheet, 8, (3, 4, 23, 3))
    base = a_base()
    before = base.state_dict()["backbone.embedder.embedder.convolution.weight"].clone()
    with pytest.raises(UserError, match="not of this base's backbone") as error:
        backbone_weights(saved(tmp_path, sheet.weights), base)
    assert len(error.value.problems) == 17 * 18
    assert error.value.problems[0].startswith("unknown: encoder.stages.2.layers.6.layer.0.conv")
    after = base.state_dict()["backbone.embedder.embedder.convolution.weight"]
    assert torch.equal(after, before)


def test_weights_that_are_no_numbers_are_refused(tmp_path):
    weights = imagenet_resnet()
    weights["bn1.running_var"][2] = torch.inf
    with pytest.raises(UserError, match="not of this base's backbone") as error:
        backbone_weights(saved(tmp_path, weights), a_base())
    assert error.value.problems == (
        "holds what is no number: embedder.embedder.normalization.running_var",
    )


def test_a_base_without_a_known_start_is_named(tmp_path):
    with pytest.raises(UserError, match="No start is known for a backbone of kind TinyResNet"):
        backbone_weights(saved(tmp_path, {}), a_base("tiny"))
