"""The last stage: the visibility branch alone, on a base that stays as it is (paper 000, S3).

`python -m core.training.flag_stage --start RUN/checkpoint --data ../shared/data --out FOLDER`.
Most persons of the first stage teach places; here those with genuine three-way flags come first.
"""

import argparse
import copy
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import cv2
import torch
from torch import Tensor, nn

from core.models.checkpoint import load_checkpoint
from core.models.metamodel import Metamodel
from core.models.preprocess import normalised
from core.training.config import LoopConfig, LossConfig, TrainConfig
from core.training.export import export_run
from core.training.loop import EpochReport, fit
from core.training.losses import flag_cross_entropy
from core.training.people_data import Batch, augmented_batches
from core.training.run import read_all, sources

log = logging.getLogger("halfseen.training")
ONE_LSPET_PERSON_IN = 8
LOOP = LoopConfig(epochs=6, batch_size=64, learning_rate=5e-4, weight_decay=0.05, bfloat16=True)
# Square roots of COCO's N_max / N_c: few keypoints are called occluded without good reason.
FLAG_WEIGHTS = (1.27, 2.8, 1.0)


def train_flags(
    start: Path, data: Path, out: Path, *, drawn: Path | None, loop: LoopConfig = LOOP
) -> None:
    """Train the branch of `start` on and write the whole network to `out`/checkpoint."""
    torch.set_num_threads(loop.threads)
    cv2.setNumThreads(1)  # views are made in a thread of their own already
    network, described = load_checkpoint(start)
    assert isinstance(network, Metamodel)
    config = TrainConfig(
        described.model, LossConfig(alpha=1.0, flag_weights=FLAG_WEIGHTS), loop, coco_repeats=6
    )
    chosen = sources(data, drawn, coco_repeats=config.coco_repeats)
    chosen[0] = replace(chosen[0], keep=lambda image_id: image_id % ONE_LSPET_PERSON_IN == 1)
    people, order = read_all(chosen, described.model.skeleton)
    log.info("%d persons, %d views an epoch", len(people), len(order))
    weights = torch.tensor(config.loss.flag_weights)

    def losses_of(branch: nn.Module, batch: Batch) -> Mapping[str, Tensor]:
        # The base is no part of what is trained: its batch norms keep their statistics.
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=loop.bfloat16):
            levels = network.base(normalised(batch.crops, described.model))
        return {"loss": flag_cross_entropy(branch(levels[-1].float()), batch.flags, weights)}

    def report(epoch: EpochReport) -> None:
        log.info("epoch %d flag %.4f", epoch.epoch, epoch.losses["loss"])

    average = copy.deepcopy(network.flag_branch)
    fit(
        network.flag_branch,
        average,
        batches=lambda epoch: augmented_batches(people, order, config, epoch=epoch),
        steps_per_epoch=len(order) // loop.batch_size,
        losses_of=losses_of,
        config=loop,
        on_epoch_end=report,
    )
    network.flag_branch = average
    export_run(
        network.eval(),
        config,
        [source.json_file for source in chosen],
        out / "checkpoint",
        trained_on=described.trained_on,
        earlier=described.training,
    )


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--start", type=Path, required=True, help="checkpoint folder to go on from")
    parser.add_argument("--data", type=Path, required=True, help="folder with lspet, coco_photos")
    parser.add_argument("--drawn", type=Path, help="folder of drawn people")
    parser.add_argument("--out", type=Path, required=True, help="folder for the new checkpoint")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    train_flags(given.start, given.data, given.out, drawn=given.drawn)


if __name__ == "__main__":
    main()
