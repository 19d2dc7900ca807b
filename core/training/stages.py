"""One stage of a training: the network as a whole, or its visibility branch alone."""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.data.augment import LabelledPerson
from core.data.progress import Cancelled
from core.models.catalog import build_model
from core.models.heatmap_codec import HeatmapCodec
from core.models.metamodel import Metamodel
from core.models.preprocess import normalised
from core.training.batches import Batch, augmented_batches, steps_per_epoch
from core.training.config import FLAG_BRANCH, NETWORK, TrainConfig
from core.training.loop import EpochReport, StepReport, fit
from core.training.losses import HEAT_LOSSES, flag_cross_entropy, pose_loss
from core.training.run_state import RunState


@dataclass(frozen=True)
class StageRun:
    """What a stage is run with.

    Attributes:
        start: the trained network to begin with, in eval mode; None: fresh weights.
        order: one epoch before it is shuffled: indices of `people`.
        on_network: hears the whole network as it would ship, with the epoch's report.
    """

    config: TrainConfig
    start: nn.Module | None
    people: Sequence[LabelledPerson]
    order: Sequence[int]
    state: RunState
    on_step: Callable[[StepReport], None]
    on_network: Callable[[nn.Module, EpochReport], None]
    cancelled: Cancelled


def train_network(run: StageRun) -> None:
    """Train everything: places and flags together."""
    config = run.config
    torch.manual_seed(config.loop.seed)
    model, average = build_model(config.model), build_model(config.model)
    if run.start is not None:
        model.load_state_dict(run.start.state_dict())
    for network in (model, average):
        network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    _fit(run, model, average, _network_losses(config), whole=lambda trained: trained)


def train_flag_branch(run: StageRun) -> None:
    """Train the visibility branch alone, on a base that stays as it is (paper 000, S3)."""
    network = run.start
    assert isinstance(network, Metamodel)
    average = copy.deepcopy(network.flag_branch)

    def whole(branch: nn.Module) -> nn.Module:
        return Metamodel(network.base, network.pose_head, branch).eval()

    _fit(run, network.flag_branch, average, _branch_losses(run.config, network), whole=whole)


STAGES: Mapping[str, Callable[[StageRun], None]] = {
    NETWORK: train_network,
    FLAG_BRANCH: train_flag_branch,
}


def _fit(
    run: StageRun,
    model: nn.Module,
    average: nn.Module,
    losses_of: Callable[[nn.Module, Batch, int], Mapping[str, Tensor]],
    *,
    whole: Callable[[nn.Module], nn.Module],
) -> None:
    fit(
        model,
        average,
        batches=lambda epoch, first: augmented_batches(
            run.people, run.order, run.config, epoch=epoch, first=first
        ),
        steps_per_epoch=steps_per_epoch(run.order, run.config.loop.batch_size),
        losses_of=losses_of,
        config=run.config.loop,
        state=run.state,
        on_step=run.on_step,
        on_epoch_end=lambda report: run.on_network(whole(report.average), report),
        cancelled=run.cancelled,
    )


def _network_losses(config: TrainConfig) -> Callable[[nn.Module, Batch, int], Mapping[str, Tensor]]:
    model_config = config.model
    codec = HeatmapCodec(
        model_config.crop_size_wh_px, model_config.map_size_wh_px, model_config.sigma_px
    )
    weights = torch.tensor(config.loss.flag_weights)

    def losses_of(model: nn.Module, batch: Batch, epoch: int) -> Mapping[str, Tensor]:
        crops = normalised(batch.crops, model_config)
        with torch.autocast("cpu", torch.bfloat16, enabled=config.loop.bfloat16):
            output = model(crops)
        return pose_loss(
            output,
            codec.encode(batch.xy_px),
            batch.placed,
            batch.flags,
            codec=codec,
            heat=HEAT_LOSSES[config.loss.places],
            alpha=config.loss.alpha,
            weights=weights,
        )

    return losses_of


def _branch_losses(
    config: TrainConfig, network: Metamodel
) -> Callable[[nn.Module, Batch, int], Mapping[str, Tensor]]:
    weights = torch.tensor(config.loss.flag_weights)

    def losses_of(branch: nn.Module, batch: Batch, epoch: int) -> Mapping[str, Tensor]:
        # The base is no part of what is trained: its batch norms keep their statistics.
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=config.loop.bfloat16):
            levels = network.base(normalised(batch.crops, config.model))
        return {"loss": flag_cross_entropy(branch(levels[-1].float()), batch.flags, weights)}

    return losses_of
