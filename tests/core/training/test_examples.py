from dataclasses import replace

from core.training.config import TrainConfig
from core.training.examples import persons
from core.training.people_data import ReadPeople
from tests.core.training.small_networks import SMALL_PLAIN, a_person


class FewPeople:
    """Stands for a `Source`; keeps what it was asked."""

    repeats = 2

    def read(self, skeleton, **asked):
        self.asked = asked
        return ReadPeople([a_person(0), a_person(1, visibility=2)], [1, 2], ["c.png: gone"])


def test_persons_are_kept_as_large_as_the_crops_of_the_network_need():
    source = FewPeople()
    model = replace(SMALL_PLAIN, crop_size_wh_px=(288, 384))
    persons([source], TrainConfig(model))
    assert source.asked["side_px"] == 768


def test_an_epoch_shows_everybody_as_often_as_the_source_says():
    config = TrainConfig(SMALL_PLAIN)
    found = persons([FewPeople()], replace(config, loop=replace(config.loop, batch_size=2)))
    assert (found.views, found.steps_per_epoch) == (4, 2)
    # Of 17 keypoints the first has flags 0, 1, 2 in turn, the second 2 throughout; twice each.
    assert found.flag_counts == (12, 12, 44)
    assert found.problems == ("c.png: gone",)
