import pytest
import torch

from core.errors import UserError
from core.models.visaware.config import REASONING_WORDS, SHORTCUT_WORDS, VisawareConfig
from core.models.visaware.reasoning import (
    LISTENINGS,
    SHORTCUTS,
    KeypointReasoning,
    ReasoningBlock,
    reasoning_of,
    to_masked_features,
    with_attention_bias,
)

K, MAP_PX = 5, 12
SMALL = {"width": 16, "blocks": 2, "heads": 4, "mlp_ratio": 2}


def a_reasoning(word: str, **fields) -> KeypointReasoning:
    """With weights of seed 0, all of them away from 0."""
    torch.manual_seed(0)
    found = reasoning_of(VisawareConfig(reasoning=word, **SMALL | fields), K, MAP_PX)
    assert found is not None
    torch.nn.init.normal_(found.widen.weight)
    return found.eval()


def tokens_and_mask() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return torch.randn(2, K, MAP_PX), torch.tensor([[1.0, 0.01, 1.0, 1.0, 0.01]] * 2)


def test_every_word_of_the_config_is_a_way_of_listening():
    assert set(REASONING_WORDS) == {"none", *LISTENINGS}
    assert reasoning_of(VisawareConfig(reasoning="none"), K, MAP_PX) is None


@torch.inference_mode()
def test_every_way_of_listening_says_something_else():
    tokens, mask = tokens_and_mask()
    said = [a_reasoning(word)(tokens, mask)[0] for word in LISTENINGS]
    for first in range(3):
        for second in range(first):
            assert not torch.allclose(said[first], said[second])


@torch.inference_mode()
def test_where_nothing_is_hidden_all_ways_of_listening_agree():
    tokens, _ = tokens_and_mask()
    said = [a_reasoning(word)(tokens, torch.ones(2, K))[0] for word in LISTENINGS]
    torch.testing.assert_close(said[0], said[1])
    torch.testing.assert_close(said[0], said[2])


@torch.inference_mode()
@pytest.mark.parametrize("word", list(LISTENINGS))
def test_with_fresh_weights_every_keypoint_keeps_its_own_map(word):
    tokens, mask = tokens_and_mask()
    fresh = reasoning_of(VisawareConfig(reasoning=word, **SMALL), K, MAP_PX)
    torch.testing.assert_close(fresh(tokens, mask)[0], tokens)


@torch.inference_mode()
def test_behind_the_mask_a_hidden_keypoint_keeps_a_hundredth_of_its_map():
    tokens, mask = tokens_and_mask()
    config = VisawareConfig(reasoning="masked", shortcut="masked", **SMALL)
    fresh = reasoning_of(config, K, MAP_PX)
    torch.testing.assert_close(fresh(tokens, mask)[0], tokens * mask[..., None])


def test_every_shortcut_of_the_config_is_there():
    assert set(SHORTCUT_WORDS) == set(SHORTCUTS)


def test_masked_features_are_the_product_worked_out_by_hand():
    masked, bias = to_masked_features(
        torch.tensor([[[2.0, 4.0], [3.0, 5.0]]]), torch.tensor([[1.0, 0.01]])
    )
    torch.testing.assert_close(masked, torch.tensor([[[2.0, 4.0], [0.03, 0.05]]]))
    assert bias is None


@torch.inference_mode()
@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_attention_bias_takes_as_much_from_a_hidden_keypoint_whatever_the_scale(scale):
    torch.manual_seed(0)
    block = ReasoningBlock(16, 4, 2)
    tokens = torch.randn(1, K, 16) * scale
    mask = torch.tensor([[1.0, 0.01, 1.0, 1.0, 1.0]])
    _, plain = block(tokens, None)
    _, biased = block(*with_attention_bias(tokens, mask))
    ratio = (biased[..., 1] / biased[..., 0]) / (plain[..., 1] / plain[..., 0])
    torch.testing.assert_close(ratio, torch.full_like(ratio, 0.01))


@torch.inference_mode()
def test_attention_is_the_softmax_worked_out_by_hand():
    block = ReasoningBlock(2, 1, 1)
    block.to_qkv.weight.copy_(torch.eye(2).repeat(3, 1))  # query = key = value = the normed token
    # Layer norm makes (1, -1) and (-1, 1) of these; the scale is 1 / sqrt(2).
    _, weights = block(torch.tensor([[[3.0, 1.0], [1.0, 3.0]]]), None)
    near = 1 / (1 + torch.tensor(-4 / 2**0.5).exp())
    torch.testing.assert_close(
        weights, torch.tensor([[[[near, 1 - near], [1 - near, near]]]]), atol=1e-4, rtol=0
    )


@torch.inference_mode()
def test_logits_are_scaled_by_the_size_of_a_head():
    block = ReasoningBlock(4, 2, 1)
    block.to_qkv.weight.copy_(torch.eye(4).repeat(3, 1))
    # Layer norm leaves these as they are: every head's logits are 2 or -2, over the root of 2.
    tokens = torch.tensor([[[1.0, -1.0, 1.0, -1.0], [-1.0, 1.0, -1.0, 1.0]]])
    _, weights = block(tokens, None)
    near = 1 / (1 + torch.tensor(-4 / 2**0.5).exp())
    torch.testing.assert_close(weights[..., 0, 0], near.expand(1, 2), atol=1e-4, rtol=0)


@torch.inference_mode()
def test_everybody_shares_out_all_of_the_attention():
    tokens, mask = tokens_and_mask()
    _, weights = a_reasoning("masked")(tokens, mask)
    assert weights.shape == (2, 2, 4, K, K)
    torch.testing.assert_close(weights.sum(-1), torch.ones(2, 2, 4, K))


@torch.inference_mode()
@pytest.mark.parametrize("vectors", [True, False])
def test_only_vectors_of_their_own_tell_keypoints_apart(vectors):
    tokens, mask = tokens_and_mask()
    order = torch.tensor([3, 1, 4, 0, 2])
    reasoning = a_reasoning("masked", keypoint_vectors=vectors)
    said, of_permuted = reasoning(tokens, mask)[0], reasoning(tokens[:, order], mask[:, order])[0]
    assert torch.allclose(said[:, order], of_permuted, atol=1e-5) is not vectors


def test_a_width_that_no_head_gets_a_whole_share_of_is_refused():
    with pytest.raises(UserError, match="A token of 16 numbers cannot be shared out among 3 heads"):
        a_reasoning("masked", heads=3)
