"""Keeping keypoints by the flag a model says they have."""

import numpy as np
from numpy.typing import NDArray

from core.data.prediction import Prediction
from core.data.visibility import Visibility
from core.errors import UserError


def non_zero(prediction: Prediction) -> NDArray[np.bool_]:
    """(K,) True where a keypoint counts as predicted: paper 000's "non-0" (section 5.2).

    A keypoint whose likeliest flag is 0 counts as not predicted, and so does one the model does
    not know (NaN). On equal terms flag 0 holds, as argmax takes the first.

    The rule is for measures that know of keypoints left out (mAPK, F1, risk and coverage). OKS does
    not: there a place left out costs as much as one at the corner of the photo.

    Raises:
        UserError: the model says no ternary flags.
    """
    if prediction.vis3 is None:
        raise UserError(
            "This model says no ternary flags, so none of its keypoints can be said to be absent.",
            remedy="Take a model that says p(v = 0), p(v = 1) and p(v = 2), as the metamodels do.",
        )
    likeliest = np.nan_to_num(prediction.vis3).argmax(axis=-1)  # (K,); 0 where nothing is known
    kept: NDArray[np.bool_] = likeliest != Visibility.UNLABELLED
    return kept
