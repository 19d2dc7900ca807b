"""The bases by name."""

from collections.abc import Callable, Mapping

from core.errors import UserError
from core.models.bases.config import BaseConfig
from core.models.bases.cpn import cpn_r50, cpn_r101
from core.models.bases.efficientnet import sbl_efficientnet_b0, sbl_efficientnet_b6
from core.models.bases.hourglass import hourglass, hourglass2
from core.models.bases.hrnet import hrnet_w32, hrnet_w48
from core.models.bases.mspn import mspn2
from core.models.bases.pose_base import PoseBase
from core.models.bases.sbl import sbl_r50, sbl_r101, sbl_r152
from core.models.bases.tiny import tiny

# Each from its config and the number of keypoints.
BASES: Mapping[str, Callable[[BaseConfig, int], PoseBase]] = {
    "tiny": tiny,
    "sbl_r50": sbl_r50,
    "sbl_r101": sbl_r101,
    "sbl_r152": sbl_r152,
    "sbl_efficientnet_b0": sbl_efficientnet_b0,
    "sbl_efficientnet_b6": sbl_efficientnet_b6,
    "hrnet_w32": hrnet_w32,
    "hrnet_w48": hrnet_w48,
    "mspn2": mspn2,
    "hourglass": hourglass,
    "hourglass2": hourglass2,
    "cpn_r50": cpn_r50,
    "cpn_r101": cpn_r101,
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
