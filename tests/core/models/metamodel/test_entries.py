import pytest

from core.models.catalog import sketch_model
from core.models.metamodel.config import MetamodelConfig
from core.models.metamodel.entries import METAMODEL_ENTRIES
from core.models.plain.entries import PLAIN_ENTRIES

# Counted on the networks; beside them what the paper counts, in millions.
PARAMETERS = {
    "metamodel_sbl_r50": (70_241_412, 71.2),
    "metamodel_efficientnet_b0": (40_417_472, 55.6),
    "metamodel_efficientnet_b6": (90_910_236, 95.5),
    "metamodel_mspn2": (93_108_747, 104.6),
}


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_a_metamodel_has_so_many_parameters_and_its_note_says_how_many_the_paper_counts(name):
    counted, by_paper = PARAMETERS[name]
    entry = METAMODEL_ENTRIES[name]
    network = sketch_model(entry.model)
    assert sum(parameter.numel() for parameter in network.parameters()) == counted
    assert entry.note.startswith(f"The paper counts {by_paper} M parameters.")


@pytest.mark.parametrize("name", sorted(PARAMETERS))
def test_photos_are_prepared_as_for_the_plain_network_whose_weights_it_begins_with(name):
    model = METAMODEL_ENTRIES[name].model
    assert isinstance(model.network, MetamodelConfig)
    plain = PLAIN_ENTRIES[model.network.base.name].model
    for field in ("codec", "crop_size_wh_px", "channel_order", "mean", "std", "alignment"):
        assert getattr(model, field) == getattr(plain, field)
