"""The families of networks, and the network a config asks for."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from core.errors import UserError
from core.models.bases.pose_base import PoseBase
from core.models.bases.sizes import require_sizes
from core.models.config_bounds import MOST_PARAMETERS
from core.models.hpcvnet.network import hpcvnet
from core.models.hybridpose.network import build_hybridpose
from core.models.metamodel.network import metamodel
from core.models.model_config import ModelConfig
from core.models.oahpe.network import oahpe
from core.models.plain.network import plain
from core.models.visaware.network import visaware
from core.models.vitpose.network import vitpose

MODELS: Mapping[str, Callable[[ModelConfig], nn.Module]] = {
    "plain": plain,
    "metamodel": metamodel,
    "visaware": visaware,
    "oahpe": oahpe,
    "hpcvnet": hpcvnet,
    "hybridpose": build_hybridpose,
    "vitpose": vitpose,
}


def build_model(config: ModelConfig) -> nn.Module:
    """The network a config asks for, with fresh weights.

    Raises:
        UserError: no such family, or a network too large for any machine this runs on.
    """
    sketch_model(config)
    return MODELS[config.family](config)


def empty_model(config: ModelConfig) -> nn.Module:
    """The same network with whatever memory holds for weights: for those about to be put in.

    Drawing fresh numbers first would take longer than reading a file.

    Raises:
        UserError: as `build_model`.
    """
    sketch_model(config)
    with _NoFreshNumbers():
        return MODELS[config.family](config)


def sketch_model(config: ModelConfig) -> nn.Module:
    """The same network on the meta device: names and shapes without numbers, so no memory.

    Raises:
        UserError: no such family, sizes that do not go together, or a network of more than
            `MOST_PARAMETERS`.
    """
    builder = MODELS.get(config.family)
    if builder is None:
        raise UserError(
            f"There is no family of networks called {config.family!r}.",
            remedy=f"Known families: {', '.join(sorted(MODELS))}.",
        )
    with torch.device("meta"), _NoFreshNumbers():
        model = builder(config)
    base = getattr(model, "base", None)
    if isinstance(base, PoseBase):
        require_sizes(base, config)
    count = sum(parameter.numel() for parameter in model.parameters())
    if count > MOST_PARAMETERS:
        raise UserError(
            f"This network would have {count:,} parameters; {MOST_PARAMETERS:,} are the most.",
            remedy="Make it narrower, or its crops smaller.",
        )
    return model


class _NoFreshNumbers(TorchFunctionMode):
    """Leaves weights as they are made: a sketch has no numbers, an empty network none of its own.

    PyTorch draws normal numbers on the meta device by way of its compiler, whose import alone takes
    seconds.
    """

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Iterable[type],
        args: tuple[Any, ...] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        if func is Tensor.normal_ or getattr(func, "__module__", "") == nn.init.__name__:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)
