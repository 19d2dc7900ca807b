"""Detectors of a few layers in folders as the Hub has them, and what they find."""

from pathlib import Path
from typing import Any

import torch

KINDS = ("rt_detr", "rt_detr_v2", "d_fine")
LABELS = {0: "dog", 1: "person"}
_NOISE = {"class_embed": 1.0, "enc_score_head": 1.0, "bbox": 0.1}
_WIDTHS = [8, 16, 32, 64]


def a_detector(
    folder: Path, *, kind: str = "rt_detr", sure: float | None = 2.0, queries: int = 2, **more: Any
) -> Path:
    """A detector with random numbers, written by `transformers` itself.

    Args:
        sure: the logit of a person in every box: it finds `queries` people wherever it looks; None
            leaves that to chance.
    """
    import transformers as hub

    said: dict[str, Any] = {
        "d_model": 32,
        "encoder_hidden_dim": 32,
        "encoder_in_channels": [16, 32, 64],
        "encoder_layers": 1,
        "encoder_ffn_dim": 32,
        "encoder_attention_heads": 2,
        "decoder_in_channels": [32, 32, 32],
        "decoder_ffn_dim": 32,
        "decoder_layers": 2,
        "decoder_attention_heads": 2,
        "num_queries": queries,
        "num_denoising": 0,
        "id2label": LABELS,
        "anchor_image_size": None,
        **more,
    }
    configs = {
        "rt_detr": (hub.RTDetrConfig, hub.RTDetrForObjectDetection, _resnet),
        "rt_detr_v2": (hub.RTDetrV2Config, hub.RTDetrV2ForObjectDetection, _resnet),
        "d_fine": (hub.DFineConfig, hub.DFineForObjectDetection, _hgnet),
    }
    config, network, backbone = configs[kind]
    torch.manual_seed(0)
    model: Any = network(config(backbone_config=backbone(), **said))
    with torch.no_grad():
        for name, parameter in model.named_parameters():  # fresh ones see the same everywhere
            noise = next((n for part, n in _NOISE.items() if part in name), 0.0)
            parameter.add_(torch.randn_like(parameter) * noise)
        # One of two opposites is above 0, which is what places outside the picture get.
        chosen = model.model.enc_score_head
        chosen.weight[1] = -chosen.weight[0]
        chosen.bias.zero_()
        last = model.model.decoder.class_embed[-1]
        last.weight.mul_(sure is None)
        last.bias.copy_(torch.tensor([0.0, 0.5] if sure is None else [-9.0, sure]))
    hub.utils.logging.disable_progress_bar()
    model.save_pretrained(folder)
    return folder


def _resnet() -> Any:
    from transformers import RTDetrResNetConfig

    return RTDetrResNetConfig(
        embedding_size=8,
        hidden_sizes=_WIDTHS,
        depths=[1, 1, 1, 1],
        layer_type="basic",
        out_features=["stage2", "stage3", "stage4"],
    )


def _hgnet() -> Any:
    from transformers import HGNetV2Config

    return HGNetV2Config(
        stem_channels=[3, 8, 8],
        stage_in_channels=[8, 8, 16, 32],
        stage_mid_channels=[8, 8, 8, 8],
        stage_out_channels=_WIDTHS,
        stage_num_blocks=[1, 1, 1, 1],
        stage_downsample=[False, True, True, True],
        stage_light_block=[False, False, True, True],
        stage_kernel_size=[3, 3, 5, 5],
        stage_numb_of_layers=[1, 1, 1, 1],
        depths=[1, 1, 1, 1],
        hidden_sizes=_WIDTHS,
        embedding_size=8,
        out_features=["stage2", "stage3", "stage4"],
    )
