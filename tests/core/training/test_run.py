import hashlib
import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.data.skeleton import COCO17
from core.errors import Cancelled, UserError
from core.inference.predictor import load_predictor
from core.models.checkpoint import load_checkpoint, read_weights
from core.models.checkpoint_config import read_config
from core.models.entries import model_of
from core.models.metamodel.config import MetamodelConfig
from core.training.config import FLAG_BRANCH, LoopConfig, SetsConfig, TrainConfig
from core.training.export import About
from core.training.loss_config import MetamodelLoss, PlainLoss
from core.training.run import Training
from core.training.sources import public_sets, read_all
from tests.core.training.people_sets import write_people_sets
from tests.core.training.small_networks import (
    SMALL_METAMODEL,
    SMALL_PLAIN,
    SMALL_RESNET,
    write_backbone,
)

LOOP = LoopConfig(epochs=1, batch_size=4, warmup_epochs=0)
PLACES = TrainConfig(model_of("metamodel_tiny"), loop=LOOP)
FLAGS = replace(PLACES, stage="flags", trained=FLAG_BRANCH)
ABOUT = About("small", "tiny/metamodel", "python -m app train tiny/metamodel")


@pytest.fixture
def data(tmp_path):
    write_people_sets(tmp_path / "sets")
    return public_sets(tmp_path / "sets", tmp_path / "sets" / "drawn")


def trained(data, out, stages=(PLACES, FLAGS), **more):
    return Training(stages, data, out, **{"about": ABOUT, **more}).run()


def test_a_training_leaves_a_checkpoint_with_a_card_that_predicts(data, tmp_path):
    words: list[tuple[float, str]] = []
    report = trained(data, tmp_path / "out", on_words=lambda *said: words.append(said))
    config = read_config(tmp_path / "out")
    assert config.name == report.name == "small"
    assert config.trained_on == (
        "Leeds Sports Pose Extended without every ninth image, photos of COCO train2017, "
        "drawn people"
    )
    assert [stage["stage"] for stage in config.training["stages"]] == ["places", "flags"]
    photo = np.zeros((50, 50, 3), np.uint8)
    (found,) = load_predictor(str(tmp_path / "out")).predict(photo, np.array([[5.0, 5, 30, 30]]))
    assert found.vis3.shape == (17, 3)
    card = (tmp_path / "out/README.md").read_text()
    assert "`python -m app train tiny/metamodel`" in card
    assert "| flags | flag branch | 1 | 4 |" in card
    (figure,) = report.figures  # flags of LSPET say nothing of hidden keypoints
    assert (figure.what, figure.measured_on) == (
        "PCK@0.1 of the box side",
        "1 persons of Leeds Sports Pose Extended held out",
    )
    assert f"**{figure.value:.3f}**" in card
    assert set(report.losses) == {"places", "flags"}
    fractions = [fraction for fraction, _ in words]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert any("loss" in said for _, said in words)


def test_the_second_stage_changes_the_branch_alone(data, tmp_path):
    trained(data, tmp_path / "out")
    before = read_weights(tmp_path / "out/run/places/weights.safetensors")
    after = read_weights(tmp_path / "out/weights.safetensors")
    changed = {n.split(".")[0] for n in after if not torch.equal(before[n], after[n])}
    assert changed == {"flag_branch"}


def test_the_branch_alone_goes_on_from_any_checkpoint_and_says_from_which(data, tmp_path):
    trained(data, tmp_path / "one", [PLACES])
    start = replace(read_config(tmp_path / "one"), licence="research use", trained_on="others")
    about = replace(ABOUT, start=start)
    trained(data, tmp_path / "two", [FLAGS], start=tmp_path / "one", about=about)
    config = read_config(tmp_path / "two")
    assert config.training["start"] == f"small (`{start.weights_sha256[:12]}`)"
    assert config.training["earlier"] == start.training
    assert config.licence.endswith("; and what it began with: research use")
    assert config.trained_on.endswith("; and what it began with: others")
    assert "Begun with the weights of small" in (tmp_path / "two/README.md").read_text()


def test_a_network_begins_with_the_weights_it_is_given(data, tmp_path):
    trained(data, tmp_path / "one", [PLACES])
    still = replace(PLACES, loop=replace(LOOP, learning_rate=0.0))
    trained(data, tmp_path / "two", [still], start=tmp_path / "one")
    one, two = (load_checkpoint(tmp_path / n)[0].state_dict() for n in ("one", "two"))
    assert torch.equal(one["base.head.to_maps.weight"], two["base.head.to_maps.weight"])


def test_a_base_begins_another_family_and_the_card_says_what_was_fresh(data, tmp_path):
    plain = TrainConfig(SMALL_PLAIN, loop=LOOP, loss=PlainLoss())
    trained(data, tmp_path / "plain", [plain], about=replace(ABOUT, name="plain_small"))
    about = replace(ABOUT, start=read_config(tmp_path / "plain"))
    flags = TrainConfig(SMALL_METAMODEL, "flags", trained=FLAG_BRANCH, loop=LOOP)
    report = trained(data, tmp_path / "two", [flags], start=tmp_path / "plain", about=about)
    words = "From plain_small it takes base.backbone, base.head; fresh: flag_branch."
    assert report.taken == words
    assert words in (tmp_path / "two/README.md").read_text()
    before, after = (read_weights(tmp_path / n / "weights.safetensors") for n in ("plain", "two"))
    assert all(torch.equal(after[name], value) for name, value in before.items())


def test_a_public_backbone_begins_a_network_and_the_card_names_it(data, tmp_path):
    file = write_backbone(tmp_path / "resnet50.pth")
    still = replace(LOOP, learning_rate=0.0)
    places = TrainConfig(SMALL_RESNET, loop=still, loss=PlainLoss())
    # What the second stage takes of the first is no news.
    branch = MetamodelConfig(SMALL_RESNET.network.base, bottleneck=8, reduced=4, hidden=(8,))
    model = replace(SMALL_RESNET, family="metamodel", network=branch)
    flags = TrainConfig(
        model, "flags", trained=FLAG_BRANCH, loop=still, loss=MetamodelLoss("joint_mse")
    )
    report = trained(data, tmp_path / "out", [places, flags], start=file)
    config, found = (
        read_config(tmp_path / "out"),
        read_weights(tmp_path / "out/weights.safetensors"),
    )
    stem = found["base.backbone.embedder.embedder.convolution.weight"]
    assert torch.equal(stem, torch.load(file)["conv1.weight"].half())
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    assert config.training["start"] == f"resnet50.pth (`{sha256[:12]}`)"
    assert config.training["taken"] == report.taken
    assert report.taken.startswith("From resnet50.pth it takes base.backbone; fresh: base.head.")
    assert config.trained_on.endswith(f"; and what it began with: {config.training['start']}")
    assert config.licence.endswith(
        f"began with: that of {config.training['start']}, which is not known here"
    )
    assert (
        f"Begun with the weights of {config.training['start']}. From resnet50.pth"
        in (tmp_path / "out/README.md").read_text()
    )


def test_losses_of_every_epoch_are_kept_for_curves(data, tmp_path):
    trained(data, tmp_path / "out", [replace(PLACES, loop=replace(LOOP, epochs=2))])
    epochs = json.loads((tmp_path / "out/run/places/losses.json").read_text())["epochs"]
    assert [set(losses) for losses in epochs] == [{"loss", "places", "flags"}] * 2


def test_a_stage_that_is_done_is_not_done_again(data, tmp_path, monkeypatch):
    trained(data, tmp_path / "out")
    before = (tmp_path / "out/weights.safetensors").read_bytes()

    def never(*_, **__):
        raise AssertionError("read again")

    monkeypatch.setattr("core.training.run.read_examples", never)
    report = trained(data, tmp_path / "out")
    assert (tmp_path / "out/weights.safetensors").read_bytes() == before
    assert set(report.losses) == {"places", "flags"}


def test_a_run_of_other_settings_is_refused(data, tmp_path):
    trained(data, tmp_path / "out", [PLACES])
    other = replace(PLACES, loop=replace(LOOP, seed=5), loss=replace(PLACES.loss, alpha=0.5))
    with pytest.raises(UserError, match="begun with other settings") as refused:
        trained(data, tmp_path / "out", [other])
    assert refused.value.problems == ("loss.alpha was 0.25, is 0.5", "loop.seed was 0, is 5")


def test_a_run_whose_labels_were_changed_is_refused(data, tmp_path):
    trained(data, tmp_path / "out", [PLACES])
    file = tmp_path / "sets/lspet/lspet.json"
    file.write_text(file.read_text().replace('"area": 2500', '"area": 2501'))
    with pytest.raises(UserError, match="begun with other settings") as refused:
        trained(data, tmp_path / "out", [PLACES])
    assert [problem.split(" was ")[0] for problem in refused.value.problems] == ["labels"]


def test_a_training_that_is_stopped_goes_on_and_ends_with_the_same_bytes(data, tmp_path):
    stages = [replace(stage, loop=replace(LOOP, epochs=3)) for stage in (PLACES, FLAGS)]
    trained(data, tmp_path / "whole", stages)
    stopped = 0
    for _ in range(20):
        steps: list[str] = []
        try:
            trained(
                data, tmp_path / "out", stages,
                on_words=lambda _, words, steps=steps: "loss" in words and steps.append(words),
                cancelled=lambda steps=steps: len(steps) >= 1,
            )  # fmt: skip
            break
        except Cancelled:
            stopped += 1
    assert stopped >= 3
    whole, out = (tmp_path / n / "weights.safetensors" for n in ("whole", "out"))
    assert whole.read_bytes() == out.read_bytes()
    assert read_config(tmp_path / "whole") == read_config(tmp_path / "out")


def test_held_out_persons_are_never_trained_on_in_any_stage(data):
    people, order, _ = read_all(data.learn(SetsConfig(coco_repeats=3)), COCO17)
    assert len(people) == 6
    assert sorted(order) == [0, 1, 2, 3, 3, 3, 4, 5]
    for one_in in range(1, 20):
        lspet = data.learn(SetsConfig(one_lspet_person_in=one_in))[0]
        assert not any(lspet.keep(image_id) for image_id in range(9, 9001, 9))
        assert any(lspet.keep(image_id) for image_id in range(1, 9001))
