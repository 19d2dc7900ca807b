from dataclasses import replace

import pytest
import torch

from core.errors import UserError
from core.models.bases.config import BaseConfig
from core.models.codecs.config import GridConfig, HeatmapConfig, SimccConfig
from core.models.model_config import ModelConfig
from core.models.plain.config import PlainConfig
from core.models.plain.network import plain
from core.models.visaware.config import REASONING_WORDS, VisawareConfig
from core.models.visaware.network import Visaware, visaware

MAPS, BINS = HeatmapConfig((16, 16)), SimccConfig(split=2.0)
CODECS = pytest.mark.parametrize("codec", [MAPS, BINS], ids=["heatmap", "simcc"])
K = 17


def a_config(word: str = "masked", codec=MAPS, **fields) -> ModelConfig:
    sizes = {"width": 16, "blocks": 2, "heads": 4, "visnet": (8,)} | fields
    network = VisawareConfig(BaseConfig("tiny", width=0.1), reasoning=word, **sizes)
    return ModelConfig("visaware", network, codec, crop_size_wh_px=(64, 64))


def a_network(word: str = "masked", codec=MAPS, **fields) -> Visaware:
    """Weights of seed 0 whatever the word is; what reasoning adds is not 0."""
    torch.manual_seed(0)
    network = visaware(a_config(word, codec, **fields))
    if network.reasoning is not None:
        torch.nn.init.normal_(network.reasoning.widen.weight, std=0.1)
    return network.eval()


def some_crops() -> torch.Tensor:
    torch.manual_seed(1)
    return torch.randn(3, 3, 64, 64)


def half_hidden() -> torch.Tensor:
    return torch.arange(K).remainder(2).bool().expand(3, K)


def as_one(places) -> torch.Tensor:
    return places if isinstance(places, torch.Tensor) else torch.cat(places, dim=-1)


@torch.inference_mode()
def test_places_come_as_the_codec_reads_them():
    of_maps, of_bins = (a_network(codec=codec)(some_crops()) for codec in (MAPS, BINS))
    assert of_maps.places.shape == (3, K, 16, 16)
    assert [axis.shape for axis in of_bins.places] == [(3, K, 128), (3, K, 128)]
    assert of_maps.visible_logits.shape == of_bins.visible_logits.shape == (3, K)
    assert of_maps.flag_logits is of_maps.presence_logits is None


@torch.inference_mode()
@CODECS
def test_without_reasoning_places_are_those_of_the_plain_network(codec):
    network = a_network("none", codec)
    alone = plain(
        replace(
            a_config(codec=codec),
            family="plain",
            network=PlainConfig(BaseConfig("tiny", width=0.1)),
        )
    ).eval()
    of_alone = {key: value for key, value in network.state_dict().items() if "visnet" not in key}
    alone.load_state_dict(of_alone)
    torch.testing.assert_close(
        as_one(network(some_crops()).places), as_one(alone(some_crops()).places)
    )


@torch.inference_mode()
@CODECS
def test_every_way_of_reasoning_finds_other_places(codec):
    said = []
    for word in REASONING_WORDS:
        network = a_network("masked", codec)
        other = a_network(word, codec)
        other.load_state_dict(network.state_dict(), strict=False)
        said.append(as_one(other(some_crops(), half_hidden()).places))
    for first in range(4):
        for second in range(first):
            assert not torch.allclose(said[first], said[second])


@torch.inference_mode()
@pytest.mark.parametrize("word", ["masked", "attention_bias"])
def test_a_given_mask_that_says_what_visnet_says_changes_nothing(word):
    network, crops = a_network(word), some_crops()
    predicted = network(crops)
    visible = predicted.visible_logits.sigmoid() >= 0.5
    torch.testing.assert_close(network(crops, visible).places, predicted.places)
    assert not torch.allclose(network(crops, ~visible).places, predicted.places)
    torch.testing.assert_close(network(crops, ~visible).visible_logits, predicted.visible_logits)


@torch.inference_mode()
def test_where_everything_is_visible_a_mask_leaves_places_as_they_are():
    all_seen = torch.ones(3, K, dtype=torch.bool)
    said = [
        a_network(word)(some_crops(), all_seen).places
        for word in ("unmasked", "masked", "attention_bias")
    ]
    torch.testing.assert_close(said[0], said[1])
    torch.testing.assert_close(said[0], said[2])


@torch.inference_mode()
def test_a_keypoint_surely_visible_keeps_its_features_and_a_hidden_one_a_hundredth():
    network, crops = a_network("masked", shortcut="masked"), some_crops()
    torch.nn.init.zeros_(network.reasoning.widen.weight)
    maps = network.base(crops).maps
    wanted = maps * torch.where(half_hidden(), 1.0, 0.01)[..., None, None]
    torch.testing.assert_close(network(crops, half_hidden()).places, wanted)


@torch.inference_mode()
@pytest.mark.parametrize(("threshold", "wanted"), [(0.0, 1.0), (1.0, 0.01)])
def test_the_threshold_decides_who_is_listened_to(threshold, wanted):
    network, crops = a_network("masked", shortcut="masked", threshold=threshold), some_crops()
    torch.nn.init.zeros_(network.reasoning.widen.weight)
    torch.testing.assert_close(network(crops).places, network.base(crops).maps * wanted)


def test_a_vector_per_keypoint_is_one_more_weight():
    ours = set(a_network(keypoint_vectors=True).state_dict()) - set(a_network().state_dict())
    assert ours == {"reasoning.keypoint_vectors"}


def test_visnets_loss_teaches_visnet_alone():
    network = a_network()
    network(some_crops()).visible_logits.sum().backward()
    assert [name for name, p in network.named_parameters() if p.grad is not None] == [
        name for name, _ in network.named_parameters() if name.startswith("visnet.")
    ]


@CODECS
def test_the_loss_of_places_teaches_everything_but_visnet(codec):
    network = a_network(codec=codec).train()
    as_one(network(some_crops()).places).square().sum().backward()
    silent = {name for name, p in network.named_parameters() if p.grad is None}
    assert silent == {name for name, _ in network.visnet.named_parameters(prefix="visnet")}
    learned = {
        name.split(".")[0]
        for name, p in network.named_parameters()
        if p.grad is not None and p.grad.any()
    }
    assert learned == {"base", "reasoning"} | ({"head"} if codec is BINS else set())


@torch.inference_mode()
def test_attention_is_read_for_the_same_mask_and_sums_to_one():
    network, crops = a_network("attention_bias"), some_crops()
    weights = network.attention(crops, half_hidden())
    assert weights.shape == (3, 2, 4, K, K)
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, 2, 4, K))
    to_hidden = weights[..., ~half_hidden()[0]].sum(-1)
    assert float(to_hidden.max()) < 0.1
    assert (
        float(
            network.attention(crops, torch.ones(3, K, dtype=torch.bool))[..., ~half_hidden()[0]]
            .sum(-1)
            .min()
        )
        > 0.1
    )


def test_a_network_that_does_not_reason_has_no_attention():
    with pytest.raises(UserError, match="keypoints do not listen to each other"):
        a_network("none").attention(some_crops())


@CODECS
def test_weights_have_the_names_that_checkpoints_and_stages_speak_of(codec):
    names = a_network(codec=codec).state_dict()
    heads = {"head.mlp_head_x", "head.mlp_head_y"} if codec is BINS else set()
    assert {".".join(name.split(".")[:2]) for name in names} == heads | {
        "base.backbone",
        "base.head",
        "visnet.layers",
        "reasoning.narrow",
        "reasoning.blocks",
        "reasoning.norm",
        "reasoning.widen",
    }


def test_a_codec_for_whole_pictures_is_refused():
    with pytest.raises(UserError, match="looks at crops of single persons"):
        visaware(a_config(codec=GridConfig()))
