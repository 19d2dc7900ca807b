import numpy as np
import pytest

from core.data.letterbox import GREY, Placement, letterbox, letterboxed, tight_canvas


@pytest.mark.parametrize(
    ("photo_wh", "size_wh", "corner_xy"),
    [
        ((640, 480), (320, 240), (0, 40)),
        ((300, 600), (160, 320), (80, 0)),
        ((100, 100), (320, 320), (0, 0)),
        ((641, 427), (320, 213), (0, 53)),
        ((5000, 2), (320, 1), (0, 159)),
    ],
)
def test_photos_fill_the_canvas_in_its_middle(photo_wh, size_wh, corner_xy):
    assert letterbox(photo_wh, (320, 320)) == Placement(photo_wh, size_wh, corner_xy)


def test_a_canvas_may_be_wider_than_high():
    assert letterbox((100, 100), (320, 192)) == Placement((100, 100), (192, 192), (64, 0))


@pytest.mark.parametrize("photo_wh", [(641, 427), (37, 300), (1280, 1280)])
def test_points_and_boxes_come_back(photo_wh):
    placement = letterbox(photo_wh, (320, 256))
    rng = np.random.default_rng(0)
    xy, boxes = rng.uniform(-50, 900, (4, 17, 2)), rng.uniform(1, 400, (4, 4))
    assert np.allclose(placement.points_back(placement.points_on(xy)), xy)
    assert np.allclose(placement.boxes_back(placement.boxes_on(boxes)), boxes)


def test_pixel_centres_are_whole_numbers_and_boxes_count_from_the_corner():
    half = letterbox((640, 480), (320, 320))  # 40 grey rows above
    # The upper left four pixels become one: its centre is 40 rows down.
    assert half.points_on(np.array([0.5, 0.5])).tolist() == [0, 40]
    assert half.boxes_on(np.array([0, 0, 640, 480])).tolist() == [0, 40, 320, 240]


def test_a_mark_is_drawn_where_its_point_says():
    photo = np.zeros((480, 640, 3), dtype=np.uint8)
    photo[100:104, 200:204] = 255  # centre 201.5, 101.5
    canvas, placement = letterboxed(photo, (320, 320))
    row, column = np.argwhere(canvas[..., 0] == 255).mean(axis=0)
    assert placement.points_on(np.array([201.5, 101.5])).tolist() == [column, row]


def test_around_a_photo_it_is_grey():
    canvas, _ = letterboxed(np.zeros((480, 640, 3), dtype=np.uint8), (320, 320))
    assert canvas.shape == (320, 320, 3)
    assert np.unique(canvas[:40]).tolist() == [GREY]
    assert np.unique(canvas[40:280]).tolist() == [0]
    other, _ = letterboxed(np.zeros((480, 640, 3), dtype=np.uint8), (320, 320), fill=7)
    assert np.unique(other[280:]).tolist() == [7]


def test_a_photo_is_drawn_within_its_part_alone():
    photo = np.full((100, 100, 3), 255, dtype=np.uint8)
    canvas = np.zeros((64, 64, 3), dtype=np.uint8)
    Placement((100, 100), (50, 50), (-10, 20)).draw(photo, canvas, (0, 0, 32, 32))
    assert np.argwhere(canvas[..., 0]).min(axis=0).tolist() == [20, 0]
    assert np.argwhere(canvas[..., 0]).max(axis=0).tolist() == [31, 31]
    assert (canvas[20:32, :32] == 255).all()


@pytest.mark.parametrize("corner_xy", [(64, 0), (-50, 0), (0, 70), (0, -60)])
def test_a_photo_off_its_part_draws_nothing(corner_xy):
    canvas = np.zeros((64, 64, 3), dtype=np.uint8)
    photo = np.full((50, 50, 3), 255, dtype=np.uint8)
    Placement((50, 50), (50, 50), corner_xy).draw(photo, canvas, (0, 0, 64, 64))
    assert not canvas.any()


@pytest.mark.parametrize(
    ("photo_wh", "canvas_wh"),
    [
        ((640, 427), (1280, 896)),
        ((427, 640), (896, 1280)),
        ((500, 500), (1280, 1280)),
        ((5000, 2), (1280, 64)),
    ],
)
def test_a_tight_canvas_has_no_needless_grey(photo_wh, canvas_wh):
    assert tight_canvas(photo_wh, (1280, 1280), multiple=64) == canvas_wh
    size = letterbox(photo_wh, canvas_wh).size_wh_px
    assert size == letterbox(photo_wh, (1280, 1280)).size_wh_px
