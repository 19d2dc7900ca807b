"""Train metamodel_tiny: `python -m core.training.run --data ../shared/data --out FOLDER`."""

import argparse
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import torch
from torch import Tensor, nn

from core.data.augment import LabelledPerson, plain_view
from core.data.skeleton import Skeleton
from core.models.catalog import build_model
from core.models.checkpoint import load_checkpoint
from core.models.heatmap_codec import HeatmapCodec
from core.models.model_config import ModelConfig
from core.models.preprocess import normalised
from core.training.config import LoopConfig, LossConfig, TrainConfig
from core.training.export import export_run
from core.training.loop import EpochReport, fit
from core.training.losses import HEAT_LOSSES, pose_loss
from core.training.people_data import Batch, augmented_batches, read_people, to_batch

log = logging.getLogger("halfseen.training")
HELD_OUT_EVERY = 9  # LSPET images whose id divides by it are never trained on: 1,000 of 9,000
WATCH_EVERY = 3  # epochs between two looks at the held-out persons


def held_out(image_id: int) -> bool:
    """Whether an LSPET image is kept for measuring."""
    return image_id % HELD_OUT_EVERY == 0


@dataclass(frozen=True)
class Source:
    """One set of labelled photos.

    Attributes:
        zero_is_known: False where flag 0 means "nobody labelled it" and teaches nothing.
        repeats: how often an epoch shows each person.
        keep: which image ids to take.
    """

    json_file: Path
    images_dir: Path
    what: str
    zero_is_known: bool = True
    repeats: int = 1
    keep: Callable[[int], bool] = lambda image_id: True

    def read(self, skeleton: Skeleton) -> list[LabelledPerson]:
        """Its persons on the model's keypoints."""
        return read_people(
            self.json_file,
            self.images_dir,
            skeleton,
            zero_is_known=self.zero_is_known,
            keep=self.keep,
        )


def lspet(data: Path, keep: Callable[[int], bool]) -> Source:
    """Leeds Sports Pose Extended: flag 0 means "not labelled" there."""
    folder = data / "lspet"
    what = "8,000 persons of Leeds Sports Pose Extended"
    return Source(folder / "lspet.json", folder / "images", what, zero_is_known=False, keep=keep)


def sources(data: Path, drawn: Path | None, *, coco_repeats: int) -> list[Source]:
    """What to train on: never an image that is measured on."""
    coco = data / "coco_photos"
    found = [
        lspet(data, lambda image_id: not held_out(image_id)),
        Source(
            coco / "person_keypoints_train2017.json",
            coco / "train2017",
            "123 photos of COCO train2017",
            repeats=coco_repeats,
        ),
    ]
    if drawn is not None:
        found.append(
            Source(drawn / "person_keypoints_drawn.json", drawn / "images", "drawn people")
        )
    return found


def read_all(found: Sequence[Source], skeleton: Skeleton) -> tuple[list[LabelledPerson], list[int]]:
    """Every person, and the order of one epoch before it is shuffled."""
    people: list[LabelledPerson] = []
    order: list[int] = []
    for source in found:
        new = source.read(skeleton)
        order += list(range(len(people), len(people) + len(new))) * source.repeats
        people += new
    return people, order


def losses_with(config: TrainConfig, codec: HeatmapCodec) -> Callable[..., Mapping[str, Tensor]]:
    """The loss of a batch, as the loop asks for it."""
    weights = torch.tensor(config.loss.flag_weights)

    def losses_of(model: nn.Module, batch: Batch) -> Mapping[str, Tensor]:
        crops = normalised(batch.crops, config.model)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.loop.bfloat16):
            output = model(crops)
        return pose_loss(
            output,
            codec.encode(batch.xy_px),
            batch.placed,
            batch.flags,
            codec=codec,
            heat=HEAT_LOSSES[config.loss.heat],
            alpha=config.loss.alpha,
            weights=weights,
        )

    return losses_of


@torch.inference_mode()
def held_out_pck(
    model: nn.Module, people: Sequence[LabelledPerson], config: ModelConfig, codec: HeatmapCodec
) -> float:
    """PCK@0.1 of the box side without flip test, to watch a run by."""
    limit_px = 0.1 * config.crop_size_wh_px[1] / config.padding
    right = total = 0
    for start in range(0, len(people), 64):
        views = [plain_view(person, config.crop_size_wh_px) for person in people[start:][:64]]
        batch = to_batch(views, channel_order=config.channel_order)
        maps = codec.maps_of(model(normalised(batch.crops, config)).heat_logits)
        off_px = (codec.decode(maps)[0] - batch.xy_px).norm(dim=-1)
        right += int(((off_px <= limit_px) & batch.placed).sum())
        total += int(batch.placed.sum())
    return right / max(total, 1)


def train(
    config: TrainConfig,
    data: Path,
    out: Path,
    *,
    drawn: Path | None = None,
    start: Path | None = None,
) -> None:
    """Train; `out` holds the run's state and, after every epoch, a checkpoint folder.

    Goes on where a killed run stopped; a new run begins with the weights of the checkpoint
    folder `start`, if one is given.
    """
    torch.set_num_threads(config.loop.threads)
    cv2.setNumThreads(1)  # views are made in a thread of their own already
    torch.manual_seed(config.loop.seed)
    codec = HeatmapCodec(
        config.model.crop_size_wh_px, config.model.map_size_wh_px, config.model.sigma_px
    )
    chosen = sources(data, drawn, coco_repeats=config.coco_repeats)
    people, order = read_all(chosen, config.model.skeleton)
    watched = lspet(data, held_out).read(config.model.skeleton)
    log.info("%d persons, %d views an epoch, %d held out", len(people), len(order), len(watched))
    model, average = build_model(config.model), build_model(config.model)
    if start is not None:
        model.load_state_dict(load_checkpoint(start)[0].state_dict())
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def report(epoch: EpochReport) -> None:
        losses = " ".join(f"{name} {value:.4f}" for name, value in epoch.losses.items())
        log.info("epoch %d %s", epoch.epoch, losses)
        export_run(
            epoch.average,
            config,
            [source.json_file for source in chosen],
            out / "checkpoint",
            trained_on=", ".join(source.what for source in chosen),
        )
        if epoch.epoch % WATCH_EVERY == WATCH_EVERY - 1:
            pck = held_out_pck(epoch.average, watched, config.model, codec)
            log.info("epoch %d held-out PCK@0.1 %.4f", epoch.epoch, pck)

    fit(
        model,
        average,
        batches=lambda epoch: augmented_batches(people, order, config, epoch=epoch),
        steps_per_epoch=len(order) // config.loop.batch_size,
        losses_of=losses_with(config, codec),
        config=config.loop,
        state_file=out / "state.pt",
        on_epoch_end=report,
    )


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with lspet, coco_photos")
    parser.add_argument("--drawn", type=Path, help="folder of drawn people, to learn faces from")
    parser.add_argument("--out", type=Path, required=True, help="folder for state and checkpoint")
    parser.add_argument("--epochs", type=int, default=LoopConfig.epochs)
    parser.add_argument("--start", type=Path, help="checkpoint folder whose weights to begin with")
    parser.add_argument("--learning-rate", type=float, default=LoopConfig.learning_rate)
    parser.add_argument("--heat", choices=sorted(HEAT_LOSSES), default=LossConfig.heat)
    parser.add_argument("--bfloat16", action="store_true", help="faster on CPUs that have it")
    parser.add_argument("--threads", type=int, default=LoopConfig.threads)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    config = TrainConfig(ModelConfig("metamodel_tiny"), LossConfig(heat=given.heat))
    loop = replace(
        config.loop,
        epochs=given.epochs,
        learning_rate=given.learning_rate,
        bfloat16=given.bfloat16,
        threads=given.threads,
    )
    config = replace(config, loop=loop)
    train(config, given.data, given.out, drawn=given.drawn, start=given.start)


if __name__ == "__main__":
    main()
