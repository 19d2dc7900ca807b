from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core.data.crops import apply_affine
from core.data.skeleton import COCO17
from core.errors import UserError
from core.inference.predictor import PersonCrop, Predictor, load_predictor
from core.models.checkpoint_config import CheckpointConfig
from core.models.codecs.build import codec_of
from core.models.entries import model_of
from core.models.outputs import PoseOutput

TINY = model_of("metamodel_tiny")
CODEC = codec_of(TINY)
BOX = np.array([[100.0, 50, 120, 160]])


class Painter(nn.Module):
    """Always finds the same person, mirrored in mirrored crops: those bright on the right."""

    def __init__(self, xy_crop_px: torch.Tensor, flag_logits: torch.Tensor) -> None:
        super().__init__()
        self.xy, self.flags = xy_crop_px, flag_logits
        swap = torch.from_numpy(COCO17.flip_index)
        mirrored = torch.stack([159 - xy_crop_px[:, 0], xy_crop_px[:, 1]], dim=-1)
        self.mirrored_xy, self.mirrored_flags = mirrored[swap], flag_logits[swap]

    def forward(self, crops: torch.Tensor) -> PoseOutput:
        straight = crops[..., :40].mean(dim=(1, 2, 3)) > crops[..., -40:].mean(dim=(1, 2, 3))
        xy = torch.where(straight[:, None, None], self.xy, self.mirrored_xy)
        flags = torch.where(straight[:, None, None], self.flags, self.mirrored_flags)
        return PoseOutput(CODEC.encode(xy).clamp_min(1e-12).log(), flag_logits=flags)


def a_config(**changes) -> CheckpointConfig:
    model = replace(TINY, **changes)
    return CheckpointConfig("painter", model, "", "", "", "", 0, "ab" * 32)


def a_predictor(network: nn.Module | None = None, *, flip_test=True, **changes) -> Predictor:
    network = network or Painter(places(), flags())
    return Predictor(network, a_config(**changes), torch.device("cpu"), flip_test=flip_test)


def places() -> torch.Tensor:
    random = torch.Generator().manual_seed(2)
    return torch.rand(17, 2, generator=random) * torch.tensor([140.0, 170]) + 10


def flags() -> torch.Tensor:
    return torch.randn(17, 3, generator=torch.Generator().manual_seed(3))


def bright_left_photo(width=400, height=300) -> np.ndarray:
    ramp = np.linspace(255, 0, width).astype(np.uint8)
    return np.broadcast_to(ramp[None, :, None], (height, width, 3)).copy()


def test_places_come_back_in_image_pixels():
    (found,) = a_predictor().predict(bright_left_photo(), BOX)
    # The crop is 192 px high for 160 * 1.25 photo pixels about the box's centre.
    expected = (places().numpy() - [79.5, 95.5]) * 200 / 192 + [159.5, 129.5]
    np.testing.assert_allclose(found.xy_image_px, expected, atol=0.3)
    assert found.xy_image_px.dtype == np.float32


def test_flip_test_swaps_every_output_back():
    straight = a_predictor(flip_test=False).predict(bright_left_photo(), BOX)[0]
    both = a_predictor(flip_test=True).predict(bright_left_photo(), BOX)[0]
    for name in ("xy_image_px", "heat_score", "presence", "visible", "vis3"):
        np.testing.assert_allclose(getattr(both, name), getattr(straight, name), atol=2e-3)


def test_each_output_is_what_its_name_says():
    (found,) = a_predictor().predict(bright_left_photo(), BOX)
    np.testing.assert_allclose(found.vis3, flags().softmax(-1).numpy(), atol=1e-5)
    np.testing.assert_allclose(found.vis3.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(found.presence, found.vis3[:, 1] + found.vis3[:, 2], atol=1e-5)
    np.testing.assert_array_equal(found.visible, found.vis3[:, 2])
    assert found.heat_score.shape == (17,)
    assert (found.heat_score > 0.9).all()
    assert found.keypoint_similarity is None
    assert found.map_score is None


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


def test_a_box_without_area_is_refused_in_words():
    with pytest.raises(UserError, match="has no area"):
        a_predictor().predict(bright_left_photo(), np.array([[5.0, 5, 0, 10]]))


def test_a_picture_without_colours_is_refused_in_words():
    with pytest.raises(UserError, match=r"no colour picture: its shape is \(5, 5\)"):
        a_predictor().predict(np.zeros((5, 5), np.uint8), BOX)


def test_heat_maps_lie_where_the_prediction_is():
    predictor = a_predictor()
    heat = predictor.heat_maps(bright_left_photo(), BOX[0])
    assert heat.maps.shape == (17, 48, 40)
    peak = np.stack(np.unravel_index(heat.maps.reshape(17, -1).argmax(1), (48, 40)), axis=1)
    on_image = apply_affine(heat.map_to_image, peak[:, ::-1].astype(float))
    found = predictor.predict(bright_left_photo(), BOX)[0]
    # Half a map pixel is two crop pixels.
    assert np.abs(on_image - found.xy_image_px).max() < 2.2


def test_a_model_whose_mirrored_maps_lie_one_pixel_off_is_shifted_back():
    shifted = (
        a_predictor(codec=replace(TINY.codec, flip_shift_px=1))
        .heat_maps(bright_left_photo(), BOX[0])
        .maps
    )
    plain = a_predictor(flip_test=False).heat_maps(bright_left_photo(), BOX[0]).maps
    moved = np.concatenate([plain[..., :1], plain[..., :-1]], axis=-1)
    expected = (plain + moved) / 2
    np.testing.assert_allclose(shifted, expected, atol=2e-3)


def test_the_channel_order_of_the_network_is_kept():
    class Colour(nn.Module):
        def forward(self, crops):
            self.seen = crops.mean(dim=(0, 2, 3))
            return PoseOutput(
                torch.zeros(len(crops), 17, 48, 40), flag_logits=torch.zeros(len(crops), 17, 3)
            )

    photo = np.full((300, 400, 3), (255, 0, 0), np.uint8)  # blue
    box = np.array([[190.0, 140, 10, 12]])
    for order, brightest in (("RGB", 2), ("BGR", 0)):
        network = Colour()
        a_predictor(network, channel_order=order).predict(photo, box)
        assert int(network.seen.argmax()) == brightest


def test_the_shipped_model_predicts():
    predictor = load_predictor("metamodel_tiny", device="cpu")
    (found,) = predictor.predict(bright_left_photo(), BOX, image_id=3, annotation_ids=[8])
    assert predictor.name == "metamodel_tiny"
    assert predictor.skeleton.names == COCO17.names
    assert len(predictor.checkpoint_sha256) == 64
    assert (found.image_id, found.annotation_id, found.xy_image_px.shape) == (3, 8, (17, 2))
    assert ((found.heat_score >= 0) & (found.heat_score <= 1)).all()


def test_an_unknown_model_is_refused_with_the_known_ones():
    with pytest.raises(UserError, match=r"no model called .giant.*metamodel_tiny"):
        load_predictor("giant")
