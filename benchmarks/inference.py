"""How long a person takes: cutting out, the network, decoding; beside transformers' ViTPose.

Budgets: a ViTPose here is no slower than transformers' own, with its way of cutting out and of
reading maps; paper 000's visibility branch adds at most 20 % to its base, paper 001's VisNet and
transformer 3 %; decoding takes at most 3 % of the network's time. Beside them what other layouts,
precisions and compiling bring, and on a GPU the share of its peak.

Random weights, no flip test, the same picture, boxes and threads for all; the alternatives take
turns, after a warm-up, and the median of `--rounds` is printed.

`python benchmarks/inference.py [--threads N] [--rounds N] [--device cuda]`; results/inference.json
keeps it. `--quick` runs everything once with networks so small that no figure means anything.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.data.crops import apply_affine, invert_affine
from core.inference.crop_batch import cut_people
from core.inference.pose_predictor import PersonCrop
from core.models.catalog import build_model
from core.models.codecs.build import codec_of
from core.models.entries import model_of
from core.models.model_config import ModelConfig
from core.models.preprocess import normalised
from core.models.reduced import reduced
from core.models.vitpose.network import hub_config

RESULTS = ROOT / "benchmarks" / "results" / "inference.json"
BATCHES = (1, 8, 32)
WARM_UP = 5
PARTS = ("crop", "forward", "decode")
# Dense products in bfloat16, in 1e12 operations a second, by a word in the device's name; of the
# makers' data sheets.
PEAK_TFLOPS = {"H200": 989.0, "H100": 989.0, "A100": 312.0, "L4": 121.0, "T4": 65.0}
# What stands on what, and by how much it may be slower.
ADDED: Sequence[tuple[str, str, float]] = (
    ("metamodel_sbl_r50", "sbl_r50", 0.20),
    ("visaware_heatmap_r50", "sbl_r50", 0.03),
    ("visaware_simcc_r50", "simcc_r50", 0.03),
)

Task = Callable[[], Any]


@dataclass(frozen=True)
class Machine:
    """What is measured on, and how."""

    device: torch.device
    rounds: int
    quick: bool

    def timed(self, tasks: Mapping[str, Task]) -> dict[str, float]:
        """Median milliseconds of each task; they take turns."""
        found: dict[str, list[float]] = {name: [] for name in tasks}
        for turn in range(self.rounds + (1 if self.quick else WARM_UP)):
            for name, task in tasks.items():
                started = time.perf_counter()
                task()
                if self.device.type == "cuda":
                    torch.cuda.synchronize(self.device)
                if turn >= (1 if self.quick else WARM_UP):
                    found[name].append((time.perf_counter() - started) * 1000)
        return {name: statistics.median(times) for name, times in found.items()}

    def verdict(self, met: bool) -> str:
        """What to say of a budget."""
        return "" if met or self.quick else "  OVER BUDGET"

    def config(self, name: str) -> ModelConfig:
        """A network of the catalogue, or with `quick` a tiny one of its kind."""
        model = model_of(name)
        return reduced(model, width=0.1, crop_size_wh_px=(64, 64)) if self.quick else model

    def network(self, config: ModelConfig) -> nn.Module:
        """It with fresh weights, as predictors run it."""
        torch.manual_seed(0)
        model = build_model(config).to(self.device).eval()
        return model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def persons(count: int) -> list[PersonCrop]:
    """Persons of one noisy photo in boxes of usual sizes."""
    rng = np.random.default_rng(0)
    photo = rng.integers(0, 255, (480, 640, 3), dtype=np.uint8)
    corner, side = rng.uniform(0, 250, (count, 2)), rng.uniform([60, 120], [200, 230], (count, 2))
    return [PersonCrop(photo, np.concatenate(box)) for box in zip(corner, side, strict=True)]


def our_parts(machine: Machine, config: ModelConfig, count: int) -> dict[str, Task]:
    """Cutting out, network and decoding of `count` persons, each apart."""
    people, codec = persons(count), codec_of(config)
    network = machine.network(config)
    batch = cut_people(people, config)

    @torch.inference_mode()
    def forward() -> Any:
        return network(normalised(torch.from_numpy(batch.pixels).to(machine.device), config))

    output = forward()

    @torch.inference_mode()
    def decode() -> Any:
        xy, score = codec.decode(codec.read(output.places))
        return apply_affine(invert_affine(batch.to_crop), xy.cpu().numpy()), score.cpu().numpy()

    return {"crop": lambda: cut_people(people, config), "forward": forward, "decode": decode}


def their_parts(machine: Machine, config: ModelConfig, count: int) -> dict[str, Task]:
    """The same by transformers' own classes, as its documentation uses them."""
    from transformers import VitPoseForPoseEstimation, VitPoseImageProcessor

    people = persons(count)
    width, height = config.crop_size_wh_px
    processor = VitPoseImageProcessor(size={"height": height, "width": width})
    network = VitPoseForPoseEstimation(hub_config(config)).to(machine.device).eval()
    photo = np.ascontiguousarray(people[0].photo_bgr[..., ::-1])
    boxes = [[person.box_xywh_px.tolist() for person in people]]

    def crop() -> Any:
        return processor(photo, boxes=boxes, return_tensors="pt").to(machine.device)

    inputs = crop()

    @torch.inference_mode()
    def forward() -> Any:
        return network(**inputs)

    output = forward()
    return {
        "crop": crop,
        "forward": forward,
        "decode": lambda: processor.post_process_pose_estimation(output, boxes=boxes),
    }


def pipelines(machine: Machine, batches: Sequence[int]) -> dict[str, dict[str, float]]:
    """Milliseconds of every part: ours, and transformers' ViTPose beside ours."""
    found: dict[str, dict[str, float]] = {}
    print("\nmilliseconds a batch      crop  forward   decode    total   persons/s  decode share")
    for count in batches:
        for title, name, parts in (
            ("sbl_r50", "sbl_r50", our_parts),
            ("vitpose_base", "vitpose_base", our_parts),
            ("vitpose_base of transformers", "vitpose_base", their_parts),
        ):
            ms = machine.timed(parts(machine, machine.config(name), count))
            found[f"{title}, {count}"] = ms
            total = sum(ms[part] for part in PARTS)
            cells = " ".join(f"{ms[part]:8.2f}" for part in PARTS)
            share = ms["decode"] / ms["forward"]
            print(
                f"{title[:20]:<20}{count:>3} {cells} {total:8.2f} {count / total * 1000:11.1f} "
                f"{share:9.1%}{machine.verdict(share <= 0.03) if parts is our_parts else ''}"
            )
        ours, theirs = (
            sum(found[f"vitpose_base{end}, {count}"].values()) for end in ("", " of transformers")
        )
        verdict = machine.verdict(ours <= theirs)
        print(f"  ViTPose takes {ours / theirs:.2f} of transformers' time{verdict}")
    return found


def added(machine: Machine, batches: Sequence[int]) -> dict[str, float]:
    """How much longer a network takes than the plain one it stands on."""
    found: dict[str, float] = {}
    print("\nwhat papers' parts add to their base")
    for name, base, budget in ADDED:
        for count in batches:
            tasks = {
                key: our_parts(machine, machine.config(key), count)["forward"]
                for key in (name, base)
            }
            ms = machine.timed(tasks)
            more = ms[name] / ms[base] - 1
            found[f"{name}, {count}"] = more
            print(
                f"  {name:<22}{count:>3}  {ms[base]:8.2f} to {ms[name]:8.2f} ms  {more:+7.1%}, "
                f"at most {budget:.0%}{machine.verdict(more <= budget)}"
            )
    return found


def options(machine: Machine, count: int) -> dict[str, float]:
    """Milliseconds of the plain network in other layouts and precisions, and compiled."""
    config = machine.config("sbl_r50")
    last = machine.network(config)
    first = machine.network(config).to(memory_format=torch.contiguous_format)
    pixels = torch.from_numpy(cut_people(persons(count), config).pixels).to(machine.device)
    crops = normalised(pixels, config)
    plain = crops.contiguous()

    def look(network: nn.Module, inputs: torch.Tensor, *, bfloat16: bool = False) -> Task:
        @torch.inference_mode()
        def task() -> Any:
            with torch.autocast(machine.device.type, torch.bfloat16, enabled=bfloat16):
                return network(inputs)

        return task

    tasks = {
        "channels last": look(last, crops),
        "channels first": look(first, plain),
        "channels last, bfloat16": look(last, crops, bfloat16=True),
    }
    if not machine.quick:
        tasks["channels last, compiled"] = look(torch.compile(last), crops)  # type: ignore[arg-type]
    ms = machine.timed(tasks)
    print(f"\nsbl_r50, {count} persons, forward alone")
    for name, value in ms.items():
        print(f"  {name:<26}{value:9.2f} ms  {ms['channels first'] / value:5.2f} times as fast")
    return ms


def share_of_peak(machine: Machine, count: int) -> float | None:
    """What part of the GPU's dense bfloat16 peak the plain network reaches."""
    if machine.device.type != "cuda":
        return None
    config = machine.config("sbl_r50")
    network = machine.network(config)
    crops = torch.zeros(count, 3, *config.crop_size_wh_px[::-1], device=machine.device)
    crops = crops.to(memory_format=torch.channels_last)

    @torch.inference_mode()
    def task() -> Any:
        with torch.autocast("cuda", torch.bfloat16):
            return network(crops)

    with FlopCounterMode(display=False) as counter:
        task()
    seconds = machine.timed({"": task})[""] / 1000
    name = torch.cuda.get_device_name(machine.device)
    peak = next((tflops for word, tflops in PEAK_TFLOPS.items() if word in name), None)
    reached = counter.get_total_flops() / seconds / 1e12
    share = reached / peak if peak else None
    words = f", {share:.1%} of its peak" if share else "; its peak is not in the table"
    print(f"\n{name}: {count / seconds:,.0f} persons/s, {reached:.1f} TFLOP/s{words}")
    return share


def main() -> None:
    """Measure everything, print it, and keep it unless it was quick."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    machine = Machine(torch.device(given.device), 1 if given.quick else given.rounds, given.quick)
    batches = (1,) if given.quick else BATCHES
    about = f"{platform.processor() or platform.machine()}, PyTorch {torch.__version__}"
    print(f"{about}, {given.threads} threads, {machine.device}")
    found = {
        "machine": about,
        "threads": given.threads,
        "device": given.device,
        "rounds": machine.rounds,
        "pipelines_ms": pipelines(machine, batches),
        "added": added(machine, batches),
        "options_ms": options(machine, batches[-1]),
        "share_of_peak": share_of_peak(machine, 128),
    }
    if not given.quick:
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
