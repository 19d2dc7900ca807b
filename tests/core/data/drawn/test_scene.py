import hashlib
import subprocess
import sys

import numpy as np
import pytest

from core.data.drawn import draw_scene
from core.data.drawn.layout import draw_layout

FINGERPRINT = """
import hashlib
from core.data.drawn import draw_scene
digest = hashlib.sha256()
for seed in (3, 11, 2**60):
    scene = draw_scene(seed)
    digest.update(scene.photo_bgr.tobytes())
    for person in scene.persons:
        digest.update(person.xy_image_px.tobytes() + person.visibility.tobytes())
        digest.update(person.mask.tobytes())
print(digest.hexdigest())
"""


@pytest.fixture(scope="module")
def scenes():
    return [draw_scene(seed) for seed in range(40)]


def test_the_same_seed_draws_the_same_bytes_in_every_process():
    runs = {
        subprocess.run(
            [sys.executable, "-c", FINGERPRINT],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": salt, "PYTHONPATH": "."},
        ).stdout
        for salt in ("1", "2")
    }
    assert len(runs) == 1


def test_a_scene_depends_on_no_scene_drawn_before(scenes):
    again = draw_scene(7)
    assert hashlib.sha256(again.photo_bgr).digest() == hashlib.sha256(scenes[7].photo_bgr).digest()


def test_different_seeds_draw_different_pictures(scenes):
    assert len({scene.photo_bgr.tobytes() for scene in scenes}) == len(scenes)


def test_box_and_area_are_those_of_the_mask(scenes):
    for person in (person for scene in scenes for person in scene.persons):
        rows, columns = np.nonzero(person.mask)
        corner = (columns.min(), rows.min())
        size = (columns.max() - columns.min() + 1, rows.max() - rows.min() + 1)
        assert person.box_xywh_px.tolist() == [*corner, *size]
        assert person.area_px2 == len(rows)


def test_no_pixel_belongs_to_two_persons(scenes):
    for scene in scenes:
        if scene.persons:
            assert sum(person.mask.astype(int) for person in scene.persons).max() == 1


def test_visible_keypoints_lie_on_the_persons_own_mask(scenes):
    for person in (person for scene in scenes for person in scene.persons):
        for x, y in person.xy_image_px[person.visibility == 2]:
            around = person.mask[
                max(round(y) - 1, 0) : round(y) + 2, max(round(x) - 1, 0) : round(x) + 2
            ]
            assert around.any()


def test_labelled_keypoints_lie_in_the_frame(scenes):
    for person in (person for scene in scenes for person in scene.persons):
        xy = person.xy_image_px[person.visibility > 0]
        assert ((xy >= 0) & (xy <= (639, 479))).all()


def test_all_three_flags_occur_about_as_often_as_in_coco(scenes):
    flags = np.concatenate([person.visibility for scene in scenes for person in scene.persons])
    shares = np.bincount(flags, minlength=3) / len(flags)
    # COCO val2017: 0.355, 0.073, 0.572
    assert 0.2 < shares[0] < 0.5
    assert 0.04 < shares[1] < 0.25
    assert 0.4 < shares[2] < 0.7


def test_pictures_hold_one_to_six_persons(scenes):
    counts = [
        len(draw_layout(np.random.default_rng(seed), (640, 480)).figures) for seed in range(60)
    ]
    assert min(counts) == 1
    assert max(counts) in (5, 6)


@pytest.mark.parametrize("size", [(320, 240), (480, 640), (641, 479)])
def test_other_picture_sizes_can_be_drawn(size):
    scene = draw_scene(3, size_wh_px=size)
    assert scene.photo_bgr.shape == (size[1], size[0], 3)
    assert all(person.mask.shape == (size[1], size[0]) for person in scene.persons)


def test_pictures_are_neither_black_nor_blank(scenes):
    for scene in scenes:
        assert 25 < scene.photo_bgr.mean() < 235
        assert scene.photo_bgr.std() > 8
