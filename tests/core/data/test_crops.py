import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.crops import ALIGNMENTS, apply_affine, crop_affine, cut_out, invert_affine
from core.errors import UserError

SIZE = (160, 192)
place = st.floats(-500, 500)
side = st.floats(0.5, 800)


@given(
    place, place, side, side, st.floats(-180, 180), st.floats(1, 2), st.sampled_from([*ALIGNMENTS])
)
def test_points_come_back_from_the_crop(x, y, width, height, rotation, padding, alignment):
    box = np.array([x, y, width, height])
    affine = crop_affine(box, SIZE, rotation_deg=rotation, padding=padding, alignment=alignment)
    points = np.array([[x, y], [x + width, y], [x + width / 3, y + height]])
    back = apply_affine(invert_affine(affine), apply_affine(affine, points))
    np.testing.assert_allclose(back, points, atol=1e-6)


@given(place, place, side, side)
def test_the_whole_box_is_in_the_crop_with_its_centre_in_the_middle(x, y, width, height):
    affine = crop_affine(np.array([x, y, width, height]), SIZE)
    corners = np.array([[x, y], [x + width, y + height]]) - 0.5
    low, high = apply_affine(affine, corners)
    np.testing.assert_allclose((low + high) / 2, [79.5, 95.5], atol=1e-6)
    # The tighter side fills the crop but for the padding.
    assert max((high - low) / SIZE) == pytest.approx(1 / 1.25)


def test_many_crops_are_moved_at_once():
    affines = np.stack([crop_affine(np.array([0, 0, w, 30.0]), SIZE) for w in (10, 20)])
    points = np.arange(12, dtype=float).reshape(2, 3, 2)
    one_by_one = [apply_affine(a, p) for a, p in zip(affines, points, strict=True)]
    np.testing.assert_allclose(apply_affine(affines, points), one_by_one)


def test_a_bright_pixel_is_found_where_the_affine_says():
    photo = np.zeros((60, 50, 3), dtype=np.uint8)
    photo[20, 30] = 255
    affine = crop_affine(np.array([10.0, 5, 30, 40]), SIZE)
    crop = cut_out(photo, affine, SIZE).astype(float).sum(axis=2)
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    centre = [(columns * crop).sum() / crop.sum(), (rows * crop).sum() / crop.sum()]
    np.testing.assert_allclose(apply_affine(affine, np.array([[30.0, 20]]))[0], centre, atol=0.1)


def test_a_large_photo_is_shrunk_in_the_same_place():
    photo = np.zeros((1600, 1500, 3), dtype=np.uint8)
    photo[800:840, 700:740] = 255
    affine = crop_affine(np.array([100.0, 100, 1200, 1400]), SIZE)
    crop = cut_out(photo, affine, SIZE).astype(float).sum(axis=2)
    rows, columns = np.mgrid[: SIZE[1], : SIZE[0]]
    centre = [(columns * crop).sum() / crop.sum(), (rows * crop).sum() / crop.sum()]
    expected = apply_affine(affine, np.array([[719.5, 819.5]]))[0]
    np.testing.assert_allclose(expected, centre, atol=0.1)


def test_a_photo_shrunk_to_less_than_half_is_not_off_by_half_a_pixel():
    photo = np.zeros((576, 480, 3), dtype=np.uint8)
    photo[200:260, 150:190] = 255
    size = (200, 240)
    affine = crop_affine(np.array([0.0, 0, 480, 576]), size, padding=1.0)
    crop = cut_out(photo, affine, size).astype(float).sum(axis=2)
    rows, columns = np.mgrid[: size[1], : size[0]]
    centre = [(columns * crop).sum() / crop.sum(), (rows * crop).sum() / crop.sum()]
    # Half a pixel of the photo is 0.21 of the crop.
    expected = apply_affine(affine, np.array([[169.5, 229.5]]))[0]
    np.testing.assert_allclose(expected, centre, atol=0.05)


@pytest.mark.parametrize("box", [[-500, -500, 40, 40], [5, 5, 3000, 3000], [0, 0, 1, 1]])
@pytest.mark.parametrize("size", [(1, 1), (3, 900)])
def test_any_box_on_any_photo_gives_a_crop(box, size):
    photo = np.full((*size, 3), 7, dtype=np.uint8)
    crop = cut_out(photo, crop_affine(np.array(box, dtype=float), SIZE), SIZE)
    assert crop.shape == (192, 160, 3)
    assert crop.dtype == np.uint8


def test_outside_the_photo_is_black():
    photo = np.full((10, 10, 3), 255, dtype=np.uint8)
    crop = cut_out(photo, crop_affine(np.array([100.0, 100, 5, 5]), SIZE), SIZE)
    assert not crop.any()


@pytest.mark.parametrize("box", [[3, 4, 0, 9], [3, 4, 9, 0], [3, 4, -2, 9], [3, 4, np.nan, 9]])
def test_a_box_without_area_is_refused_in_words(box):
    with pytest.raises(UserError, match=r"The box \(3, 4, .*\) has no area"):
        crop_affine(np.array(box, dtype=float), SIZE)


def official_simple_baseline_affine(box, size) -> np.ndarray:
    """SimpleBaseline's three points (lib/utils/transforms.py) without its rotation, by OpenCV."""
    x, y, width, height = box
    if width > size[0] / size[1] * height:
        height = width * size[1] / size[0]
    else:
        width = height * size[0] / size[1]
    centre = np.array([x, y]) + np.array(box[2:]) / 2
    reach = np.array([[0, 0], [0, -width * 1.25 / 2], [-width * 1.25 / 2, -width * 1.25 / 2]])
    onto = np.array([[0, 0], [0, -size[0] / 2], [-size[0] / 2, -size[0] / 2]])
    source, target = (centre + reach).astype(np.float32), (np.array(size) / 2 + onto)
    return cv2.getAffineTransform(source, target.astype(np.float32))


@pytest.mark.parametrize("box", [[30, 40, 80, 210], [-20, 5.5, 300, 120]])
def test_classic_crops_are_those_of_simple_baseline(box):
    ours = crop_affine(np.array(box, dtype=float), (192, 256), alignment="classic")
    np.testing.assert_allclose(ours, official_simple_baseline_affine(box, (192, 256)), atol=1e-4)


@pytest.mark.parametrize("rotation", [0.0, 30.0])
@pytest.mark.parametrize("box", [[30, 40, 80, 210], [-20, 5.5, 300, 120]])
def test_udp_crops_are_those_that_vitpose_is_fed_with(box, rotation):
    vitpose = pytest.importorskip("transformers.models.vitpose.image_processing_pil_vitpose")
    size = np.array([192, 256])
    centre, scale = vitpose.box_to_center_and_scale(box, 192, 256)
    theirs = vitpose.get_warp_matrix(rotation, centre * 2.0, size - 1.0, scale * 200.0)
    ours = crop_affine(
        np.array(box, dtype=float), (192, 256), alignment="udp", rotation_deg=rotation
    )
    corners = np.array([[0, 0], [400, 0], [0, 300], [400, 300.0]])
    np.testing.assert_allclose(
        apply_affine(ours, corners), apply_affine(theirs.astype(float), corners), atol=1e-3
    )


def test_the_alignments_differ_by_fractions_of_a_pixel():
    box, corner = np.array([0.0, 0, 96, 128]), np.array([[0.0, 0]])
    found = {
        name: apply_affine(crop_affine(box, (192, 256), padding=1.0, alignment=name), corner)[0]
        for name in ALIGNMENTS
    }
    # A photo pixel is two crop pixels.
    np.testing.assert_allclose(found["centres"], [0.5, 0.5])
    np.testing.assert_allclose(found["classic"], [0.0, 0.0], atol=1e-9)
    np.testing.assert_allclose(found["udp"], [0.0, 0.0], atol=1e-9)
    last = np.array([[96.0, 128]])
    udp = crop_affine(box, (192, 256), padding=1.0, alignment="udp")
    np.testing.assert_allclose(apply_affine(udp, last)[0], [191, 255])
