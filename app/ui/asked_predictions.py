"""What the worker was asked about photos in this session, so that nothing is asked twice."""

from collections import OrderedDict
from collections.abc import Sequence

import streamlit as st

from app.workflow import interactive
from app.workflow.finders import FindPeople
from app.workflow.interactive import HeatMapImage, PhotoPredictions, PhotoRef
from app.workflow.workspace import Workspace
from core.data.boxes import BoxXywh
from core.data.prediction import Prediction
from core.data.skeleton import Skeleton

AT_ONCE = 50  # boxes in one question
_MOST_PERSONS, _MOST_MAPS, _MOST_FOUND = 1000, 16, 50
_PERSONS, _MAPS, _FOUND = "asked_persons", "asked_heat_maps", "asked_people"
_Key = tuple[PhotoRef, str, BoxXywh]
_Answer = tuple[Prediction, Skeleton]


def predicted(
    ws: Workspace, photo: PhotoRef, boxes_xywh_px: Sequence[BoxXywh], *, model: str
) -> list[_Answer]:
    """What the model says of each box, in the boxes' order, and which keypoints it has.

    Raises:
        UserError: as `interactive.predict_boxes`; what was answered before is kept.
    """
    known: OrderedDict[_Key, _Answer] = st.session_state.setdefault(_PERSONS, OrderedDict())
    new = [box for box in dict.fromkeys(boxes_xywh_px) if (photo, model, box) not in known]
    for first in range(0, len(new), AT_ONCE):
        part = new[first : first + AT_ONCE]
        said = interactive.predict_boxes(ws, photo, part, model=model)
        for box, prediction in zip(part, said.predictions, strict=True):
            known[photo, model, box] = (prediction, said.skeleton)
    answers = [known[photo, model, box] for box in boxes_xywh_px]
    while len(known) > _MOST_PERSONS:
        known.popitem(last=False)
    return answers


def found_people(ws: Workspace, photo: PhotoRef, *, finder: str, model: str) -> PhotoPredictions:
    """Everybody on a photo, as a finder and a model see them.

    Raises:
        UserError: as `interactive.find_people`.
    """
    known: OrderedDict[tuple[PhotoRef, str, str], PhotoPredictions] = st.session_state.setdefault(
        _FOUND, OrderedDict()
    )
    key = (photo, model, finder)
    if key not in known:
        known[key] = interactive.find_people(ws, photo, FindPeople(finder), model=model)
    found = known[key]
    while len(known) > _MOST_FOUND:
        known.popitem(last=False)
    return found


def heat_maps(ws: Workspace, photo: PhotoRef, box_xywh_px: BoxXywh, *, model: str) -> HeatMapImage:
    """The heat maps of the person in a box.

    Raises:
        UserError: as `interactive.heat_maps`.
    """
    known: OrderedDict[_Key, HeatMapImage] = st.session_state.setdefault(_MAPS, OrderedDict())
    key = (photo, model, box_xywh_px)
    if key not in known:
        known[key] = interactive.heat_maps(ws, photo, box_xywh_px, model=model)
    maps = known[key]
    while len(known) > _MOST_MAPS:
        known.popitem(last=False)
    return maps


def forget_photo(photo: PhotoRef) -> None:
    """The photo was deleted: nothing about it is kept."""
    for name in (_PERSONS, _MAPS, _FOUND):
        known = st.session_state.get(name, {})
        for key in [key for key in known if key[0] == photo]:
            del known[key]
