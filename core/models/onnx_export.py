"""A network as one ONNX file that needs neither PyTorch nor this program to be used.

A network that looks at crops is exported with its codec: the file says places in crop pixels, and
beside them the maps they were read from, which flip tests average. HybridPose is exported as it is,
for one size of picture. Batches may have any size.
"""

import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from core.data.whole_file import words_for_disk_errors, write_whole
from core.errors import UserError
from core.models.answers import Answer, read
from core.models.checkpoint_config import CheckpointConfig
from core.models.codecs.build import codec_of
from core.models.codecs.codec import Codec
from core.models.codecs.config import GridConfig
from core.models.hybridpose.config import STRIDES
from core.models.onnx_description import CELLS, INPUT, MAPS, ExportedModel, described

if TYPE_CHECKING:
    from torch.onnx import ONNXProgram

PACKAGES = ("onnx", "onnxscript")
TRACED_CROPS = 2  # with one crop PyTorch would take the batch's size for a fixed number
MOST_BYTES = 1_900_000_000  # of weights inside a file: protobuf ends at 2 GiB
_LOGGERS = ("torch.onnx", "torch.__trace", "onnxscript", "onnx_ir")


class SaidOfCrops(nn.Module):
    """A network and its codec: from crops to places, and all that is said beside them."""

    def __init__(self, network: nn.Module, codec: Codec) -> None:
        super().__init__()
        self.network = network
        self._codec = codec

    def forward(self, crops: Tensor) -> dict[str, Tensor]:
        """Normalised crops (B, 3, H, W) to what the network says of them, by output."""
        answer = read(self.network(crops), self._codec)
        xy_crop_px, heat_score = self._codec.decode(answer.places)
        return {"xy_crop_px": xy_crop_px, "heat_score": heat_score, **_by_name(answer)}


class SaidOfPictures(nn.Module):
    """A HybridPose: from whole pictures to the cells and maps of its levels."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, crops: Tensor) -> dict[str, Tensor]:
        """Normalised pictures (B, 3, H, W) to what the network says of them, by output."""
        levels = zip(STRIDES, self.network(crops).levels, strict=True)
        return {
            f"{name}{stride}": tensor
            for stride, level in levels
            for name, tensor in ((CELLS, level.cells), (MAPS, level.maps))
        }


def export_model(network: nn.Module, config: CheckpointConfig, out: Path) -> ExportedModel:
    """Write a network as ONNX, replacing what is at `out`.

    Args:
        network: on the CPU, float32.
        config: of its checkpoint; goes into the file (`core.models.onnx_description`).
        out: ends in .onnx.

    Raises:
        UserError: the packages are not installed, PyTorch cannot translate this network, `out`
            is not called .onnx or cannot be written.
    """
    require_ready(out)
    said = _said(network, config).eval()
    width, height = config.model.crop_size_wh_px
    crops = torch.zeros(TRACED_CROPS, 3, height, width)
    with torch.inference_mode():
        outputs = tuple(said(crops))
    program = _translated(said, crops, outputs, config.name)
    program.model.producer_name = "halfseen"
    program.model.metadata_props.update(described(config, outputs))
    size = sum(each.nbytes for each in network.state_dict().values())
    data_file = None
    if size > MOST_BYTES:
        data_file = _write_apart(program, out)
    else:
        write_whole(out, program.model_proto.SerializeToString())
    written = sum(each.stat().st_size for each in (out, data_file) if each is not None)
    return ExportedModel(config.name, out, outputs, written, data_file)


def require_ready(out: Path) -> None:
    """Pass where everything is there that an export to `out` needs.

    Raises:
        UserError: the packages are not installed, `out` is not called .onnx or has no folder.
    """
    _require_packages()
    _require_name(out)


def _said(network: nn.Module, config: CheckpointConfig) -> nn.Module:
    if isinstance(config.model.codec, GridConfig):
        return SaidOfPictures(network)
    return SaidOfCrops(network, codec_of(config.model))


def _by_name(answer: Answer) -> dict[str, Tensor]:
    """What was said, under the names of an exported file's outputs."""
    places = answer.places
    columns_and_rows = (
        {} if isinstance(places, Tensor) else {"columns": places[0], "rows": places[1]}
    )
    rest = {
        name: value
        for name, value in answer._asdict().items()
        if name != "places" and value is not None
    }
    return ({"places": places} if isinstance(places, Tensor) else columns_and_rows) | rest


def _require_packages() -> None:
    missing = [name for name in PACKAGES if find_spec(name) is None]
    if missing:
        raise UserError(
            f"Exporting needs packages that are not installed: {', '.join(missing)}.",
            remedy="`make setup-onnx` installs them, or `python -m pip install -c constraints.txt "
            "-r requirements-onnx.txt`.",
        )


def _require_name(out: Path) -> None:
    if out.suffix != ".onnx":
        raise UserError(
            "The file of an exported model ends in .onnx.",
            where=str(out),
            remedy=f"Call it {out.name}.onnx.",
        )
    if not out.parent.is_dir():  # said before the work, not after it
        raise UserError(
            "There is no such folder.",
            where=str(out.parent),
            remedy="Make the folder first, or choose another one.",
        )


def _translated(
    said: nn.Module, crops: Tensor, outputs: tuple[str, ...], name: str
) -> "ONNXProgram":
    try:
        with _quiet():
            program = torch.onnx.export(
                said,
                (crops,),
                dynamo=True,
                verbose=False,
                input_names=[INPUT],
                output_names=list(outputs),
                dynamic_shapes={"crops": {0: torch.export.Dim("batch")}},
            )
    except torch.onnx.OnnxExporterError as error:
        raise UserError(
            "PyTorch cannot translate this network to ONNX.",
            where=name,
            remedy="Use it through PyTorch.",
        ) from error
    assert program is not None
    return program


def _write_apart(program: "ONNXProgram", out: Path) -> Path:
    """The network and, in a file beside it, its weights."""
    data_file = out.with_name(f"{out.name}.data")
    with words_for_disk_errors(out), tempfile.TemporaryDirectory(dir=out.parent) as folder:
        program.save(Path(folder) / out.name, external_data=True)
        for file in (data_file, out):  # the one that names the other comes last
            (Path(folder) / file.name).replace(file)
    return data_file


@contextmanager
def _quiet() -> Iterator[None]:
    """Without what the exporter says of itself: its deprecations, and torchvision's absence."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    before = [logger.level for logger in loggers]
    with warnings.catch_warnings():
        for category in (FutureWarning, DeprecationWarning, UserWarning):
            warnings.simplefilter("ignore", category)
        try:
            for logger in loggers:
                logger.setLevel(logging.CRITICAL)
            yield
        finally:
            for logger, level in zip(loggers, before, strict=True):
                logger.setLevel(level)
