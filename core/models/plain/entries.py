"""Plain networks of the catalogue, prepared as their public weights were. No torch."""

from collections.abc import Mapping

from core.models.bases.config import BaseConfig
from core.models.codecs.config import CodecConfig, HeatmapConfig, SimccConfig
from core.models.entry import Entry
from core.models.model_config import ModelConfig
from core.models.plain.config import PlainConfig

PLACES = "Places alone."
MMPOSE = "or mmpose's (Apache-2.0)"
XIAO = f"pose_resnet_*.pth of the paper's authors (MIT) {MMPOSE}; add-model reads both"
SUN = f"pose_hrnet_*.pth of the paper's authors (MIT) {MMPOSE}; add-model reads both"
LI = f"of the paper's authors (no licence given) {MMPOSE}; add-model reads both"
NEWELL = "mmpose's hourglass52 (Apache-2.0); add-model reads it"
MEGVII = f"iter-*.pth of the paper's authors (no licence given) {MMPOSE}; add-model reads both"
NONE = "none published that fits; train your own"

# The authors of SimpleBaseline read photos as BGR and take the means of RGB off in that order.
BGR = "BGR"
RGB_MEAN, RGB_STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)
# MSPN's authors read BGR too, but turn the means.
BGR_MEAN, BGR_STD = (103.53, 116.28, 123.675), (57.375, 57.12, 58.395)

# A flip test's second answer goes one bin to the left: bin 2x is as far from the left end as
# 2 (W - 1 - x) + 1 from the right.
SIMCC_FLIP_SHIFT = -1


def _plain(
    base: str,
    codec: CodecConfig,
    source: str,
    weights: str,
    *,
    crop_size_wh_px: tuple[int, int] = (192, 256),
    channel_order: str = "RGB",
    alignment: str = "classic",
) -> Entry:
    model = ModelConfig(
        "plain",
        PlainConfig(BaseConfig(base)),
        codec,
        crop_size_wh_px=crop_size_wh_px,
        channel_order=channel_order,
        mean=BGR_MEAN if base == "mspn2" else RGB_MEAN,
        std=BGR_STD if base == "mspn2" else RGB_STD,
        alignment=alignment,
    )
    return Entry(model, PLACES, source, weights)


def _maps(width: int, height: int, sigma_px: float = 2.0) -> HeatmapConfig:
    """Heat maps as SimpleBaseline's code has them."""
    return HeatmapConfig((width, height), sigma_px=sigma_px, rounded=True, flip_shift_px=1)


_SMALL = _maps(48, 64)  # of crops of 192x256

PLAIN_ENTRIES: Mapping[str, Entry] = {
    "sbl_r50": _plain(
        "sbl_r50", _SMALL, "SimpleBaseline (Xiao et al. 2018); paper 000's base", XIAO,
        channel_order=BGR,
    ),
    "sbl_r101": _plain(
        "sbl_r101", _SMALL, "SimpleBaseline (Xiao et al. 2018)", XIAO, channel_order=BGR
    ),
    "sbl_r152": _plain(
        "sbl_r152", _SMALL, "SimpleBaseline (Xiao et al. 2018)", XIAO, channel_order=BGR
    ),
    "sbl_efficientnet_b0": _plain(
        "sbl_efficientnet_b0", _SMALL, "EfficientNet (Tan and Le 2019) as in paper 000", NONE
    ),
    "sbl_efficientnet_b6": _plain(
        "sbl_efficientnet_b6", _SMALL, "EfficientNet (Tan and Le 2019) as in paper 000", NONE
    ),
    "hrnet_w32": _plain(
        "hrnet_w32", _SMALL, "HRNet (Sun et al. 2019); a baseline of papers 001 and 004", SUN
    ),
    "hrnet_w48": _plain("hrnet_w48", _SMALL, "HRNet (Sun et al. 2019)", SUN),
    # Their authors' configurations for 256x192: one-hot targets, smoothed by 0.1.
    "simcc_r50": _plain(
        "sbl_r50",
        SimccConfig(2.0, target="one_hot", smoothing=0.1, flip_shift_bins=SIMCC_FLIP_SHIFT),
        "SimCC (Li et al. 2022) on ResNet-50; paper 001's base", LI, channel_order=BGR,
    ),
    "simcc_hrnet_w32": _plain(
        "hrnet_w32",
        SimccConfig(2.0, target="one_hot", smoothing=0.1, flip_shift_bins=SIMCC_FLIP_SHIFT),
        "SimCC (Li et al. 2022) on HRNet-W32; a base of paper 001", LI,
    ),
    # A target stands on map pixel floor(x / 4), so this pixel is crop pixels 4m to 4m + 3, whose
    # middle is 4m + 1.5: "centres". The authors read it at 4m + 2, and average both views without
    # a shift, which by itself moves what is read by half a crop pixel. Sigma is what OpenCV makes
    # of their finest kernel, 5. Their borders (9 % of a box's width, 13.5 % of its height) are not
    # one number; 1.25 is mmpose's.
    "mspn2": _plain(
        "mspn2",
        HeatmapConfig(
            (48, 64), sigma_px=1.1, refine="second_peak", blur_px=5, height=255.0, rounded=True
        ),
        "MSPN of two stages (Li et al. 2019); a base of paper 000", MEGVII,
        channel_order=BGR, alignment="centres",
    ),
    "hourglass": _plain(
        "hourglass", _maps(64, 64), "Hourglass-52 (Newell et al. 2016); a baseline of paper 004",
        NEWELL, crop_size_wh_px=(256, 256),
    ),
    # Targets and decoding of CPN's authors, as MSPN's, with OpenCV's sigma of kernels 7 and 9.
    "cpn_r50": _plain(
        "cpn_r50",
        HeatmapConfig(
            (48, 64), sigma_px=1.4, refine="second_peak", blur_px=21, height=255.0, rounded=True
        ),
        "CPN (Chen et al. 2018)", NONE, alignment="centres",
    ),
    "cpn_r101": _plain(
        "cpn_r101",
        HeatmapConfig(
            (72, 96), sigma_px=1.7, refine="second_peak", blur_px=21, height=255.0, rounded=True
        ),
        "CPN (Chen et al. 2018); paper 003's base", NONE,
        crop_size_wh_px=(288, 384), alignment="centres",
    ),
}  # fmt: skip
