"""Who a found person is among those annotated, by object keypoint similarity, one to one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.data.boxes import BoxXywh
from core.data.prediction import Prediction
from core.data.skeleton import Skeleton

LEAST_LIKENESS = 0.5  # of a match: the loosest of COCO's thresholds, for OKS and for boxes
# Share of a box that its person covers, where the file gives no area: mmpose's factor.
AREA_PER_BOX = 0.53


@dataclass(frozen=True)
class AnnotatedPerson:
    """Somebody annotated, as far as a match needs them.

    Attributes:
        skeleton: as long as their own list of keypoints.
        xy_image_px: (K, 2).
        visibility: (K,); v > 0 counts, as in COCO's evaluation.
        area_px2: of the annotation; None where the file gives none.
        box_xywh_px: None where there is none.
    """

    annotation_id: int
    skeleton: Skeleton
    xy_image_px: NDArray[np.float64]
    visibility: NDArray[np.uint8]
    area_px2: float | None
    box_xywh_px: BoxXywh | None


def matched(
    found: Sequence[Prediction], annotated: Sequence[AnnotatedPerson], names: Sequence[str]
) -> list[Prediction]:
    """The predictions of one photo, each with the annotation it is, if it is one.

    The likest pair comes first, nobody is taken twice, and nobody below `LEAST_LIKENESS` at all.

    Args:
        names: of the predictions' keypoints.
    """
    said = Skeleton(tuple(names))
    alike = np.array([[likeness(p, a, said) for a in annotated] for p in found])
    pairs: dict[int, tuple[int, float]] = {}
    while alike.size and alike.max() >= LEAST_LIKENESS:
        person, annotation = map(int, np.unravel_index(alike.argmax(), alike.shape))
        pairs[person] = (annotated[annotation].annotation_id, float(alike.max()))
        alike[person], alike[:, annotation] = -1, -1
    return [
        replace(each, matched_annotation_id=pairs[place][0], likeness=pairs[place][1])
        if place in pairs
        else each
        for place, each in enumerate(found)
    ]


def likeness(prediction: Prediction, person: AnnotatedPerson, said: Skeleton) -> float:
    """How alike a prediction and an annotation are, 0..1, 1 = the same places.

    OKS as COCO's evaluation has it, over the labelled keypoints that the model knows; for somebody
    without any, the intersection over union of the boxes.

    Args:
        said: the prediction's keypoints.
    """
    places = person.skeleton.places_in(said)  # (K,)
    counted = (person.visibility > 0) & (places >= 0) & person.skeleton.named
    if not counted.any():
        return _box_overlap(prediction.box_xywh_px, person.box_xywh_px)
    area = _area(person)
    away = prediction.xy_image_px[places[counted]].astype(np.float64) - person.xy_image_px[counted]
    falloff = 2 * area * (2 * person.skeleton.sigmas[counted]) ** 2
    similarity = np.nan_to_num(np.exp(-np.square(away).sum(axis=-1) / falloff))
    return float(similarity.mean())


def _area(person: AnnotatedPerson) -> float:
    if person.area_px2 is not None and person.area_px2 > 0:
        return person.area_px2
    if person.box_xywh_px is not None and min(person.box_xywh_px[2:]) > 0:
        return AREA_PER_BOX * person.box_xywh_px[2] * person.box_xywh_px[3]
    labelled = person.xy_image_px[person.visibility > 0]
    return float(max(1.0, np.ptp(labelled, axis=0).prod()))


def _box_overlap(found: Sequence[float] | NDArray[np.floating], own: BoxXywh | None) -> float:
    if own is None:
        return 0.0
    x, y, width, height = (float(number) for number in found)
    across = min(x + width, own[0] + own[2]) - max(x, own[0])
    down = min(y + height, own[1] + own[3]) - max(y, own[1])
    if across <= 0 or down <= 0:
        return 0.0
    both = across * down
    return both / (width * height + own[2] * own[3] - both)
