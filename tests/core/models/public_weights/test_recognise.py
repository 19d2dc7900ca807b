import pytest
import torch

from core.errors import UserError
from core.models.codecs.config import HeatmapConfig, SimccConfig
from core.models.model_config import ModelConfig
from core.models.public_weights.recognise import LAYOUTS, recognise
from core.models.public_weights.recognised import Wishes
from tests.core.models.public_weights.written import (
    Sheet,
    under,
    write_hrnet,
    write_sbl,
    write_simcc,
)
from tests.core.models.public_weights.written_stages import (
    AuthorsMspn,
    MmposeMspn,
    write_hourglass,
    write_mspn,
)
from tests.core.models.public_weights.written_vit import write_vit

RGB = (123.675, 116.28, 103.53)
MMPOSE = {
    **dict.fromkeys(("deconv_layers", "final_layer", "mlp_head"), "keypoint_head."),
    "": "backbone.",
}


def written(write, *args, **settings) -> dict:
    sheet = Sheet()
    write(sheet, *args, **settings)
    return sheet.weights


def model_of(weights, wishes=None) -> ModelConfig:
    return recognise(weights, wishes).model


def seen(model: ModelConfig) -> tuple:
    """What changes numbers without any error when it is wrong."""
    codec = model.codec
    shift = codec.flip_shift_bins if isinstance(codec, SimccConfig) else codec.flip_shift_px
    return model.channel_order, model.mean, model.alignment, shift, model.padding


@pytest.mark.parametrize(
    ("weights", "wanted"),
    [
        (written(write_sbl, 3), ("BGR", RGB, "classic", 1, 1.25)),
        (under(MMPOSE, written(write_sbl, 3)), ("RGB", RGB, "classic", 1, 1.25)),
        (written(write_hrnet, 3), ("RGB", RGB, "classic", 1, 1.25)),
        (written(write_mspn, AuthorsMspn(), 3), ("BGR", RGB[::-1], "centres", 0, 1.25)),
        (written(write_mspn, MmposeMspn(), 3), ("RGB", RGB, "centres", 0, 1.25)),
        (written(write_hourglass, 3, 1, "head"), ("RGB", RGB, "classic", 1, 1.25)),
        (written(write_vit, "authors", 3, 193, simple=True), ("RGB", RGB, "udp", 0, 1.25)),
    ],
    ids=["sbl", "sbl of mmpose", "hrnet", "mspn", "mspn of mmpose", "hourglass", "vitpose"],
)
def test_preprocessing_goes_with_the_layout(weights, wanted):
    assert seen(model_of(weights)) == wanted


def test_heat_maps_are_read_as_their_layout_was_trained():
    small = HeatmapConfig((48, 64), sigma_px=2.0, refine="quarter", rounded=True, flip_shift_px=1)
    assert model_of(written(write_sbl, 3)).codec == small
    mspn = model_of(written(write_mspn, AuthorsMspn(), 3)).codec
    assert mspn == HeatmapConfig(
        (48, 64), sigma_px=1.1, refine="second_peak", blur_px=5, height=255.0, rounded=True
    )
    vitpose = model_of(written(write_vit, "authors", 3, 193, simple=True)).codec
    assert (vitpose.size_wh_px, vitpose.refine) == ((48, 64), "dark")


@pytest.mark.parametrize(
    ("counts", "name"), [((3, 4, 23, 3), "sbl_r101"), ((3, 8, 36, 3), "sbl_r152")]
)
def test_the_depth_is_counted(counts, name):
    assert model_of(written(write_sbl, 3, counts=counts)).network.base.name == name


def test_crops_of_heat_maps_are_those_of_the_papers_unless_wished():
    assert model_of(written(write_sbl, 3)).crop_size_wh_px == (192, 256)
    assert model_of(written(write_hourglass, 3, 1, "head")).crop_size_wh_px == (256, 256)
    large = model_of(written(write_sbl, 3), Wishes((288, 384)))
    assert large.crop_size_wh_px == (288, 384)
    # The papers' Gaussian is wider on the large maps.
    assert (large.codec.size_wh_px, large.codec.sigma_px) == ((72, 96), 3.0)


def test_unbiased_data_processing_cannot_be_seen_and_is_wished():
    model = model_of(written(write_hrnet, 3), Wishes(alignment="udp"))
    assert model.alignment == "udp"
    assert model.codec == HeatmapConfig((48, 64), refine="dark")


def test_an_alignment_that_does_not_exist_is_refused():
    with pytest.raises(UserError) as error:
        recognise(written(write_sbl, 3), Wishes(alignment="straight"))
    assert error.value.problems == ("alignment is 'straight', not one of centres, classic, udp",)


def simcc(split=2.0, crop_wh=(192, 256)) -> dict:
    sheet = Sheet()
    write_sbl(sheet, 3)
    write_simcc(sheet, crop_wh, split)
    return sheet.weights


def test_simcc_has_the_targets_and_the_flip_test_of_its_toolbox():
    # Bin 2x is as far from the left as 2 (W - 1 - x) + 1 from the right: one bin to the left.
    authors, toolbox = model_of(simcc()).codec, model_of(under(MMPOSE, simcc())).codec
    assert authors == SimccConfig(2.0, target="one_hot", flip_shift_bins=-1)
    assert toolbox == SimccConfig(2.0, target="gaussian", flip_shift_bins=0)
    assert model_of(simcc(), Wishes(alignment="udp")).codec.flip_shift_bins == 0


def test_a_crop_that_simcc_layers_contradict_is_refused():
    with pytest.raises(UserError, match="for crops of 192x256 pixels, not 288x384"):
        model_of(simcc(), Wishes((288, 384)))


def test_simcc_layers_that_fit_no_crop_are_refused():
    weights = simcc(crop_wh=(64, 96))
    weights["mlp_head_x.weight"] = torch.zeros(100, 384)
    with pytest.raises(UserError, match="100 columns and 192 rows over 384 pixels"):
        model_of(weights)


def test_as_many_names_as_keypoints_are_needed():
    with pytest.raises(UserError, match="of 3 keypoints, 2 names were given"):
        model_of(written(write_sbl, 3), Wishes(keypoint_names=("a", "b")))


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (written(write_sbl, 3, counts=(2, 2, 2, 2)), "ResNet with 2-2-2-2 blocks"),
        (written(write_hrnet, 3, stem=64, width=18), "HRNet-W18 is not built here"),
        (written(write_mspn, AuthorsMspn(), 3, stages=1), "MSPN of 1 stage is not built"),
        (written(write_mspn, AuthorsMspn(), 3, stages=3), "MSPN of 3 stages is not built"),
        (written(write_hourglass, 3, 3, "head"), "3 stacked hourglasses are not built"),
    ],
    ids=["resnet", "hrnet", "one stage", "three stages", "hourglasses"],
)
def test_networks_of_a_known_layout_that_are_not_built_are_named(weights, words):
    with pytest.raises(UserError, match=words):
        recognise(weights)


def test_a_vitpose_of_unknown_width_is_refused():
    weights = written(write_vit, "authors", 3, 193, simple=True)
    weights["backbone.patch_embed.proj.weight"] = torch.zeros(100, 3, 16, 16)
    with pytest.raises(UserError, match="attention heads a ViTPose of width 100"):
        recognise(weights)


def test_positions_that_fit_no_usual_crop_ask_for_it():
    weights = written(write_vit, "authors", 3, 11, simple=True)
    with pytest.raises(UserError, match="11 positions; which crop these are is not known"):
        recognise(weights)
    assert model_of(weights, Wishes((80, 32))).crop_size_wh_px == (80, 32)
    with pytest.raises(UserError, match="11 positions; crops of 64x64 pixels have 16 patches"):
        recognise(weights, Wishes((64, 64)))


def test_numbers_beyond_any_network_are_refused_before_it_is_built():
    weights = written(write_sbl, 3)
    weights["final_layer.weight"] = torch.zeros(1).expand(10_000, 32, 1, 1)
    with pytest.raises(UserError, match="such a network is not built here") as error:
        recognise(weights)
    assert "keypoint_names" in error.value.problems[0]


def test_a_head_without_its_first_layer_is_named():
    weights = written(write_sbl, 3)
    weights["deconv_layers.0.weight"] = torch.zeros(3)
    with pytest.raises(UserError, match=r"base\.head\.deconv_layers\.0\.weight is not there or"):
        recognise(weights)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("base.backbone.conv1.weight", "a network of this program"),
        ("backbone.encoder.layer.0.attention.attention.query.weight", "a ViTPose of the Hub"),
        ("head.probability_layers.0.weight", "ProbPose"),
        ("global_encoder.layers.0.linear1.weight", "TransPose"),
        ("head.gau.uv.weight", "RTMPose"),
        ("roi_heads.keypoint_head.0.weight", "a detector of torchvision"),
        ("model.0.conv.weight", "a detector of the YOLO line"),
        ("layer4.0.conv1.weight", "a backbone alone"),
    ],
)
def test_what_people_try_besides_is_named(name, words):
    with pytest.raises(UserError, match=f"These look like weights of {words}"):
        recognise({name: torch.zeros(1)})


def test_of_an_unknown_layout_the_first_names_and_the_known_ones_are_said():
    names = [f"encoder{place}.weight" for place in range(10)]
    with pytest.raises(UserError) as error:
        recognise({name: torch.zeros(1) for name in names})
    assert error.value.problems == (f"names: {', '.join(names[:8])} and 2 more",)
    assert all(layout.words in error.value.remedy for layout in LAYOUTS)


def test_a_name_given_twice_is_unknown_the_second_time():
    weights = written(write_sbl, 3)
    weights["head.final_layer.bias"] = torch.zeros(3)
    assert recognise(weights).unknown == ("head.final_layer.bias",)
