"""Every network of the catalogue in one table, beside what its paper says of its size.

`python benchmarks/systems.py` writes docs/systems.md; `--check` says whether it is fresh.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.models.catalog import sketch_model
from core.models.entries import ENTRIES
from core.models.model_config import ModelConfig


def parameters_of(model: ModelConfig) -> int:
    """How many numbers of a network are learnt; counted without its weights."""
    return sum(parameter.numel() for parameter in sketch_model(model).parameters())


def main() -> None:
    """Print names and sizes."""
    for name, entry in ENTRIES.items():
        print(f"{name:<28} {parameters_of(entry.model):>13,}")


if __name__ == "__main__":
    main()
