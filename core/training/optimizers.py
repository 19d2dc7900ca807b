"""What turns gradients into steps, by name."""

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from core.training.config import LoopConfig

MOMENTUM = 0.937  # of SGD, as YOLOv5 and KAPAO have it

Groups = list[dict[str, Any]]


def adamw(groups: Groups, config: LoopConfig) -> torch.optim.Optimizer:
    """AdamW: weight decay apart from the gradient (Loshchilov and Hutter 2019)."""
    return torch.optim.AdamW(groups, lr=config.learning_rate)


def adam(groups: Groups, config: LoopConfig) -> torch.optim.Optimizer:
    """Adam (Kingma and Ba 2015); weight decay is added to the gradient."""
    return torch.optim.Adam(groups, lr=config.learning_rate)


def sgd(groups: Groups, config: LoopConfig) -> torch.optim.Optimizer:
    """Stochastic gradient descent with Nesterov's momentum."""
    return torch.optim.SGD(groups, lr=config.learning_rate, momentum=MOMENTUM, nesterov=True)


OPTIMIZERS: Mapping[str, Callable[[Groups, LoopConfig], torch.optim.Optimizer]] = {
    "adamw": adamw,
    "adam": adam,
    "sgd": sgd,
}


def optimizer_of(model: nn.Module, config: LoopConfig) -> torch.optim.Optimizer:
    """The config's optimiser of a module's weights; only weights with two axes or more decay."""
    weights = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    groups: Groups = [
        {"params": weights, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return OPTIMIZERS[config.optimizer](groups, config)
