"""One stage of a training: a network or a part of it, an objective, and batches."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import cast

import torch
from torch import Tensor, nn

from core.data.progress import Cancelled
from core.models.catalog import build_model
from core.models.codecs.build import codec_of
from core.models.codecs.codec import Codec
from core.models.codecs.config import GridConfig
from core.models.hybridpose.codec import grid_codec
from core.models.model_config import ModelConfig
from core.models.preprocess import normalised
from core.training.config import TrainConfig
from core.training.examples import AnyBatch, Examples
from core.training.loop import EpochReport, StepReport, fit
from core.training.loss_config import COUNTED, LossConfig, MetamodelLoss
from core.training.losses import flag_weights
from core.training.objectives.by_config import OBJECTIVES, told
from core.training.objectives.setting import Setting
from core.training.run_state import RunState
from core.training.trained_parts import freeze_all_but, parts_of


@dataclass(frozen=True)
class StageRun:
    """What a stage is run with.

    Attributes:
        start: the network to begin with, of the config's shape; None: fresh weights.
        device: what trains.
        on_network: hears the whole network as it would ship, in eval mode on the CPU, with the
            epoch's report.
    """

    config: TrainConfig
    start: nn.Module | None
    examples: Examples
    state: RunState
    device: torch.device
    on_step: Callable[[StepReport], None]
    on_network: Callable[[nn.Module, EpochReport], None]
    cancelled: Cancelled


def train_stage(run: StageRun) -> None:
    """Train what the config names, on what the examples show, by the objective of its loss.

    Raises:
        UserError: the network has no such part, or the state belongs to another run.
        Cancelled: the caller asked to stop; the state is saved.
    """
    config = run.config
    network = first_network(config, run.start).to(run.device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(network)
    parts, mean_parts = (parts_of(whole, config.trained) for whole in (network, average))
    freeze_all_but(network, parts)
    fit(
        parts,
        mean_parts,
        batches=run.examples.batches,
        steps_per_epoch=run.examples.steps_per_epoch,
        losses_of=losses_of_stage(config, network, run.examples.flag_counts, device=run.device),
        config=config.loop,
        state=run.state,
        on_step=run.on_step,
        on_epoch_end=lambda report: run.on_network(_shipped(average), report),
        cancelled=run.cancelled,
    )


def first_network(config: TrainConfig, start: nn.Module | None) -> nn.Module:
    """What a stage begins with: fresh weights of its seed, or those of `start`."""
    torch.manual_seed(config.loop.seed)
    network = build_model(config.model)
    if start is not None:
        network.load_state_dict(start.state_dict())
    return network


def losses_of_stage(
    config: TrainConfig,
    network: nn.Module,
    flag_counts: tuple[int, int, int],
    *,
    device: torch.device,
) -> Callable[[nn.Module, AnyBatch, int], Mapping[str, Tensor]]:
    """The losses of a batch in an epoch, by the objective of the config's loss.

    Args:
        network: the whole one, whatever part of it is trained.
        flag_counts: of v = 0, 1, 2 in an epoch, for class weights that are counted.
    """
    objective = OBJECTIVES[type(config.loss)]
    setting = _setting(config, device)

    @lru_cache(maxsize=1)
    def setting_of(epoch: int) -> Setting[LossConfig]:
        return replace(setting, loss=loss_of_epoch(config.loss, epoch, flag_counts))

    def losses_of(parts: nn.Module, batch: AnyBatch, epoch: int) -> Mapping[str, Tensor]:
        batch = batch.to(device)
        crops = normalised(batch.crops, config.model)
        with torch.autocast(device.type, torch.bfloat16, enabled=config.loop.bfloat16):
            output = network(crops, **told(batch, config.loss))
        return objective(output, batch, setting_of(epoch))

    return losses_of


def loss_of_epoch(loss: LossConfig, epoch: int, flag_counts: tuple[int, int, int]) -> LossConfig:
    """The loss config an objective sees: that of its epoch, with counted weights as numbers.

    Args:
        epoch: from 0.
        flag_counts: of v = 0, 1, 2 among the persons learned from.
    """
    if not isinstance(loss, MetamodelLoss):
        return loss
    if loss.flag_weights == COUNTED:
        unlabelled, occluded, visible = flag_weights(flag_counts)
        loss = replace(loss, flag_weights=(unlabelled, occluded, visible))
    return loss.at_epoch(epoch)


def _setting(config: TrainConfig, device: torch.device) -> Setting[LossConfig]:
    skeleton = config.model.skeleton
    return Setting(
        _codec(config.model),
        config.loss,
        torch.from_numpy(skeleton.sigmas).float().to(device),
        torch.from_numpy(skeleton.flip_index).to(device),
        config.model.crop_size_wh_px,
    )


def _codec(config: ModelConfig) -> Codec:
    if isinstance(config.codec, GridConfig):
        # Whole pictures have a codec of another kind; their objective alone asks it.
        return cast(Codec, grid_codec(config))
    return codec_of(config)


def _shipped(average: nn.Module) -> nn.Module:
    on_cpu = all(weight.device.type == "cpu" for weight in average.parameters())
    return average.eval() if on_cpu else copy.deepcopy(average).to("cpu").eval()
