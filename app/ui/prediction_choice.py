"""Whose predictions are looked at: a run's, or a model's that is asked now."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from app.ui.chosen import FINDER, MODEL, RUN, choice_in_address
from app.ui.run_choice import LABELS_ONLY
from app.ui.text import plain
from app.workflow.browse import runs_on
from app.workflow.finders import list_finders
from app.workflow.models import DEFAULT_MODEL, list_models
from app.workflow.workspace import Workspace
from core.data.listing import DatasetInfo, RunInfo
from core.models.cards import ModelCard

_NOW = "now:"  # before a model's name, in the address
WHOLE_PICTURE = "whole picture"


@dataclass(frozen=True)
class PredictionChoice:
    """What was chosen.

    Attributes:
        run: whose stored predictions are shown; None without.
        ask: whether the model is asked about every person of the photo.
        model: that is asked about boxes drawn by hand and heat maps; empty where none is there.
        finder: what finds the people on an upload; empty where the whole picture is looked at.
    """

    run: RunInfo | None
    ask: bool
    model: str
    finder: str = ""


def choose_predictions(ws: Workspace, dataset: DatasetInfo) -> PredictionChoice:
    """The newest run at first, without one the labels alone."""
    runs = {run.name: run for run in runs_on(ws, dataset)}
    models = models_there(ws)
    asked_now = {f"{_NOW}{name}": f"{name}, asked now" for name in models if _has_names(dataset)}
    options = [*runs, LABELS_ONLY, *(each for each in asked_now if each not in runs)]
    if len(options) == 1:
        return PredictionChoice(None, False, _first(models))
    name = choice_in_address(
        "Predictions",
        RUN,
        options,
        default=options[0],
        width=220,
        words=lambda each: asked_now.get(each) or _run_words(runs.get(each), each),
    )
    if name in runs:
        run = runs[name]
        return PredictionChoice(run, False, run.model if run.model in models else _first(models))
    ask = name in asked_now
    return PredictionChoice(None, ask, name.removeprefix(_NOW) if ask else _first(models))


def choose_model(ws: Workspace) -> str:
    """The model for an upload, with a word on what it is; empty where none is installed."""
    models = models_there(ws)
    if not models:
        return ""
    names = list(models)
    return choice_in_address(
        "Model", MODEL, names, default=_first(models), width=240, words=lambda name: name
    )


def choose_finder(ws: Workspace, model: str) -> str:
    """What finds the people on an upload: the model itself or a detector; empty for nothing."""
    if not model:
        return ""
    own = models_there(ws)[model].finds_people
    finders = [finder.name for finder in list_finders(ws)]
    options = [model, *(name for name in finders if name != model)] if own else finders
    if not options:
        return ""
    options = options if own else [*options, WHOLE_PICTURE]
    name = choice_in_address(
        "People",
        FINDER,
        options,
        default=options[0],
        width=240,
        words=lambda each: each if each == WHOLE_PICTURE else f"found by {each}",
    )
    return "" if name == WHOLE_PICTURE else name


def say_model(ws: Workspace, model: str) -> None:
    """What the model is, or that there is none."""
    models = models_there(ws)
    if model not in models:
        st.info("No model is installed yet: there are no weights in the folder weights.")
        return
    st.caption(plain(f"{model}: {models[model].what}"))


def _run_words(run: RunInfo | None, name: str) -> str:
    return f"{name}, found" if run is not None and run.found_by else name


def models_there(ws: Workspace) -> Mapping[str, ModelCard]:
    """The models whose weights are there, by name."""
    return {card.name: card for card in list_models(ws) if card.present}


def _has_names(dataset: DatasetInfo) -> bool:
    """Whether a model's keypoints can be matched with the dataset's."""
    skeletons = [c.skeleton for c in dataset.categories if c.skeleton is not None]
    return any(skeleton.named for skeleton in skeletons)


def _first(models: Mapping[str, ModelCard]) -> str:
    """The one that comes with the program, which says flags; else the first by name."""
    return DEFAULT_MODEL if DEFAULT_MODEL in models else next(iter(models), "")
