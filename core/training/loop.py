"""The training loop: one page. Deterministic by seed, resumable after a kill."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn

from core.errors import UserError
from core.training.config import LoopConfig

BatchT = TypeVar("BatchT")
Losses = Mapping[str, Tensor]  # `loss` is what is minimised, the others are shown


@dataclass(frozen=True)
class EpochReport:
    """What a callback hears after each epoch.

    Attributes:
        epoch: from 0.
        losses: mean over the epoch by name.
        average: a network holding the running mean of the weights, in eval mode.
    """

    epoch: int
    losses: Mapping[str, float]
    average: nn.Module


def fit(
    model: nn.Module,
    average: nn.Module,
    *,
    batches: Callable[[int], Iterable[BatchT]],
    steps_per_epoch: int,
    losses_of: Callable[[nn.Module, BatchT], Losses],
    config: LoopConfig,
    state_file: Path | None = None,
    on_epoch_end: Callable[[EpochReport], None] = lambda report: None,
) -> None:
    """Train `model`; `average`, a network of the same shape, ends as the mean to ship.

    Goes on from `state_file` if it is there: epochs are repeated from their start, and since
    batches depend on the epoch alone, a killed run ends where an uninterrupted one does.
    """
    optimizer = _optimizer(model, config)
    torch.manual_seed(config.seed)
    average.load_state_dict(model.state_dict())
    first = _resume(state_file, model, average, optimizer) if state_file else 0
    for epoch in range(first, config.epochs):
        model.train()
        sums: dict[str, float] = {}
        for place, batch in enumerate(batches(epoch)):
            step = epoch * steps_per_epoch + place
            for group in optimizer.param_groups:
                group["lr"] = learning_rate(step / steps_per_epoch, config)
            losses = losses_of(model, batch)
            optimizer.zero_grad(set_to_none=True)
            losses["loss"].backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
            optimizer.step()
            follow(average, model, decay=min(config.average_decay, (1 + step) / (10 + step)))
            for name, value in losses.items():
                sums[name] = sums.get(name, 0.0) + float(value.detach()) / steps_per_epoch
        if state_file:
            _save(state_file, model, average, optimizer, epoch + 1)
        on_epoch_end(EpochReport(epoch, sums, average.eval()))


def learning_rate(epochs_done: float, config: LoopConfig) -> float:
    """Linear warm-up, then a cosine from the height down to 1 % of it."""
    if epochs_done < config.warmup_epochs:
        return config.learning_rate * (epochs_done + 0.01) / (config.warmup_epochs + 0.01)
    left = (epochs_done - config.warmup_epochs) / max(config.epochs - config.warmup_epochs, 1e-6)
    return config.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * min(left, 1.0))) / 2)


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, *, decay: float) -> None:
    """Move the running mean towards the weights; counters of batch norm are copied."""
    current = model.state_dict()
    for name, mean in average.state_dict().items():
        if mean.dtype.is_floating_point:
            mean.lerp_(current[name], 1 - decay)
        else:
            mean.copy_(current[name])


def _optimizer(model: nn.Module, config: LoopConfig) -> torch.optim.Optimizer:
    weights = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups = [
        {"params": weights, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=config.learning_rate)


def _save(
    file: Path,
    model: nn.Module,
    average: nn.Module,
    optimizer: torch.optim.Optimizer,
    epoch: int,
) -> None:
    """Write beside and rename: a kill leaves the old state or the new one."""
    state = {
        "epoch": epoch,
        "model": model.state_dict(),
        "average": average.state_dict(),
        "optimizer": optimizer.state_dict(),
        "random": torch.get_rng_state(),
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".part")
    torch.save(state, beside)
    beside.replace(file)


def _resume(
    file: Path, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer
) -> int:
    """Load what `_save` wrote; the epoch to go on with, 0 without a file."""
    if not file.exists():
        return 0
    try:
        state = torch.load(file, weights_only=True)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimizer.load_state_dict(state["optimizer"])
        torch.set_rng_state(state["random"])
    except Exception as error:
        raise UserError(
            "The state of the training run cannot be read.",
            where=str(file),
            remedy="Delete it to start afresh, or choose another folder.",
        ) from error
    return int(state["epoch"])
