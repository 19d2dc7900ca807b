"""The list of datasets, and what the checks said of one."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.ui.chosen import DATASET, choose
from app.ui.text import count, plain
from core.data.listing import DatasetInfo

_KEY = "datasets_table"


def dataset_table(datasets: Sequence[DatasetInfo]) -> None:
    """One row per dataset; clicking a row chooses that dataset."""
    rows = [
        {
            "Name": dataset.name,
            "Photos": dataset.num_images,
            "Persons": dataset.num_annotations,
            "Labelled keypoints": labelled_keypoints(dataset),
            "Imported": dataset.created_at,
            "Licence": licence_words(dataset),
        }
        for dataset in datasets
    ]
    numbers = ("Photos", "Persons", "Labelled keypoints")
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height="content" if len(rows) <= 8 else 320,
        column_config={
            **{name: st.column_config.NumberColumn(format="localized") for name in numbers},
            "Imported": st.column_config.DatetimeColumn(
                format="YYYY-MM-DD HH:mm", timezone=st.context.timezone
            ),
        },
        key=_KEY,
        selection_mode="single-cell",
        on_select=lambda: _choose(datasets),
    )


def _choose(datasets: Sequence[DatasetInfo]) -> None:
    cells = st.session_state[_KEY].selection.cells
    if cells and cells[0][0] < len(datasets):
        choose(DATASET, datasets[cells[0][0]].name)


def labelled_keypoints(dataset: DatasetInfo) -> int:
    """How many keypoints carry a label (v > 0) in the imported file."""
    return sum(each.counts[1] + each.counts[2] for each in dataset.class_counts)


def licence_words(dataset: DatasetInfo) -> str:
    """The licences the file names, in short."""
    first, *others = dataset.licences or ("not stated",)
    return f"{first} and {count(len(others), 'other')}" if others else first


def dataset_facts(dataset: DatasetInfo) -> None:
    """Where the dataset came from and what it is made of, in a few lines."""
    made_of = [
        count(dataset.num_images, "photo"),
        count(dataset.num_annotations, "person"),
    ]
    for category in dataset.categories:
        if category.skeleton is not None:
            unnamed = "" if category.skeleton.named else " without names"
            made_of.append(f"{category.name}: {count(category.skeleton.size, 'keypoint')}{unnamed}")
    photos = str(dataset.images_dir) if dataset.images_dir else "no photo folder named"
    lines = [" · ".join(made_of), f"File: {dataset.source_name}", f"Photos: {photos}"]
    if dataset.licences:
        lines.append(f"Licences: {'; '.join(dataset.licences)}")
    st.caption("  \n".join(plain(line) for line in lines))


def remarks_list(dataset: DatasetInfo) -> None:
    """What the checks remarked at the import, grouped by rule."""
    if not dataset.remarks:
        st.success("The checks found nothing to remark.")
        return
    st.caption("These were imported as they are. An export keeps them unless you change them.")
    for remark in dataset.remarks:
        label = f"{plain(remark.rule.replace('_', ' '))} · {count(remark.count, 'time')}"
        with st.expander(label):
            for example in remark.examples:
                st.text(example)
            if remark.count > len(remark.examples):
                st.caption(f"and {count(remark.count - len(remark.examples), 'more')}")
