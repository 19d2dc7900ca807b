"""Exported files answer as the networks they are from, in a runtime that knows nothing of them."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from core.data.crops import apply_affine, invert_affine
from core.data.drawn import draw_scene
from core.data.skeleton import COCO17
from core.errors import UserError
from core.inference.crop_batch import cut_people
from core.inference.pose_predictor import PersonCrop
from core.inference.predictor import load_predictor
from core.models import onnx_export
from core.models.answers import read
from core.models.bases import build as bases
from core.models.bases.pose_base import PoseBase
from core.models.cards import WEIGHTS_DIR
from core.models.catalog import build_model
from core.models.checkpoint import load_checkpoint
from core.models.checkpoint_config import CheckpointConfig
from core.models.codecs.build import codec_of
from core.models.codecs.config import HeatmapConfig, SimccConfig
from core.models.entries import model_of
from core.models.hybridpose.codec import grid_codec
from core.models.hybridpose.config import STRIDES
from core.models.hybridpose.outputs import GridOutput, LevelOutput
from core.models.model_config import ModelConfig
from core.models.onnx_description import read_description
from core.models.onnx_export import export_model
from core.models.plain.config import PlainConfig
from core.models.preprocess import normalised
from core.models.reduced import reduced

DOCS = Path(__file__).resolve().parents[3] / "docs"
SIZE = (64, 96)
COMMON = ["xy_crop_px", "heat_score"]


class Levels(nn.Module):
    def __init__(self):
        super().__init__()
        self.fine = nn.Sequential(nn.Conv2d(3, 8, 7, 4, 3), nn.BatchNorm2d(8), nn.ReLU())
        self.coarse = nn.Sequential(nn.MaxPool2d(8), nn.Conv2d(8, 16, 1))

    def forward(self, crops):
        fine = self.fine(crops)
        return [fine, self.coarse(fine)]


class Maps(nn.Module):
    def __init__(self, num_keypoints):
        super().__init__()
        self.to_maps = nn.Conv2d(8, num_keypoints, 3, padding=1)

    def forward(self, levels):
        return self.to_maps(levels[0])


@pytest.fixture
def smallest_base(monkeypatch):
    """What stands on a base is exported here; of a base itself metamodel_tiny's."""

    def smallest(config, num_keypoints):
        return PoseBase(
            Levels(), Maps(num_keypoints), feature_channels=16, feature_stride=32, map_stride=4
        )

    monkeypatch.setitem(bases.BASES, "tiny", smallest)


def tiny(name, codec, **network):
    model = reduced(model_of(name), width=0.2, crop_size_wh_px=SIZE)
    return replace(model, codec=codec, network=replace(model.network, **network))


def maps(refine, **given):
    return HeatmapConfig((16, 24), refine=refine, blur_px=3, **given)


def a_plain():
    model = tiny("metamodel_tiny", maps("quarter", flip_shift_px=1))
    network = PlainConfig(model.network.base)
    return replace(model, family="plain", network=network, alignment="classic")


def a_vitpose():
    model = reduced(model_of("vitpose_plus_small"), width=0.1, crop_size_wh_px=SIZE)
    return replace(model, network=replace(model.network, layers=1, experts=2))


# By family, the network and what it says beside `COMMON`; others are below. Every way to read a
# peak is among them.
NETWORKS = {
    "visaware": (
        lambda: tiny("visaware_tiny", SimccConfig(2.0, target="one_hot"), blocks=1),
        ["columns", "rows", "visible"],
    ),
    "oahpe": (lambda: tiny("oahpe_tiny", maps("whole")), ["places", "presence", "similarity"]),
    "hpcvnet": (
        lambda: tiny("hpcvnet_tiny", maps("second_peak"), widths=(8,)),
        ["places", "presence", "similarity"],
    ),
    "vitpose": (a_vitpose, ["places"]),
}


def a_config(model: ModelConfig, **given) -> CheckpointConfig:
    known = {"what": "For tests.", "licence": "none", "trained_on": "", "data_sha256": ""}
    return CheckpointConfig("small", model, **known, num_parameters=0, weights_sha256="", **given)


def numbered(model):
    """A network of random numbers whose batch norms have seen something."""
    torch.manual_seed(3)
    network = build_model(model)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.5, 2)
    return network.eval()


def session(file):
    return onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])


def answers(opened, crops):
    names = [each.name for each in opened.get_outputs()]
    return dict(zip(names, opened.run(None, {"crops": crops}), strict=True))


def assert_same_answers(file, network, model, beside):
    opened, codec = session(file), codec_of(model)
    for batch in (1, 3):
        size = model.crop_size_wh_px[::-1]
        crops = torch.randn(batch, 3, *size, generator=torch.manual_seed(batch))
        said = answers(opened, crops.numpy())
        assert list(said) == [*COMMON, *beside]
        with torch.inference_mode():
            answer = read(network(crops), codec)
            xy, score = codec.decode(answer.places)
        np.testing.assert_allclose(said["xy_crop_px"], xy, atol=1e-2)
        np.testing.assert_allclose(said["heat_score"], score, atol=1e-5)
        for name in set(beside) & {"flags", "presence", "visible", "similarity"}:
            np.testing.assert_allclose(said[name], getattr(answer, name), atol=1e-5)
        maps = answer.places if "places" in said else answer.places[0]
        np.testing.assert_allclose(said.get("places", said.get("columns")), maps, atol=1e-5)


@pytest.mark.usefixtures("smallest_base")
@pytest.mark.parametrize("family", list(NETWORKS))
def test_a_file_answers_as_its_network_whatever_the_batch(family, tmp_path, capfd):
    made, beside = NETWORKS[family]
    model = made()
    network, file = numbered(model), tmp_path / "small.onnx"
    written = export_model(network, a_config(model), file)
    assert capfd.readouterr() == ("", "")
    assert written.outputs == (*COMMON, *beside)
    assert written.size_bytes == file.stat().st_size
    assert_same_answers(file, network, model, beside)


class FourLevels(nn.Module):
    """In place of a YOLOv5 body, whose hundred convolutions take their time to translate."""

    def __init__(self, channels):
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(3, count, stride, stride)
            for count, stride in zip(channels, STRIDES, strict=True)
        )

    def forward(self, pictures):
        return [conv(pictures) for conv in self.convs]


def test_hybridpose_is_exported_for_one_size_and_read_by_its_codec(tmp_path):
    usual = model_of("hybridpose_tiny")
    network = replace(usual.network, width=0.05, map_channels=4)
    model = replace(usual, network=network, crop_size_wh_px=(128, 64))
    torch.manual_seed(3)
    small, file = build_model(model).eval(), tmp_path / "small.onnx"
    small.body = FourLevels(small.body.channels)
    outputs = export_model(small, a_config(model), file).outputs
    assert outputs[:3] == ("cells_8", "maps_8", "cells_16")
    assert len(outputs) == 8
    opened, codec = session(file), grid_codec(model)
    for batch in (1, 3):
        pictures = torch.rand(batch, 3, 64, 128, generator=torch.manual_seed(batch))
        said = [torch.from_numpy(each) for each in answers(opened, pictures.numpy()).values()]
        levels = tuple(LevelOutput(*pair) for pair in zip(said[::2], said[1::2], strict=True))
        with torch.inference_mode():
            wanted = codec.candidates(small(pictures))
            found = codec.candidates(GridOutput(levels))
        surest = slice(5)
        np.testing.assert_allclose(found.score, wanted.score, atol=1e-5)
        np.testing.assert_allclose(found.xy_px[:, surest], wanted.xy_px[:, surest], atol=1e-2)
        np.testing.assert_allclose(
            found.map_score[:, surest], wanted.map_score[:, surest], atol=1e-5
        )


@pytest.fixture(scope="module")
def shipped(tmp_path_factory):
    """metamodel_tiny, what its folder says, and the file it was exported to."""
    network, config = load_checkpoint(WEIGHTS_DIR / "metamodel_tiny")
    file = tmp_path_factory.mktemp("shipped") / "metamodel_tiny.onnx"
    export_model(network, config, file)
    return network, config, file


@pytest.fixture(scope="module", params=[(320, 240), (640, 480)], ids=["near", "shrunk before"])
def drawn(request):
    """A photo of drawn people, one of them, and what the shipped model says of that one."""
    scene = draw_scene(3, size_wh_px=request.param)
    person = max(scene.persons, key=lambda each: each.area_px2)
    predictor = load_predictor("metamodel_tiny", device="cpu", flip_test=False)
    box = person.box_xywh_px.round()
    return scene.photo_bgr, box, predictor.predict(scene.photo_bgr, box[None])[0]


def test_the_shipped_model_says_the_same_of_a_drawn_person(shipped, drawn):
    network, config, file = shipped
    photo, box, wanted = drawn
    opened = session(file)
    metadata = opened.get_modelmeta().custom_metadata_map
    assert read_description(metadata, where=str(file)) == replace(config, training={})
    model = config.model
    assert_same_answers(file, network, model, ["places", "flags"])
    batch = cut_people([PersonCrop(photo, box)], model)
    crops = normalised(torch.from_numpy(batch.pixels), model)
    said = answers(opened, crops.contiguous().numpy())
    by_codec, score = codec_of(model).decode(torch.from_numpy(said["places"]))
    to_photo = invert_affine(batch.to_crop)
    for xy_crop in (said["xy_crop_px"], by_codec.numpy()):
        found = apply_affine(to_photo, xy_crop)[0]
        np.testing.assert_allclose(found, wanted.xy_image_px, atol=1e-2)
    np.testing.assert_allclose(score[0], wanted.heat_score, atol=1e-5)
    np.testing.assert_allclose(said["flags"][0], wanted.vis3, atol=1e-5)
    assert said["flags"][0].argmax(-1).tolist() == wanted.vis3.argmax(-1).tolist()


def test_the_program_of_the_document_needs_neither_torch_nor_this_program(shipped, drawn, tmp_path):
    photo, box, wanted = drawn
    cv2.imwrite(str(tmp_path / "photo.png"), photo)
    program = re.search(r"```python\n(.*?)```", (DOCS / "onnx.md").read_text(), re.DOTALL)[1]
    (tmp_path / "program.py").write_text(f"{program}\nassert 'torch' not in sys.modules\n")
    asked = [shipped[2], "photo.png", *map(str, box)]
    done = subprocess.run(
        [sys.executable, "-W", "error", "program.py", *asked],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[0] for row in rows] == list(COCO17.names)
    numbers = np.array([row[1:] for row in rows], dtype=float)
    off_px = np.abs(numbers[:, :2] - wanted.xy_image_px)
    if photo.shape[0] < 300:
        assert off_px.max() < 0.1
        np.testing.assert_allclose(numbers[:, 2:], wanted.vis3, atol=0.01)
    else:  # by area from another corner: the program shrinks no more of the photo than it needs
        assert np.median(off_px) < 1


def a_small_network():
    model = a_plain()
    return nn.Conv2d(3, 17, 4, 4), a_config(model)


def test_a_file_is_called_onnx_and_its_folder_is_there(tmp_path):
    network, config = a_small_network()
    with pytest.raises(UserError, match=r"ends in \.onnx\. Call it small\.pt\.onnx\."):
        export_model(network, config, tmp_path / "small.pt")
    with pytest.raises(UserError, match=r"none: There is no such folder\. Make the folder first"):
        export_model(network, config, tmp_path / "none" / "small.onnx")
    assert list(tmp_path.iterdir()) == []


def test_without_its_packages_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_export, "find_spec", lambda name: None if "script" in name else name)
    with pytest.raises(UserError, match=r"not installed: onnxscript\. `make setup-onnx` installs"):
        export_model(*a_small_network(), tmp_path / "small.onnx")


def test_what_pytorch_cannot_translate_is_refused_in_words(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise torch.onnx.OnnxExporterError("no such operator")

    monkeypatch.setattr(torch.onnx, "export", refuse)
    network, config = numbered(a_plain()), a_small_network()[1]
    with pytest.raises(UserError, match=r"small: PyTorch cannot translate this network to ONNX\."):
        export_model(network, config, tmp_path / "small.onnx")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("smallest_base")
def test_weights_too_large_for_one_file_lie_beside_it(tmp_path, monkeypatch):
    monkeypatch.setattr(onnx_export, "MOST_BYTES", 100)
    model, file = a_plain(), tmp_path / "small.onnx"
    network = numbered(model)
    written = export_model(network, a_config(model), file)
    assert written.data_file == tmp_path / "small.onnx.data"
    assert sorted(tmp_path.iterdir()) == [file, written.data_file]
    assert written.size_bytes == file.stat().st_size + written.data_file.stat().st_size
    assert_same_answers(file, network, model, ["places"])
