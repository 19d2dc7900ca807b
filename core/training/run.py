"""Train metamodel_tiny: `python -m core.training.run --data ../shared/data --out FOLDER`."""

import argparse
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from core.data.augment import LabelledPerson, plain_view
from core.data.skeleton import Skeleton
from core.models.catalog import build_model
from core.models.heatmap_codec import HeatmapCodec
from core.models.model_config import ModelConfig
from core.models.preprocess import normalised
from core.training.config import LoopConfig, LossConfig, TrainConfig
from core.training.loop import EpochReport, fit
from core.training.losses import HEAT_LOSSES, pose_loss
from core.training.people_data import Batch, augmented_batches, read_people, to_batch

log = logging.getLogger("halfseen.training")
HELD_OUT_EVERY = 9  # LSPET images whose id divides by it are never trained on: 1,000 of 9,000
WATCH_EVERY = 3  # epochs between two looks at the held-out persons


def held_out(image_id: int) -> bool:
    """Whether an LSPET image is kept for measuring."""
    return image_id % HELD_OUT_EVERY == 0


def read_training_people(
    data: Path, skeleton: Skeleton, *, coco_repeats: int
) -> tuple[list[LabelledPerson], list[int]]:
    """LSPET without the held-out images, and COCO's photos; and the order of one epoch."""
    lspet = read_people(
        data / "lspet/lspet.json",
        data / "lspet/images",
        skeleton,
        zero_is_known=False,
        keep=lambda image_id: not held_out(image_id),
    )
    coco = read_people(
        data / "coco_photos/person_keypoints_train2017.json",
        data / "coco_photos/train2017",
        skeleton,
        zero_is_known=True,
    )
    order = [*range(len(lspet)), *(list(range(len(lspet), len(lspet) + len(coco))) * coco_repeats)]
    return [*lspet, *coco], order


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


def train(config: TrainConfig, data: Path, out: Path) -> None:
    """Train and leave `state.pt` in `out`; goes on where a killed run stopped."""
    torch.set_num_threads(config.loop.threads)
    torch.manual_seed(config.loop.seed)
    codec = HeatmapCodec(
        config.model.crop_size_wh_px, config.model.map_size_wh_px, config.model.sigma_px
    )
    skeleton = config.model.skeleton
    people, order = read_training_people(data, skeleton, coco_repeats=config.coco_repeats)
    watched = read_people(
        data / "lspet/lspet.json",
        data / "lspet/images",
        skeleton,
        zero_is_known=False,
        keep=held_out,
    )
    log.info("%d persons, %d views an epoch, %d held out", len(people), len(order), len(watched))
    model, average = build_model(config.model), build_model(config.model)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    started = time.monotonic()

    def report(epoch: EpochReport) -> None:
        losses = " ".join(f"{name} {value:.4f}" for name, value in epoch.losses.items())
        minutes = (time.monotonic() - started) / 60
        log.info("epoch %d %s %.1f min", epoch.epoch, losses, minutes)
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
    parser.add_argument("--out", type=Path, required=True, help="folder for the run's state")
    parser.add_argument("--epochs", type=int, default=LoopConfig.epochs)
    parser.add_argument("--heat", choices=sorted(HEAT_LOSSES), default=LossConfig.heat)
    parser.add_argument("--bfloat16", action="store_true", help="faster on CPUs that have it")
    parser.add_argument("--threads", type=int, default=LoopConfig.threads)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    config = TrainConfig(ModelConfig("metamodel_tiny"), LossConfig(heat=given.heat))
    loop = replace(config.loop, epochs=given.epochs, bfloat16=given.bfloat16, threads=given.threads)
    train(replace(config, loop=loop), given.data, given.out)


if __name__ == "__main__":
    main()
