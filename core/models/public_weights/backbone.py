"""Backbones that others trained, on ImageNet mostly, as a start for training a base."""

from collections.abc import Mapping
from pathlib import Path

from torch import nn

from core.errors import UserError
from core.models.bases.efficientnet import EfficientNet
from core.models.bases.hrnet import HrNet
from core.models.bases.pose_base import PoseBase
from core.models.bases.resnet import ResNet
from core.models.checkpoint import without_numbers
from core.models.public_weights.naming import BACKBONE, Naming, of_resnet
from core.models.public_weights.plain_file import read_public
from core.models.public_weights.recognised import part_of
from core.models.public_weights.report import LoadReport, compared

HUB_WEIGHTS = "model.safetensors"
_POSE_HEAD = "a pose head; a start takes the backbone alone"
_HEADS = {
    r"(keypoint_head|head|deconv_layers|final_layer|mlp_head_[xy])\.": _POSE_HEAD,
}
_NAMINGS: Mapping[type[nn.Module], tuple[str, Naming]] = {
    ResNet: (
        "ResNet (torchvision, pose networks on it, or the Hub)",
        Naming((*of_resnet(""), (r"^(?:resnet\.)?(embedder|encoder)\.", r"\1.")), _HEADS),
    ),
    HrNet: (
        "HRNet (ImageNet's or pose networks on it)",
        Naming(
            (
                # The pose network mixes for its finest branch alone at the end.
                (rf"{BACKBONE}stage4\.2\.fuse_layers\.0\.", "stage4.2.fuse_layers.0."),
                (
                    rf"{BACKBONE}(?!stage4\.2\.fuse_layers)"
                    r"(conv[12]|bn[12]|layer1|transition[123]|stage[234])\.",
                    r"\1.",
                ),
            ),
            {
                r"(backbone\.)?stage4\.2\.fuse_layers\.[123]\.": "a mixing that keypoints do "
                "not need",
                r"(incre_modules|downsamp_modules|final_layer\.\d+)\.": "a classifier's layer",
                **_HEADS,
            },
        ),
    ),
    EfficientNet: (
        "EfficientNet (the Hub)",
        Naming(((r"^(?:efficientnet\.)?(embeddings|encoder)\.", r"\1."),), _HEADS),
    ),
}


def backbone_weights(file: Path, base: PoseBase) -> LoadReport:
    """Fill the backbone of a base; its head stays as it is.

    Args:
        file: of torchvision's or an author's names, or a folder of the Hub with its
            model.safetensors.

    Raises:
        UserError: no such start is known for this base; or weights are missing, of another shape,
            unknown or no numbers: all of them are listed.
    """
    known = _NAMINGS.get(type(base.backbone))
    if known is None:
        raise UserError(
            f"No start is known for a backbone of kind {type(base.backbone).__name__}.",
            remedy="Known: ResNet, HRNet, EfficientNet.",
        )
    layout, naming = known
    file = file / HUB_WEIGHTS if file.is_dir() else file
    part = part_of(read_public(file), naming)
    wanted = base.backbone.state_dict()
    missing, mismatched, made = compared(wanted, part.weights, made={})
    extra = tuple(name for name in part.weights if name not in wanted)
    report = LoadReport(
        layout,
        tuple(name for name in part.weights if name in wanted and name not in made),
        missing,
        mismatched,
        part.unused,
        (*part.unknown, *extra),
        made,
    )
    if problems := [*report.problems(), *without_numbers(part.weights)]:
        raise UserError(
            "These weights are not of this base's backbone.", where=str(file), problems=problems
        )
    base.backbone.load_state_dict(
        {name: value.to(wanted[name].dtype) for name, value in part.weights.items()}
    )
    return report
