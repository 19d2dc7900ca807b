"""Inspect: a photo with its given labels and, beside them, what a model says."""

import streamlit as st

from app.ui.chosen import RUN, choose_newest, chosen_dataset
from app.ui.empty import no_dataset_yet
from app.ui.inspected import show_inspected
from app.ui.inspected_photo import dataset_photo, own_photo
from app.ui.more_models import more_models
from app.ui.photo_browser import choose_photo
from app.ui.photo_source import choose_source
from app.ui.photo_uploads import choose_own_photo
from app.ui.prediction_choice import (
    choose_finder,
    choose_model,
    choose_predictions,
    say_model,
)
from app.ui.run_choice import predict_button
from app.ui.tasks import show_tasks
from app.ui.workspace import the_workspace
from app.workflow.datasets import list_datasets

ws = the_workspace()
datasets = list_datasets(ws)

title = st.container(horizontal=True, vertical_alignment="bottom")
with title:
    st.title("Inspect")
    upload = choose_source(has_dataset=bool(datasets))

if upload:
    with title:
        model = choose_model(ws)
        finder = choose_finder(ws, model)
    say_model(ws, model)
    own = choose_own_photo(ws, upload)
    if own is not None:
        show_inspected(ws, own_photo(ws, own, model, finder))
    more_models(ws)
    st.stop()

dataset = chosen_dataset(datasets)
if dataset is None:
    no_dataset_yet()
    st.stop()

with title:
    choice = choose_predictions(ws, dataset)
    predict_button(ws, dataset)
show_tasks(ws, {"predict"}, on_done=lambda _: choose_newest(RUN))
image = choose_photo(ws, dataset)
if image is not None:
    show_inspected(ws, dataset_photo(ws, dataset, image, choice))
