"""The bases by name."""

from collections.abc import Callable, Mapping

from core.errors import UserError
from core.models.bases.config import BaseConfig
from core.models.bases.pose_base import PoseBase
from core.models.bases.tiny import tiny

# Each from its config and the number of keypoints.
BASES: Mapping[str, Callable[[BaseConfig, int], PoseBase]] = {
    "tiny": tiny,
}


def build_base(config: BaseConfig, *, num_keypoints: int) -> PoseBase:
    """The base a config asks for, with fresh weights.

    Raises:
        UserError: no base of that name.
    """
    builder = BASES.get(config.name)
    if builder is None:
        raise UserError(
            f"There is no base called {config.name!r}.",
            remedy=f"Known bases: {', '.join(sorted(BASES))}.",
        )
    return builder(config, num_keypoints)
