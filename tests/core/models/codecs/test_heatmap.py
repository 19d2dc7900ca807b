import pytest
import torch

from core.models.codecs.config import HeatmapConfig
from core.models.codecs.heatmap import HeatmapCodec

TINY = HeatmapConfig((40, 48), activation="softmax", refine="newton")
CODEC = HeatmapCodec(TINY, (160, 192), "centres")


def places(count: int) -> torch.Tensor:
    """(count, 17, 2) in the crop, two map pixels or more from its rim."""
    random = torch.Generator().manual_seed(0)
    unit = torch.rand(count, 17, 2, generator=random)
    return unit * torch.tensor([143.0, 175.0]) + 8


def test_decoding_an_encoded_place_gives_it_back():
    xy = places(50)
    found, score = CODEC.decode(CODEC.encode(xy))
    assert (found - xy).norm(dim=-1).max() < 0.6
    assert score.min() > 0.9


def test_places_on_the_rim_stay_within_half_a_map_pixel():
    xy = torch.tensor([[[0.0, 0.0], [159, 191], [0, 100]]])
    found, _ = CODEC.decode(CODEC.encode(xy))
    assert (found - xy).abs().max() <= 2.0


def test_a_perfect_answer_has_height_one_and_an_ignorant_one_nearly_none():
    target = CODEC.encode(places(2))
    perfect = CODEC.read(target.clamp_min(1e-12).log())
    # Near the rim a part of the Gaussian is cut off, so the rest is a little higher.
    assert perfect.flatten(2).amax(-1).median() == pytest.approx(1.0, abs=0.05)
    assert CODEC.read(torch.zeros(1, 17, 48, 40)).max() < 0.02


def test_a_mirrored_map_is_the_map_of_the_mirrored_place():
    xy = places(3)
    mirrored = torch.stack([159 - xy[..., 0], xy[..., 1]], dim=-1)
    torch.testing.assert_close(CODEC.encode(xy).flip(-1), CODEC.encode(mirrored), atol=1e-4, rtol=0)


def test_the_fraction_is_read_from_the_neighbours():
    xy = torch.tensor([[[81.3, 92.9]]])
    found, _ = CODEC.decode(CODEC.encode(xy))
    torch.testing.assert_close(found, xy, atol=0.1, rtol=0)


def test_an_empty_map_decodes_to_a_score_of_zero():
    found, score = CODEC.decode(torch.zeros(1, 2, 48, 40))
    assert score.tolist() == [[0.0, 0.0]]
    assert torch.isfinite(found).all()
