"""SimCC: decode(encode(x)) gives x back to half a bin, and what its authors' code does is kept."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.crops import apply_affine
from core.data.skeleton import COCO17
from core.errors import UserError
from core.models.codecs.config import SimccConfig
from core.models.codecs.map_frame import MAP_FRAMES
from core.models.codecs.simcc import SimccCodec

WIDTH, HEIGHT = 48, 64
SWAP = torch.from_numpy(COCO17.flip_index)
ONE = torch.tensor([0])
# From the first bin to the last: the crop's area for "centres", its pixel centres for "udp".
in_crop = st.tuples(st.floats(0, WIDTH - 1, width=32), st.floats(0, HEIGHT - 1, width=32))


def a_codec(alignment="centres", **changes) -> SimccCodec:
    return SimccCodec(replace(SimccConfig(), **changes), (WIDTH, HEIGHT), alignment)


def logits_of(targets: tuple[torch.Tensor, torch.Tensor]) -> tuple[torch.Tensor, torch.Tensor]:
    """What a network says whose softmax is the target."""
    columns, rows = (each.clamp_min(1e-30).log() for each in targets)
    return columns, rows


def found_by(codec: SimccCodec, place) -> torch.Tensor:
    xy, _ = codec.decode(codec.read(logits_of(codec.encode(torch.tensor([[place]])))))
    return xy[0, 0]


@settings(deadline=None)
@given(
    in_crop, st.sampled_from([*MAP_FRAMES]), st.sampled_from([1.0, 2.0, 3.0]),
    st.sampled_from(["gaussian", "one_hot"]), st.floats(0.5, 8),
)  # fmt: skip
def test_a_place_is_found_to_half_a_bin(place, alignment, split, target, sigma_bins):
    codec = a_codec(alignment, split=split, target=target, sigma_bins=sigma_bins)
    if alignment == "classic":  # its last bin is 1 / split before the crop's end
        place = tuple(min(c, s - 1 / split) for c, s in zip(place, (WIDTH, HEIGHT), strict=True))
    bin_px = 1 / min(codec._scale)
    error = (found_by(codec, place) - torch.tensor(place)).abs().max()
    assert error <= bin_px / 2 + 1e-4


@settings(deadline=None)
@given(in_crop, st.sampled_from(["centres", "udp"]), st.sampled_from(["gaussian", "one_hot"]))
def test_a_flip_test_changes_nothing_with_an_unbiased_alignment(place, alignment, target):
    codec = a_codec(alignment, target=target)
    mirrored = (WIDTH - 1 - place[0], place[1])
    straight, other = (
        codec.read(codec.encode(torch.tensor([[p]]).double())) for p in (place, mirrored)
    )
    if target == "one_hot":  # between two bins the nearer one may be either
        return
    for mine, back in zip(straight, codec.unmirrored(other, ONE), strict=True):
        torch.testing.assert_close(back, mine, atol=1e-5, rtol=0)


@settings(deadline=None)
@given(st.floats(2, WIDTH - 3, width=32))
def test_classic_alignment_and_a_shift_of_one_bin_back_is_exact_at_two_bins_a_pixel(x):
    codec = a_codec("classic", flip_shift_bins=-1)
    straight, other = (codec.encode(torch.tensor([[[p, 9.0]]])) for p in (x, WIDTH - 1 - x))
    (back, _), (mine, _) = codec.unmirrored(other, ONE), straight
    # The bin that the shift uncovers keeps what was there.
    torch.testing.assert_close(back[..., :-1], mine[..., :-1], atol=1e-5, rtol=0)


def test_a_mirrored_pair_changes_places_on_both_axes():
    codec = a_codec()
    xy = torch.rand(2, 17, 2) * torch.tensor([WIDTH - 1.0, HEIGHT - 1])
    mirrored = torch.stack([WIDTH - 1 - xy[..., 0], xy[..., 1]], dim=-1)[:, SWAP]
    for back, mine in zip(
        codec.unmirrored(codec.encode(mirrored), SWAP), codec.encode(xy), strict=True
    ):
        torch.testing.assert_close(back, mine, atol=1e-5, rtol=0)


def test_gaussian_targets_are_densities():
    codec = a_codec(sigma_bins=4.0)
    columns, rows = codec.encode(torch.tensor([[[20.25, 30.25]]]))  # bins 41 and 61
    assert (columns.shape, rows.shape) == ((1, 1, 96), (1, 1, 128))
    assert columns[0, 0, 41] == pytest.approx(1 / (4 * math.sqrt(2 * math.pi)))
    assert columns[0, 0, 45] == pytest.approx(math.exp(-0.5) * codec.peak)
    assert columns.sum() == pytest.approx(1, abs=1e-5)
    assert rows[0, 0].argmax() == 61


def test_one_hot_targets_share_what_is_smoothed():
    codec = a_codec(target="one_hot", smoothing=0.2)
    columns, _ = codec.encode(torch.tensor([[[20.3, 30.0]]]))
    assert columns[0, 0, 41] == pytest.approx(0.8)
    assert columns[0, 0, 40] == pytest.approx(0.2 / 95)
    assert columns.sum() == pytest.approx(1)


def test_places_off_the_crop_have_no_one_hot_target_and_the_tail_of_a_gaussian():
    xy = torch.tensor([[[-3.0, 30], [-900, 30], [math.nan, 30], [math.inf, -math.inf]]])
    hot, _ = a_codec(target="one_hot").encode(xy)
    assert hot.abs().max() == 0
    columns, rows = a_codec().encode(xy)
    assert 0 < columns[0, 0].max() == columns[0, 0, 0]
    assert columns[0, 1:].abs().max() == 0
    assert rows[0, 3].abs().max() == 0


def test_the_score_is_the_smaller_of_the_two_highest_probabilities():
    codec = a_codec(target="one_hot", smoothing=0.1)
    columns, rows = codec.encode(torch.tensor([[[20.0, 30.0]]]))
    _, score = codec.decode((columns, rows * 0.5))
    assert score.item() == pytest.approx(0.45)
    perfect = a_codec(sigma_bins=6.0)
    xy = torch.tensor([[[20.25, 30.25]]])
    _, score = perfect.decode(perfect.read(logits_of(perfect.encode(xy))))
    assert score.item() == pytest.approx(1 / (6 * math.sqrt(2 * math.pi)), rel=1e-3)


def test_logits_are_averaged_for_gaussian_targets_and_probabilities_for_one_hot_ones():
    columns, rows = torch.randn(2, 3, 96), torch.randn(2, 3, 128)
    b = (columns.flip(0), rows.flip(0))
    gaussian, hot = a_codec(), a_codec(target="one_hot")
    mean, _ = gaussian.mean(gaussian.read((columns, rows)), gaussian.read(b))
    torch.testing.assert_close(mean, (columns + b[0]) / 2)
    mean, _ = hot.mean(hot.read((columns, rows)), hot.read(b))
    torch.testing.assert_close(mean, (columns.softmax(-1) + b[0].softmax(-1)) / 2)


@pytest.mark.parametrize("alignment", [*MAP_FRAMES])
@pytest.mark.parametrize("split", [1.0, 2.0, 3.0])
def test_maps_for_display_are_high_where_the_place_is(alignment, split):
    codec = a_codec(alignment, split=split)
    xy = torch.tensor([[[10.0, 50.0], [37.3, 21.8]]])
    maps = codec.maps_of(codec.read(logits_of(codec.encode(xy))))
    assert maps.shape[2:] == (HEIGHT // 4, WIDTH // 4)
    assert maps.amax((-1, -2))[0].tolist() == pytest.approx([1, 1], abs=0.05)
    assert maps.amin() >= 0
    place = maps[0].flatten(1).argmax(-1)
    cells = torch.stack([place % maps.shape[-1], place // maps.shape[-1]], dim=-1)
    on_crop = apply_affine(codec.map_to_crop, cells.numpy().astype(float))
    assert np.abs(on_crop - xy[0].numpy()).max() <= 2.5


@pytest.mark.parametrize("alignment", [*MAP_FRAMES])
def test_a_pixel_of_the_maps_lies_in_the_middle_of_its_bins(alignment):
    codec = a_codec(alignment, target="one_hot")
    columns, rows = torch.eye(96)[None, 16:24], torch.eye(128)[None, 24:32]
    found, _ = codec.decode((columns, rows))  # the places of the bins of cell (2, 3)
    middle = apply_affine(codec.map_to_crop, np.array([[2.0, 3]]))[0]
    np.testing.assert_allclose(found[0].mean(0), middle, atol=1e-5)


def test_axes_of_no_number_are_not_predicted():
    codec = a_codec()
    columns, rows = codec.encode(torch.tensor([[[10.0, 20], [30, 40]]]))
    rows[0, 1] = math.nan
    found, score = codec.decode(codec.read((columns, rows)))
    assert found[0, 1].isnan().all()
    assert score[0].isnan().tolist() == [False, True]
    assert codec.maps_of((columns, rows)).isfinite().all()


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_read_as_float32(dtype):
    codec = a_codec()
    xy = torch.rand(2, 5, 2, generator=torch.Generator().manual_seed(0)) * 40
    read = codec.read(tuple(each.to(dtype) for each in logits_of(codec.encode(xy))))
    assert {each.dtype for each in read} == {torch.float32}
    found, _ = codec.decode(read)
    assert (found - xy).abs().max() < 2


def test_another_number_of_bins_than_the_config_says_is_refused_in_words():
    said = "places are 9 and 128 wide; its codec reads 96 columns and 128 rows"
    with pytest.raises(UserError, match=said) as refused:
        a_codec().read((torch.zeros(1, 2, 9), torch.zeros(1, 2, 128)))
    assert refused.value.where == "codec.split"
    with pytest.raises(UserError, match="places are 24 wide"):
        a_codec().read(torch.zeros(1, 2, 32, 24))
