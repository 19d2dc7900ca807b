"""ViTPoses of the catalogue. No torch."""

from collections.abc import Mapping

from core.models.entry import Entry
from core.models.vitpose.sizes import VITPOSES, PublishedVitpose


def _entry(name: str, known: PublishedVitpose) -> Entry:
    source = "ViTPose++ (Xu et al. 2023)" if "plus" in name else "ViTPose (Xu et al. 2022)"
    files = "a file of mmpose or of its authors (Apache-2.0); add-model reads it"
    weights = f"{known.hub} on the Hub (Apache-2.0); add-model gets it" if known.hub else files
    return Entry(known.model, "Places alone.", source, weights)


VITPOSE_ENTRIES: Mapping[str, Entry] = {
    name: _entry(name, known) for name, known in VITPOSES.items()
}
