from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from core.data.augment import plain_view
from core.errors import Cancelled
from core.models.checkpoint_config import CheckpointConfig
from core.models.codecs.build import codec_of
from core.models.outputs import PoseOutput
from core.training.batches import to_batch
from core.training.measure import AT_ONCE, measured
from core.training.people_data import ReadPeople
from tests.core.training.small_networks import SMALL_METAMODEL, a_person

CPU = torch.device("cpu")
ABOUT = CheckpointConfig("small", SMALL_METAMODEL, "", "", "", "", 0, "")
FLAGS, PLACES = ("F1 of not labelled", "F1 of hidden", "F1 of visible"), "PCK@0.1 of the box side"


class Knows(nn.Module):
    """Says the labels of persons in their order, shifted by so many crop pixels."""

    def __init__(self, people, off_px=0.0, *, says=(), wrong=False):
        super().__init__()
        views = [plain_view(person, SMALL_METAMODEL.crop_size_wh_px) for person in people]
        self.batch = to_batch(views, channel_order="RGB")
        self.off_px, self.says, self.wrong = off_px, says, wrong

    def forward(self, crops):
        batch = self.batch
        xy_px = batch.xy_px + torch.tensor([self.off_px, 0.0])
        xy_px[~batch.placed] = 0.0  # where nobody labelled a place, any will do
        maps = codec_of(SMALL_METAMODEL).encode(xy_px)
        flags = (batch.flags.clamp_min(0) + self.wrong) % 3
        sign = -1 if self.wrong else 1
        said = {
            "flag_logits": 9 * torch.nn.functional.one_hot(flags, 3).float(),
            "presence_logits": sign * torch.where(batch.flags > 0, 0.2, -0.2),
            "visible_logits": sign * torch.where(batch.flags == 2, 0.2, -0.2),
            "similarity_logits": torch.full((*batch.flags.shape, 1), 20.0),
        }
        return PoseOutput(maps.clamp_min(1e-9).log(), **{name: said[name] for name in self.says})


def figures_of(people, **more) -> dict[str, float]:
    held_out = ReadPeople(people, list(range(len(people))))
    found = measured(Knows(people, **more), held_out, ABOUT, what="persons", device=CPU)
    assert {figure.measured_on for figure in found} <= {"persons"}
    assert all(figure.low <= figure.value <= figure.high for figure in found)
    return {figure.what: figure.value for figure in found}


PEOPLE = [a_person(n) for n in range(3)]
EVERYTHING = ("flag_logits", "presence_logits", "visible_logits", "similarity_logits")


def test_who_is_always_right_has_every_figure_at_its_best():
    assert figures_of(PEOPLE, says=EVERYTHING) == pytest.approx(
        {
            PLACES: 1.0, **dict.fromkeys(FLAGS, 1.0), "F1 of presence": 1.0,
            "accuracy of presence": 1.0, "accuracy of visible": 1.0,
            "mean error of the expected similarity": 0.0,
        },
        abs=0.02,
    )  # fmt: skip


def test_who_is_always_wrong_has_none_of_it():
    found = figures_of(PEOPLE, says=EVERYTHING, off_px=12.0, wrong=True)
    for what in (*FLAGS, "F1 of presence", "accuracy of presence", "accuracy of visible"):
        assert found[what] == 0
    assert found[PLACES] < 0.2
    assert found["mean error of the expected similarity"] > 0.5


def test_only_what_a_network_says_is_measured():
    assert list(figures_of(PEOPLE)) == [PLACES]
    assert list(figures_of(PEOPLE, says=["presence_logits"])) == [
        PLACES, "F1 of presence", "accuracy of presence",
    ]  # fmt: skip


def test_where_a_flag_never_occurs_it_may_be_that_nobody_looked():
    people = [a_person(n, visibility=2) for n in range(2)]
    assert list(figures_of(people, says=EVERYTHING)) == [
        PLACES, "mean error of the expected similarity",
    ]  # fmt: skip


def test_flags_that_are_not_known_count_nowhere():
    known = np.arange(17) % 2 == 0
    people = [replace(person, flag_known=known) for person in PEOPLE]

    class Doubtful(Knows):
        def forward(self, crops):
            said = super().forward(crops)
            unknown = ~torch.from_numpy(known)
            flags, presence = said.flag_logits.clone(), said.presence_logits.clone()
            flags[:, unknown] = torch.tensor([0.0, 0.0, 99.0])
            presence[:, unknown] *= -1
            return said._replace(flag_logits=flags, presence_logits=presence)

    held_out = ReadPeople(people, [0, 1, 2])
    model = Doubtful(people, says=["flag_logits", "presence_logits"])
    found = measured(model, held_out, ABOUT, what="persons", device=CPU)
    assert {
        figure.what: figure.value for figure in found if figure.what != PLACES
    } == dict.fromkeys((*FLAGS, "F1 of presence", "accuracy of presence"), 1.0)


def test_measuring_stops_when_asked_to():
    with pytest.raises(Cancelled):
        measured(
            Knows(PEOPLE), ReadPeople(PEOPLE, [0, 1, 2]), ABOUT, what="", device=CPU,
            cancelled=lambda: True,
        )  # fmt: skip
    assert len(PEOPLE) < AT_ONCE
