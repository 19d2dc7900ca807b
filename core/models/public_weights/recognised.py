"""What is known of a file of weights once its layout is; what the layout does not say is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from core.data.skeleton import COCO17
from core.errors import UserError
from core.models.codecs.config import HeatmapConfig, SimccConfig
from core.models.model_config import ModelConfig
from core.models.public_weights.naming import Naming

MAP_STRIDE = 4
LARGE_CROP_PX = 384  # height from which on the papers take a wider Gaussian


@dataclass(frozen=True)
class Wishes:
    """What no weights say; None: what the layout's authors published most.

    Attributes:
        crop_size_wh_px: of heat-map networks, which take any size; SimCC's and ViTPose's is seen.
        keypoint_names: COCO's where there are 17, else they are numbered.
        alignment: of `core.models.codecs.map_frame.MAP_FRAMES`; udp is read by DARK.
    """

    crop_size_wh_px: tuple[int, int] | None = None
    keypoint_names: Sequence[str] | None = None
    alignment: str | None = None


@dataclass(frozen=True)
class Recognised:
    """A file of weights that is known.

    Attributes:
        layout: in words.
        weights: by the names of our network.
        unused: names of the file to why they are left out.
        unknown: names of the file that the layout does not have.
        made: names of our network to what stands there because the layout has nothing.
    """

    layout: str
    model: ModelConfig
    weights: Mapping[str, Tensor]
    unused: Mapping[str, str]
    unknown: tuple[str, ...] = ()
    made: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """A file's weights under our names, before it is known of which network."""

    weights: dict[str, Tensor]
    unused: Mapping[str, str]
    unknown: tuple[str, ...]

    def shape(self, name: str, dimensions: int) -> tuple[int, ...]:
        """The shape of a weight that says what the network is.

        Raises:
            UserError: it is not there, or of other dimensions.
        """
        weight = self.weights.get(name)
        if weight is None or weight.ndim != dimensions or 0 in weight.shape:
            raise UserError(
                f"The layout of these weights is known, but {name} is not there or is no weight "
                f"of {dimensions} dimensions.",
                remedy="With a backbone alone, `train RECIPE --start FILE` begins.",
            )
        return tuple(weight.shape)

    def count(self, start: str) -> int:
        """How many numbered parts there are below a name."""
        rests = (name[len(start) :] for name in self.weights if name.startswith(start))
        return len({rest.split(".")[0] for rest in rests})


def part_of(weights: Mapping[str, Tensor], naming: Naming) -> Part:
    """The weights under our names."""
    renamed = naming.of(weights)
    return Part(
        {new: weights[old] for new, old in renamed.names.items()}, renamed.left, renamed.unknown
    )


def toolbox_of(names: Mapping[str, Tensor]) -> str:
    """Whose code wrote them: mmpose puts a prefix before heads, authors put none."""
    if any(name.startswith("keypoint_head.") for name in names):
        return "mmpose 0.x"
    return "mmpose 1.x" if any(name.startswith("head.") for name in names) else "authors"


def layout_words(network: str, toolbox: str) -> str:
    """The layout in a sentence."""
    return f"{network}, as {'its authors' if toolbox == 'authors' else toolbox} named it"


def keypoints_of(count: int, wishes: Wishes) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """Names and edges of so many keypoints.

    Raises:
        UserError: as many names were given as there are not.
    """
    if wishes.keypoint_names is None:
        if count == len(COCO17.names):
            return COCO17.names, COCO17.edges
        return tuple(f"keypoint {place}" for place in range(1, count + 1)), ()
    names = tuple(wishes.keypoint_names)
    if len(names) != count:
        raise UserError(
            f"The weights are of {count} keypoints, {len(names)} names were given.",
            remedy="Give one name for each, in the order of the network.",
        )
    return names, COCO17.edges if names == COCO17.names else ()


def heat_maps(crop_size_wh_px: tuple[int, int], alignment: str) -> HeatmapConfig:
    """The codec of heat maps at stride 4, as SimpleBaseline or, with udp, as its followers do."""
    width, height = (side // MAP_STRIDE for side in crop_size_wh_px)
    return HeatmapConfig(
        (width, height),
        sigma_px=3.0 if max(crop_size_wh_px) >= LARGE_CROP_PX else 2.0,
        refine="dark" if alignment == "udp" else "quarter",
        rounded=alignment != "udp",
        flip_shift_px=1 if alignment == "classic" else 0,
    )


def simcc_of(part: Part, *, toolbox: str, alignment: str) -> tuple[SimccConfig, tuple[int, int]]:
    """Codec and crop size of SimCC's two layers: their inputs are the map, their outputs the bins.

    W split x H split bins over W / 4 x H / 4 pixels of the map give the split. Targets and flip
    tests are those of whoever wrote the weights: authors have one-hot targets for crops of 256x192
    and shift mirrored columns, mmpose has Gaussians and shifts nothing.

    Raises:
        UserError: no crop has such layers.
    """
    columns, map_pixels = part.shape("head.mlp_head_x.weight", 2)
    rows, _ = part.shape("head.mlp_head_y.weight", 2)
    split = round((columns * rows / (map_pixels * MAP_STRIDE**2)) ** 0.5 * 4) / 4
    width, height = (round(bins / split) if split else 0 for bins in (columns, rows))
    if width * height != map_pixels * MAP_STRIDE**2:
        raise UserError(
            f"SimCC's layers have {columns} columns and {rows} rows over {map_pixels} pixels of "
            "a map; no crop with maps at stride 4 has these.",
        )
    if toolbox != "authors":
        return SimccConfig(split, target="gaussian"), (width, height)
    # Bin `split x` is as far from the left end as its mirror image from the right, less this.
    shift = -round(split - 1) if alignment == "classic" else 0
    return SimccConfig(split, target="one_hot", flip_shift_bins=shift), (width, height)
