from pathlib import Path

import pytest

from app.workflow import sample
from app.workflow.datasets import delete_dataset, list_datasets
from app.workflow.sample import add_sample
from app.workflow.workspace import Workspace
from core.errors import Cancelled
from tests.app.workflow.coco_files import imported


@pytest.fixture(autouse=True)
def _three_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample, "COUNT", 3)


def test_the_sample_set_is_drawn_imported_and_there_only_once(ws: Workspace) -> None:
    report = add_sample(ws)
    assert report.dataset is not None
    assert (report.dataset.name, report.dataset.num_images) == ("sample", 3)
    assert report.dataset.remarks == ()
    assert report.in_words.startswith("Imported 3 drawn pictures with ")
    again = add_sample(ws)
    assert again.dataset == report.dataset
    assert again.in_words == 'The sample set is there already, as dataset "sample".'
    assert list_datasets(ws) == [report.dataset]


def test_pictures_drawn_before_are_used_again(ws: Workspace) -> None:
    add_sample(ws)
    (folder,) = (ws.data_dir / "samples").iterdir()
    drawn_at = folder.stat().st_mtime_ns
    delete_dataset(ws, "sample")
    assert add_sample(ws).dataset is not None
    assert folder.stat().st_mtime_ns == drawn_at


def test_where_there_are_datasets_none_is_made_unless_asked_for(
    ws: Workspace, tmp_path: Path
) -> None:
    imported(ws, tmp_path)
    report = add_sample(ws, only_if_empty=True)
    assert (report.dataset, report.in_words) == (
        None,
        "There are datasets already; no sample set was made.",
    )


def test_a_cancelled_sample_set_leaves_nothing(ws: Workspace) -> None:
    with pytest.raises(Cancelled):
        add_sample(ws, cancelled=lambda: True)
    assert list_datasets(ws) == []
    assert list((ws.data_dir / "samples").iterdir()) == []
