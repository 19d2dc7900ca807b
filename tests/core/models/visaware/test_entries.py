import pytest

from core.models.catalog import sketch_model
from core.models.codecs.config import HeatmapConfig, SimccConfig
from core.models.plain.entries import PLAIN_ENTRIES
from core.models.visaware.entries import VISAWARE_ENTRIES

# The plain network each is compared with, and how places are encoded.
PLAIN = {
    "visaware_simcc_r50": ("simcc_r50", SimccConfig),
    "visaware_simcc_hrnet_w32": ("simcc_hrnet_w32", SimccConfig),
    "visaware_heatmap_r50": ("sbl_r50", HeatmapConfig),
    "visaware_heatmap_hrnet_w32": ("hrnet_w32", HeatmapConfig),
}


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_weights_of_the_plain_network_fit_and_what_is_added_is_small(name):
    plain_name, codec = PLAIN[name]
    model, plain = VISAWARE_ENTRIES[name].model, PLAIN_ENTRIES[plain_name].model
    assert isinstance(model.codec, codec)
    for field in ("codec", "crop_size_wh_px", "channel_order", "mean", "std", "alignment"):
        assert getattr(model, field) == getattr(plain, field)
    ours, theirs = (
        {key: value.shape for key, value in sketch_model(config).state_dict().items()}
        for config in (model, plain)
    )
    assert {key: ours.get(key) for key in theirs} == theirs
    added = {key: shape.numel() for key, shape in ours.items() if key not in theirs}
    of_visnet = sum(size for key, size in added.items() if key.startswith("visnet."))
    assert sum(added.values()) == 198_785 + 9_454_080
    assert of_visnet * 4 < 1_000_000  # bytes of float32


def test_the_smallest_has_at_most_two_and_a_half_million_parameters():
    network = sketch_model(VISAWARE_ENTRIES["visaware_tiny"].model)
    assert sum(parameter.numel() for parameter in network.parameters()) <= 2_500_000
