"""The web process: Streamlit's pages plus our own routes, as one ASGI application.

Started by `python -m streamlit run app/main.py`.
"""

import gc
import importlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

# `streamlit run` puts only app/ on the path, and there `app` itself cannot be found.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import streamlit as st

from app.routes import ROUTES
from app.supervisor import end_with_supervisor
from app.ui.errors import on_script_error

# What pages use. Never torch: it belongs to the predicting process.
WARM = (
    "pandas", "plotly.graph_objects", "pyarrow", "cv2", "sqlalchemy", "dbos", "app.ui.workspace",
)  # fmt: skip


@asynccontextmanager
async def _warm(_: st.App) -> AsyncIterator[dict[str, object]]:
    end_with_supervisor()
    for module in WARM:
        importlib.import_module(module)
    # Streamlit collects garbage after every script run; without this the objects of all imported
    # modules are walked each time, 60 ms of the 65 ms an edit takes.
    gc.collect()
    gc.freeze()
    yield {}


app = st.App(
    Path(__file__).with_name("screens.py"),
    routes=ROUTES,
    lifespan=_warm,
    on_script_error=on_script_error,
)
