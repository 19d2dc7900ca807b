"""What a ViTPose is built from. No torch."""

from dataclasses import dataclass

from core.models.fields import choice, number, switch, whole

PATCH_MARGIN_PX = 2  # zeros put round the crop before it is cut into patches
CLASSIC_SCALE = 4  # two transposed convolutions, each doubles


@dataclass(frozen=True)
class VitposeConfig:
    """A plain vision transformer and its decoder (Xu et al. 2022), as `transformers` builds it."""

    hidden: int = whole(768, 16, 2048)
    layers: int = whole(12, 1, 48)
    heads: int = whole(12, 1, 32)
    mlp_ratio: int = whole(4, 1, 8)
    patch_px: int = whole(16, 5, 64)  # side of a square patch
    # "simple": bilinear upsampling by `scale` and one 3x3 convolution; "classic": SimpleBaseline's.
    decoder: str = choice("simple", "simple", "classic")
    scale: int = whole(4, 1, 8)  # of the simple decoder
    # ViTPose++ (Xu et al. 2023): the last `part_features` of each block's output come from one of
    # several experts, by the data set the crop is of.
    experts: int = whole(1, 1, 16)
    part_features: int = whole(192, 1, 2048)
    dataset: int = whole(0, 0, 15)  # COCO, AIC, MPII, AP-10K, APT-36K, WholeBody
    layer_norm_eps: float = number(1e-12, 0.0, 1e-2)
    qkv_bias: bool = switch(True)

    @property
    def map_scale(self) -> int:
        """Map pixels per patch, each way."""
        return self.scale if self.decoder == "simple" else CLASSIC_SCALE

    def grid_wh(self, crop_size_wh_px: tuple[int, int]) -> tuple[int, int]:
        """How many patches lie beside and below each other."""
        width, height = crop_size_wh_px
        return width // self.patch_px, height // self.patch_px

    def map_size_wh_px(self, crop_size_wh_px: tuple[int, int]) -> tuple[int, int]:
        """Width and height of the heat maps."""
        across, down = self.grid_wh(crop_size_wh_px)
        return across * self.map_scale, down * self.map_scale

    def problems(
        self, crop_size_wh_px: tuple[int, int], map_size_wh_px: tuple[int, int]
    ) -> list[str]:
        """Every pair of numbers that do not go together."""
        problems = []
        if self.hidden % self.heads:
            problems.append(f"hidden {self.hidden} is no multiple of its {self.heads} heads")
        if self.experts > 1 and self.part_features >= self.hidden:
            problems.append(f"part_features {self.part_features} is not below hidden {self.hidden}")
        if self.experts > 1 and self.dataset >= self.experts:
            problems.append(f"dataset {self.dataset} has none of the {self.experts} experts")
        cut = tuple(
            (side + 2 * PATCH_MARGIN_PX - self.patch_px) // self.patch_px + 1
            for side in crop_size_wh_px
        )
        if cut != self.grid_wh(crop_size_wh_px):
            problems.append(f"crops of {_by(crop_size_wh_px)} are not cut into whole patches")
        elif map_size_wh_px != self.map_size_wh_px(crop_size_wh_px):
            wanted = _by(self.map_size_wh_px(crop_size_wh_px))
            problems.append(f"its maps are {wanted}, not {_by(map_size_wh_px)}")
        return problems


def _by(size_wh_px: tuple[int, int]) -> str:
    return "x".join(map(str, size_wh_px))
