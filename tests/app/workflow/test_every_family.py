"""Every family of networks through predict, browse and files: shown is what each says."""

import json
from pathlib import Path

import pytest
import torch

from app.workflow.browse import found_on, people_on
from app.workflow.finders import FindPeople
from app.workflow.photo_files import predict_files
from app.workflow.photo_results import coco_results, columns
from app.workflow.predict import predict_dataset
from app.workflow.suspects import Queue, suspects_of
from app.workflow.workspace import Workspace
from core.models.catalog import build_model
from core.models.checkpoint import save_checkpoint
from core.models.checkpoint_config import CheckpointConfig
from core.models.entries import model_of
from core.models.reduced import reduced
from tests.app.workflow.coco_files import imported, some_photos
from tests.app.workflow.packed_photos import a_photo
from tests.core.inference.small_whole_picture import a_whole_picture_model

CROP_WH_PX = (64, 96)
# By network: the quantities each says of a keypoint, and the scores of a whole pose.
PLACES = ["heat_score"]
FLAGS = ["presence", "visible", "vis3"]
HEAT_SCORES = ["conventional", "above_limit"]
SAID = {
    "sbl_r50": (PLACES, HEAT_SCORES),
    "simcc_r50": (PLACES, HEAT_SCORES),
    "vitpose_small": (PLACES, HEAT_SCORES),
    "metamodel_tiny": ([*PLACES, *FLAGS], HEAT_SCORES),
    "visaware_tiny": ([*PLACES, "visible"], HEAT_SCORES),
    "oahpe_tiny": ([*PLACES, "presence", "keypoint_similarity"], ["oaks", "expected_oks"]),
    "hpcvnet_tiny": ([*PLACES, "presence", "keypoint_similarity"], ["oaks", "expected_oks"]),
}
QUANTITIES = (
    "heat_score", "presence", "visible", "vis3", "keypoint_similarity", "map_score",
)  # fmt: skip


def a_small(ws: Workspace, name: str) -> None:
    """A network of the catalogue made small, with random weights, in the data directory."""
    model = reduced(model_of(name), width=0.1, crop_size_wh_px=CROP_WH_PX)
    torch.manual_seed(0)
    config = CheckpointConfig(f"small_{name}", model, "", "", "", "", 0, "")
    save_checkpoint(build_model(model), config, ws.data_dir / "checkpoints" / f"small_{name}")


@pytest.mark.parametrize("name", SAID)
def test_a_run_keeps_what_the_family_says_and_nothing_else(
    ws: Workspace, tmp_path: Path, name: str
) -> None:
    quantities, scores = SAID[name]
    some_photos(tmp_path)
    imported(ws, tmp_path)
    a_small(ws, name)
    a_whole_picture_model(ws.data_dir / "checkpoints" / "finder")

    report = predict_dataset(ws, "val", model=f"small_{name}")
    (person,) = people_on(ws, "val", 1, run=report.run.name)
    said = person.prediction
    assert said is not None
    assert [each for each in QUANTITIES if getattr(said, each) is not None] == quantities
    assert set(scores) <= set(said.pose_scores)
    assert suspects_of(ws, "val", Queue(run=report.run.name), top=3)

    found = predict_dataset(ws, "val", model=f"small_{name}", find=FindPeople("finder"))
    assert found.run.num_predictions == 4
    assert found.run.found_by is not None
    everybody = [
        *(p.prediction for p in people_on(ws, "val", 1, run=found.run.name) if p.prediction),
        *found_on(ws, "val", 1, run=found.run.name),
    ]
    assert len(everybody) == 2
    for each in everybody:
        assert set(each.pose_scores) == {*said.pose_scores, "detection"}


@pytest.mark.parametrize("name", ["vitpose_small", "oahpe_tiny", "finder"])
def test_a_photo_of_ones_own_gives_results_that_are_json(
    ws: Workspace, tmp_path: Path, name: str
) -> None:
    a_whole_picture_model(ws.data_dir / "checkpoints" / "finder")
    model = name if name == "finder" else f"small_{name}"
    if name != "finder":
        a_small(ws, name)
    photo = tmp_path / "a.png"
    photo.write_bytes(a_photo())

    found = predict_files(ws, [photo], model=model, find=FindPeople("finder"))

    results = coco_results(found)
    assert len(results) == 2
    json.dumps(results, allow_nan=False)
    assert all(0 <= each["score"] <= 1 for each in results)
    assert "score_detection" in columns(found)


def test_a_whole_picture_model_says_nothing_of_whom_it_did_not_find(
    ws: Workspace, tmp_path: Path
) -> None:
    some_photos(tmp_path)
    imported(ws, tmp_path)
    folder = a_whole_picture_model(ws.data_dir / "checkpoints" / "finder")
    assert folder.is_dir()

    report = predict_dataset(ws, "val", model="finder")

    assert report.run.num_predictions == 2
    (person,) = people_on(ws, "val", 1, run=report.run.name)
    assert person.prediction is not None
    assert person.prediction.map_score is not None
