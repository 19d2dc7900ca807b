from dataclasses import replace

import pytest
import torch

from core.errors import UserError
from core.models.bases.config import BaseConfig
from core.models.catalog import build_model, sketch_model
from core.models.codecs.build import codec_of
from core.models.codecs.config import GridConfig, HeatmapConfig
from core.models.model_config import ModelConfig
from core.models.plain.config import PlainConfig
from core.models.plain.entries import PLAIN_ENTRIES
from core.models.plain.network import SimccHead


def a_config(**changes) -> ModelConfig:
    settings = {
        "family": "plain", "network": PlainConfig(BaseConfig("tiny", width=0.1)),
        "codec": HeatmapConfig((16, 24)), "keypoint_names": ("a", "b", "c"), "edges": (),
        "crop_size_wh_px": (64, 96),
    }  # fmt: skip
    return ModelConfig(**{**settings, **changes})


def crops() -> torch.Tensor:
    torch.manual_seed(2)
    return torch.randn(2, 3, 96, 64)


def test_a_base_alone_says_its_maps_as_places():
    network = build_model(a_config()).eval()
    said = network(crops())
    assert torch.equal(said.places, network.base(crops()).maps)
    assert said._replace(places=None) == (None, (), None, None, None, None)


def test_maps_of_earlier_stages_are_said_too():
    network = build_model(a_config(network=PlainConfig(BaseConfig("mspn2", width=0.1)))).eval()
    said = network(crops())
    assert [tuple(maps.shape) for maps in said.coarse] == [(2, 3, 24, 16)] * 7


def test_simcc_reads_each_keypoint_off_its_flattened_map():
    head = SimccHead((2, 3), (8, 12), 1.5)
    assert head.mlp_head_x.weight.shape == (12, 6)
    assert head.mlp_head_y.weight.shape == (18, 6)
    maps = torch.arange(12.0).view(1, 2, 3, 2)  # (B, K, h, w)
    columns, rows = head(maps)
    by_hand = torch.tensor([[0.0, 1, 2, 3, 4, 5], [6, 7, 8, 9, 10, 11]])
    torch.testing.assert_close(
        columns[0], by_hand @ head.mlp_head_x.weight.T + head.mlp_head_x.bias
    )
    torch.testing.assert_close(rows[0], by_hand @ head.mlp_head_y.weight.T + head.mlp_head_y.bias)


def test_crops_that_are_not_whole_in_features_are_refused():
    with pytest.raises(UserError, match=r"Crops of 80x96 .* multiples of 32"):
        build_model(a_config(crop_size_wh_px=(80, 96), codec=HeatmapConfig((20, 24))))


def test_maps_of_another_size_than_the_base_makes_are_refused():
    with pytest.raises(UserError, match="maps are 48x64, those of the base 16x24 for crops of 64x"):
        build_model(a_config(codec=HeatmapConfig((48, 64))))


def test_a_codec_for_whole_pictures_is_refused():
    with pytest.raises(UserError, match="looks at crops of single persons"):
        build_model(a_config(codec=GridConfig()))


@pytest.mark.parametrize("name", PLAIN_ENTRIES)
def test_every_entry_can_be_built(name):
    assert sketch_model(PLAIN_ENTRIES[name].model).base is not None


@pytest.mark.parametrize("name", ["simcc_r50", "simcc_hrnet_w32"])
def test_a_simcc_entry_answers_what_its_codec_encodes(name):
    config = PLAIN_ENTRIES[name].model
    said = sketch_model(config).eval()(torch.empty(1, 3, 256, 192, device="meta")).places
    wanted = codec_of(config).encode(torch.zeros(1, 17, 2))
    assert [axis.shape for axis in said] == [axis.shape for axis in wanted]


def test_channels_are_in_the_order_the_public_weights_were_trained_with():
    orders = {name: entry.model.channel_order for name, entry in PLAIN_ENTRIES.items()}
    assert [name for name, order in orders.items() if order == "BGR"] == [
        "sbl_r50", "sbl_r101", "sbl_r152", "simcc_r50", "mspn2",
    ]  # fmt: skip
    # Blue comes first in both; only MSPN's authors turned the means with it.
    assert PLAIN_ENTRIES["sbl_r50"].model.mean == (123.675, 116.28, 103.53)
    assert PLAIN_ENTRIES["mspn2"].model.mean == (103.53, 116.28, 123.675)


def test_a_straight_and_a_mirrored_answer_of_simcc_agree():
    config = a_config(codec=replace(PLAIN_ENTRIES["simcc_r50"].model.codec, target="gaussian"))
    codec = codec_of(replace(config, alignment="classic"))
    straight = torch.tensor([[[10.0, 20.0], [30.0, 5.0], [50.0, 90.0]]])
    mirrored = straight.clone()
    mirrored[..., 0] = 63 - straight[..., 0]
    swap = torch.arange(3)
    seen = codec.encode(mirrored)
    logits = tuple((axis + 1e-9).log() for axis in seen)
    place, _ = codec.decode(codec.unmirrored(codec.read(logits), swap))
    torch.testing.assert_close(place, straight)
