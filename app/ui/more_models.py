"""What one could predict with besides: models that are not here, and the way to each."""

import pandas as pd
import streamlit as st

from app.workflow.catalogue import Listed, list_everything
from app.workflow.workspace import Workspace

_EASIEST = ("add-model ", "add-model FILE", "train ")  # how a way begins, the least work first


def more_models(ws: Workspace) -> None:
    """A closed list; nothing is asked or fetched from here."""
    away = [each for each in list_everything(ws) if each.folder is None and each.ways]
    with st.expander("More models and detectors", icon=":material/add:"):
        st.caption(
            "Get one at the command line, as `python -m app VERB`; this page then offers it. "
            "`models NAME` says all that is known of one."
        )
        rows = [
            {
                "name": each.name,
                "finds": " and ".join(each.finds),
                "to get it": _way(each),
                "what": each.what,
                "from": each.source,
            }
            for each in sorted(away, key=lambda each: _work(_way(each)))
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, height=260)


def _way(listed: Listed) -> str:
    """The first way, without the marks of code."""
    return listed.ways[0].replace("`", "")


def _work(way: str) -> int:
    fitting = [place for place, start in enumerate(_EASIEST) if way.startswith(start)]
    return fitting[-1] if fitting else len(_EASIEST)
