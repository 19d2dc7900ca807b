from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core.data.letterbox import letterbox
from core.data.skeleton import COCO17
from core.errors import UserError
from core.inference.whole_picture import PersonCrop, WholePicturePredictor
from core.models.checkpoint_config import CheckpointConfig
from core.models.entries import model_of
from core.models.hybridpose.config import STRIDES
from core.models.hybridpose.outputs import GridOutput, LevelOutput
from tests.core.models.hybridpose.perfect_output import Somebody, perfect_output

TINY = model_of("hybridpose_tiny")
CONFIG = CheckpointConfig("a", TINY, "", "", "", "", 0, "f" * 64)
PHOTO = np.zeros((240, 480, 3), dtype=np.uint8)  # on 320 x 320: 320 x 160, tight canvas 320 x 192

# Two persons of the photo, by their boxes; keypoints from one corner to the other.
BOXES = np.array([[60.0, 30.0, 90.0, 180.0], [300.0, 60.0, 60.0, 120.0]])
XY = BOXES[:, None, :2] + np.linspace(0.2, 0.8, 17)[:, None] * BOXES[:, None, 2:]
SCORES = (0.9, 0.6)


class Knowing(nn.Module):
    """Says who is on the photo, whatever size it is shown in.

    Attributes:
        seen: sizes (width, height) of the inputs, one per picture.
    """

    def __init__(self, *, mirrored_widths: Sequence[int] = (), scores=SCORES) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, 3, 1, 1))
        self.mirrored_widths = mirrored_widths
        self.scores = scores
        self.seen: list[tuple[int, int]] = []

    def forward(self, crops: torch.Tensor) -> GridOutput:
        height, width = crops.shape[-2:]
        self.seen += [(width, height)] * len(crops)
        one = perfect_output(TINY, (width, height), self._people((width, height)))
        return GridOutput(
            tuple(LevelOutput(*(part.repeat(len(crops), 1, 1, 1, 1) for part in level))
                  for level in one.levels)
        )  # fmt: skip

    def _people(self, canvas_wh: tuple[int, int]) -> list[Somebody]:
        placement = letterbox((480, 240), canvas_wh)
        boxes, xy = placement.boxes_on(BOXES), placement.points_on(XY)
        if canvas_wh[0] in self.mirrored_widths:
            boxes[:, 0] = canvas_wh[0] - boxes[:, 0] - boxes[:, 2]
            xy[..., 0] = canvas_wh[0] - 1 - xy[..., 0]
            xy = xy[:, COCO17.flip_index]
        people = []
        for box, places, score in zip(boxes, xy, self.scores, strict=False):
            level = 1
            cell = tuple(((box[:2] + box[2:] / 2) // STRIDES[level]).astype(int).tolist())
            edges = (*box[:2], *(box[:2] + box[2:]))
            people.append(Somebody(level, 2, cell, edges, places, score))
        return people


def a_predictor(network: nn.Module | None = None, *, flip_test: bool = False):
    return WholePicturePredictor(
        network or Knowing(), CONFIG, torch.device("cpu"), flip_test=flip_test
    )


def test_everybody_is_found_in_the_photos_pixels_the_surest_first():
    found = a_predictor().find_people(PHOTO, image_id=7)
    assert [(p.image_id, p.annotation_id, p.index) for p in found] == [(7, None, 0), (7, None, 1)]
    for person, box, xy, score in zip(found, BOXES, XY, SCORES, strict=True):
        assert np.allclose(person.box_xywh_px, box, atol=1e-2)
        assert np.allclose(person.xy_image_px, xy, atol=1e-2)
        assert np.allclose(person.map_score, 0.8)
        assert person.pose_scores == {"detection": pytest.approx(score)}


def test_what_the_network_does_not_say_is_not_said():
    person = a_predictor().find_people(PHOTO)[0]
    silent = [
        person.heat_score,
        person.presence,
        person.visible,
        person.vis3,
        person.keypoint_similarity,
    ]
    assert silent == [None] * 5


def test_a_photo_is_seen_without_needless_grey():
    network = Knowing()
    a_predictor(network).find_people(PHOTO)
    assert network.seen == [(320, 192)]


def test_three_looks_say_the_same_of_everybody_once():
    network = Knowing(mirrored_widths=[320])
    found = a_predictor(network, flip_test=True).find_people(PHOTO)
    assert network.seen == [(256, 128), (320, 192), (384, 192)]
    assert len(found) == 2
    for person, box, xy in zip(found, BOXES, XY, strict=True):
        assert np.allclose(person.box_xywh_px, box, atol=1e-2)
        assert np.allclose(person.xy_image_px, xy, atol=1e-2)


def test_a_real_network_says_of_a_mirrored_look_what_it_says_of_a_mirrored_photo():
    torch.manual_seed(0)
    from core.models.catalog import build_model

    network = build_model(TINY).eval()
    with torch.no_grad():
        for head in network.pose_head.levels:
            head.weight.normal_(0, 0.3)
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 255, (64, 128, 3), dtype=np.uint8)
    straight, mirrored = a_predictor(network), a_predictor(network)
    mirrored._looks = ((1.0, True),)
    one = straight.find_people(np.ascontiguousarray(photo[:, ::-1]))
    other = mirrored.find_people(photo)
    assert len(one) == len(other) > 0
    swap = COCO17.flip_index
    for a, b in zip(one[:20], other[:20], strict=True):
        assert np.allclose(127 - a.xy_image_px[swap, 0], b.xy_image_px[:, 0], atol=1e-2)
        assert np.allclose(a.xy_image_px[swap, 1], b.xy_image_px[:, 1], atol=1e-2)
        assert np.allclose(a.map_score[swap], b.map_score, atol=1e-5)


def test_boxes_get_the_person_in_them_and_keep_what_was_asked():
    asked = BOXES[[1, 0]] + 2
    found = a_predictor().predict(PHOTO, asked, image_id=5, annotation_ids=[11, 12])
    assert [(p.image_id, p.annotation_id, p.index) for p in found] == [(5, 11, 0), (5, 12, 1)]
    assert np.allclose([p.box_xywh_px for p in found], asked)
    assert np.allclose([p.xy_image_px for p in found], XY[[1, 0]], atol=1e-2)
    assert [p.pose_scores["detection"] for p in found] == pytest.approx([0.6, 0.9])


def test_who_was_not_found_is_not_predicted():
    found = a_predictor().predict(PHOTO, np.array([[400, 10, 60, 40], *BOXES]))
    nobody, *others = found
    assert np.isnan(nobody.xy_image_px).all()
    assert nobody.xy_image_px.shape == (17, 2)
    assert np.isnan(nobody.map_score).all()
    assert nobody.presence is None
    assert nobody.pose_scores == {}
    assert np.isfinite([p.xy_image_px for p in others]).all()


def test_nobody_found_anywhere_is_nan_as_well():
    found = a_predictor(Knowing(scores=())).predict(PHOTO, BOXES)
    assert all(np.isnan(p.xy_image_px).all() for p in found)
    assert a_predictor(Knowing(scores=())).find_people(PHOTO) == []


def test_persons_of_one_photo_share_a_look_and_order_is_kept():
    network = Knowing()
    other = PHOTO.copy()
    people = [
        PersonCrop(PHOTO, BOXES[0], index=0),
        PersonCrop(other, BOXES[1], index=1),
        PersonCrop(PHOTO, BOXES[1], index=2),
    ]
    found = a_predictor(network).predict_many(people)
    assert [p.index for p in found] == [0, 1, 2]
    assert network.seen == [(320, 192)] * 2
    assert np.allclose([p.xy_image_px for p in found], XY[[0, 1, 1]], atol=1e-2)


def test_a_photo_asked_about_again_is_not_looked_at_again():
    network = Knowing()
    predictor, other = a_predictor(network), PHOTO.copy()
    first = predictor.predict(PHOTO, BOXES[:1])
    second = predictor.predict(PHOTO, BOXES[1:])
    assert len(network.seen) == 1
    assert np.allclose([p.xy_image_px for p in (*first, *second)], XY, atol=1e-2)
    both = predictor.predict_many([PersonCrop(other, BOXES[0]), PersonCrop(PHOTO, BOXES[1])])
    assert len(network.seen) == 2
    assert np.allclose([p.xy_image_px for p in both], XY, atol=1e-2)
    predictor.find_people(PHOTO)
    assert len(network.seen) == 3


def test_no_persons_no_looks():
    network = Knowing()
    assert a_predictor(network).predict_many([]) == []
    assert a_predictor(network).predict(PHOTO, np.zeros((0, 4))) == []
    assert network.seen == []


def test_maps_lie_on_the_photo_where_the_keypoints_are():
    shown = a_predictor(Knowing(scores=(0.9,))).heat_maps(PHOTO, BOXES[0])
    assert shown.maps.shape == (17, 12, 20)  # stride 16 of 320 x 192
    for k in range(17):
        row, column = np.unravel_index(shown.maps[k].argmax(), shown.maps[k].shape)
        assert shown.maps[k].max() == pytest.approx(0.8)
        place = shown.map_to_image @ [column, row, 1]
        assert np.abs(place - XY[0, k]).max() <= 8 * 1.5  # half a cell of 16, in photo pixels


def test_the_maps_as_areas_cover_the_input_of_the_network():
    # PHOTO is shrunk to 320 x 160 and lies 16 px below the top of 320 x 192: cells of 16 px.
    shown = a_predictor(Knowing(scores=(0.9,))).heat_maps(PHOTO, BOXES[0])
    corners = shown.map_to_image @ np.array([[-0.5, -0.5, 1], [19.5, 11.5, 1]]).T
    scale = 320 / PHOTO.shape[1]
    low, high = np.array([0, -16]) / scale - 0.5, np.array([320, 176]) / scale - 0.5
    np.testing.assert_allclose(corners.T, [low, high], atol=1e-9)


def test_where_nobody_is_the_maps_of_the_likeliest_anchor_are_shown():
    # 90 x 60 on the photo is 60 x 40 on the input: most like P4's first anchor, 47 x 35.
    shown = a_predictor(Knowing(scores=())).heat_maps(PHOTO, np.array([0.0, 0.0, 90.0, 60.0]))
    assert shown.maps.shape == (17, 12, 20)
    assert shown.maps.max() < 1e-6


def test_what_a_predictor_is_called():
    predictor = a_predictor()
    assert (predictor.name, predictor.checkpoint_sha256) == ("a", "f" * 64)
    assert predictor.skeleton.names == COCO17.names


@pytest.mark.parametrize("box", [[0, 0, 0, 10], [0, 0, 10, -1], [0, np.nan, 10, 10]])
def test_a_box_without_area_is_refused(box):
    with pytest.raises(UserError, match="has no area"):
        a_predictor().predict(PHOTO, np.array([box]))
    with pytest.raises(UserError, match="has no area"):
        a_predictor().heat_maps(PHOTO, np.array(box))


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 4), (0, 10, 3)])
def test_what_is_no_picture_is_refused(shape):
    with pytest.raises(UserError, match="no colour picture"):
        a_predictor().find_people(np.zeros(shape, dtype=np.uint8))


def test_channels_go_in_as_the_network_wants_them():
    inputs = []

    class Watching(Knowing):
        def forward(self, crops: torch.Tensor) -> GridOutput:
            inputs.append(crops)
            return super().forward(crops)

    blue = np.zeros((240, 480, 3), dtype=np.uint8)
    blue[..., 0] = 255
    for order in ("RGB", "BGR"):
        config = replace(CONFIG, model=replace(TINY, channel_order=order))
        predictor = WholePicturePredictor(Watching(), config, torch.device("cpu"), flip_test=False)
        predictor.find_people(blue)
    assert [one[0, :, 96, 160].tolist() for one in inputs] == [[0, 0, 1], [1, 0, 0]]
