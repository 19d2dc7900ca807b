"""Which run's predictions are looked at, and starting another."""

from typing import Literal

import streamlit as st

from app.ui.chosen import RUN, choice_in_address
from app.ui.errors import shown_errors
from app.ui.tasks import watch
from app.ui.text import plain
from app.workflow.browse import runs_on
from app.workflow.finders import FindPeople, list_finders
from app.workflow.jobs import ask_predict
from app.workflow.models import DEFAULT_MODEL, list_models
from app.workflow.predict import ANNOTATED
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, RunInfo

LABELS_ONLY = "labels only"
_STARTED = "predictions_started"


def choose_run(
    ws: Workspace, dataset: DatasetInfo, *, width: int | Literal["stretch"] = "stretch"
) -> RunInfo | None:
    """The run to look at, the newest one at first; None for the labels alone."""
    runs = {run.name: run for run in runs_on(ws, dataset)}
    if not runs:
        return None
    names = [*runs, LABELS_ONLY]
    name = choice_in_address("Predictions", RUN, names, default=names[0], width=width)
    return runs.get(name)


def predict_button(ws: Workspace, dataset: DatasetInfo) -> None:
    """Have a worker run a model on every person of the dataset."""
    # A popover stays open until its key changes.
    key = f"predict_{st.session_state.get(_STARTED, 0)}"
    with st.popover("Predict", icon=":material/model_training:", key=key):
        _predict_form(ws, dataset)


def _choose_people(ws: Workspace) -> FindPeople | None:
    """Everybody annotated, or everybody that something finds; without a choice where none does."""
    finders = [finder.name for finder in list_finders(ws)]
    if not finders:
        return None
    words = {ANNOTATED: "those annotated"} | {name: f"found by {name}" for name in finders}
    people = st.selectbox(
        "People",
        list(words),
        format_func=words.__getitem__,
        key="predict_people",
        help="Who is found is matched with who is annotated; both are shown.",
    )
    return None if people == ANNOTATED else FindPeople(people)


def _predict_form(ws: Workspace, dataset: DatasetInfo) -> None:
    skeletons = [c.skeleton for c in dataset.categories if c.skeleton is not None]
    if not skeletons or not all(skeleton.named for skeleton in skeletons):
        st.info(
            "Predictions need keypoint names: a category of this dataset gives none, so that "
            "nobody can tell which of its keypoints a model's are. Add `keypoints` to its "
            "category and take the newer version on the Datasets page."
        )
        return
    models = {model.name: model for model in list_models(ws) if model.present}
    if not models:
        st.info("No model is installed yet: there are no weights in the folder weights.")
        return
    names = list(models)
    usual = names.index(DEFAULT_MODEL) if DEFAULT_MODEL in models else 0
    name = st.selectbox("Model", names, index=usual, key="predict_model")
    st.caption(plain(models[name].what))
    find = _choose_people(ws)
    st.caption("`python -m app models` lists more models and detectors, and how to get each.")
    if st.button("Predict all persons", type="primary", key="predict_start"):
        with shown_errors():
            watch(ask_predict(ws, dataset.name, model=name, find=find))
            st.session_state[_STARTED] = st.session_state.get(_STARTED, 0) + 1
            st.rerun()
