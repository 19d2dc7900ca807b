import json
from pathlib import Path
from typing import Any

import pytest

from core.errors import UserError
from core.models.detector_config import DetectorConfig, read_detector_config

SAID = {"model_type": "d_fine", "id2label": {"0": "dog", "1": " Person"}}


def read(folder: Path, said: Any = SAID, before: Any = None) -> DetectorConfig:
    (folder / "config.json").write_text(json.dumps(said))
    if before is not None:
        (folder / "preprocessor_config.json").write_text(json.dumps(before))
    return read_detector_config(folder)


def test_a_description_alone_will_do(tmp_path: Path) -> None:
    assert read(tmp_path) == DetectorConfig("d_fine", 1, (640, 640))


def test_preprocessing_is_that_of_the_hub_in_0_to_255(tmp_path: Path) -> None:
    before = {
        "size": {"width": 512, "height": 480}, "rescale_factor": 0.25, "do_normalize": True,
        "image_mean": [1, 2, 3], "image_std": [0.5, 1, 2],
    }  # fmt: skip
    assert read(tmp_path, before=before) == DetectorConfig(
        "d_fine", 1, (512, 480), (4.0, 8.0, 12.0), (2.0, 4.0, 8.0)
    )


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"model_type": "yolos"}, "no detector that can be run: its model_type is 'yolos'"),
        ({"num_queries": 10**400}, "The description does not fit"),
        ({"id2label": {"0": "dog"}}, "no class called 'person', so it finds no people"),
        # Numbers of classes the network does not have.
        ({"id2label": {"7": "person"}}, "no class called 'person'"),
        ({"id2label": {"9" * 5000: "person"}}, "no class called 'person'"),
        ({"backbone": "somebody/else"}, "names a backbone and does not describe it"),
    ],
)
def test_a_description_that_cannot_be_is_refused(
    tmp_path: Path, changes: dict[str, Any], what: str
) -> None:
    with pytest.raises(UserError, match=what):
        read(tmp_path, {**SAID, **changes})


def test_a_backbone_that_is_described_may_have_a_name(tmp_path: Path) -> None:
    said = {**SAID, "backbone": "resnet", "backbone_config": {"model_type": "hgnet_v2"}}
    assert read(tmp_path, said).kind == "d_fine"


@pytest.mark.parametrize(
    ("before", "what"),
    [
        ({"size": {"width": 31, "height": 640}}, "not width and height of 32 to 2048"),
        ({"size": 640}, "not width and height"),
        ({"rescale_factor": 0}, "no factor and three numbers each"),
        ({"rescale_factor": 1e-320}, "no factor and three numbers each"),
        ({"rescale_factor": 10**400}, "The description does not fit"),
        ({"do_normalize": True, "image_mean": [0, 0]}, "no factor and three numbers each"),
    ],
)
def test_preprocessing_that_cannot_be_is_refused(
    tmp_path: Path, before: dict[str, Any], what: str
) -> None:
    with pytest.raises(UserError, match=what):
        read(tmp_path, before=before)
