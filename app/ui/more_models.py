"""What one could predict with besides: models that are not here, and the way to each."""

import pandas as pd
import streamlit as st

from app.workflow.catalogue import list_everything
from app.workflow.workspace import Workspace


def more_models(ws: Workspace) -> None:
    """A closed list; nothing is asked or fetched from here."""
    away = [each for each in list_everything(ws) if each.folder is None]
    with st.expander("More models and detectors", icon=":material/add:"):
        st.caption(
            "Add one at the command line, as `python -m app VERB`; this page then offers it. "
            "`models NAME` says all that is known of one."
        )
        rows = [
            {
                "name": each.name,
                "finds": " and ".join(each.finds),
                "to get it": "; ".join(each.ways),
                "what": each.what,
                "from": each.source,
            }
            for each in away
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, height=260)
