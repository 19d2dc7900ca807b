"""The training loop: one page. Deterministic by seed, resumable after a kill at any step.

A state holds weights, mean, optimiser, random numbers, sums of losses and the place in the epoch,
so a run killed anywhere ends bit for bit where an uninterrupted one does. That holds for one
version of PyTorch, one number of threads and one kind of processor: sums of floats depend on
their order.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import torch
from torch import Tensor, nn

from core.data.progress import Cancelled, never
from core.errors import Cancelled as CancelledError
from core.training.config import LoopConfig
from core.training.optimizers import optimizer_of
from core.training.run_state import Progress, RunState
from core.training.schedules import learning_rate

BatchT = TypeVar("BatchT")
Losses = Mapping[str, Tensor]  # `loss` is what is minimised, the others are shown


@dataclass(frozen=True)
class StepReport:
    """What a callback hears after each step: steps done of all, and the loss of this one."""

    done: int
    total: int
    loss: float


@dataclass(frozen=True)
class EpochReport:
    """What a callback hears after each epoch; once more if the run is killed meanwhile.

    Attributes:
        epoch: from 0.
        history: mean losses by name of every epoch so far, this one last.
        average: a network holding the running mean of the weights, in eval mode.
    """

    epoch: int
    history: tuple[Mapping[str, float], ...]
    average: nn.Module

    @property
    def losses(self) -> Mapping[str, float]:
        """Mean losses of this epoch."""
        return self.history[-1]


def fit(
    model: nn.Module,
    average: nn.Module,
    *,
    batches: Callable[[int, int], Iterable[BatchT]],
    steps_per_epoch: int,
    losses_of: Callable[[nn.Module, BatchT, int], Losses],
    config: LoopConfig,
    state: RunState | None = None,
    on_step: Callable[[StepReport], None] = lambda report: None,
    on_epoch_end: Callable[[EpochReport], None] = lambda report: None,
    cancelled: Cancelled = never,
) -> None:
    """Train `model`; `average`, a network of the same shape, ends as the mean to ship.

    Goes on from `state` if that was saved before.

    Args:
        batches: the batches of an epoch from a place on; they depend on these two alone.
        losses_of: the losses of a batch in an epoch.

    Raises:
        Cancelled: the caller asked to stop; the state is saved.
        UserError: the state is damaged, belongs to another run or cannot be written.
    """
    optimizer = optimizer_of(model, config)
    torch.manual_seed(config.seed)
    average.load_state_dict(model.state_dict())
    at = state.load(model, average, optimizer) if state else Progress()
    saver = _Saver(state, config.save_every_s)
    total = config.epochs * steps_per_epoch
    while at.epoch < config.epochs:
        model.train()
        rest = batches(at.epoch, at.place) if at.place < steps_per_epoch else ()
        for batch in rest:
            step = at.epoch * steps_per_epoch + at.place
            _set_rate(optimizer, learning_rate(step / steps_per_epoch, config, at.history))
            losses = losses_of(model, batch, at.epoch)
            _descend(losses["loss"], model, optimizer, config)
            follow(average, model, decay=min(config.average_decay, (1 + step) / (10 + step)))
            at.count(losses, steps_per_epoch)
            stop = cancelled()
            saver.save(at, model, average, optimizer, now=stop or at.place == steps_per_epoch)
            on_step(StepReport(step + 1, total, float(losses["loss"].detach())))
            if stop:
                raise CancelledError
        assert at.place == steps_per_epoch
        # The state still stands at this epoch's end: a kill from here on repeats the report.
        on_epoch_end(EpochReport(at.epoch, (*at.history, at.sums), average.eval()))
        at = Progress(at.epoch + 1, 0, {}, [*at.history, at.sums])


class _Saver:
    """Saves now and then; the first save comes after the first interval."""

    def __init__(self, state: RunState | None, every_s: float) -> None:
        self._state, self._every_s = state, every_s
        self._saved_at = time.monotonic()

    def save(
        self,
        at: Progress,
        model: nn.Module,
        average: nn.Module,
        optimizer: torch.optim.Optimizer,
        *,
        now: bool,
    ) -> None:
        """Save if it is time, or in any case."""
        if self._state and (now or time.monotonic() - self._saved_at >= self._every_s):
            self._state.save(at, model, average, optimizer)
            self._saved_at = time.monotonic()


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, *, decay: float) -> None:
    """Move the running mean towards the weights; counters of batch norm are copied."""
    current = model.state_dict()
    for name, mean in average.state_dict().items():
        if mean.dtype.is_floating_point:
            mean.lerp_(current[name], 1 - decay)
        else:
            mean.copy_(current[name])


def _descend(
    loss: Tensor, model: nn.Module, optimizer: torch.optim.Optimizer, config: LoopConfig
) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(model.parameters(), config.clip_norm)
    optimizer.step()


def _set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate
