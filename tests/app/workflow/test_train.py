"""What a training may be asked for, and what comes of it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.workflow import train as training
from app.workflow.datasets import delete_dataset
from app.workflow.import_dataset import import_dataset
from app.workflow.jobs import Job, recent
from app.workflow.locks import locked
from app.workflow.predict import predict_dataset
from app.workflow.relabel_table import relabel_from_csv
from app.workflow.train_settings import Asked
from app.workflow.workspace import Workspace
from core.errors import Cancelled
from core.models.cards import list_cards
from core.models.checkpoint_config import read_config
from tests.app.workflow.coco_files import a_coco, a_file, a_person
from tests.app.workflow.small_trainings import ASKED, four_photos, refusal
from tests.app.workflow.test_relabel_table import a_table
from tests.core.training.people_sets import a_set, write_people_sets

pytestmark = pytest.mark.usefixtures("small_steps")


def test_a_dataset_becomes_a_model_that_predicts_it(
    ws: Workspace, drawn: Path, tmp_path: Path
) -> None:
    done = training.train(ws, replace(ASKED, data="drawn"), out=tmp_path / "mine")
    report = done.report
    assert (report.name, report.folder) == ("mine", tmp_path / "mine")
    assert report.trained_on == "dataset drawn without about a fifth of its images"
    assert [figure.what for figure in report.figures] == [
        "PCK@0.1 of the box side", "F1 of not labelled", "F1 of hidden", "F1 of visible",
    ]  # fmt: skip
    assert all(0 <= f.low <= f.value <= f.high <= 1 for f in report.figures)
    assert "dataset drawn held out" in (tmp_path / "mine/README.md").read_text()
    run = predict_dataset(ws, "drawn", model=str(tmp_path / "mine")).run
    assert run.num_predictions > 0


def test_without_a_folder_the_model_is_kept_where_models_are_listed(
    ws: Workspace, drawn: Path
) -> None:
    report = training.train(ws, replace(ASKED, data="drawn")).report
    assert report.folder == ws.data_dir / "checkpoints/tiny_metamodel-drawn"
    (card,) = list_cards([ws.data_dir / "checkpoints"])
    assert (card.name, card.present) == ("tiny_metamodel-drawn", True)


def test_it_learns_the_current_labels_and_goes_on_with_those_it_began_with(
    ws: Workspace, tmp_path: Path
) -> None:
    a_set(tmp_path / "own", "own.json", "photos", [1, 2, 3])
    import_dataset(ws, "own", tmp_path / "own/own.json", images_dir=tmp_path / "own/photos")
    relabel_from_csv(ws, "own", a_table(tmp_path, "1,nose,1,,,2,Bo,"), annotator="Bo")
    out = tmp_path / "mine"
    done = training.train(ws, replace(ASKED, data="own"), out=out)
    assert done.remarks == ()
    kept = json.loads((out / "run/labels.json").read_text())
    assert kept["annotations"][0]["keypoints"][2] == 1
    relabel_from_csv(ws, "own", a_table(tmp_path, "2,nose,1,,,2,Bo,"), annotator="Bo")
    again = training.train(ws, Asked("tiny/metamodel"), out=out)
    assert again.remarks == (
        "The labels of own were changed since this training began; it goes on with those it "
        "began with. Choose another --out to learn from the new ones.",
    )
    assert json.loads((out / "run/labels.json").read_text()) == kept


def test_where_nothing_is_hidden_it_says_what_zero_means(ws: Workspace, tmp_path: Path) -> None:
    a_set(tmp_path / "own", "own.json", "own", [1, 2, 3])
    done = training.train(
        ws, replace(ASKED, data=str(tmp_path / "own/own.json")), out=tmp_path / "mine"
    )
    assert done.remarks == (
        "No keypoint of own.json is hidden (flag 1), so its flags 0 are taken for "
        '"nobody looked" and teach nothing.',
    )
    assert [figure.what for figure in done.report.figures] == ["PCK@0.1 of the box side"]


def test_a_network_is_made_for_the_keypoints_of_the_data(ws: Workspace, tmp_path: Path) -> None:
    found = a_coco(images=4, names=("nose", "left_fin", "right_fin", "tail"))
    file = a_file(tmp_path, found)
    out = tmp_path / "fish"
    training.train(ws, replace(ASKED, data=str(file), images=str(four_photos(tmp_path))), out=out)
    assert read_config(out).model.keypoint_names == ("nose", "left_fin", "right_fin", "tail")


def test_the_public_sets_are_learned_with_people_drawn_for_it(
    ws: Workspace, tmp_path: Path
) -> None:
    write_people_sets(tmp_path / "sets")
    out = tmp_path / "mine"
    done = training.train(ws, replace(ASKED, sets=str(tmp_path / "sets")), out=out)
    assert len(list((out / "run/drawn/images").iterdir())) == 3
    assert done.report.trained_on.endswith("drawn people")
    assert [f.measured_on for f in done.report.figures] == [
        "1 persons of Leeds Sports Pose Extended held out"
    ]


def test_stopped_it_says_how_to_go_on_and_does(ws: Workspace, drawn: Path, tmp_path: Path) -> None:
    out = tmp_path / "mine"
    heard: list[str] = []
    with pytest.raises(Cancelled) as stopped:
        training.train(
            ws, replace(ASKED, data="drawn"), out=out,
            on_words=lambda _, words: heard.append(words),
            cancelled=lambda: any("loss" in words for words in heard),
        )  # fmt: skip
    assert str(stopped.value) == (
        f"Stopped; the state is kept. To go on: python -m app train tiny/metamodel --out {out}"
    )
    assert (out / "run/places/state.pt").is_file()
    done = training.train(ws, Asked("tiny/metamodel"), out=out)
    assert done.report.folder == out


def test_other_settings_than_it_began_with_are_refused(
    ws: Workspace, drawn: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    with pytest.raises(Cancelled):
        training.train(ws, replace(ASKED, data="drawn"), out=out, cancelled=lambda: True)
    (out / "run/places").mkdir(exist_ok=True)
    (out / "run/places/state.pt").touch()
    error = refusal(ws, replace(ASKED, data="drawn", seed=5, epochs=9), out)
    assert error.what == "The training in this folder was begun with other settings."
    assert error.problems == ("epochs was 1, is 9", "seed was 0, is 5")
    assert refusal(ws, Asked("tiny/flags"), out).problems == (
        "recipe was tiny/metamodel, is tiny/flags",
    )


def test_a_folder_of_something_else_is_left_alone(
    ws: Workspace, drawn: Path, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.txt").write_text("x")
    error = refusal(ws, replace(ASKED, data="drawn"), tmp_path / "mine")
    assert error.what == "This folder holds something else than a training."
    (tmp_path / "file").write_text("x")
    error = refusal(ws, replace(ASKED, data="drawn"), tmp_path / "file")
    assert error.what == "This is a file, not a folder."


@pytest.mark.parametrize("content", ["{", "[]", '{"recipe": "tiny/metamodel"}'])
def test_settings_that_cannot_be_read_are_refused(
    ws: Workspace, drawn: Path, tmp_path: Path, content: str
) -> None:
    (tmp_path / "mine/run").mkdir(parents=True)
    (tmp_path / "mine/run/settings.json").write_text(content)
    error = refusal(ws, replace(ASKED, data="drawn"), tmp_path / "mine")
    assert error.what == "The settings of this training cannot be read."


def test_two_trainings_in_one_folder_are_one_too_many(
    ws: Workspace, drawn: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mine"
    with locked(ws.locks_dir / training._lock_name(out)):
        error = refusal(ws, replace(ASKED, data="drawn"), out)
    assert error.what == "A training is at work in this folder already."


def test_what_does_not_fit_together_is_refused_in_words(
    ws: Workspace, drawn: Path, tmp_path: Path
) -> None:
    def what(out: Path | None = tmp_path / "mine", **changes: object) -> str:
        return refusal(ws, replace(ASKED, **changes), out).what  # type: ignore[arg-type]

    assert what() == what(out=None) == "It is not said what to train on."
    assert what(recipe="huge") == "There is no recipe 'huge'."
    assert what(data="drawn", sets=str(tmp_path)) == (
        "A training learns from --data or from --sets, not from both."
    )
    assert what(data="nope") == "There is no dataset and no file 'nope'."
    assert what(data="drawn", start="nope") == "There is no model called 'nope'."
    assert what(sets=str(tmp_path / "nope")) == "There is no such folder."
    assert what(sets=str(tmp_path)) == "The public sets are not complete."
    assert what(recipe="tiny/flags", data="drawn") == (
        "Recipe tiny/flags goes on from trained weights."
    )


def test_a_file_whose_photos_nobody_knows_is_refused(ws: Workspace, tmp_path: Path) -> None:
    error = refusal(ws, replace(ASKED, data=str(a_file(tmp_path))), tmp_path / "mine")
    assert error.what == "It is not known where the photos of val.json are."
    assert error.remedy == "Say --images DIR with a file, or `move-photos` for a dataset."


def test_keypoints_no_network_can_have_are_refused(ws: Workspace, tmp_path: Path) -> None:
    names = tuple(f"k{n}" for n in range(501))
    people = [a_person(n, n, v=[2] * 501) for n in (1, 2)]
    file = a_file(tmp_path, a_coco(annotations=people, names=names))
    asked = replace(ASKED, data=str(file), images=str(four_photos(tmp_path)))
    error = refusal(ws, asked, tmp_path / "mine")
    assert error.what == "No network can have these keypoints."
    assert error.problems == ("keypoint_names has 501 names, not 1 to 500",)


def test_a_worker_is_asked_with_whole_paths(
    ws: Workspace, drawn: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    training.ask_training(ws, replace(ASKED, data="drawn"), out=Path("mine"))
    (job,) = recent(ws)
    assert isinstance(job, Job)
    assert (job.verb, job.title) == ("train", "Training mine by tiny/metamodel")
    settings = json.loads((tmp_path / "mine/run/settings.json").read_text())
    assert settings == {
        "recipe": "tiny/metamodel", "data": "drawn", "images": None, "sets": None, "start": None,
        "epochs": 1, "seed": 0, "threads": 1,
    }  # fmt: skip
    assert Asked(**settings).as_words(tmp_path / "mine") == [
        "train", "tiny/metamodel", "--data", "drawn", "--epochs", "1", "--seed", "0",
        "--threads", "1", "--out", str(tmp_path / "mine"),
    ]  # fmt: skip


def test_a_command_put_right_is_not_refused_for_the_one_before(
    ws: Workspace, tmp_path: Path
) -> None:
    asked = replace(ASKED, data=str(a_file(tmp_path, a_coco(images=4))))
    refusal(ws, asked, tmp_path / "mine")
    assert not (tmp_path / "mine").exists()
    asked = replace(asked, images=str(four_photos(tmp_path)))
    done = training.train(ws, asked, out=tmp_path / "mine")
    refusal(ws, replace(asked, seed=9), tmp_path / "mine")
    assert (done.report.folder / "run/settings.json").is_file()


def test_a_dataset_that_is_gone_is_said(ws: Workspace, drawn: Path, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        training.train(
            ws, replace(ASKED, data="drawn"), out=tmp_path / "mine", cancelled=lambda: True
        )
    delete_dataset(ws, "drawn")
    error = refusal(ws, Asked("tiny/metamodel"), tmp_path / "mine")
    assert error.what == "There is no dataset and no file 'drawn'."
