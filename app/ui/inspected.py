"""One photo inspected: who is on it, what a model says of them, and the numbers to take away."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import streamlit as st

from app.ui.asked_predictions import heat_maps, predicted
from app.ui.errors import show_error
from app.ui.keypoint_table import keypoint_table
from app.ui.photo_overlay import message, photo_overlay
from app.ui.photo_overlay.drawn_boxes import NO_BOXES, DrawnBoxes, read_boxes
from app.ui.photo_overlay.scene import HeatAnswer, PhotoFrame, Scene
from app.ui.photo_overlay.shown_person import ShownPerson, annotated_person, drawn_person
from app.ui.prediction_choice import PredictionChoice
from app.ui.text import plain
from app.workflow.interactive import PhotoRef
from app.workflow.photo_results import PredictedFile, PredictedFiles, coco_results
from app.workflow.workspace import Workspace
from core.data.boxes import BoxXywh, box_to_cut, is_on_picture
from core.data.listing import DatasetInfo, Person
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
        _show(inspected, persons, heat)
        _downloads(inspected, persons)


def _show(inspected: Inspected, persons: list[ShownPerson], heat: HeatAnswer | None) -> None:
    choice = inspected.choice
    of_dataset = inspected.dataset is not None
    only_whole = [person.id for person in persons] == [WHOLE] and choice.model
    frame = inspected.frame
    scene = Scene(
        replace(frame, note=_ONLY_WHOLE) if only_whole else frame,
        persons,
        said_by=choice.run.name if choice.run else choice.model if choice.ask else "",
        model=choice.model,
        boxes=_boxes_of(frame.key),
        heat=heat,
        nobody="No person is labelled here." if of_dataset else "No model looks at this photo.",
    )
    photo_overlay(
        scene,
        key=_OVERLAY,
        on_boxes=lambda: _take_boxes(frame),
        on_heat=lambda: _want_heat(frame, persons),
    )


# ---- who is on the photo


def _persons(ws: Workspace, inspected: Inspected) -> tuple[list[ShownPerson], UserError | None]:
    """Everybody, those the model could not be asked about without predictions, and why."""
    try:
        annotated = _annotated(ws, inspected, ask=inspected.choice.ask)
        return [*annotated, *_drawn(ws, inspected, ask=True)], None
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
    return [
        annotated_person(dataset, person, place, said_names=said_names, model=model)
        for place, person in enumerate(people, 1)
    ]


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
    if inspected.dataset is None and (drawn.whole or not boxes):
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
    return coco_results(PredictedFiles(inspected.choice.model, names, (photo,)))
