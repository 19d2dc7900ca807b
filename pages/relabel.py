"""Relabel: one person or keypoint after the other, by keyboard; every decision is kept at once."""

import streamlit as st

from app.ui.chosen import chosen_dataset
from app.ui.empty import no_dataset_yet
from app.ui.keypoint_canvas.session import View
from app.ui.queue_filters import choose_queue
from app.ui.relabel_queue import follow_sidebar, relabel_editor
from app.ui.run_choice import choose_run
from app.ui.visitor import annotator
from app.ui.workspace import the_workspace
from app.workflow.datasets import list_datasets

ws = the_workspace()
dataset = chosen_dataset(list_datasets(ws))
who = annotator()
if dataset is None:
    st.title("Relabel")
    no_dataset_yet()
elif who is None:
    st.title("Relabel")
    st.info("Give your name in the sidebar: it is kept with every label you change.")
else:
    with st.sidebar:
        run = choose_run(ws, dataset)
    queue = choose_queue(dataset, run, annotator=who)
    session = follow_sidebar(View(dataset.name, dataset.id, queue, who))
    relabel_editor(ws, session)
