"""`config.json` of a checkpoint folder: typed, read strictly, written whole. No torch.

A folder is always the old checkpoint or the new one, whatever ends the process that writes it: new
weights lie beside the old ones under a name that holds their hash until `config.json` names them,
and then take the usual name.
"""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.data.whole_file import forget_halves, write_whole
from core.errors import UserError
from core.models.config_bounds import problems_of
from core.models.config_json import as_json, read_object
from core.models.format_one import of_format_one
from core.models.model_config import ModelConfig

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "weights.safetensors"
FORMAT = 2  # raised when the meaning of a field changes; `core.models.format_one` is the one before
MAX_CONFIG_BYTES = 1 << 20  # a thousand times what ours take


@dataclass(frozen=True)
class CheckpointConfig:
    """What a checkpoint folder says of itself.

    Attributes:
        name: how people ask for it.
        what: one sentence for lists.
        licence: of the weights.
        trained_on: the data, in words.
        data_sha256: of the label files trained on, as `core.training.people_data.data_hash`.
        num_parameters: of the network.
        weights_sha256: of the weights file; a run keeps it.
        training: the whole training configuration, for the record.
    """

    name: str
    model: ModelConfig
    what: str
    licence: str
    trained_on: str
    data_sha256: str
    num_parameters: int
    weights_sha256: str
    training: dict[str, Any] = field(default_factory=dict)


def write_config(config: CheckpointConfig, folder: Path) -> None:
    """Write `config.json` of a folder, whole or not at all.

    Raises:
        UserError: the disk is full, or the folder may not be written to.
    """
    text = json.dumps({"format": FORMAT, **as_json(config)}, indent=2, ensure_ascii=False)
    write_whole(folder / CONFIG_FILE, f"{text}\n".encode())


def read_config(folder: Path) -> CheckpointConfig:
    """Read `config.json` of a folder.

    Raises:
        UserError: there is none, it is no such file, or a field is missing, of another kind or
            beyond what can be.
    """
    file = folder / CONFIG_FILE
    try:
        found = json.loads(_text(file))
    except FileNotFoundError:
        raise UserError(
            f"This folder has no {CONFIG_FILE}, so it is not a checkpoint.", where=str(folder)
        ) from None
    except RecursionError as error:
        raise UserError("This is not readable JSON (nested too deep).", where=str(file)) from error
    except (OSError, ValueError) as error:
        raise UserError(f"This is not readable JSON ({error}).", where=str(file)) from error
    version = found.pop("format", None) if isinstance(found, dict) else None
    if version not in (1, FORMAT) or isinstance(version, bool):
        raise UserError(
            f"This is no checkpoint of format 1 or {FORMAT}.",
            where=str(file),
            remedy="It may have been written by a newer version of the program.",
        )
    return _typed(found, file, version)


def weights_file(folder: Path, config: CheckpointConfig) -> Path | None:
    """The weights that a description means; None where there are none."""
    usual = folder / WEIGHTS_FILE
    return next((file for file in (aside_file(folder, config), usual) if file.is_file()), None)


def aside_file(folder: Path, config: CheckpointConfig) -> Path:
    """Where weights lie until their description is written."""
    return folder / _aside_name(config.weights_sha256[:16])


def tidy(folder: Path) -> None:
    """Give the weights that `config.json` means their usual name; take away what it does not."""
    with suppress(UserError):  # no description yet: whatever lies aside is of no use
        named = aside_file(folder, read_config(folder))
        if named.is_file():
            named.replace(folder / WEIGHTS_FILE)
    for left in folder.glob(_aside_name("*")):
        left.unlink(missing_ok=True)
    forget_halves(folder / _aside_name("*"))
    forget_halves(folder / CONFIG_FILE)


def _aside_name(sha256: str) -> str:
    return f".weights-{sha256}.safetensors"


def _text(file: Path) -> str:
    with file.open("rb") as opened:
        found = opened.read(MAX_CONFIG_BYTES + 1)
    if len(found) > MAX_CONFIG_BYTES:
        raise UserError(
            f"This is larger than {MAX_CONFIG_BYTES:,} bytes, so it is no description of a model.",
            where=str(file),
        )
    return found.decode()


def _typed(found: dict[str, Any], file: Path, version: int) -> CheckpointConfig:
    """The config of what JSON says; problems are listed, all of them."""
    problems: list[str] = []
    if version == 1:
        found = of_format_one(found, problems)
    config = read_object(found, CheckpointConfig, "", problems)
    if config is not None:
        problems += problems_of(config)
    if config is None or problems:
        raise UserError("The description does not fit.", where=str(file), problems=problems)
    return config
