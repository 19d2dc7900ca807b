"""Folders as the Hub has them, of small networks with random numbers."""

import json
from pathlib import Path
from typing import Any

import torch

KEYPOINTS = (
    "Nose", "L_Eye", "R_Eye", "L_Ear", "R_Ear", "L_Shoulder", "R_Shoulder", "L_Elbow", "R_Elbow",
    "L_Wrist", "R_Wrist", "L_Hip", "R_Hip", "L_Knee", "R_Knee", "L_Ankle", "R_Ankle",
)  # fmt: skip


def a_vitpose_folder(
    folder: Path,
    *,
    names: tuple[str, ...] = KEYPOINTS,
    image_size: tuple[int, int] = (128, 96),
    simple: bool = True,
    preprocessor: dict[str, Any] | None = None,
    **backbone: Any,
) -> Path:
    """A ViTPose of two layers, written by `transformers` itself."""
    from transformers import VitPoseBackboneConfig, VitPoseConfig, VitPoseForPoseEstimation

    said = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2} | backbone
    config = VitPoseConfig(
        backbone_config=VitPoseBackboneConfig(
            image_size=list(image_size), out_indices=[said["num_hidden_layers"]], **said
        ),
        use_simple_decoder=simple,
        id2label=dict(enumerate(names)),
    )
    torch.manual_seed(3)
    network = VitPoseForPoseEstimation(config)
    with torch.no_grad():
        for parameter in network.parameters():  # small ones give flat maps
            parameter.add_(torch.randn_like(parameter) * 0.1)
    network.save_pretrained(folder)
    if preprocessor is not None:
        (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor))
    return folder


def change_config(folder: Path, **changes: Any) -> None:
    """Other values in config.json; of the backbone as `backbone={...}`; None takes a key away."""
    file = folder / "config.json"
    said = json.loads(file.read_text())
    backbone = changes.pop("backbone", {})
    said["backbone_config"].update(backbone)
    for name, value in changes.items():
        if value is None:
            said.pop(name, None)
        else:
            said[name] = value
    file.write_text(json.dumps(said))
