import numpy as np
import pytest

from core.errors import UserError
from core.inference.pose_predictor import people_in, require_photo

PHOTO = np.zeros((4, 6, 3), np.uint8)


def test_the_persons_of_a_photo_are_counted_and_keep_their_ids():
    found = people_in(PHOTO, np.arange(8.0).reshape(2, 4), image_id=3, annotation_ids=[8, None])
    said = [(p.box_xywh_px.tolist(), p.image_id, p.annotation_id, p.index) for p in found]
    assert said == [([0, 1, 2, 3], 3, 8, 0), ([4, 5, 6, 7], 3, None, 1)]
    assert all(person.photo_bgr is PHOTO for person in found)


def test_a_picture_without_colours_is_refused_in_words():
    with pytest.raises(UserError, match=r"no colour picture: its shape is \(5, 5\)"):
        require_photo(np.zeros((5, 5), np.uint8))
    with pytest.raises(UserError, match=r"no colour picture: its shape is \(0, 5, 3\)"):
        require_photo(np.zeros((0, 5, 3), np.uint8))


def test_a_picture_of_other_numbers_is_refused_in_words():
    with pytest.raises(UserError, match="made of float64 numbers") as refused:
        require_photo(np.zeros((5, 5, 3)))
    assert refused.value.remedy == "A picture is height x width x 3, 8 bits each."
