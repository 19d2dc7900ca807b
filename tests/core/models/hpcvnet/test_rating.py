import pytest
import torch

from core.models.hpcvnet.config import HpcvnetConfig
from core.models.hpcvnet.rating import RATINGS

SMALL = HpcvnetConfig(bins=5, reduced=4, widths=(4, 4), hidden=8)


def a_rating(name):
    torch.manual_seed(0)
    return RATINGS[name](6, 3, SMALL).eval()


@pytest.mark.parametrize(
    ("name", "bins"), [("distribution", 5), ("regression", 1), ("soft_bce", 1), ("expected_oks", 1)]
)
@pytest.mark.parametrize("features_hw", [(8, 6), (16, 12), (2, 2), (1, 1), (64, 48)])
def test_every_rating_says_both_answers_of_features_of_any_size(name, bins, features_hw) -> None:
    similarity, presence = a_rating(name)(
        torch.randn(2, 6, *features_hw), torch.randn(2, 3, 16, 12)
    )
    assert similarity.shape == (2, 3, bins)
    assert presence.shape == (2, 3)


def test_the_words_of_the_config_are_those_of_the_ratings() -> None:
    words = HpcvnetConfig.__dataclass_fields__["rating"].metadata["bound"].words
    assert set(words) == set(RATINGS)


def test_distributions_are_laid_out_keypoint_first_then_bin() -> None:
    rating = a_rating("distribution")
    with torch.no_grad():
        rating.similarity.weight.zero_()
        rating.similarity.bias.copy_(torch.arange(15.0))
    similarity, _ = rating(torch.randn(1, 6, 2, 2), torch.randn(1, 3, 16, 12))
    assert similarity[0, 1].tolist() == [5.0, 6.0, 7.0, 8.0, 9.0]


@pytest.mark.parametrize("name", ["distribution", "expected_oks"])
def test_what_is_looked_at(name) -> None:
    features = torch.randn(1, 6, 8, 6, requires_grad=True)
    maps = torch.randn(1, 3, 16, 12, requires_grad=True)
    similarity, presence = a_rating(name)(features, maps)
    (similarity.sum() + presence.sum()).backward()
    assert features.grad.abs().sum() > 0
    assert (maps.grad is None) is (name == "expected_oks")
