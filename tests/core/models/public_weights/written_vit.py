"""As `written`: ViTPose, by the names of public code."""

from torch import Tensor
from torch.nn import functional

from tests.core.models.public_weights.written import Sheet, Weights, conv, norm

# ViTPose: ViTAE-Transformer/ViTPose, backbones/vit.py (mmpose 0.x); open-mmlab/mmpretrain,
# backbones/vision_transformer.py (mmpose 1.x)

VIT_NAMES = {
    "authors": {
        "patch": "patch_embed.proj", "layer": "blocks", "before": "norm1", "after": "norm2",
        "fc1": "mlp.fc1", "fc2": "mlp.fc2", "last": "last_norm", "head": "keypoint_head",
    },
    "mmpretrain": {
        "patch": "patch_embed.projection", "layer": "layers", "before": "ln1", "after": "ln2",
        "fc1": "ffn.layers.0.0", "fc2": "ffn.layers.1", "last": "ln1", "head": "head",
    },
}  # fmt: skip


def write_vit(
    sheet: Sheet, named: str, keypoints: int, positions: int, *, simple: bool, experts: int = 0
) -> None:
    names, width, part = VIT_NAMES[named], 384, 96
    sheet.plain("backbone.pos_embed", 1, positions, width)
    sheet.conv(f"backbone.{names['patch']}", 3, width, 16, bias=True)
    for place in range(2):
        at = f"backbone.{names['layer']}.{place}"
        sheet.scale(f"{at}.{names['before']}", width)
        sheet.linear(f"{at}.attn.qkv", width, 3 * width)
        sheet.linear(f"{at}.attn.proj", width, width)
        sheet.scale(f"{at}.{names['after']}", width)
        sheet.linear(f"{at}.{names['fc1']}", width, 4 * width)
        sheet.linear(f"{at}.{names['fc2']}", 4 * width, width - (part if experts else 0))
        for expert in range(experts):
            sheet.linear(f"{at}.mlp.experts.{expert}", 4 * width, part)
    sheet.scale(f"backbone.{names['last']}", width)
    if simple:
        sheet.conv(f"{names['head']}.final_layer", width, keypoints, 3, bias=True)
        return
    for place, before in ((0, width), (3, 256)):
        sheet.plain(f"{names['head']}.deconv_layers.{place}.weight", before, 256, 4, 4)
        sheet.norm(f"{names['head']}.deconv_layers.{place + 1}", 256)
    sheet.conv(f"{names['head']}.final_layer", 256, keypoints, 1, bias=True)


def run_vit(w: Weights, named: str, x: Tensor) -> Tensor:
    """As the toolboxes do; of experts the first answers (COCO)."""
    names = VIT_NAMES[named]

    def linear(at: str, x: Tensor) -> Tensor:
        return functional.linear(x, w[f"{at}.weight"], w[f"{at}.bias"])

    def scaled(at: str, x: Tensor) -> Tensor:
        return functional.layer_norm(x, x.shape[-1:], w[f"{at}.weight"], w[f"{at}.bias"], 1e-6)

    patch = f"backbone.{names['patch']}"
    x = functional.conv2d(x, w[f"{patch}.weight"], w[f"{patch}.bias"], 16, 2)
    size, x = x.shape[-2:], x.flatten(2).transpose(1, 2)
    positions = w["backbone.pos_embed"]
    # The first position is the class token's, added to all.
    x = x + (positions[:, 1:] + positions[:, :1] if positions.shape[1] > x.shape[1] else positions)
    for place in range(2):
        at = f"backbone.{names['layer']}.{place}"
        qkv = linear(f"{at}.attn.qkv", scaled(f"{at}.{names['before']}", x))
        q, k, v = qkv.unflatten(-1, (3, 12, -1)).permute(2, 0, 3, 1, 4)  # 12 heads
        seen = ((q * (384 / 12) ** -0.5) @ k.transpose(-1, -2)).softmax(-1) @ v
        x = x + linear(f"{at}.attn.proj", seen.transpose(1, 2).flatten(2))
        inner = functional.gelu(linear(f"{at}.{names['fc1']}", scaled(f"{at}.{names['after']}", x)))
        out = linear(f"{at}.{names['fc2']}", inner)
        if out.shape[-1] < x.shape[-1]:
            expert = linear(f"{at}.mlp.experts.0", inner)
            out = functional.pad(out, (0, expert.shape[-1]))
            out[..., -expert.shape[-1] :] = expert
        x = x + out
    x = scaled(f"backbone.{names['last']}", x).transpose(1, 2).unflatten(2, size)
    head = names["head"]
    if w[f"{head}.final_layer.weight"].shape[-1] == 3:
        raised = functional.interpolate(
            x.relu(), scale_factor=4, mode="bilinear", align_corners=False
        )
        return conv(w, f"{head}.final_layer", raised)
    for place in (0, 3):
        x = functional.conv_transpose2d(x, w[f"{head}.deconv_layers.{place}.weight"], None, 2, 1)
        at = f"{head}.deconv_layers.{place + 1}"
        x = norm(w, at, x).relu()
    return conv(w, f"{head}.final_layer", x)
