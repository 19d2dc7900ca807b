"""Heat maps: decode(encode(x)) gives x back over the whole crop, by every alignment and refiner."""

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
from core.models.codecs.config import HeatmapConfig
from core.models.codecs.heatmap import HeatmapCodec, shifted
from core.models.codecs.map_frame import MAP_FRAMES

WIDTH, HEIGHT = 96, 128  # of the crop; maps of a quarter
PLAIN = HeatmapConfig((24, 32), refine="dark")
TINY = HeatmapConfig((40, 48), activation="softmax", refine="newton")
SWAP = torch.from_numpy(COCO17.flip_index)

# The crop as an area: its outer pixel centres are 0 and 95, its edges half a pixel further out.
across, down = (st.floats(-0.5, side - 0.5, width=32) for side in (WIDTH, HEIGHT))
places_in_crop = st.tuples(across, down)


def a_codec(alignment="centres", **changes) -> HeatmapCodec:
    return HeatmapCodec(replace(PLAIN, **changes), (WIDTH, HEIGHT), alignment)


def error_px(codec: HeatmapCodec, place: tuple[float, float], *, read=True) -> float:
    """How far off, on the worse axis, in crop pixels."""
    xy = torch.tensor([[place]])
    maps = codec.encode(xy)
    found, _ = codec.decode(codec.read(maps) if read else maps)
    return float((found - xy).abs().max())


@settings(deadline=None)
@given(places_in_crop, st.sampled_from([*MAP_FRAMES]), st.floats(1.5, 3.0))
def test_dark_and_newton_find_a_place_anywhere_in_the_crop_to_a_tenth_of_a_pixel(
    place, alignment, sigma_px
):
    for refine in ("dark", "newton"):
        assert error_px(a_codec(alignment, refine=refine, sigma_px=sigma_px), place) < 0.1


@settings(deadline=None)
@given(places_in_crop, st.sampled_from([*MAP_FRAMES]))
def test_narrow_gaussians_are_found_to_six_tenths_of_a_pixel(place, alignment):
    # One map pixel, as paper 000's text has it. Classic alignment puts the last pixels of the crop
    # up to 7/8 map pixels beyond the map, where the corner's Gaussian is hardly there.
    place = (min(place[0], WIDTH - 2.5), min(place[1], HEIGHT - 2.5))
    for refine in ("dark", "newton"):
        assert error_px(a_codec(alignment, refine=refine, sigma_px=1.0), place) < 0.6


@settings(deadline=None)
@given(places_in_crop)
def test_a_softmax_of_the_right_logits_is_found_as_well(place):
    codec = a_codec(activation="softmax", refine="newton")
    xy = torch.tensor([[place]])
    found, _ = codec.decode(codec.read(codec.encode(xy).clamp_min(1e-12).log()))
    assert (found - xy).abs().max() < 0.1


@settings(deadline=None)
@given(places_in_crop)
def test_whole_pixels_and_rounded_targets_are_right_to_half_a_map_pixel_and_no_better(place):
    # Stride 4: two crop pixels. A rounded target is symmetric about its pixel, so no refiner can
    # know the fraction; the quarter step then follows rounding noise at most.
    assert error_px(a_codec(refine="whole"), place) <= 2 + 1e-3
    for refine in ("dark", "newton", "quarter"):
        assert error_px(a_codec(refine=refine, rounded=True), place) <= 2 + 1e-3


# Two map pixels or more from the map's edge; what a blur of eleven or a shift reaches lies further.
inner = st.tuples(st.floats(9, WIDTH - 10, width=32), st.floats(9, HEIGHT - 10, width=32))
deep = st.tuples(st.floats(32, WIDTH - 33, width=32), st.floats(32, HEIGHT - 33, width=32))


@settings(deadline=None)
@given(inner, st.sampled_from([*MAP_FRAMES]))
def test_the_quarter_step_is_right_to_a_quarter_of_a_map_pixel_inside_the_map(place, alignment):
    # Of true fractions from -0.5 to 0.5 it knows only the sign: 0.25 map pixels, one crop pixel at
    # stride 4 (1.033 with UDP, whose stride is 95 / 23 across).
    limit = 0.25 / min(MAP_FRAMES[alignment]((WIDTH, HEIGHT), (24, 32))[0])
    assert error_px(a_codec(alignment, refine="quarter"), place) <= limit + 1e-3


@settings(deadline=None)
@given(inner)
def test_the_second_peak_step_is_right_to_half_a_map_pixel_inside_the_map(place):
    # It moves along one axis, towards the nearer neighbour; the other axis keeps its fraction.
    assert error_px(a_codec(refine="second_peak", blur_px=5), place) <= 2 + 1e-3


def test_classic_alignment_with_whole_pixels_loses_the_crops_last_pixels():
    # x / stride puts 95.4 at 23.85 on a map whose last pixel is 23: 3.4 crop pixels.
    assert error_px(a_codec("classic", refine="whole"), (95.4, 60.0)) == pytest.approx(
        3.4, abs=0.01
    )


@settings(deadline=None)
@given(places_in_crop, st.sampled_from(["centres", "udp"]))
def test_a_flip_test_changes_nothing_with_an_unbiased_alignment(place, alignment):
    codec = a_codec(alignment)
    straight, mirrored = both_ways(codec, place)
    torch.testing.assert_close(
        codec.unmirrored(mirrored, torch.tensor([0])), straight, atol=1e-4, rtol=0
    )


@settings(deadline=None)
@given(deep)
def test_classic_alignment_keeps_a_quarter_of_a_map_pixel_after_its_shift_of_one(place):
    codec = a_codec("classic", flip_shift_px=1)
    straight, mirrored = both_ways(codec, place)
    back = codec.unmirrored(mirrored, torch.tensor([0]))
    (there, _), (here, _) = codec.decode(straight), codec.decode(back)
    # 1 / stride map pixels, one crop pixel; the mean of both maps is half of it off.
    torch.testing.assert_close(here - there, torch.tensor([[[1.0, 0]]]), atol=0.05, rtol=0)
    both, _ = codec.decode(codec.mean(straight, back))
    torch.testing.assert_close(both - there, torch.tensor([[[0.5, 0]]]), atol=0.05, rtol=0)


def both_ways(codec: HeatmapCodec, place) -> tuple[torch.Tensor, torch.Tensor]:
    """What is read of a crop and of its mirror image."""
    mirrored = (WIDTH - 1 - place[0], place[1])
    return tuple(codec.read(codec.encode(torch.tensor([[p]]))) for p in (place, mirrored))


def test_a_mirrored_pair_changes_places():
    codec = HeatmapCodec(TINY, (160, 192), "centres")
    xy = torch.rand(1, 17, 2) * torch.tensor([159.0, 191])
    mirrored = torch.stack([159 - xy[..., 0], xy[..., 1]], dim=-1)[:, SWAP]
    torch.testing.assert_close(
        codec.unmirrored(codec.encode(mirrored), SWAP), codec.encode(xy), atol=1e-4, rtol=0
    )


@pytest.mark.parametrize(("by", "said"), [(0, [1, 2, 3]), (1, [1, 1, 2]), (-1, [2, 3, 3])])
def test_a_shift_uncovers_what_was_there(by, said):
    assert shifted(torch.tensor([1, 2, 3]), by).tolist() == said


@pytest.mark.parametrize("alignment", [*MAP_FRAMES])
def test_maps_for_display_lie_where_places_are_decoded(alignment):
    codec = a_codec(alignment, refine="whole")
    maps = torch.zeros(1, 2, 32, 24)
    maps[0, 0, 5, 7] = maps[0, 1, 31, 0] = 1
    found, _ = codec.decode(maps)
    on_map = np.array([[7.0, 5], [0, 31]])
    np.testing.assert_allclose(apply_affine(codec.map_to_crop, on_map), found[0], atol=1e-4)


def test_the_alignments_are_what_their_papers_say():
    frames = {name: frame((192, 256), (48, 64)) for name, frame in MAP_FRAMES.items()}
    on_map = {
        name: [[x * scale[0] + offset[0] for x in (0, 191)]][0]
        for name, (scale, offset) in frames.items()
    }
    assert on_map["centres"] == [-0.375, 47.375]
    assert on_map["classic"] == [0, 47.75]
    assert on_map["udp"] == pytest.approx([0, 47])


def test_targets_are_unnormalised_gaussians_of_the_asked_height():
    codec = a_codec(height=255.0)
    maps = codec.encode(torch.tensor([[[41.5, 61.5]]]))  # the centre of map pixel (10, 15)
    assert maps[0, 0, 15, 10] == pytest.approx(255)
    assert maps[0, 0, 15, 12] == pytest.approx(255 * math.exp(-0.5))
    assert maps.sum() == pytest.approx(255 * codec.gaussian_mass, rel=1e-3)
    found, score = codec.decode(codec.read(maps))
    assert found.tolist()[0][0] == pytest.approx([41.5, 61.5], abs=1e-3)
    assert score.item() == pytest.approx(1)
    assert codec.decode(codec.read(maps * 0.4))[1].item() == pytest.approx(0.4)


def test_a_coarser_supervision_has_wider_targets():
    xy = torch.tensor([[[41.5, 61.5]]])
    wide = a_codec(sigma_px=4.0).encode(xy)
    torch.testing.assert_close(a_codec().encode(xy, sigma_px=4.0), wide)


@pytest.mark.parametrize("rounded", [False, True])
def test_places_off_the_crop_have_the_target_that_reaches_in(rounded):
    codec = a_codec(rounded=rounded)
    xy = torch.tensor([[[-6.5, 61.5], [-400, 61.5], [math.nan, 3], [math.inf, 3], [5, -math.inf]]])
    maps = codec.encode(xy)
    # -6.5 is 2 map pixels left of the first.
    assert maps[0, 0].max() == maps[0, 0, 15, 0] == pytest.approx(math.exp(-(2**2) / 8))
    assert maps[0, 1:].abs().max() == 0


def test_maps_of_no_number_are_not_predicted():
    codec = a_codec()
    maps = codec.encode(torch.tensor([[[30.0, 40], [50, 60], [70, 80]]]))
    maps[0, 1] = math.nan
    maps[0, 2, 0, 0] = math.inf
    maps[0, 2, 1, 1] = math.nan
    found, score = codec.decode(codec.read(maps))
    assert found[0, 1].isnan().all()
    assert score[0, 1].isnan()
    torch.testing.assert_close(
        found[0, [0, 2]], torch.tensor([[30.0, 40], [70, 80]]), atol=0.1, rtol=0
    )
    assert codec.maps_of(maps).isfinite().all()


@pytest.mark.parametrize("refine", ["whole", "quarter", "newton", "dark", "second_peak"])
def test_any_map_gives_a_place_near_the_crop(refine):
    random = torch.Generator().manual_seed(0)
    for config, crop in ((PLAIN, (96, 128)), (replace(PLAIN, size_wh_px=(2, 2)), (8, 8))):
        codec = HeatmapCodec(replace(config, refine=refine), crop, "centres")
        width, height = config.size_wh_px
        for maps in (
            torch.zeros(1, 5, height, width),
            torch.full((1, 5, height, width), -3.0),
            torch.randn(1, 5, height, width, generator=random),
            torch.randn(1, 5, height, width, generator=random).exp() * 100,
        ):
            found, score = codec.decode(codec.read(maps))
            assert found.isfinite().all()
            assert (found >= -4.5).all()
            assert (found <= torch.tensor(crop) + 3.5).all()
            assert ((score >= 0) & (score <= 1)).all()


def test_a_map_below_zero_everywhere_has_its_peak_where_it_is_highest():
    maps = torch.full((1, 1, 32, 24), -3.0)
    maps[0, 0, 20, 10] = -1
    maps[0, 0, 3, 3] = math.nan
    found, score = a_codec(refine="whole").decode(maps)
    assert found.tolist() == [[[41.5, 81.5]]]
    assert score.item() == 0


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_read_as_float32(dtype):
    codec = a_codec()
    xy = torch.rand(2, 3, 2, generator=torch.Generator().manual_seed(0)) * 80 + 8
    maps = codec.read(codec.encode(xy).to(dtype))
    assert maps.dtype == torch.float32
    found, score = codec.decode(maps)
    assert (found.dtype, score.dtype) == (torch.float32, torch.float32)
    # What a bfloat16 of 8 bits keeps of a peak: a fifth of a map pixel at worst.
    assert (found - xy).abs().max() < 0.8
    assert codec.encode(xy.to(dtype)).dtype == torch.float32


def test_maps_of_another_size_than_the_config_says_are_refused_in_words():
    said = "The network's places are 32x24, width first; its codec reads maps of 24x32"
    with pytest.raises(UserError, match=said) as refused:
        a_codec().read(torch.zeros(1, 2, 24, 32))
    assert refused.value.where == "codec.size_wh_px"
    with pytest.raises(UserError, match="places are 9 and 8, width first"):
        a_codec().read((torch.zeros(1, 2, 9), torch.zeros(1, 2, 8)))


def test_a_perfect_answer_has_height_one_and_an_ignorant_one_nearly_none():
    codec = HeatmapCodec(TINY, (160, 192), "centres")
    xy = torch.rand(2, 17, 2, generator=torch.Generator().manual_seed(0))
    target = codec.encode(xy * torch.tensor([143.0, 175]) + 8)
    perfect = codec.read(target.clamp_min(1e-12).log())
    # Near the rim a part of the Gaussian is cut off, so the rest is a little higher.
    assert perfect.flatten(2).amax(-1).median() == pytest.approx(1.0, abs=0.05)
    assert codec.read(torch.zeros(1, 17, 48, 40)).max() < 0.02
