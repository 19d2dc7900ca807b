from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.augment import LabelledPerson, plain_view
from core.training.batches import augmented_batches, steps_per_epoch, to_batch
from core.training.config import LoopConfig, TrainConfig
from core.training.losses import IGNORED
from tests.core.training.small_networks import SMALL_METAMODEL

CONFIG = TrainConfig(SMALL_METAMODEL, loop=LoopConfig(batch_size=2))


def a_person(number: int) -> LabelledPerson:
    rng = np.random.default_rng(number)
    return LabelledPerson(
        rng.integers(0, 255, (80, 80, 3), dtype=np.uint8),
        np.array([10.0, 10, 60, 60]),
        rng.uniform(15, 65, (17, 2)),
        np.full(17, 2, np.int8),
        np.ones(17, bool),
    )


PEOPLE = [a_person(n) for n in range(3)]
ORDER = [0, 1, 2, 2, 1, 0, 1]


def epoch_of(number: int, first: int = 0, config: TrainConfig = CONFIG):
    return list(augmented_batches(PEOPLE, ORDER, config, epoch=number, first=first))


def assert_same(one, two) -> None:
    for name in ("crops", "xy_px", "placed", "flags", "area_px"):
        assert torch.equal(getattr(one, name), getattr(two, name)), name


def test_batches_depend_on_seed_and_epoch_alone():
    one, two, other = epoch_of(3), epoch_of(3), epoch_of(4)
    assert len(one) == 3 == steps_per_epoch(ORDER, 2)  # the seventh view waits
    for a, b in zip(one, two, strict=True):
        assert_same(a, b)
    assert not torch.equal(one[0].crops, other[0].crops)
    seeded = epoch_of(3, config=replace(CONFIG, loop=replace(CONFIG.loop, seed=1)))
    assert not torch.equal(one[0].crops, seeded[0].crops)


@pytest.mark.parametrize("first", range(4))
def test_an_epoch_begun_in_its_middle_goes_on_as_if_it_had_not_stopped(first, monkeypatch):
    whole = epoch_of(5)
    made = []
    from core.training import batches

    view = batches._view
    monkeypatch.setattr(batches, "_view", lambda *given: made.append(1) or view(*given))
    rest = epoch_of(5, first)
    assert len(rest) == 3 - first
    for a, b in zip(rest, whole[first:], strict=True):
        assert_same(a, b)
    assert len(made) == 2 * (3 - first)  # no pixel of what was skipped


def test_more_threads_make_the_same_views_in_the_same_order():
    loop = replace(CONFIG.loop, view_threads=3)
    for a, b in zip(epoch_of(1), epoch_of(1, config=replace(CONFIG, loop=loop)), strict=True):
        assert_same(a, b)


def test_fewer_persons_than_a_batch_are_one_small_batch():
    config = replace(CONFIG, loop=replace(CONFIG.loop, batch_size=32))
    (batch,) = epoch_of(0, config=config)
    assert len(batch.crops) == 7
    assert steps_per_epoch(ORDER, 32) == 1


def test_a_batch_holds_rgb_and_ignores_flags_that_are_not_known():
    photo = np.full((80, 80, 3), (10, 20, 30), dtype=np.uint8)
    flags = np.arange(17) % 3
    person = replace(PEOPLE[0], photo_bgr=photo, visibility=flags, flag_known=np.arange(17) > 4)
    view = plain_view(person, (160, 192))
    batch = to_batch([view], channel_order="RGB")
    assert batch.crops.shape == (1, 192, 160, 3)
    assert batch.crops[0, 96, 80].tolist() == [30, 20, 10]
    assert to_batch([view], channel_order="BGR").crops[0, 96, 80].tolist() == [10, 20, 30]
    assert batch.flags[0].tolist() == [IGNORED] * 5 + flags[5:].tolist()
    assert batch.placed[0].tolist() == (flags > 0).tolist()
    assert batch.area_px.tolist() == pytest.approx([view.area_px2])


def test_views_are_cut_as_the_models_alignment_says():
    places = {
        alignment: epoch_of(0, config=replace(
            CONFIG, model=replace(CONFIG.model, alignment=alignment)
        ))[0].xy_px
        for alignment in ("centres", "classic", "udp")
    }  # fmt: skip
    assert not torch.equal(places["centres"], places["classic"])
    assert not torch.equal(places["classic"], places["udp"])
    torch.testing.assert_close(places["centres"], places["classic"], atol=2, rtol=0)
