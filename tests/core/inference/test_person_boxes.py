"""Detectors beside what transformers says of the same photo."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.errors import UserError
from core.inference.person_boxes import load_detector, load_pose_finder
from tests.core.inference.small_detectors import KINDS, a_detector
from tests.core.inference.small_whole_picture import a_whole_picture_model


def a_photo(width: int = 200, height: int = 300) -> NDArray[np.uint8]:
    """Noise with edges and areas, so that a resize shows."""
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 255, (height, width, 3), dtype=np.uint8)
    photo[50:150, 60:120] = (200, 30, 90)
    return photo


@pytest.mark.parametrize(
    ("kind", "size"), [*((kind, (200, 300)) for kind in KINDS), ("rt_detr", (900, 700))]
)
def test_people_are_those_transformers_finds(
    tmp_path: Path, kind: str, size: tuple[int, int]
) -> None:
    from transformers import AutoModelForObjectDetection, RTDetrImageProcessorPil

    folder = a_detector(tmp_path / "hub", kind=kind, sure=None, queries=30)
    photo = a_photo(*size)
    processor = RTDetrImageProcessorPil()
    inputs = processor(images=photo[..., ::-1], return_tensors="pt")
    with torch.inference_mode():
        output = AutoModelForObjectDetection.from_pretrained(folder).eval()(**inputs)
    (theirs,) = processor.post_process_object_detection(
        output, threshold=0.0, target_sizes=[(size[1], size[0])]
    )
    person = int(theirs["labels"].mode().values)  # whatever it sees most is called a person
    call_it_a_person(folder, person)
    people = theirs["labels"] == person
    wanted = {
        (round(s, 4), *(round(v, 2) for v in _clipped(box, size)))
        for s, box in zip(theirs["scores"][people].tolist(), theirs["boxes"][people], strict=True)
    }

    detector = load_detector(folder, device="cpu")
    found = detector.find(photo)

    assert torch.allclose(detector.squeezed(photo), inputs["pixel_values"], atol=1e-6)
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    ours = {
        (round(each.score, 4), *(round(float(v), 2) for v in each.box_xywh_px)) for each in found
    }
    assert len(wanted) > 5  # of 30 boxes and two classes transformers keeps the surest 30
    assert _near(wanted, ours)


def call_it_a_person(folder: Path, number: int) -> None:
    config = json.loads((folder / "config.json").read_text())
    config["id2label"] = {"0": "dog", "1": "dog"} | {str(number): "Person"}
    (folder / "config.json").write_text(json.dumps(config))


def _clipped(box: torch.Tensor, size: tuple[int, int]) -> list[float]:
    x, y, right, bottom = box.tolist()
    x, y, right, bottom = max(x, 0), max(y, 0), min(right, size[0]), min(bottom, size[1])
    return [x, y, right - x, bottom - y]


def _near(wanted: set[tuple[float, ...]], ours: set[tuple[float, ...]]) -> bool:
    """Every one of `wanted` is in `ours`, within a hundredth of a pixel."""
    return all(any(np.allclose(one, other, atol=2e-2) for other in ours) for one in wanted)


def test_the_surest_come_first_and_nobody_without_an_area(tmp_path: Path) -> None:
    detector = load_detector(a_detector(tmp_path / "hub", queries=3), device="cpu")

    found = detector.find(a_photo())

    assert [round(each.score, 4) for each in found] == [0.8808] * 3
    for each in found:
        x, y, width, height = each.box_xywh_px
        assert min(width, height) >= 2
        assert x >= 0
        assert y >= 0
        assert x + width <= 200.01
        assert y + height <= 300.01


def test_the_preprocessing_is_that_of_the_folder(tmp_path: Path) -> None:
    from transformers import RTDetrImageProcessorPil

    folder = a_detector(tmp_path / "hub")
    said = {
        "size": {"width": 320, "height": 256},
        "do_normalize": True,
        "image_mean": [0.5, 0.4, 0.3],
        "image_std": [0.2, 0.2, 0.1],
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(said))

    wanted = RTDetrImageProcessorPil(**said)(images=a_photo()[..., ::-1], return_tensors="pt")

    found = load_detector(folder, device="cpu").squeezed(a_photo())
    assert found.shape == (1, 3, 256, 320)
    assert torch.allclose(found, wanted["pixel_values"], atol=1e-4)


def test_a_detector_is_known_by_its_folder_and_its_weights(tmp_path: Path) -> None:
    folder = a_detector(tmp_path / "mine")
    (folder / "source.json").write_text(json.dumps({"sha256": "of other weights"}))

    detector = load_detector(folder, device="cpu")

    wanted = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert (detector.name, detector.sha256) == ("mine", wanted)


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    detector = load_detector(a_detector(tmp_path / "hub"), device="cpu")

    with pytest.raises(UserError, match=r"This is no colour picture: its shape is \(4, 4\)"):
        detector.find(np.zeros((4, 4), np.uint8))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"decoder_layers": 3}, "The weights do not fit the description of this detector."),
        ({"decoder_ffn_dim": 64}, "This detector cannot be built from its description."),
        ({"d_model": 30}, "This detector cannot be built from its description."),
        ({"backbone_config": {"model_type": "nobody"}}, "cannot be built from its description."),
    ],
)
def test_a_description_of_another_detector_is_refused(
    tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    folder = a_detector(tmp_path / "hub")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))

    with pytest.raises(UserError) as refused:
        load_detector(folder, device="cpu")

    assert words in str(refused.value)


def test_code_beside_the_weights_is_never_run(tmp_path: Path) -> None:
    folder = a_detector(tmp_path / "hub")
    marker = tmp_path / "ran"
    (folder / "evil.py").write_text(f"open({str(marker)!r}, 'w')")
    config = json.loads((folder / "config.json").read_text())
    code = {"AutoModelForObjectDetection": "evil.Evil", "AutoConfig": "evil.Evil"}
    (folder / "config.json").write_text(json.dumps(config | {"auto_map": code}))

    load_detector(folder, device="cpu")

    assert not marker.exists()


def test_a_whole_picture_model_finds_people_for_others(tmp_path: Path) -> None:
    folder = a_whole_picture_model(tmp_path / "finder", people=3)

    finder = load_pose_finder(folder, device="cpu")
    found = finder.find(a_photo())

    assert finder.name == "finder"
    assert len(finder.sha256) == 64
    assert len(found) == 3
    assert [each.score for each in found] == sorted((each.score for each in found), reverse=True)
    assert min(each.score for each in found) > 0.9
