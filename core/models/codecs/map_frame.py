"""How crop pixels and map pixels lie on each other. No torch.

Pixel centres are whole numbers in both frames.
"""

from collections.abc import Callable, Mapping

SizeWh = tuple[int, int]
# Map = crop * scale + offset, for x and for y.
Frame = tuple[tuple[float, float], tuple[float, float]]


def centres(crop_wh_px: SizeWh, map_wh_px: SizeWh) -> Frame:
    """A map pixel covers its share of crop pixels: (x + 0.5) / stride - 0.5.

    A mirrored map is the map of the mirrored crop, so flip tests need no shift.
    """
    (crop_w, crop_h), (map_w, map_h) = crop_wh_px, map_wh_px
    scale_x, scale_y = map_w / crop_w, map_h / crop_h
    return (scale_x, scale_y), (scale_x / 2 - 0.5, scale_y / 2 - 0.5)


def classic(crop_wh_px: SizeWh, map_wh_px: SizeWh) -> Frame:
    """SimpleBaseline's: x / stride.

    Biased: a mirrored map is off by 1 - 1 / stride map pixels. Its authors shift it by a whole one,
    which leaves 1 / stride (0.25 at stride 4) the other way, half of it after averaging.
    """
    (crop_w, crop_h), (map_w, map_h) = crop_wh_px, map_wh_px
    return (map_w / crop_w, map_h / crop_h), (0.0, 0.0)


def udp(crop_wh_px: SizeWh, map_wh_px: SizeWh) -> Frame:
    """Unbiased data processing (Huang et al. 2020): outer pixel centres fall on each other."""
    (crop_w, crop_h), (map_w, map_h) = crop_wh_px, map_wh_px
    return ((map_w - 1) / (crop_w - 1), (map_h - 1) / (crop_h - 1)), (0.0, 0.0)


# By `ModelConfig.alignment`; `core.data.crops.ALIGNMENTS` holds the other half.
MAP_FRAMES: Mapping[str, Callable[[SizeWh, SizeWh], Frame]] = {
    "centres": centres,
    "classic": classic,
    "udp": udp,
}
