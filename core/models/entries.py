"""The catalogue: every network by name, with what papers say of it. No torch: lists are cheap."""

from collections.abc import Mapping

from core.errors import UserError
from core.models.entry import Entry as Entry
from core.models.hpcvnet.entries import HPCVNET_ENTRIES
from core.models.hybridpose.entries import HYBRIDPOSE_ENTRIES
from core.models.metamodel.entries import METAMODEL_ENTRIES
from core.models.model_config import ModelConfig
from core.models.oahpe.entries import OAHPE_ENTRIES
from core.models.plain.entries import PLAIN_ENTRIES
from core.models.visaware.entries import VISAWARE_ENTRIES
from core.models.vitpose.entries import VITPOSE_ENTRIES

ENTRIES: Mapping[str, Entry] = {
    **METAMODEL_ENTRIES,
    **VISAWARE_ENTRIES,
    **HYBRIDPOSE_ENTRIES,
    **VITPOSE_ENTRIES,
    **OAHPE_ENTRIES,
    **HPCVNET_ENTRIES,
    **PLAIN_ENTRIES,
}


def model_of(name: str) -> ModelConfig:
    """The config of an entry.

    Raises:
        UserError: no entry of that name; names the known ones.
    """
    entry = ENTRIES.get(name)
    if entry is None:
        raise UserError(
            f"There is no network called {name!r}.",
            remedy=f"Known networks: {', '.join(sorted(ENTRIES))}.",
        )
    return entry.model
