"""`config.json` of a checkpoint folder: typed, read strictly, written whole. No torch.

A folder is always the old checkpoint or the new one, whatever ends the process that writes it: new
weights lie beside the old ones under a name that holds their hash until `config.json` names them,
and then take the usual name.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from core.data.whole_file import forget_halves, write_whole
from core.errors import UserError
from core.models.config_bounds import problems_of
from core.models.model_config import ModelConfig

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "weights.safetensors"
FORMAT = 1  # raised when the meaning of a field changes
MAX_CONFIG_BYTES = 1 << 20  # a thousand times what ours take
_SHOWN = 60  # characters of a value in a message


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
    text = json.dumps({"format": FORMAT, **asdict(config)}, indent=2, ensure_ascii=False)
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
    if version != FORMAT or isinstance(version, bool):
        raise UserError(
            f"This is no checkpoint of format {FORMAT}.",
            where=str(file),
            remedy="It may have been written by a newer version of the program.",
        )
    return _typed(found, file)


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


def _typed(found: dict[str, Any], file: Path) -> CheckpointConfig:
    """The config with every list back as a tuple; problems are listed, all of them."""
    model = found.get("model")
    problems = _problems(found, CheckpointConfig, "")
    if isinstance(model, dict):
        problems += _problems(model, ModelConfig, "model.")
    elif "model" in found:
        problems.append("model is not an object")
    config = None
    if not problems:
        settings = {name: _frozen(value) for name, value in found["model"].items()}
        config = CheckpointConfig(**{**found, "model": ModelConfig(**settings)})
        problems = problems_of(config)
    if config is None or problems:
        raise UserError("The description does not fit.", where=str(file), problems=problems)
    return config


def _problems(found: dict[str, Any], wanted: type, prefix: str) -> list[str]:
    fields = wanted.__dataclass_fields__  # type: ignore[attr-defined]
    problems = [f"{prefix}{name} is missing" for name in fields if name not in found]
    problems += [f"{prefix}{name[:_SHOWN]} is unknown" for name in found if name not in fields]
    for name in (name for name in found if name in fields):
        kind = _misfit(found[name], str(getattr(fields[name].type, "__name__", fields[name].type)))
        if kind:
            problems.append(f"{prefix}{name} is {_said(found[name])}, which is not {kind}")
    return problems


def _misfit(value: Any, wanted: str) -> str:
    """What a value is not, in words; empty if it fits its field's type."""
    kinds: dict[str, tuple[tuple[type, ...], str]] = {
        "str": ((str,), "text"),
        "int": ((int,), "a whole number"),
        "float": ((int, float), "a number"),
        "tuple": ((list,), "a list"),
        "dict": ((dict,), "an object"),
    }
    kind = kinds.get(wanted.split("[")[0])
    fits = kind is None or (isinstance(value, kind[0]) and not isinstance(value, bool))
    return "" if fits or kind is None else kind[1]


def _said(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value
