"""`config.json` of a checkpoint folder: typed, read strictly, written whole. No torch."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.errors import UserError
from core.models.model_config import ModelConfig

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "weights.safetensors"
FORMAT = 1  # raised when the meaning of a field changes


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
    """Write `config.json` of a folder."""
    text = json.dumps({"format": FORMAT, **asdict(config)}, indent=2, ensure_ascii=False)
    (folder / CONFIG_FILE).write_text(text + "\n", encoding="utf-8")


def read_config(folder: Path) -> CheckpointConfig:
    """Read `config.json` of a folder.

    Raises:
        UserError: there is none, it is no such file, or a field is missing or of another kind.
    """
    file = folder / CONFIG_FILE
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(
            f"This folder has no {CONFIG_FILE}, so it is not a checkpoint.", where=str(folder)
        ) from None
    except (OSError, ValueError) as error:
        raise UserError(f"This is not readable JSON ({error}).", where=str(file)) from error
    if not isinstance(found, dict) or found.pop("format", None) != FORMAT:
        raise UserError(
            f"This is no checkpoint of format {FORMAT}.",
            where=str(file),
            remedy="It may have been written by a newer version of the program.",
        )
    return _typed(found, file)


def _typed(found: dict[str, Any], file: Path) -> CheckpointConfig:
    """The config with every list back as a tuple; problems are listed, all of them."""
    model = found.get("model")
    problems = _problems(found, CheckpointConfig, "")
    if isinstance(model, dict):
        problems += _problems(model, ModelConfig, "model.")
    elif "model" in found:
        problems.append("model is not an object")
    if problems:
        raise UserError("The description does not fit.", where=str(file), problems=problems)
    settings = {name: _frozen(value) for name, value in found["model"].items()}
    return CheckpointConfig(**{**found, "model": ModelConfig(**settings)})


def _problems(found: dict[str, Any], wanted: type, prefix: str) -> list[str]:
    fields = wanted.__dataclass_fields__  # type: ignore[attr-defined]
    problems = [f"{prefix}{name} is missing" for name in fields if name not in found]
    problems += [f"{prefix}{name} is unknown" for name in found if name not in fields]
    kinds: dict[Any, tuple[type, ...]] = {str: (str,), int: (int,), float: (int, float)}
    for name, value in found.items():
        kind = kinds.get(fields[name].type) if name in fields else None
        if kind and (isinstance(value, bool) or not isinstance(value, kind)):
            problems.append(
                f"{prefix}{name} is {value!r}, which is not {fields[name].type.__name__}"
            )
        if (
            name in fields
            and str(fields[name].type).startswith("tuple")
            and not isinstance(value, list)
        ):
            problems.append(f"{prefix}{name} is {value!r}, which is not a list")
    return problems


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
