"""What the numbers and names of a checkpoint's description may be: it may come from a stranger.

A network is built from these numbers before a single weight is read, so they are bounded. No torch.
"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any

from core.models.codecs.config import HeatmapConfig
from core.models.families import FAMILIES
from core.models.fields import BOUND, is_name
from core.models.model_config import ModelConfig

if TYPE_CHECKING:
    from core.models.checkpoint_config import CheckpointConfig

LONGEST_TEXT = 2000
MOST_PARAMETERS = 1_000_000_000
_SHA256_LENGTH = 64
_HEX = frozenset("0123456789abcdef")


def problems_of(config: "CheckpointConfig") -> Iterator[str]:
    """Everything that cannot be; kinds and bounds of the fields are checked already."""
    if not is_name(config.name):
        yield f"name is {config.name[:120]!r}, which is no name"
    for name in ("what", "licence", "trained_on"):
        text = getattr(config, name)
        if len(text) > LONGEST_TEXT:
            yield f"{name} is longer than {LONGEST_TEXT} characters"
        elif text.encode(errors="ignore").decode() != text:
            yield f"{name} holds half a character, which no file can keep"
    for name in ("data_sha256", "weights_sha256"):
        value = getattr(config, name)
        if value and (len(value) != _SHA256_LENGTH or not set(value) <= _HEX):
            yield f"{name} is {value[:80]!r}, which is no SHA-256"
    if not 0 <= config.num_parameters <= MOST_PARAMETERS:
        yield f"num_parameters is {config.num_parameters}"
    yield from (f"model.{problem}" for problem in misfits(config.model))


def model_problems(model: ModelConfig) -> list[str]:
    """Everything that no network is built from, of a config made by hand."""
    return list(out_of_bounds(model)) or list(misfits(model))


def misfits(model: ModelConfig) -> Iterator[str]:
    """What does not go together in a config whose fields are each within their bounds."""
    count = len(model.keypoint_names)
    if any(place >= count for edge in model.edges for place in edge):
        yield f"edges names a keypoint beyond the {count} there are, counted from 0"
    wanted = FAMILIES.get(model.family)
    if wanted is not None and not isinstance(model.network, wanted):
        yield f"network is a {type(model.network).__name__}, not a {wanted.__name__}"
    if isinstance(model.codec, HeatmapConfig) and model.codec.blur_px % 2 == 0:
        yield f"codec.blur_px is {model.codec.blur_px}, which is not odd"


def out_of_bounds(config: Any, path: str = "") -> Iterator[str]:
    """Every field of a config, and of configs inside it, that holds what it may not.

    Args:
        path: put before its name, with a dot at the end.
    """
    for field in fields(config):
        value = getattr(config, field.name)
        if is_dataclass(value):
            yield from out_of_bounds(value, f"{path}{field.name}.")
        elif BOUND in field.metadata:
            problem = field.metadata[BOUND].problem(value)
            if problem:
                yield f"{path}{field.name} {problem}"
