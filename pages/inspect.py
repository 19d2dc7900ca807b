"""Inspect: photos with their given labels and, beside them, what a model says."""

import streamlit as st

from app.ui.chosen import RUN, choose_newest, chosen_dataset
from app.ui.empty import no_dataset_yet
from app.ui.keypoint_table import keypoint_table
from app.ui.photo_address import photo_address
from app.ui.photo_browser import choose_photo
from app.ui.photo_overlay import photo_overlay
from app.ui.photo_overlay.scene import Scene
from app.ui.photo_state import frame_size, photo_note
from app.ui.run_choice import choose_run, predict_button
from app.ui.tasks import show_tasks
from app.ui.workspace import the_workspace
from app.workflow.browse import people_on
from app.workflow.datasets import list_datasets

ws = the_workspace()
dataset = chosen_dataset(list_datasets(ws))

title = st.container(horizontal=True, vertical_alignment="bottom")
title.title("Inspect")
if dataset is None:
    no_dataset_yet()
    st.stop()

with title:
    run = choose_run(ws, dataset, width=180)
    predict_button(ws, dataset)
show_tasks(ws, {"predict"}, on_done=lambda _: choose_newest(RUN))
image = choose_photo(ws, dataset)
if image is not None:
    persons = people_on(ws, dataset.name, image.id, run=run.name if run else None)
    scene = Scene(
        dataset,
        image,
        persons,
        url=photo_address(ws, dataset, image),
        size_wh_px=frame_size(ws, dataset, image),
        note=photo_note(ws, dataset, image),
        run=run,
    )
    photo_overlay(scene, key="photo_overlay")
    st.download_button(
        "Download the numbers of this photo",
        keypoint_table(dataset, persons, run).to_csv(index=False).encode(),
        file_name=f"keypoints_{image.id}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="keypoints_download",
    )
