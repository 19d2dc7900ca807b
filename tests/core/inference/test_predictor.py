"""From a photo and boxes to predictions: every output of a network, mirrored and straight."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core.data.crops import apply_affine
from core.data.prediction import p_of_flags
from core.data.skeleton import COCO17
from core.errors import UserError
from core.inference.crop_batch import people_at_once
from core.inference.pose_predictor import PersonCrop
from core.inference.predictor import Predictor, load_predictor
from core.models.catalog import build_model
from core.models.checkpoint import save_checkpoint
from core.models.codecs.config import SimccConfig
from core.models.outputs import PoseOutput
from core.models.similarity import expected_similarity
from tests.core.inference.painter import (
    BOX,
    TINY,
    Painter,
    a_config,
    a_predictor,
    bright_left_photo,
    numbers,
    places,
)

SIMCC = SimccConfig(split=2.0, sigma_bins=6.0)
EVERYTHING = {
    "flag_logits": numbers(17, 3, seed=1),
    "presence_logits": numbers(17, seed=2),
    "visible_logits": numbers(17, seed=3),
    "similarity_logits": numbers(17, 9, seed=4),
}
FIELDS = ("heat_score", "presence", "visible", "vis3", "keypoint_similarity")


def found_by(**given):
    return a_predictor(**given).predict(bright_left_photo(), BOX)[0]


def test_places_come_back_in_image_pixels():
    found = found_by()
    # The crop is 192 px high for 160 * 1.25 photo pixels about the box's centre.
    expected = (places().numpy() - [79.5, 95.5]) * 200 / 192 + [159.5, 129.5]
    np.testing.assert_allclose(found.xy_image_px, expected, atol=0.05)
    assert found.xy_image_px.dtype == np.float32


@pytest.mark.parametrize(
    ("alignment", "crop_centre", "crop_sides"),
    [("classic", [80, 96], [160, 192]), ("udp", [79.5, 95.5], [159, 191])],
)
def test_every_alignment_gives_places_where_its_own_crop_has_them(
    alignment, crop_centre, crop_sides
):
    found = found_by(alignment=alignment, flip_test=False)
    # The padded box is 500 / 3 wide and 200 high, about (160, 130).
    photo_px = np.array([500 / 3, 200]) / crop_sides
    expected = (places().numpy() - crop_centre) * photo_px + np.array([160, 130])
    np.testing.assert_allclose(found.xy_image_px, expected, atol=0.05)


def test_places_of_simcc_come_back_to_half_a_bin():
    found, heat = found_by(codec=SIMCC), found_by()
    assert np.abs(found.xy_image_px - heat.xy_image_px).max() < 0.3
    np.testing.assert_allclose(found.heat_score, 0.0665, atol=0.002)
    # Far below what a heat map's peak has to be, yet found: SimCC's own limit counts.
    assert found.pose_scores["above_limit"] == pytest.approx(found.pose_scores["conventional"])


@pytest.mark.parametrize("codec", [TINY.codec, SIMCC], ids=["heat maps", "SimCC"])
def test_a_flip_test_swaps_every_output_back(codec):
    straight = found_by(flip_test=False, said=EVERYTHING, codec=codec)
    both = found_by(said=EVERYTHING, codec=codec)
    for name in (*FIELDS, "xy_image_px"):
        np.testing.assert_allclose(getattr(both, name), getattr(straight, name), atol=2e-3)


@pytest.mark.parametrize(
    ("size", "count"),
    [((160, 192), 32), ((192, 256), 32), ((288, 384), 32), ((576, 768), 8), ((2048, 2048), 1)],
)
def test_the_larger_the_crops_the_fewer_people_are_looked_at_at_once(size, count):
    assert people_at_once(replace(TINY, crop_size_wh_px=size)) == count


def test_a_flip_test_is_the_mean_of_both_looks():
    class Undecided(Painter):
        """Says something else of every crop it is shown."""

        def forward(self, crops):
            output = super().forward(crops)
            self.count = getattr(self, "count", -1) + 1
            logits = numbers(17, 3, seed=self.count)[None].expand(len(crops), -1, -1)
            return output._replace(flag_logits=logits)

    found = found_by(network=Undecided(flag_logits=numbers(17, 3)))
    first, second = (numbers(17, 3, seed=n).softmax(-1).numpy() for n in (0, 1))
    np.testing.assert_allclose(found.vis3, (first + second[COCO17.flip_index]) / 2, atol=1e-6)


def test_a_ternary_model_says_presence_and_visible_by_its_flags():
    found = found_by(said={"flag_logits": EVERYTHING["flag_logits"]})
    flags = EVERYTHING["flag_logits"].softmax(-1).numpy()
    np.testing.assert_allclose(found.vis3, flags, atol=1e-5)
    np.testing.assert_allclose(found.presence, 1 - flags[:, 0], atol=1e-5)
    np.testing.assert_array_equal(found.visible, found.vis3[:, 2])
    assert (found.heat_score > 0.9).all()
    assert found.keypoint_similarity is None
    assert found.map_score is None
    assert set(found.pose_scores) == {"conventional", "above_limit"}


def test_presence_and_visible_said_apart_make_flags():
    said = {name: EVERYTHING[name] for name in ("presence_logits", "visible_logits")}
    found = found_by(said=said)
    presence, visible = (each.sigmoid().numpy() for each in said.values())
    np.testing.assert_allclose(found.presence, presence, atol=1e-6)
    np.testing.assert_allclose(found.visible, visible, atol=1e-6)
    np.testing.assert_allclose(found.vis3, p_of_flags(presence, visible), atol=1e-6)


@pytest.mark.parametrize("name", ["presence", "visible"])
def test_one_of_both_alone_makes_no_flags(name):
    found = found_by(said={f"{name}_logits": EVERYTHING[f"{name}_logits"]})
    other = {"presence": "visible", "visible": "presence"}[name]
    assert getattr(found, name).shape == (17,)
    assert getattr(found, other) is None
    assert found.vis3 is None


def test_presence_that_a_model_says_itself_is_not_overwritten_by_its_flags():
    found = found_by(said=EVERYTHING)
    np.testing.assert_allclose(found.presence, EVERYTHING["presence_logits"].sigmoid(), atol=1e-6)
    np.testing.assert_allclose(found.vis3, EVERYTHING["flag_logits"].softmax(-1), atol=1e-5)


def test_a_plain_model_says_places_alone():
    found = found_by(said={})
    assert (found.presence, found.visible, found.vis3, found.keypoint_similarity) == (None,) * 4


def test_similarity_and_the_scores_of_the_pose():
    said = {name: EVERYTHING[name] for name in ("presence_logits", "similarity_logits")}
    found = found_by(said=said)
    expected = expected_similarity(said["similarity_logits"][None])[0].numpy()
    np.testing.assert_allclose(found.keypoint_similarity, expected, atol=1e-6)
    oaks = (expected * found.presence).sum() / found.presence.sum()
    assert found.pose_scores["oaks"] == pytest.approx(oaks, abs=1e-5)
    assert found.pose_scores["conventional"] == pytest.approx(found.heat_score.mean(), abs=1e-6)


def test_ids_and_order_are_kept_over_photos_and_batches():
    people = [
        PersonCrop(bright_left_photo(), BOX[0] + [n, 0, 0, 0], n // 2, 100 + n, n)
        for n in range(40)
    ]
    found = a_predictor().predict_many(people)
    said = [(p.image_id, p.annotation_id, p.index) for p in found]
    assert said == [(n // 2, 100 + n, n) for n in range(40)]
    np.testing.assert_allclose(
        found[39].xy_image_px - found[0].xy_image_px, np.tile([39.0, 0], (17, 1)), atol=1e-3
    )


def test_no_boxes_give_no_predictions():
    assert a_predictor().predict(bright_left_photo(), np.zeros((0, 4))) == []


@pytest.mark.parametrize("box", [[-50, -80, 90, 100], [350, 250, 100, 100], [900, 900, 40, 50]])
def test_a_box_partly_or_wholly_outside_the_photo_is_predicted(box):
    (found,) = a_predictor().predict(bright_left_photo(), np.array([box], dtype=float))
    assert np.isfinite(found.xy_image_px).all()
    assert np.isfinite(found.vis3).all()


def test_a_picture_of_one_pixel_is_predicted():
    (found,) = a_predictor().predict(np.zeros((1, 1, 3), np.uint8), np.array([[0, 0, 1.0, 1]]))
    assert np.isfinite(found.xy_image_px).all()


def test_a_network_that_says_no_numbers_predicts_nothing():
    class Broken(Painter):
        def forward(self, crops):
            output = super().forward(crops)
            return output._replace(places=output.places * float("nan"))

    found = found_by(network=Broken(flag_logits=numbers(17, 3)))
    assert np.isnan(found.xy_image_px).all()
    assert np.isnan(found.heat_score).all()
    assert found.pose_scores["conventional"] == 0


def test_a_box_without_area_is_refused_in_words():
    with pytest.raises(UserError, match="has no area"):
        a_predictor().predict(bright_left_photo(), np.array([[5.0, 5, 0, 10]]))


def test_heat_maps_lie_where_the_prediction_is():
    predictor = a_predictor()
    heat = predictor.heat_maps(bright_left_photo(), BOX[0])
    assert heat.maps.shape == (17, 48, 40)
    assert heat.maps.max() == pytest.approx(1, abs=0.1)
    found = predictor.predict(bright_left_photo(), BOX)[0]
    # Half a map pixel is two crop pixels.
    assert np.abs(peaks_on_image(heat) - found.xy_image_px).max() < 2.2


def test_heat_maps_of_simcc_lie_where_the_prediction_is():
    predictor = a_predictor(codec=SIMCC)
    heat = predictor.heat_maps(bright_left_photo(), BOX[0])
    assert heat.maps.shape == (17, 48, 40)
    assert heat.maps.max(axis=(1, 2)) == pytest.approx(np.ones(17), abs=0.05)
    found = predictor.predict(bright_left_photo(), BOX)[0]
    assert np.abs(peaks_on_image(heat) - found.xy_image_px).max() < 2.7


def peaks_on_image(heat) -> np.ndarray:
    _, height, width = heat.maps.shape
    place = heat.maps.reshape(17, -1).argmax(1)
    on_map = np.stack(np.unravel_index(place, (height, width))[::-1], axis=1)
    return apply_affine(heat.map_to_image, on_map.astype(float))


def test_a_model_whose_mirrored_maps_lie_one_pixel_off_is_shifted_back():
    shift = replace(TINY.codec, flip_shift_px=1)
    shifted = a_predictor(codec=shift).heat_maps(bright_left_photo(), BOX[0]).maps
    plain = a_predictor(flip_test=False).heat_maps(bright_left_photo(), BOX[0]).maps
    moved = np.concatenate([plain[..., :1], plain[..., :-1]], axis=-1)
    np.testing.assert_allclose(shifted, (plain + moved) / 2, atol=2e-3)


def test_a_network_of_other_maps_than_its_description_says_is_refused_in_words():
    codec = replace(TINY.codec, size_wh_px=(24, 24))
    with pytest.raises(UserError, match="places are 40x48, width first; its codec reads maps of"):
        a_predictor(Painter(flag_logits=numbers(17, 3)), codec=codec).predict(
            bright_left_photo(), BOX
        )


def test_the_memory_of_a_device_that_is_full_is_said():
    class Large(nn.Module):
        def forward(self, crops):
            raise torch.OutOfMemoryError

    said = "The memory of cpu does not hold 1 crops at a time"
    with pytest.raises(UserError, match=said) as refused:
        a_predictor(Large()).predict(bright_left_photo(), BOX)
    assert refused.value.remedy == "End what else runs on it, or choose the device cpu."


def test_the_channel_order_of_the_network_is_kept():
    class Colour(nn.Module):
        def forward(self, crops):
            self.seen = crops.mean(dim=(0, 2, 3))
            return PoseOutput(torch.zeros(len(crops), 17, 48, 40))

    photo = np.full((300, 400, 3), (255, 0, 0), np.uint8)  # blue
    box = np.array([[190.0, 140, 10, 12]])
    for order, brightest in (("RGB", 2), ("BGR", 0)):
        network = Colour()
        a_predictor(network, channel_order=order).predict(photo, box)
        assert int(network.seen.argmax()) == brightest


@pytest.fixture
def a_folder(tmp_path):
    """A checkpoint of fresh weights."""
    torch.manual_seed(0)
    save_checkpoint(build_model(TINY), a_config(TINY), tmp_path / "fresh")
    return tmp_path / "fresh"


def test_the_shipped_model_predicts():
    predictor = load_predictor("metamodel_tiny", device="cpu")
    (found,) = predictor.predict(bright_left_photo(), BOX, image_id=3, annotation_ids=[8])
    assert predictor.name == "metamodel_tiny"
    assert predictor.skeleton.names == COCO17.names
    assert len(predictor.checkpoint_sha256) == 64
    assert (found.image_id, found.annotation_id, found.xy_image_px.shape) == (3, 8, (17, 2))
    assert ((found.heat_score >= 0) & (found.heat_score <= 1)).all()


def test_bfloat16_says_nearly_the_same():
    single, half = (
        load_predictor("metamodel_tiny", device="cpu", precision=precision).predict(
            bright_left_photo(), BOX
        )[0]
        for precision in ("float32", "bfloat16")
    )
    assert half.vis3.dtype == np.float32
    np.testing.assert_allclose(half.vis3, single.vis3, atol=0.05)
    assert not np.array_equal(half.vis3, single.vis3)


def test_a_compiled_network_is_compiled_once_for_any_number_of_persons(a_folder, monkeypatch):
    asked = []

    def compile_(network, *, dynamic):
        asked.append(dynamic)
        return network

    monkeypatch.setattr(torch, "compile", compile_)
    predictor = load_predictor(str(a_folder), device="cpu", compiled=True)
    assert asked == [True]
    assert len(predictor.predict(bright_left_photo(), BOX)) == 1


def test_a_machine_that_cannot_compile_says_so(a_folder, monkeypatch):
    def compile_(network, *, dynamic):
        def fails(crops):
            raise torch._dynamo.exc.TorchDynamoException("no compiler")

        return fails

    monkeypatch.setattr(torch, "compile", compile_)
    with pytest.raises(UserError, match="cannot compile networks") as refused:
        load_predictor(str(a_folder), device="cpu", compiled=True)
    assert refused.value.remedy == "Leave `compiled` out, or install a C++ compiler."


def test_an_unknown_model_is_refused_with_the_known_ones():
    with pytest.raises(UserError, match=r"no model called .giant.*metamodel_tiny"):
        load_predictor("giant")


def test_a_predictor_is_what_it_says_it_is():
    predictor = a_predictor()
    assert isinstance(predictor, Predictor)
    assert (predictor.name, predictor.checkpoint_sha256) == ("painter", "ab" * 32)
