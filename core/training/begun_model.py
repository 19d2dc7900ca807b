"""The network a recipe trains when it begins with trained weights. No torch."""

from dataclasses import replace

from core.errors import UserError
from core.models.model_config import ModelConfig


def begun_model(recipe: ModelConfig, start: ModelConfig, *, name: str) -> ModelConfig:
    """The recipe's network for what the start knows: its keypoints, crops and preprocessing.

    A start of the same network is gone on with as it is. One on the same base gives its base, and
    its codec unless that is of another kind: SimCC's layers may stand on a base of heat maps.

    Args:
        name: of the start, for words.

    Raises:
        UserError: the start stands on another base.
    """
    if start.network == recipe.network:
        return start
    bases = [getattr(model.network, "base", None) for model in (recipe, start)]
    if bases[0] is None or bases[0] != bases[1]:
        raise UserError(
            f"The recipe trains {_words(recipe)}; {name!r} is {_words(start)}.",
            remedy="Choose another --start, or another recipe.",
        )
    codec = start.codec if start.codec.kind == recipe.codec.kind else recipe.codec
    return replace(start, family=recipe.family, network=recipe.network, codec=codec)


def _words(model: ModelConfig) -> str:
    base = getattr(model.network, "base", None)
    on = f" on {base.name}" if base is not None else ""
    return f"{model.family}{on}"
