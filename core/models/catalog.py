"""The networks by name."""

from collections.abc import Callable, Mapping

from torch import nn

from core.errors import UserError
from core.models.metamodel import metamodel_tiny
from core.models.model_config import ModelConfig

MODELS: Mapping[str, Callable[[ModelConfig], nn.Module]] = {
    "metamodel_tiny": metamodel_tiny,
}


def build_model(config: ModelConfig) -> nn.Module:
    """The network a config asks for, with fresh weights.

    Raises:
        UserError: no network of that name.
    """
    builder = MODELS.get(config.architecture)
    if builder is None:
        raise UserError(
            f"There is no network called {config.architecture!r}.",
            remedy=f"Known networks: {', '.join(sorted(MODELS))}.",
        )
    return builder(config)
