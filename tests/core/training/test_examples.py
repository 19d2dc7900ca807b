from dataclasses import replace

import pytest
import torch

from core.models.entries import model_of
from core.models.reduced import reduced
from core.training.batches import Batch
from core.training.config import LoopConfig, TrainConfig
from core.training.default_loss import default_loss
from core.training.examples import read_examples
from core.training.people_data import ReadPeople
from core.training.picture_batches import PictureBatch
from core.training.sources import Source
from tests.core.training.people_sets import write_drawn
from tests.core.training.small_networks import SMALL_METAMODEL, a_person

LOOP = LoopConfig(batch_size=2)
PERSONS = TrainConfig(SMALL_METAMODEL, loop=LOOP)
HYBRIDPOSE = reduced(model_of("hybridpose_tiny"), width=0.3, crop_size_wh_px=(128, 128))
PICTURES = TrainConfig(HYBRIDPOSE, loss=default_loss(HYBRIDPOSE), loop=LOOP)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """Three drawn pictures."""
    file = write_drawn(tmp_path_factory.mktemp("drawn"), count=3)
    return Source(file, file.parent / "images", "drawn people")


def test_networks_of_single_persons_see_persons(source):
    found = read_examples([source], PERSONS)
    batches = list(found.batches(0, 0))
    assert len(batches) == found.steps_per_epoch == found.views // 2
    assert all(isinstance(batch, Batch) for batch in batches)
    assert batches[0].crops.shape == (2, 64, 64, 3)


def test_a_hybridpose_sees_whole_pictures(source):
    found = read_examples([source], PICTURES)
    assert (found.views, found.steps_per_epoch) == (3, 1)
    (batch,) = found.batches(0, 0)
    assert isinstance(batch, PictureBatch)
    assert batch.crops.shape == (2, 128, 128, 3)


@pytest.mark.parametrize("config", [PERSONS, PICTURES])
def test_flags_are_counted_as_often_as_an_epoch_shows_them(source, config):
    once = read_examples([source], config)
    thrice = read_examples([replace(source, repeats=3)], config)
    assert thrice.views == 3 * once.views
    assert thrice.flag_counts == tuple(3 * count for count in once.flag_counts)
    assert min(once.flag_counts) > 0


def test_photos_left_out_are_named(source, tmp_path):
    copy = tmp_path / "images"
    copy.mkdir()
    first, *rest = sorted(source.images_dir.iterdir())
    for file in rest:
        (copy / file.name).write_bytes(file.read_bytes())
    found = read_examples([replace(source, images_dir=copy)], PERSONS)
    assert found.problems == (f"{first.name}: There is no photo {first.name}.",)


def test_a_batch_moves_to_a_device_with_all_it_has(source):
    (batch, *_) = read_examples([source], PERSONS).batches(0, 0)
    there = batch.to(torch.device("meta"))
    assert {value.device.type for value in vars(there).values()} == {"meta"}
    assert [value.shape for value in vars(there).values()] == [
        value.shape for value in vars(batch).values()
    ]


def test_persons_are_kept_as_large_as_the_crops_of_the_network_need():
    asked = {}

    class Asked:
        """Stands for a `Source`."""

        repeats = 1

        def read(self, skeleton, **words):
            asked.update(words)
            return ReadPeople([a_person()], [1])

    model = replace(SMALL_METAMODEL, crop_size_wh_px=(288, 384))
    read_examples([Asked()], replace(PERSONS, model=model))
    assert asked["side_px"] == 768
