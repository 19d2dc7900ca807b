"""Datasets are invisible until they are whole, and gone at once when removed."""

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, func, select

from core.data.dataset import Category, PoseDataset
from core.data.listing import ClassCount
from core.data.report import CheckReport, Finding, RuleCount, Severity
from core.errors import Cancelled, UserError
from db import datasets, people, runs, verdicts
from db.session import read
from db.tables import Base
from tests.db.builders import FACE, a_dataset, an_edit, begun, imported, many_people


def _rows_left(engine: Engine) -> dict[str, int]:
    with read(engine) as session:
        counts = {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }
    return {name: count for name, count in counts.items() if count}


def test_a_dataset_is_invisible_until_it_is_finished(engine: Engine) -> None:
    dataset = a_dataset()
    dataset_id = begun(engine, dataset)
    datasets.insert_contents(engine, dataset_id, dataset)
    assert datasets.list_all(engine) == []
    assert datasets.unfinished(engine) == [(dataset_id, "import.lock")]
    datasets.finish_import(engine, dataset_id, "photos")
    assert [d.name for d in datasets.list_all(engine)] == ["photos"]
    assert datasets.unfinished(engine) == []


def test_everything_said_of_a_dataset_comes_back(engine: Engine) -> None:
    categories = (Category(1, "person", FACE), Category(2, "car", None))
    dataset = a_dataset(categories=categories, v=((2, 1, 0), (2, 2, 2), (0, 0, 0)))
    report = CheckReport((Finding(Severity.REMARK, "no_area", "Annotation 11 has no area."),))
    dataset_id = datasets.begin_import(
        engine,
        dataset,
        report,
        source_file="sources/x",
        source_name="labels.json",
        source_sha256="ab" * 32,
        images_dir=Path("/photos"),
        lock_file="lock",
    )
    datasets.insert_contents(engine, dataset_id, dataset)
    info = datasets.finish_import(engine, dataset_id, "Grüße,\u3000写真")
    assert info == datasets.find(engine, "Grüße,\u3000写真") == datasets.list_all(engine)[0]
    assert info.id == dataset_id
    assert info.created_at.tzinfo is not None
    assert (info.source_name, info.source_file, info.source_sha256) == (
        "labels.json",
        "sources/x",
        "ab" * 32,
    )
    assert info.images_dir == Path("/photos")
    assert info.categories == categories
    assert (info.counts_labelled, info.info, info.licences) == (
        True,
        "made by hand",
        ("CC BY 4.0",),
    )
    assert (info.num_images, info.num_annotations) == (2, 3)
    assert info.class_counts == (
        ClassCount(1, "nose", (1, 0, 2)),
        ClassCount(1, "left_eye", (1, 1, 1)),
        ClassCount(1, "right_eye", (2, 0, 1)),
    )
    assert info.remarks == (
        RuleCount(Severity.REMARK, "no_area", 1, ("Annotation 11 has no area.",)),
    )


def test_text_no_database_can_hold_is_stored_with_marks(engine: Engine) -> None:
    dataset = a_dataset()
    odd = PoseDataset(
        (Category(1, "per\0son", FACE),),
        type(dataset.images)(
            dataset.images.id, ("a\ud800.jpg", "b.jpg"), dataset.images.size_wh_px
        ),
        dataset.annotations,
        info="\udfff",
        licences=("\ud800",),
    )
    dataset_id = imported(engine, odd)
    info = datasets.find(engine, "photos")
    assert (info.categories[0].name, info.info) == ("per\ufffdson", "\ufffd")
    assert people.image(engine, dataset_id, 7).file_name == "a\ufffd.jpg"


def test_an_empty_dataset_can_be_imported(engine: Engine) -> None:
    dataset_id = imported(engine, a_dataset(image_ids=(), people=(), v=(), boxes=(), iscrowd=()))
    info = datasets.find(engine, "photos")
    assert (info.num_images, info.num_annotations) == (0, 0)
    assert people.images(engine, dataset_id) == (0, [])


def test_progress_rises_to_the_end(engine: Engine) -> None:
    dataset = many_people(700)
    seen: list[float] = []
    dataset_id = begun(engine, dataset)
    datasets.insert_contents(engine, dataset_id, dataset, on_progress=seen.append)
    assert seen == sorted(seen)
    assert len(seen) > 3
    assert seen[-1] == 1.0
    gone: list[float] = []
    datasets.remove(engine, dataset_id, on_progress=gone.append)
    assert gone == sorted(gone)
    assert gone[-1] == 1.0


def test_a_cancelled_import_leaves_nothing(engine: Engine) -> None:
    dataset = many_people(700)
    answers = iter([False, False, True])
    dataset_id = begun(engine, dataset)
    with pytest.raises(Cancelled):
        datasets.insert_contents(engine, dataset_id, dataset, cancelled=lambda: next(answers))
    assert _rows_left(engine) == {}


def test_a_taken_name_is_refused_and_the_import_waits_for_another(engine: Engine) -> None:
    imported(engine)
    dataset_id = begun(engine, a_dataset())
    with pytest.raises(UserError, match=r"There is already a dataset 'photos'. Choose another"):
        datasets.finish_import(engine, dataset_id, "photos")
    assert datasets.finish_import(engine, dataset_id, "photos 2").name == "photos 2"


@pytest.mark.parametrize("name", ["", "  ", "x" * 201, "two\nlines"])
def test_a_name_must_be_a_name(engine: Engine, name: str) -> None:
    imported(engine)
    with pytest.raises(UserError, match=r"cannot be the name of a dataset. Use one line of"):
        datasets.rename(engine, "photos", name)


def test_an_import_removed_meanwhile_cannot_be_finished(engine: Engine) -> None:
    dataset_id = begun(engine, a_dataset())
    datasets.remove(engine, dataset_id)
    with pytest.raises(UserError, match=r"This dataset has been removed meanwhile"):
        datasets.finish_import(engine, dataset_id, "photos")


def test_an_unknown_name_is_answered_with_the_known_ones(engine: Engine) -> None:
    with pytest.raises(UserError, match=r"no dataset 'x'. No dataset has been imported yet"):
        datasets.find(engine, "x")
    imported(engine, name="b")
    imported(engine, name="a")
    with pytest.raises(UserError, match=r"There is no dataset 'x'. Known: 'a', 'b'."):
        datasets.find(engine, "x")


def test_a_name_is_found_in_either_spelling(engine: Engine) -> None:
    dataset_id = imported(engine, name="Zo\u00eb")
    assert datasets.find(engine, "Zoe\u0308").id == dataset_id
    with pytest.raises(UserError, match="There is no dataset"):
        datasets.find(engine, "\udcff")  # what is not UTF-8 on the command line


def test_of_very_many_known_names_the_first_are_told(engine: Engine) -> None:
    for number in range(12):
        imported(engine, name=f"set {number:02d}")
    with pytest.raises(UserError, match=r"Known: 'set 00', .*, 'set 09' and 2 more\.$"):
        datasets.find(engine, "x")


def test_a_dataset_is_renamed(engine: Engine) -> None:
    dataset_id = imported(engine)
    imported(engine, name="other")
    datasets.rename(engine, "photos", "street")
    assert datasets.find(engine, "street").id == dataset_id
    with pytest.raises(UserError, match=r"There is already a dataset 'other'"):
        datasets.rename(engine, "street", "other")
    datasets.rename(engine, "street", "street")


def test_the_photos_can_move(engine: Engine) -> None:
    imported(engine)
    datasets.set_images_dir(engine, "photos", Path("/elsewhere"))
    assert datasets.find(engine, "photos").images_dir == Path("/elsewhere")
    datasets.set_images_dir(engine, "photos", None)
    assert datasets.find(engine, "photos").images_dir is None


def test_removing_takes_everything_of_this_dataset_and_nothing_else(engine: Engine) -> None:
    kept_id = imported(engine, name="kept")
    before = _rows_left(engine)
    dataset_id = imported(engine, many_people(300))
    verdicts.append(engine, dataset_id, "main", [an_edit(5)], annotator="ann", step="s1")
    run_id = runs.begin_run(
        engine,
        dataset_id,
        model="m",
        checkpoint_sha256="",
        keypoint_names=["nose"],
        box_source="annotated",
        lock_file="",
    )
    runs.finish_run(engine, run_id, None)
    datasets.remove(engine, dataset_id)
    assert _rows_left(engine) == before
    assert [d.id for d in datasets.list_all(engine)] == [kept_id]
    datasets.remove(engine, dataset_id)  # again: no error


def test_an_id_is_never_given_twice(engine: Engine) -> None:
    first = imported(engine)
    datasets.remove(engine, first)
    assert imported(engine) > first


def test_sources_of_what_is_being_deleted_are_free(engine: Engine) -> None:
    assert datasets.sources_in_use(engine) == set()
    begun(engine, a_dataset())
    assert datasets.sources_in_use(engine) == {"sources/ab.json"}


def test_ids_of_any_size_and_missing_numbers_survive(engine: Engine) -> None:
    largest = 2**63 - 1
    dataset = a_dataset(
        image_ids=(largest,), people=((-largest, largest),), boxes=((float("nan"),) * 4,)
    )
    dataset.annotations.area_px2[0] = np.nan
    dataset.annotations.num_keypoints[0] = -1
    dataset_id = imported(engine, dataset)
    (person,) = people.people(engine, dataset_id, largest)
    assert (person.annotation_id, person.box_xywh_px) == (-largest, None)


def test_a_dataset_is_found_by_its_id_whatever_it_is_called(engine: Engine) -> None:
    dataset_id = imported(engine)
    datasets.rename(engine, "photos", "other")
    assert datasets.by_id(engine, dataset_id) == datasets.find(engine, "other")
    datasets.remove(engine, dataset_id)
    with pytest.raises(UserError, match=r"^This dataset is not there any more\.$"):
        datasets.by_id(engine, dataset_id)
