from dataclasses import replace

import numpy as np
import pytest

from core.data.skeleton import COCO17
from core.inference.predictor import load_predictor
from core.models.checkpoint_config import read_config
from core.models.model_config import ModelConfig
from core.training.config import LoopConfig, TrainConfig
from core.training.run import held_out, main, read_all, sources, train
from tests.core.training.people_sets import write_people_sets

CONFIG = TrainConfig(
    ModelConfig("metamodel_tiny"), loop=LoopConfig(epochs=1, batch_size=4, warmup_epochs=0)
)


@pytest.fixture
def data(tmp_path):
    write_people_sets(tmp_path)
    return tmp_path


def test_one_lspet_image_in_nine_is_kept_for_measuring():
    assert sum(held_out(image_id) for image_id in range(1, 9001)) == 1000


def test_held_out_persons_are_never_trained_on_and_coco_is_shown_more_often(data):
    people, order = read_all(sources(data, None, coco_repeats=3), COCO17)
    assert len(people) == 4
    assert sorted(order) == [0, 1, 2, 3, 3, 3]


def test_drawn_people_join_when_they_are_given(data):
    people, order = read_all(sources(data, data / "drawn", coco_repeats=1), COCO17)
    assert (len(people), sorted(order)) == (6, [0, 1, 2, 3, 4, 5])


def test_a_run_leaves_a_checkpoint_that_predicts(data, tmp_path):
    out = tmp_path / "out"
    train(CONFIG, data, out, drawn=data / "drawn")
    config = read_config(out / "checkpoint")
    assert config.trained_on == (
        "8,000 persons of Leeds Sports Pose Extended, 123 photos of COCO train2017, drawn people"
    )
    assert config.training["loop"]["epochs"] == 1
    photo = np.zeros((50, 50, 3), np.uint8)
    (found,) = load_predictor(str(out / "checkpoint")).predict(photo, np.array([[5.0, 5, 30, 30]]))
    assert found.vis3.shape == (17, 3)
    assert (out / "state.pt").exists()


def test_the_command_line_sets_the_run(data, tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "core.training.run.train", lambda *given, **more: asked.append((given, more))
    )
    monkeypatch.setattr(
        "sys.argv",
        ["run", "--data", str(data), "--out", str(tmp_path), "--epochs", "7", "--heat", "mse"],
    )
    main()
    (((config, *folders), more),) = asked
    assert config == replace(
        TrainConfig(ModelConfig("metamodel_tiny")),
        loss=replace(TrainConfig(ModelConfig("metamodel_tiny")).loss, heat="mse"),
        loop=LoopConfig(epochs=7),
    )
    assert (folders, more) == ([data, tmp_path], {"drawn": None})
