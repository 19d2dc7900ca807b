"""Whether every network of the catalogue can learn: eight drawn persons, over and over.

Each is trained by the objective it is trained by in earnest, then asked through its predictor:
crop, network, codec. Budget: 95 % of the keypoints within a tenth of the box side, and 95 % of what
it says of visibility right (ternary flags, presence or "visible", whichever is its own).

Large networks are made narrower and their crops smaller, which the result says. HybridPose learns
from the parts of photos around the persons, as pictures with one person each, and its map counts as
"labelled" above the threshold that parts these persons best: its paper gives none.

`python benchmarks/overfit.py` learns the networks for two CPU cores and prints what came of it;
`--all` every one, `--only NAME ...` some, into results/overfit.json (hours; one that is there
already is kept unless it is named).
"""

import argparse
import copy
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.learning.answers import keypoints_right, said_right, similarity_error
from core.data.augment import LabelledPerson, plain_view
from core.data.coco_json import read_coco
from core.data.drawn import write_drawn_dataset
from core.data.picture_views import plain_view as plain_picture
from core.data.pictures import LabelledPicture, PicturePeople
from core.data.prediction import Prediction
from core.data.skeleton import COCO17
from core.errors import Cancelled
from core.inference.pose_predictor import PersonCrop
from core.inference.predictor import Predictor
from core.inference.whole_picture import WholePicturePredictor
from core.models.checkpoint_config import CheckpointConfig
from core.models.entries import ENTRIES
from core.models.model_config import ModelConfig
from core.models.reduced import reduced
from core.training.batches import to_batch
from core.training.config import LoopConfig, TrainConfig
from core.training.default_loss import default_loss, place_loss_of
from core.training.examples import AnyBatch
from core.training.loop import EpochReport, fit
from core.training.loss_config import PlainLoss
from core.training.people_data import read_people
from core.training.picture_batches import to_picture_batch
from core.training.recipe import its_base
from core.training.stages import first_network, losses_of_stage
from core.training.start import begun_with
from core.training.trained_parts import freeze_all_but, parts_of

RESULTS = ROOT / "benchmarks" / "results" / "overfit.json"
BUDGET = 0.95
ENOUGH = 0.965  # no need to go on
PEOPLE = 8
SMALL_CROP = {"hybridpose": (320, 320), "hourglass": (128, 128)}
STEPS_BETWEEN = 50  # two times it is asked what it knows
LOOP = LoopConfig(learning_rate=1e-3, weight_decay=0.0, warmup_epochs=0.0, average_decay=0.9)
CPU = torch.device("cpu")
FLAG_COUNTS = (1, 1, 1)  # no class weights are counted here


@dataclass(frozen=True)
class Overfit:
    """What came of one network.

    Attributes:
        reduced: what is smaller than in the catalogue; empty: nothing.
        said: of visibility: "flags", "presence", "visible" or "map".
        similarity_error: mean absolute error of the expected similarity; None where none is said.
        steps: gradient steps, of all stages.
    """

    family: str
    reduced: str
    parameters: int
    steps: int
    keypoints: float
    said: str
    visibility: float | None
    similarity_error: float | None
    loss: float
    seconds: float

    @property
    def learned(self) -> bool:
        """Whether the budget is met."""
        return self.keypoints >= BUDGET and (self.visibility is None or self.visibility >= BUDGET)


@lru_cache(maxsize=1)
def eight_people() -> tuple[LabelledPerson, ...]:
    """The first eight drawn persons that are larger than a thumbnail, with flags of every kind."""
    with tempfile.TemporaryDirectory() as folder:
        written = write_drawn_dataset(Path(folder), count=12, seed=11, planted_errors=None)
        dataset = read_coco(written.json_file)
        found = read_people(dataset, written.images_dir, COCO17, zero_is_known=True)
    usable = [p for p in found.people if (p.visibility > 0).sum() >= 6 and p.box_xywh_px[3] >= 60]
    return tuple(usable[:PEOPLE])


def small(name: str, *, tiny_too: bool = False) -> tuple[ModelConfig, str]:
    """The network as it is learned here, and what is smaller than in the catalogue."""
    model = ENTRIES[name].model
    if name.endswith("_tiny") and not tiny_too:
        return model, ""
    base = getattr(model.network, "base", None)
    size = SMALL_CROP.get(base.name if base else model.family, (96, 128))
    made = reduced(model, width=0.25, crop_size_wh_px=size)
    before = "x".join(map(str, model.crop_size_wh_px))
    return made, f"width 0.25, input {size[0]}x{size[1]} instead of {before}"


def overfit(name: str, *, most_steps: int, tiny_too: bool = False) -> Overfit:
    """Learn eight persons by heart."""
    started = time.perf_counter()
    model, smaller = small(name, tiny_too=tiny_too)
    people = eight_people()
    network: nn.Module | None = None
    steps, loss = 0, 0.0
    for config in stages_of(model):
        start = begun_with(config.model, network, name=name).network if network else None
        network, taken, loss = learned(config, start, people, most_steps=most_steps)
        steps += taken
    assert network is not None
    answers = asked(network, model, people)
    said, visibility = said_right(model, answers, people)
    off = similarity_error(model, answers, people)
    return Overfit(
        model.family,
        smaller,
        sum(weight.numel() for weight in network.parameters()),
        steps,
        round(keypoints_right(answers, people), 4),
        said,
        None if visibility is None else round(visibility, 4),
        None if off is None else round(off, 4),
        round(loss, 5),
        round(time.perf_counter() - started, 1),
    )


def stages_of(model: ModelConfig) -> list[TrainConfig]:
    """All at once; of HPCVNet, whose base never learns, that base first."""
    everything = TrainConfig(model, loss=default_loss(model), loop=LOOP)
    if model.family != "hpcvnet":
        return [everything]
    base = its_base(model)
    return [
        TrainConfig(base, loss=PlainLoss(place_loss_of(base)), loop=LOOP),
        replace(everything, trained="rating"),
    ]


def learned(
    config: TrainConfig,
    start: nn.Module | None,
    people: Sequence[LabelledPerson],
    *,
    most_steps: int,
) -> tuple[nn.Module, int, float]:
    """The running mean of a network that sees the same batch in every step, steps, and last loss.

    It is asked now and then, and stops when it knows everything, or enough twice in a row.
    """
    network = first_network(config, start)
    quicken(network)
    average = copy.deepcopy(network)
    parts, mean_parts = parts_of(network, config.trained), parts_of(average, config.trained)
    freeze_all_but(network, parts)
    batch = the_batch(config.model, people)
    enough = 0  # times in a row that it knew enough
    losses: list[float] = []

    def on_epoch_end(report: EpochReport) -> None:
        nonlocal enough
        answers = asked(average, config.model, people)
        places = keypoints_right(answers, people)
        visible = said_right(config.model, answers, people)[1]
        least = places if visible is None else min(places, visible)
        enough = 2 if least == 1 else enough + 1 if least >= ENOUGH else 0
        print(
            f"  {len(losses):>5} steps, loss {losses[-1]:.5f}, {places:.3f}, {visible}", flush=True
        )

    with suppress(Cancelled):
        fit(
            parts,
            mean_parts,
            batches=lambda epoch, first: [batch] * STEPS_BETWEEN,
            steps_per_epoch=STEPS_BETWEEN,
            losses_of=losses_of_stage(config, network, FLAG_COUNTS, device=CPU),
            config=replace(config.loop, epochs=most_steps // STEPS_BETWEEN),
            on_step=lambda report: losses.append(report.loss),
            on_epoch_end=on_epoch_end,
            cancelled=lambda: enough == 2,
        )
    return average.eval(), len(losses), losses[-1]


def quicken(network: nn.Module) -> None:
    """Let slow batch norms follow their batches: EfficientNet's take hundreds of steps."""
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d) and module.momentum is not None:
            module.momentum = max(module.momentum, 0.1)


def the_batch(model: ModelConfig, people: Sequence[LabelledPerson]) -> AnyBatch:
    """Every person as predictors see them."""
    if model.family == "hybridpose":
        pictures = [picture_of(person) for person in people]
        views = [plain_picture(picture, model.crop_size_wh_px) for picture in pictures]
        return to_picture_batch(views, channel_order=model.channel_order)
    crops = [
        plain_view(p, model.crop_size_wh_px, padding=model.padding, alignment=model.alignment)
        for p in people
    ]
    return to_batch(crops, channel_order=model.channel_order)


def picture_of(person: LabelledPerson) -> LabelledPicture:
    """The part of the photo around a person, as a picture with that person on it."""
    who = PicturePeople(
        person.box_xywh_px[None], person.xy_px[None], person.visibility[None],
        person.flag_known[None],
    )  # fmt: skip
    return LabelledPicture(lambda: person.photo_bgr, who)


def asked(
    network: nn.Module, model: ModelConfig, people: Sequence[LabelledPerson]
) -> list[Prediction]:
    """What the predictor says of each person, one look."""
    about = CheckpointConfig("overfit", model, "", "", "", "", 0, "")
    kind = WholePicturePredictor if model.family == "hybridpose" else Predictor
    predictor = kind(network, about, CPU, flip_test=False)
    return predictor.predict_many([PersonCrop(p.photo_bgr, p.box_xywh_px) for p in people])


def in_words(name: str, found: Overfit) -> str:
    """A line about one network."""
    visible = "" if found.visibility is None else f", {found.said} {found.visibility:.3f}"
    off = "" if found.similarity_error is None else f", similarity off {found.similarity_error:.3f}"
    verdict = "learned" if found.learned else "NOT LEARNED"
    return (
        f"{name}: {verdict}; keypoints {found.keypoints:.3f}{visible}{off}; {found.steps} steps, "
        f"{found.seconds:.0f} s{'; ' + found.reduced if found.reduced else ''}"
    )


def stored() -> dict[str, Any]:
    """The results so far, by name."""
    found: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    return found


def main() -> None:
    """Learn, print, and store what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", nargs="+", choices=list(ENTRIES), default=[])
    parser.add_argument("--steps", type=int, default=2000)
    given = parser.parse_args()
    torch.set_num_threads(1)
    keep = given.all or given.only
    names = given.only or [name for name in ENTRIES if name not in stored() or not given.all]
    for name in names if keep else [name for name in ENTRIES if name.endswith("_tiny")]:
        found = overfit(name, most_steps=given.steps)
        print(in_words(name, found), flush=True)
        if keep:
            results = stored() | {name: asdict(found)}
            ordered = {known: results[known] for known in ENTRIES if known in results}
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(ordered, indent=1) + "\n")


if __name__ == "__main__":
    main()
