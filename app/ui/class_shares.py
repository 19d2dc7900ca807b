"""How often each keypoint is visible, hidden or not labelled: a chart and a table."""

from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from app.ui.flags import COLOURS, WORDS
from app.ui.frame import side_by_side
from core.data.dataset import Category
from core.data.listing import ClassCount

ROW_PX = 22  # of the chart, one keypoint
TALLEST_PX = 460  # beyond this the chart scrolls in its frame


def class_shares_panel(counts: Sequence[ClassCount], categories: Sequence[Category]) -> None:
    """The shares as stacked bars beside a table that can be downloaded."""
    table = shares_table(counts, categories)
    if table.empty:
        st.info("No annotation of this dataset has keypoints.")
        return
    left, right = side_by_side("class_shares", (1, 1))
    figure = shares_figure(table)
    with left, st.container(height=min(figure.layout.height + 24, TALLEST_PX), border=False):
        st.plotly_chart(figure, config={"displayModeBar": False}, key="class_shares_chart")
    with right:
        st.dataframe(
            table,
            hide_index=True,
            height="content" if len(table) <= 12 else TALLEST_PX,
            column_config=_columns(),
            key="class_shares_table",
        )
        st.download_button(
            "Download table",
            table.to_csv(index=False).encode(),
            file_name="class_shares.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
            key="class_shares_download",
        )


def _columns() -> dict[str, Any]:
    """Narrow numbers; the last share follows from the others and is left to the download."""
    number = st.column_config.NumberColumn
    *shown, left_out = WORDS.values()
    counts = {word: number(format="localized", width=len(word) * 6 + 20) for word in WORDS.values()}
    shares = {
        f"{word} share": number(f"{word} %", format="percent", width=len(word) * 6 + 36)
        for word in shown
    }
    return counts | shares | {f"{left_out} share": None}


def shares_table(counts: Sequence[ClassCount], categories: Sequence[Category]) -> pd.DataFrame:
    """One row per keypoint: counts by flag, then shares in 0..1."""
    named = {category.id: category.name for category in categories}
    several = len({each.category_id for each in counts}) > 1
    rows = []
    for each in counts:
        category = named.get(each.category_id, f"category {each.category_id}")
        row: dict[str, object] = {
            "keypoint": f"{category}: {each.keypoint}" if several else each.keypoint
        }
        total = sum(each.counts)
        row |= {word: each.counts[flag] for flag, word in WORDS.items()}
        row |= {
            f"{word} share": each.counts[flag] / total if total else 0.0
            for flag, word in WORDS.items()
        }
        rows.append(row)
    return pd.DataFrame(rows)


def shares_figure(table: pd.DataFrame) -> go.Figure:
    """Stacked horizontal bars, first keypoint on top."""
    # Plotly reads tags in labels; the place keeps two keypoints of one name apart.
    places = list(range(len(table)))
    bars = [
        go.Bar(
            y=places,
            x=table[f"{word} share"],
            customdata=table[word],
            name=word,
            orientation="h",
            marker_color=COLOURS[flag],
            hovertemplate=f"%{{x:.1%}} {word} (%{{customdata:,}})<extra></extra>",
        )
        for flag, word in WORDS.items()
    ]
    names = [escape(name) for name in table["keypoint"]]
    figure = go.Figure(bars)
    figure.update_layout(
        barmode="stack",
        bargap=0.25,
        height=ROW_PX * len(table) + 70,
        margin={"l": 0, "r": 16, "t": 32, "b": 0},
        legend={"orientation": "h", "x": 0, "y": 1, "yanchor": "bottom", "traceorder": "normal"},
        xaxis={"tickformat": ".0%", "range": [0, 1], "fixedrange": True},
        yaxis={
            "tickvals": places,
            "ticktext": names,
            "autorange": "reversed",
            "automargin": True,
            "fixedrange": True,
        },
    )
    return figure
