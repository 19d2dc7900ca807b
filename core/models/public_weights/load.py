"""From a public file to a network and to a checkpoint folder."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor, nn

from core.errors import UserError
from core.models.catalog import build_model, sketch_model
from core.models.checkpoint import fill, save_checkpoint, without_numbers
from core.models.checkpoint_config import CheckpointConfig
from core.models.public_weights.plain_file import read_public
from core.models.public_weights.recognise import recognise
from core.models.public_weights.recognised import Recognised, Wishes
from core.models.public_weights.report import LoadReport, compared


def load_public(
    file: Path, wishes: Wishes | None = None, *, name: str = "public", licence: str = ""
) -> tuple[nn.Module, CheckpointConfig, LoadReport]:
    """The network in eval mode, what a checkpoint says of it, and what became of every weight.

    Raises:
        UserError: the file cannot be read or is of no known layout; or weights are missing, of
            another shape, unknown or no numbers: all of them are listed.
    """
    found = recognise(read_public(file), wishes)
    # Names and shapes, before memory is taken.
    wanted = sketch_model(found.model).state_dict()
    kept = {key: value for key, value in found.weights.items() if key in wanted}
    extra = tuple(key for key in found.weights if key not in wanted)
    missing, mismatched, made = compared(wanted, kept, made=found.made)
    report = LoadReport(
        found.layout,
        tuple(key for key in kept if key not in made),
        missing,
        mismatched,
        found.unused,
        (*found.unknown, *extra),
        made,
    )
    _require_whole(report, kept, file)
    network = build_model(found.model)
    fill(network, kept, where=str(file))
    return network.eval(), _config(found, file, name=name, licence=licence), report


def add_public_weights(
    file: Path,
    folder: Path,
    *,
    name: str,
    crop_size_wh_px: tuple[int, int] | None = None,
    keypoint_names: Sequence[str] | None = None,
    alignment: str | None = None,
    licence: str = "",
) -> LoadReport:
    """Make a checkpoint folder of a public file; numbers are kept as they are.

    Args:
        crop_size_wh_px, keypoint_names, alignment: as `Wishes`.
        licence: of the weights, for the card.

    Raises:
        UserError: as `load_public`; or the folder cannot be written.
    """
    wishes = Wishes(crop_size_wh_px, keypoint_names, alignment)
    network, config, report = load_public(file, wishes, name=name, licence=licence)
    save_checkpoint(network, config, folder, half=False)
    return report


def _require_whole(report: LoadReport, weights: dict[str, Tensor], file: Path) -> None:
    if problems := [*report.problems(), *without_numbers(weights)]:
        raise UserError(
            f"{report.layout}: these weights do not make a whole network.",
            where=str(file),
            problems=problems,
        )


def _config(found: Recognised, file: Path, *, name: str, licence: str) -> CheckpointConfig:
    with file.open("rb") as opened:
        sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
    return CheckpointConfig(
        name=name,
        model=found.model,
        what=f"Places of {len(found.model.keypoint_names)} keypoints: {found.layout}.",
        licence=licence,
        trained_on=f"by others; weights of {file.name}",
        data_sha256="",
        num_parameters=0,
        weights_sha256="",
        training={"public_file": file.name, "public_file_sha256": sha256, "layout": found.layout},
    )
