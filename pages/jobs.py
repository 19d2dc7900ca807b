"""Jobs: what workers do, have done and are still to do."""

import streamlit as st

from app.ui.errors import shown_errors
from app.ui.job_list import job_list
from app.ui.worker_list import worker_list
from app.ui.workspace import the_workspace

ws = the_workspace()

st.title("Jobs")
with shown_errors():
    worker_list(ws)
    job_list(ws)
