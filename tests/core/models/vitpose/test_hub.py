"""Folders of the Hub become checkpoint folders."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.data.skeleton import COCO17
from core.errors import UserError
from core.models.checkpoint import load_checkpoint
from core.models.checkpoint_config import read_config
from core.models.codecs.config import HeatmapConfig
from core.models.vitpose.config import VitposeConfig
from core.models.vitpose.hub import add_hub_vitpose, read_hub_vitpose
from tests.core.models.vitpose.hub_folders import a_vitpose_folder, change_config


def test_a_folder_of_the_hub_becomes_a_checkpoint(tmp_path: Path) -> None:
    folder = a_vitpose_folder(tmp_path / "hub")

    made = add_hub_vitpose(
        folder, tmp_path / "ours", name="mine", source="the Hub: a/b", licence="Apache-2.0"
    )

    assert made == read_config(tmp_path / "ours")
    assert (made.name, made.licence) == ("mine", "Apache-2.0")
    assert made.what == "Places of 17 keypoints: ViTPose (Xu et al. 2022)."
    assert made.trained_on == "Weights of the Hub: a/b."
    model = made.model
    assert model.network == VitposeConfig(hidden=32, layers=2, heads=2, part_features=256)
    assert model.codec == HeatmapConfig((24, 32), refine="dark", blur_sigma_px=0.8)
    assert (model.crop_size_wh_px, model.alignment, model.padding) == ((96, 128), "udp", 1.25)
    assert model.skeleton.names == COCO17.names
    assert model.edges == COCO17.edges
    network, _ = load_checkpoint(tmp_path / "ours")
    assert sum(p.numel() for p in network.parameters()) == made.num_parameters


def test_the_normalisation_is_that_of_the_folder(tmp_path: Path) -> None:
    said = {"image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.2, 0.1]}
    folder = a_vitpose_folder(tmp_path / "hub", preprocessor=said)

    model = read_hub_vitpose(folder, num_keypoints=17)

    assert model.mean == pytest.approx((127.5, 102.0, 76.5))
    assert model.std == pytest.approx((51.0, 51.0, 25.5))


@pytest.mark.parametrize(
    ("backbone", "changes", "problem"),
    [
        ({"patch_size": 0}, {}, "network.patch_px is 0, not from 5 to 64"),
        ({}, {"scale_factor": [1]}, "network.scale is [1], which is not a whole number"),
        ({"num_attention_heads": 0}, {}, "network.heads is 0, not from 1 to 32"),
    ],
)
def test_numbers_that_cannot_be_are_refused_before_they_are_used(
    tmp_path: Path, backbone: dict[str, Any], changes: dict[str, Any], problem: str
) -> None:
    folder = a_vitpose_folder(tmp_path / "hub")
    change_config(folder, backbone=backbone, **changes)
    with pytest.raises(UserError, match="The description does not fit") as refused:
        read_hub_vitpose(folder, num_keypoints=17)
    assert refused.value.problems == (problem,)


def test_a_mean_of_400_digits_is_refused(tmp_path: Path) -> None:
    folder = a_vitpose_folder(tmp_path / "hub", preprocessor={"image_mean": [10**400, 0, 0]})
    with pytest.raises(UserError, match=r"preprocessor_config\.json: The description does not fit"):
        read_hub_vitpose(folder, num_keypoints=17)


def test_batch_norms_without_their_counter_are_read(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = a_vitpose_folder(tmp_path / "hub", simple=False)
    weights = load_file(folder / "model.safetensors")
    fewer = {name: value for name, value in weights.items() if "batches" not in name}
    assert len(fewer) == len(weights) - 2
    save_file(fewer, folder / "model.safetensors")

    add_hub_vitpose(folder, tmp_path / "ours", name="mine")

    assert load_checkpoint(tmp_path / "ours")


@pytest.mark.parametrize(
    ("names", "wanted", "found"),
    [
        (("Nose", "L_Big Toe", "LEar"), None, ("nose", "left_big_toe", "lear")),
        (("A", "B", "C"), ("nose", "left_eye", "right_eye"), ("nose", "left_eye", "right_eye")),
        (tuple(f"LABEL_{k}" for k in range(17)), None, COCO17.names),
    ],
    ids=["other names", "asked for", "no names, seventeen"],
)
def test_keypoints_are_spelled_as_coco_spells_them(
    tmp_path: Path, names: tuple[str, ...], wanted: tuple[str, ...] | None, found: tuple[str, ...]
) -> None:
    folder = a_vitpose_folder(tmp_path / "hub", names=names)

    model = read_hub_vitpose(folder, num_keypoints=len(names), names=wanted)

    assert model.keypoint_names == found
    assert model.edges == (COCO17.edges if found == COCO17.names else ())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"model_type": "vit"}, "This is no ViTPose: its model_type is 'vit'."),
        ({"backbone": {"hidden_size": 10**9}}, "hidden_size is 1000000000, which is more than"),
        ({"backbone": {"hidden_size": 4}}, "network.hidden is 4, not from 16 to 2048"),
        ({"backbone": {"hidden_size": "big"}}, "network.hidden is 'big', which is not a whole"),
        ({"backbone": {"patch_size": [16, 8]}}, "Only square patches and GELU are known"),
        ({"backbone": {"hidden_act": "relu"}}, "Only square patches and GELU are known"),
        ({"backbone": {"image_size": [1]}}, "image_size is [1], not height and width."),
        ({"backbone": {"image_size": [9000, 96]}}, "crop_size_wh_px is not 2 whole numbers"),
    ],
)
def test_a_description_that_cannot_be_is_refused(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    folder = a_vitpose_folder(tmp_path / "hub")
    change_config(folder, **changes)

    with pytest.raises(UserError) as refused:
        add_hub_vitpose(folder, tmp_path / "ours", name="mine")

    assert words in str(refused.value)
    assert not (tmp_path / "ours").exists()


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    folder = a_vitpose_folder(tmp_path / "hub")
    change_config(folder, backbone={"num_hidden_layers": 3})

    with pytest.raises(UserError, match="These weights belong to another network"):
        add_hub_vitpose(folder, tmp_path / "ours", name="mine")


@pytest.mark.parametrize(
    ("names", "wanted", "words"),
    [
        (
            ("LABEL_0", "LABEL_1"),
            None,
            "The description does not name the 2 keypoints. Name them with --keypoints",
        ),
        (("A", "B"), ("a", "b", "c"), "The network has 2 keypoints; these are 3 names."),
    ],
)
def test_keypoints_that_cannot_be_told_are_refused(
    tmp_path: Path, names: tuple[str, ...], wanted: tuple[str, ...] | None, words: str
) -> None:
    folder = a_vitpose_folder(tmp_path / "hub", names=names)

    with pytest.raises(UserError) as refused:
        read_hub_vitpose(folder, num_keypoints=2, names=wanted)

    assert words in str(refused.value)


def test_a_mean_that_is_no_list_is_refused(tmp_path: Path) -> None:
    folder = a_vitpose_folder(tmp_path / "hub", preprocessor={"image_mean": ["a"]})

    with pytest.raises(UserError, match="image_mean is no list of numbers"):
        read_hub_vitpose(folder, num_keypoints=17)


def test_pickled_weights_beside_a_description_are_not_read(tmp_path: Path) -> None:
    folder = a_vitpose_folder(tmp_path / "hub")
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")

    with pytest.raises(UserError, match=r"The weights cannot be read"):
        add_hub_vitpose(folder, tmp_path / "ours", name="mine")

    assert json.loads((folder / "config.json").read_text())["model_type"] == "vitpose"
