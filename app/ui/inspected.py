"""One photo inspected: who is on it, what a model says of them, and the numbers to take away."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from app.ui.asked_predictions import found_people, heat_maps, predicted
from app.ui.errors import show_error
from app.ui.keypoint_table import keypoint_table
from app.ui.photo_overlay import message, photo_overlay
from app.ui.photo_overlay.drawn_boxes import NO_BOXES, DrawnBoxes, read_boxes
from app.ui.photo_overlay.scene import HeatAnswer, PhotoFrame, Scene
from app.ui.photo_overlay.shown_person import (
    ShownPerson,
    annotated_person,
    drawn_person,
    found_person,
    skeleton_of_model,
)
from app.ui.prediction_choice import PredictionChoice
from app.ui.text import plain
from app.workflow.finders import NO_FINDER, list_finders
from app.workflow.interactive import PhotoRef
from app.workflow.photo_results import PredictedFile, PredictedFiles, coco_results
from app.workflow.workspace import Workspace
from core.data.boxes import BoxXywh, box_to_cut, is_on_picture
from core.data.listing import DatasetInfo, Person
from core.data.prediction import Prediction
from core.data.skeleton import Skeleton
from core.errors import UserError

_OVERLAY = "photo_overlay"  # widget
_BOXES = "drawn_boxes"  # by photo
_REFUSED = "drawn_boxes_refused"
_HEAT = "heat_wanted"  # (photo, person)
WHOLE = "whole"  # id of the person cut out by the whole picture
_ONLY_WHOLE = "The whole picture is taken for one person. Draw a box round each of several."


@dataclass(frozen=True)
class Inspected:
    """The photo to show.

    Attributes:
        ref: how the worker knows it.
        frame: how the browser knows it.
        choice: whose predictions.
        dataset, people: of a dataset's photo, with the predictions of the chosen run.
        found: by that run, who are nobody annotated.
        file_name: of the photo.
        name: of the files to download, without ending.
    """

    ref: PhotoRef
    frame: PhotoFrame
    choice: PredictionChoice
    file_name: str
    name: str
    dataset: DatasetInfo | None = None
    people: tuple[Person, ...] = ()
    found: tuple[Prediction, ...] = ()


@st.fragment
def show_inspected(ws: Workspace, inspected: Inspected) -> None:
    """The photo with everybody on it; only this part runs again when a box is drawn."""
    problems, photo, waiting = st.container(), st.container(), st.container()
    refused: UserError | None = st.session_state.pop(_REFUSED, None)
    with waiting, st.spinner(f"Asking {plain(inspected.choice.model)} …"):
        persons, failed = _persons(ws, inspected)
        heat = _heat(ws, inspected, persons)
    with problems:
        for error in (refused, failed):
            if error is not None:
                show_error(error)
        if failed is not None:
            st.button("Ask again", key="ask_again")
    with photo:
        _show(ws, inspected, persons, heat)
        _downloads(inspected, persons)


def _show(
    ws: Workspace, inspected: Inspected, persons: list[ShownPerson], heat: HeatAnswer | None
) -> None:
    choice = inspected.choice
    only_whole = [person.id for person in persons] == [WHOLE] and choice.model
    frame = inspected.frame
    scene = Scene(
        replace(frame, note=_whole_note(ws)) if only_whole else frame,
        persons,
        said_by=choice.run.name if choice.run else choice.model if choice.ask else "",
        model=choice.model,
        boxes=_boxes_of(frame.key),
        heat=heat,
        nobody=_nobody(inspected),
    )
    photo_overlay(
        scene,
        key=_OVERLAY,
        on_boxes=lambda: _take_boxes(frame),
        on_heat=lambda: _want_heat(frame, persons),
    )


def _whole_note(ws: Workspace) -> str:
    """That the whole picture is one person, and what to add where nothing here finds people."""
    if list_finders(ws):
        return _ONLY_WHOLE
    return f"{_ONLY_WHOLE} To have people found: {NO_FINDER.replace('`', '')}"


def _nobody(inspected: Inspected) -> str:
    if inspected.dataset is not None:
        return "No person is labelled here."
    if inspected.choice.finder:
        return "Nobody was found on this photo. Draw a box round somebody."
    return "No model looks at this photo."


# ---- who is on the photo


def _persons(ws: Workspace, inspected: Inspected) -> tuple[list[ShownPerson], UserError | None]:
    """Everybody, those the model could not be asked about without predictions, and why."""
    try:
        annotated = _annotated(ws, inspected, ask=inspected.choice.ask)
        found = _found_now(ws, inspected)
        return [*annotated, *found, *_drawn(ws, inspected, ask=True)], None
    except UserError as error:
        return [*_annotated(ws, inspected, ask=False), *_drawn(ws, inspected, ask=False)], error


def _annotated(ws: Workspace, inspected: Inspected, *, ask: bool) -> list[ShownPerson]:
    dataset, run = inspected.dataset, inspected.choice.run
    if dataset is None:
        return []
    people, said_names = inspected.people, run.keypoint_names if run else ()
    model = run.model if run else ""
    if ask:
        model = inspected.choice.model
        people, said_names = _asked(ws, inspected)
    annotated = [
        annotated_person(dataset, person, place, said_names=said_names, model=model)
        for place, person in enumerate(people, 1)
    ]
    return [*annotated, *_found_by_run(inspected, dataset)]


def _found_by_run(inspected: Inspected, dataset: DatasetInfo) -> list[ShownPerson]:
    run = inspected.choice.run
    if run is None or run.found_by is None:
        return []
    skeleton = skeleton_of_model(run.keypoint_names, dataset)
    return _found(inspected.found, skeleton, model=run.model, found_by=run.found_by.name)


def _found(
    people: Sequence[Prediction], skeleton: Skeleton, *, model: str, found_by: str
) -> list[ShownPerson]:
    return [
        found_person(f"f{place}", place, each, skeleton, model=model, found_by=found_by)
        for place, each in enumerate(people, 1)
    ]


def _found_now(ws: Workspace, inspected: Inspected) -> list[ShownPerson]:
    """Everybody found on an upload."""
    choice = inspected.choice
    if inspected.dataset is not None or not choice.finder:
        return []
    said = found_people(ws, inspected.ref, finder=choice.finder, model=choice.model)
    return _found(said.predictions, said.skeleton, model=said.model, found_by=said.found_by)


def _asked(ws: Workspace, inspected: Inspected) -> tuple[tuple[Person, ...], tuple[str, ...]]:
    """Everybody a model looks at with its prediction, and its keypoints."""
    size_wh_px = inspected.frame.size_wh_px
    boxes = {p.annotation_id: box for p in inspected.people if (box := _box_to_ask(p, size_wh_px))}
    model = inspected.choice.model
    said = predicted(ws, inspected.ref, list(boxes.values()), model=model)
    by_id = dict(zip(boxes, said, strict=True))
    people = tuple(
        replace(p, prediction=by_id[p.annotation_id][0]) if p.annotation_id in by_id else p
        for p in inspected.people
    )
    return people, said[0][1].names if said else ()


def _box_to_ask(person: Person, size_wh_px: tuple[int, int]) -> BoxXywh | None:
    """The box a run looks at, too; None for a crowd and for who is not on the photo."""
    if person.iscrowd or not person.given:
        return None
    labelled = [label for label in person.given if label.visibility > 0]
    box = box_to_cut(person.box_xywh_px, [(p.x_image_px, p.y_image_px) for p in labelled])
    return box if box is not None and is_on_picture(box, size_wh_px) else None


def _drawn(ws: Workspace, inspected: Inspected, *, ask: bool) -> list[ShownPerson]:
    """Boxes drawn by hand, and of an upload the whole picture."""
    drawn = _boxes_of(inspected.frame.key)
    boxes = dict(drawn.boxes)
    whole = inspected.dataset is None and not inspected.choice.finder
    if whole and (drawn.whole or not boxes):
        width, height = inspected.frame.size_wh_px
        boxes = {WHOLE: (0.0, 0.0, float(width), float(height)), **boxes}
    model = inspected.choice.model
    said = predicted(ws, inspected.ref, list(boxes.values()), model=model) if ask and model else []
    by_id = dict(zip(boxes, said, strict=False))
    return [
        drawn_person(
            box_id,
            "whole picture" if box_id == WHOLE else f"box {box_id[1:]}",
            box,
            said=by_id.get(box_id),
            model=model,
            drawn=box_id != WHOLE or len(boxes) > 1,
        )
        for box_id, box in boxes.items()
    ]


# ---- what the browser says


def _boxes_of(photo: str) -> DrawnBoxes:
    kept: dict[str, DrawnBoxes] = st.session_state.setdefault(_BOXES, {})
    return kept.get(photo, NO_BOXES)


def _take_boxes(frame: PhotoFrame) -> None:
    said = message(_OVERLAY, "boxes")
    if said.get("photo") != frame.key:
        return  # said before another photo came
    boxes, refused = read_boxes(said, _boxes_of(frame.key), frame.size_wh_px)
    st.session_state[_BOXES][frame.key] = boxes
    st.session_state[_REFUSED] = refused


def _want_heat(frame: PhotoFrame, persons: list[ShownPerson]) -> None:
    said = message(_OVERLAY, "heat")
    if said.get("photo") == frame.key and said.get("person") in {each.id for each in persons}:
        st.session_state[_HEAT] = (frame.key, said["person"])


def _heat(ws: Workspace, inspected: Inspected, persons: list[ShownPerson]) -> HeatAnswer | None:
    """The heat maps somebody asked for, as long as the photo is shown."""
    photo, wanted = st.session_state.get(_HEAT, ("", ""))
    person = next((each for each in persons if each.id == wanted), None)
    box = person.box_xywh_px if person else None
    if photo != inspected.frame.key or box is None or not inspected.choice.model:
        return None
    try:
        maps = heat_maps(ws, inspected.ref, box, model=inspected.choice.model)
    except UserError as error:
        return HeatAnswer(wanted, None, str(error))
    return HeatAnswer(wanted, maps)


# ---- the numbers


def _downloads(inspected: Inspected, persons: list[ShownPerson]) -> None:
    row = st.container(horizontal=True)
    row.download_button(
        "Download the numbers of this photo",
        keypoint_table(persons).to_csv(index=False).encode(),
        file_name=f"{inspected.name}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="keypoints_download",
    )
    results = _results(inspected, persons)
    if inspected.dataset is None and results:
        row.download_button(
            "The same as COCO results",
            json.dumps(results, indent=1).encode(),
            file_name=f"{inspected.name}.json",
            mime="application/json",
            on_click="ignore",
            key="results_download",
        )


def _results(inspected: Inspected, persons: list[ShownPerson]) -> list[dict[str, Any]]:
    """What `predict-photo` writes of the same boxes."""
    said = [each.prediction for each in persons if each.prediction is not None]
    numbered = tuple(replace(each, image_id=1) for each in said)
    if not numbered:
        return []
    photo = PredictedFile(Path(inspected.file_name), inspected.frame.size_wh_px, numbered)
    names = Skeleton(persons[-1].names)
    found_by = inspected.choice.finder
    return coco_results(PredictedFiles(inspected.choice.model, names, (photo,), found_by))
