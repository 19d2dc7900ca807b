from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.picture_views import PictureAugmentation, plain_view
from core.data.pictures import LabelledPicture
from core.models.entries import model_of
from core.training.config import LoopConfig, TrainConfig
from core.training.losses import IGNORED
from core.training.picture_batches import picture_batches, to_picture_batch
from tests.core.data.labelled_pictures import a_picture, some_people

TINY = replace(model_of("hybridpose_tiny"), crop_size_wh_px=(64, 64))
K = 17


def two_people(*, shade: int = 0) -> LabelledPicture:
    xy = [[[20 + k, 30] for k in range(K)], [[60, 20 + k] for k in range(K)]]
    v = [[2, 1, 0] + [2] * 14, [0] * 17]
    known = [[True] * 17, [False] * 17]
    people = some_people([[10, 20, 40, 60], [50, 10, 30, 80]], xy, v, known)
    return a_picture(people, shade=shade)


def nobody() -> LabelledPicture:
    return a_picture(some_people(np.zeros((0, 4)), np.zeros((0, K, 2)), np.zeros((0, K))))


def views(*pictures: LabelledPicture):
    return [plain_view(picture, (100, 100)) for picture in pictures]


def test_people_of_all_pictures_stand_in_one_row():
    batch = to_picture_batch(views(two_people(), nobody(), two_people()), channel_order="RGB")
    assert batch.crops.shape == (3, 100, 100, 3)
    assert batch.picture.tolist() == [0, 0, 2, 2]
    assert batch.boxes_xyxy_px.tolist() == [[10, 20, 50, 80], [50, 10, 80, 90]] * 2
    assert batch.xy_px[0, 2].tolist() == [22, 30]
    assert batch.placed[0].tolist() == [True, True, False] + [True] * 14
    assert batch.flags[0].tolist() == [2, 1, 0] + [2] * 14
    assert batch.flags[1].tolist() == [IGNORED] * 17
    kinds = [batch.crops, batch.picture, batch.boxes_xyxy_px, batch.xy_px, batch.placed]
    assert [part.dtype for part in kinds] == [
        torch.uint8, torch.int64, torch.float32, torch.float32, torch.bool,
    ]  # fmt: skip


def test_pictures_without_anybody_are_a_batch_all_the_same():
    batch = to_picture_batch(views(nobody()), channel_order="BGR")
    assert [tuple(part.shape) for part in vars(batch).values()] == [
        (1, 100, 100, 3), (0,), (0, 4), (0, K, 2), (0, K), (0, K),
    ]  # fmt: skip


def test_channels_are_in_the_order_of_the_network():
    picture = two_people()
    blue = LabelledPicture(lambda: np.full((100, 100, 3), (255, 0, 0), np.uint8), picture.people)
    rgb = to_picture_batch(views(blue), channel_order="RGB").crops[0, 50, 50].tolist()
    bgr = to_picture_batch(views(blue), channel_order="BGR").crops[0, 50, 50].tolist()
    assert (rgb, bgr) == ([0, 0, 255], [255, 0, 0])


def test_a_batch_moves_to_a_device_as_a_whole():
    batch = to_picture_batch(views(two_people()), channel_order="RGB").to(torch.device("meta"))
    assert {part.device.type for part in vars(batch).values()} == {"meta"}


def a_config(**loop) -> TrainConfig:
    return TrainConfig(
        TINY,
        loop=LoopConfig(**{"batch_size": 2, "seed": 3, **loop}),
        picture_augmentation=PictureAugmentation(scale=0.3),
    )


PICTURES = [two_people(shade=shade) for shade in (0, 50, 100, 150, 200)]


def batches(config=None, *, epoch=0, first=0):
    order = [0, 1, 2, 3, 4, 0]
    return list(picture_batches(PICTURES, order, config or a_config(), epoch=epoch, first=first))


def same(one, two) -> bool:
    return all(
        a.shape == b.shape and bool((a == b).all())
        for a, b in zip(vars(one).values(), vars(two).values(), strict=True)
    )


def test_an_epoch_comes_again_the_same_and_goes_on_in_the_middle():
    first, again, rest = batches(), batches(), batches(first=1)
    assert len(first) == 3
    assert all(same(a, b) for a, b in zip(first, again, strict=True))
    assert all(same(a, b) for a, b in zip(first[1:], rest, strict=True))


def test_other_epochs_and_seeds_see_other_views():
    assert not same(batches()[0], batches(epoch=1)[0])
    assert not same(batches()[0], batches(a_config(seed=4))[0])


def test_every_place_of_an_epoch_sees_views_of_its_own():
    found = list(picture_batches(PICTURES[:1], [0] * 4, a_config(), epoch=0))
    crops = torch.cat([batch.crops for batch in found])
    assert len(torch.unique(crops.flatten(1), dim=0)) == 4


def test_how_many_threads_make_the_views_changes_nothing():
    more = batches(a_config(view_threads=3))
    assert all(same(a, b) for a, b in zip(batches(), more, strict=True))


def test_a_photo_that_cannot_be_read_ends_the_epoch_with_its_error():
    def read():
        raise OSError("gone")

    gone = LabelledPicture(read, PICTURES[0].people)
    with pytest.raises(OSError, match="gone"):
        list(picture_batches([gone], [0, 0], a_config(), epoch=0))
