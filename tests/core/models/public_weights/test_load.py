import hashlib

import pytest
import torch

from core.data.skeleton import COCO17
from core.errors import UserError
from core.models.bases.config import BaseConfig
from core.models.checkpoint import load_checkpoint
from core.models.codecs.config import SimccConfig
from core.models.outputs import PoseOutput
from core.models.public_weights.load import add_public_weights, load_public
from core.models.public_weights.recognised import Wishes
from core.models.vitpose.config import VitposeConfig
from tests.core.models.public_weights.written import (
    Sheet,
    run_hrnet,
    run_sbl,
    run_simcc,
    under,
    write_hrnet,
    write_sbl,
    write_simcc,
)
from tests.core.models.public_weights.written_stages import (
    AuthorsMspn,
    MmposeMspn,
    run_hourglass,
    run_mspn,
    write_hourglass,
    write_mspn,
)
from tests.core.models.public_weights.written_vit import run_vit, write_vit

K = 5
CROP_WH = (64, 96)
SMALL = Wishes(CROP_WH)
# How mmpose prefixes authors' names: backbones one way, heads by version.
HEADS = ("deconv_layers", "final_layer", "mlp_head")
MMPOSE_0 = {**dict.fromkeys(HEADS, "keypoint_head."), "": "backbone."}
MMPOSE_1 = {**dict.fromkeys(HEADS, "head."), "": "backbone."}
MMPOSE_SIMCC = {"deconv": "head.deconv_head.", "final": "head.deconv_head.", **MMPOSE_1}


def crops(size_wh=CROP_WH) -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(2, 3, size_wh[1], size_wh[0])


def a_file(tmp_path, weights, name="weights.pth"):
    torch.save(weights, tmp_path / name)
    return tmp_path / name


def said(tmp_path, weights, wishes=SMALL, *, size_wh=CROP_WH) -> tuple[PoseOutput, object]:
    network, config, report = load_public(a_file(tmp_path, weights), wishes)
    assert (report.missing, report.mismatched, report.unknown) == ((), (), ())
    with torch.no_grad():
        return network(crops(size_wh)), config.model


def close(found, wanted) -> None:
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)


def sbl(**settings) -> dict:
    sheet = Sheet(**settings)
    write_sbl(sheet, K)
    return sheet.weights


@pytest.mark.parametrize("prefixes", [{}, MMPOSE_0, MMPOSE_1], ids=["authors", "0.x", "1.x"])
def test_simple_baseline_gives_the_maps_of_its_authors(tmp_path, prefixes):
    weights = sbl()
    answer, model = said(tmp_path, under(prefixes, weights))
    close(answer.places, run_sbl(weights, crops()))
    assert model.network.base == BaseConfig("sbl_r50", 0.125)


@pytest.mark.parametrize(
    ("prefixes", "split"), [({}, 1.5), (MMPOSE_SIMCC, 2.0)], ids=["authors", "1.x"]
)
def test_simcc_gives_its_authors_distributions_and_its_layers_say_the_crop(
    tmp_path, prefixes, split
):
    sheet = Sheet()
    write_sbl(sheet, K)
    write_simcc(sheet, CROP_WH, split)
    answer, model = said(tmp_path, under(prefixes, sheet.weights), Wishes())
    columns, rows = run_simcc(sheet.weights, run_sbl(sheet.weights, crops()))
    close(answer.places, (columns, rows))
    assert (model.codec.split, model.crop_size_wh_px) == (split, CROP_WH)


@pytest.mark.parametrize("prefixes", [{}, MMPOSE_1], ids=["authors", "1.x"])
def test_hrnet_gives_the_maps_of_its_authors(tmp_path, prefixes):
    sheet = Sheet()
    write_hrnet(sheet, K)
    answer, model = said(tmp_path, under(prefixes, sheet.weights))
    close(answer.places, run_hrnet(sheet.weights, crops()))
    assert model.network.base == BaseConfig("hrnet_w32", 0.125)


def test_simcc_on_hrnet_w48_is_recognised(tmp_path):
    sheet = Sheet()
    write_hrnet(sheet, K, stem=16, width=16)
    write_simcc(sheet, CROP_WH, 2.0)
    answer, model = said(tmp_path, sheet.weights, Wishes())
    close(answer.places, run_simcc(sheet.weights, run_hrnet(sheet.weights, crops())))
    assert model.network.base == BaseConfig("hrnet_w48", 0.25)
    assert isinstance(model.codec, SimccConfig)


@pytest.mark.parametrize(
    "names", [AuthorsMspn(), MmposeMspn("keypoint_"), MmposeMspn()], ids=["authors", "0.x", "1.x"]
)
def test_mspn_gives_the_maps_of_every_level_of_its_authors(tmp_path, names):
    sheet = Sheet()
    write_mspn(sheet, names, K)
    wrapped = {"model": sheet.weights} if isinstance(names, AuthorsMspn) else sheet.weights
    answer, _ = said(tmp_path, wrapped)
    *coarse, last = run_mspn(sheet.weights, names, crops())
    close(answer.places, last)
    close(list(answer.coarse), coarse)


@pytest.mark.parametrize(("stacks", "head"), [(1, "keypoint_head"), (2, "head")])
def test_hourglass_gives_the_maps_of_the_toolbox(tmp_path, head, stacks):
    sheet = Sheet()
    write_hourglass(sheet, K, stacks, head)
    wishes = Wishes((128, 128))
    answer, model = said(tmp_path, sheet.weights, wishes, size_wh=(128, 128))
    *coarse, last = run_hourglass(sheet.weights, head, crops((128, 128)))
    close(answer.places, last)
    close(list(answer.coarse), coarse)
    assert model.network.base.name == ("hourglass" if stacks == 1 else "hourglass2")


# Authors' positions always have one for the class token, mmpretrain's where it was not cut off.
@pytest.mark.parametrize(
    ("named", "simple", "positions"),
    [
        ("authors", True, 13),
        ("authors", False, 13),
        ("mmpretrain", True, 12),
        ("mmpretrain", False, 13),
    ],
)
def test_vitpose_gives_the_maps_of_its_toolboxes(tmp_path, named, simple, positions):
    sheet = Sheet()
    write_vit(sheet, named, K, positions, simple=simple)
    answer, model = said(tmp_path, sheet.weights, Wishes(), size_wh=(48, 64))
    close(answer.places, run_vit(sheet.weights, named, crops((48, 64))))
    assert model.crop_size_wh_px == (48, 64)
    assert model.network.decoder == ("simple" if simple else "classic")


def test_experts_of_vitpose_plus_are_kept_and_other_heads_named(tmp_path):
    sheet = Sheet()
    write_vit(sheet, "authors", K, 13, simple=True, experts=3)
    own = dict(sheet.weights)
    sheet.conv("associate_keypoint_heads.0.final_layer", 384, 14, 3, bias=True)
    sheet.plain("backbone.cls_token", 1, 1, 384)
    network, config, report = load_public(a_file(tmp_path, sheet.weights))
    close(network(crops((48, 64))).places, run_vit(own, "authors", crops((48, 64))))
    assert config.model.network == VitposeConfig(
        hidden=384, layers=2, heads=12, experts=3, part_features=96, layer_norm_eps=1e-6
    )
    assert dict(report.unused) == {
        "associate_keypoint_heads.0.final_layer.weight": "a head for keypoints of another data set",
        "associate_keypoint_heads.0.final_layer.bias": "a head for keypoints of another data set",
        "backbone.cls_token": "a class token, which keypoints do not need",
    }


def test_experts_left_in_a_file_cut_for_one_data_set_are_named(tmp_path):
    sheet = Sheet()
    write_vit(sheet, "authors", K, 13, simple=True)
    own = dict(sheet.weights)
    for place in range(2):
        sheet.linear(f"backbone.blocks.{place}.mlp.experts.0", 4 * 384, 96)
    network, config, report = load_public(a_file(tmp_path, sheet.weights))
    close(network(crops((48, 64))).places, run_vit(own, "authors", crops((48, 64))))
    assert config.model.network.experts == 1
    assert set(report.unused.values()) == {
        "an expert of another data set; the file's own is in fc2"
    }


def test_counters_that_old_files_lack_are_counted(tmp_path):
    _, _, report = load_public(a_file(tmp_path, sbl(counters=False)), SMALL)
    assert len(report.made) == 53 + 3
    assert report.lines() == [
        "Layout: Heat maps on ResNet-50 (SimpleBaseline), as its authors named it.",
        "282 weights taken.",
        "56 made: 0: the file does not count the batches a batch norm has seen "
        "(base.backbone.embedder.embedder.normalization.num_batches_tracked).",
    ]


def test_biases_that_mmpose_leaves_out_of_mspn_are_counted(tmp_path):
    sheet = Sheet()
    write_mspn(sheet, MmposeMspn(), K)
    _, _, report = load_public(a_file(tmp_path, sheet.weights), SMALL)
    convolutions = [n for n in sheet.weights if sheet.weights[n].ndim == 4]
    assert list(report.made.values()) == ["zeros: the layout's convolutions have no bias"] * len(
        convolutions
    )


def test_the_block_that_a_single_hourglass_never_runs_is_named(tmp_path):
    sheet = Sheet()
    write_hourglass(sheet, K, 1, "head")
    _, _, report = load_public(a_file(tmp_path, sheet.weights), Wishes((64, 64)))
    assert set(report.unused) == {n for n in sheet.weights if n.startswith("backbone.inters.")}


def test_missing_strange_and_reshaped_weights_are_all_listed(tmp_path):
    weights = sbl()
    del weights["layer3.5.bn2.bias"]
    weights["final_layer.bias"] = torch.zeros(K + 1)
    weights["attention.weight"] = torch.zeros(3)
    weights["layer4.2.conv1.scale"] = torch.zeros(3)
    weights["bn1.weight"][2] = float("nan")
    with pytest.raises(UserError) as error:
        load_public(a_file(tmp_path, weights), SMALL)
    assert "these weights do not make a whole network" in error.value.what
    assert error.value.problems == (
        "missing: base.backbone.encoder.stages.2.layers.5.layer.1.normalization.bias",
        "of another shape: base.head.final_layer.bias is 6, the network has 5",
        "unknown: attention.weight",
        "unknown: base.backbone.encoder.stages.3.layers.2.layer.0.convolution.scale",
        "holds what is no number: base.backbone.embedder.embedder.normalization.weight",
    )


def test_a_folder_made_of_public_weights_is_a_checkpoint(tmp_path):
    weights = sbl()
    file = a_file(tmp_path, {"state_dict": under(MMPOSE_1, weights), "meta": {"epoch": 210}})
    names = ("head", "left hand", "right hand", "left foot", "right foot")
    report = add_public_weights(
        file, tmp_path / "made", name="mine", crop_size_wh_px=CROP_WH, keypoint_names=names,
        alignment="udp", licence="Apache-2.0",
    )  # fmt: skip
    network, config = load_checkpoint(tmp_path / "made")
    close(network(crops()).places, run_sbl(weights, crops()))
    assert len(report.matched) == len(weights)
    assert (config.name, config.licence) == ("mine", "Apache-2.0")
    assert config.model.keypoint_names == names
    assert (config.model.alignment, config.model.codec.refine) == ("udp", "dark")
    assert config.trained_on == "by others; weights of weights.pth"
    assert config.training == {
        "public_file": "weights.pth",
        "public_file_sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "layout": "Heat maps on ResNet-50 (SimpleBaseline), as mmpose 1.x named it",
    }


def test_numbers_of_public_weights_are_kept_whole(tmp_path):
    weights = sbl()
    weights["bn1.running_var"][0] = 1e6  # beyond half floats
    add_public_weights(
        a_file(tmp_path, weights), tmp_path / "made", name="mine", crop_size_wh_px=CROP_WH
    )
    network, _ = load_checkpoint(tmp_path / "made")
    kept = network.state_dict()["base.backbone.embedder.embedder.normalization.running_var"]
    assert torch.equal(kept, weights["bn1.running_var"])


def test_seventeen_keypoints_are_cocos_unless_named(tmp_path):
    sheet = Sheet()
    write_sbl(sheet, 17)
    file = a_file(tmp_path, sheet.weights)
    assert load_public(file, SMALL)[1].model.skeleton == COCO17
    assert load_public(a_file(tmp_path, sbl()), SMALL)[1].model.keypoint_names == (
        "keypoint 1", "keypoint 2", "keypoint 3", "keypoint 4", "keypoint 5",
    )  # fmt: skip
