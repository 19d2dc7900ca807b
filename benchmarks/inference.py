"""How fast networks answer: beside transformers' ViTPose, and what each head adds to its base.

Weights are random, float32, channels last and without flip test on every side, in inference mode.
What is compared takes turns in one process; what counts is the ratio within a round, of which the
median and the quartiles are told (`benchmarks/timing/in_turns.py`). mmpose wants an older PyTorch
than ours, so it is not compared with.

Budgets: a ViTPose here is no slower than transformers' own, with its way of cutting out and of
reading maps. At 32 persons paper 000's branch adds at most 20 % to its base, paper 001's VisNet and
transformer 3 %, and decoding takes at most 3 % of the forward pass.

`python benchmarks/inference.py [--threads N] [--device cuda]` writes results/inference.json, half
an hour on two cores; `--only SECTION ...` makes some of it anew. `--quick` runs everything once
with networks so small that no figure means anything, and writes nothing.
"""

import argparse
import copy
import json
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.systems import macs_of
from benchmarks.timing.in_turns import ROUNDS, Compared, Way
from benchmarks.timing.machine import BATCHES, Machine, look, people_of_a_photo
from core.data.crops import apply_affine, invert_affine
from core.data.prediction import Prediction
from core.inference.crop_batch import cut_people
from core.inference.pose_predictor import PersonCrop
from core.inference.predictor import Predictor
from core.models.catalog import build_model
from core.models.checkpoint_config import CheckpointConfig
from core.models.codecs.build import codec_of
from core.models.model_config import ModelConfig
from core.models.preprocess import normalised
from core.models.vitpose.network import hub_config

RESULTS = ROOT / "benchmarks" / "results" / "inference.json"
VIT, SBL = "vitpose_base_simple", "sbl_r50"
THEIRS, OURS = "transformers", "ours"
# What stands on what: heads and the base they are held against.
HEADS: Mapping[str, tuple[str, ...]] = {
    "sbl_r50": ("metamodel_sbl_r50", "metamodel_sbl_r50 m=256", "hpcvnet_r50"),
    "simcc_r50": ("visaware_simcc_r50",),
    "cpn_r50 of 288x384": ("oahpe_r50", "oahpe_r50_ksnet"),
}
# The most a head may take, of its base's time, and decoding, of the forward pass.
MOST = {"metamodel_sbl_r50": 1.20, "metamodel_sbl_r50 m=256": 1.20, "visaware_simcc_r50": 1.03}
MOST_DECODING, MOST_OF_THEIRS = 0.03, 1.0
DECODED = (SBL, "simcc_r50", VIT, "mspn2")  # one for each way to read a peak


def beside_transformers(machine: Machine) -> dict[str, Any]:
    """From a photo to places in it: theirs, and ours with the same weights; in parts, too."""
    from transformers import VitPoseForPoseEstimation

    model = machine.model(VIT)
    theirs = VitPoseForPoseEstimation(hub_config(model)).eval()
    same = build_model(model)
    same.load_state_dict(theirs.state_dict())
    theirs = theirs.to(machine.device).to(memory_format=torch.channels_last)
    predictor = Predictor(same, _about(model), machine.device, flip_test=False)
    sbl = machine.model(SBL)
    resnet = Predictor(machine.network(sbl), _about(sbl), machine.device, flip_test=False)
    found: dict[str, Any] = {}
    for count in machine.batches:
        people = people_of_a_photo(count)
        whole, crops, places = _theirs(theirs, model, people, machine)
        ways = {
            "photo to places": {
                THEIRS: whole,
                OURS: _asks(predictor, people),
                "ours, sbl_r50": _asks(resnet, people),
            },
            "photo to crops": {THEIRS: crops, OURS: lambda p=people: cut_people(p, model)},
            "maps to places": {THEIRS: places, OURS: _decoding(same, model, people, machine)},
        }
        done = {what: machine.compared(each) for what, each in ways.items()}  # type: ignore[arg-type]
        found[f"{count} persons"] = {**done, "apart_px": _apart(whole(), predictor, people)}
        _, share, _ = done["photo to places"].ratio[OURS]
        _print(machine, f"{count} persons", done, machine.verdict(share, MOST_OF_THEIRS))
    return found


def _theirs(
    network: nn.Module, model: ModelConfig, people: list[PersonCrop], machine: Machine
) -> tuple[Callable[[], list[Any]], Way, Way]:
    """By transformers' own classes: the whole way, crops alone, and places of maps alone."""
    from transformers import VitPoseImageProcessorPil  # the other one needs torchvision

    width, height = model.crop_size_wh_px
    processor = VitPoseImageProcessorPil(size={"height": height, "width": width})
    photo = np.ascontiguousarray(people[0].photo_bgr[..., ::-1])
    boxes = [[person.box_xywh_px.tolist() for person in people]]

    def crops() -> Any:
        return processor(photo, boxes=boxes, return_tensors="pt")["pixel_values"]

    @torch.inference_mode()
    def answered() -> Any:
        inputs = crops().to(machine.device).to(memory_format=torch.channels_last)
        return network(inputs)

    answer = answered()

    def places(output: Any = answer) -> list[Any]:
        return processor.post_process_pose_estimation(output, boxes=boxes)[0]  # type: ignore[no-any-return]

    return lambda: places(answered()), crops, places


def _asks(predictor: Predictor, people: list[PersonCrop]) -> Callable[[], list[Prediction]]:
    return lambda: predictor.predict_many(people)


def _decoding(
    network: nn.Module, model: ModelConfig, people: list[PersonCrop], machine: Machine
) -> Way:
    """From a network's answer to places in the photo, as a predictor reads it."""
    codec, batch = codec_of(model), cut_people(people, model)
    with torch.inference_mode():
        pixels = torch.from_numpy(batch.pixels).to(machine.device)
        places = network(normalised(pixels, model)).places

    @torch.inference_mode()
    def way() -> Any:
        xy, score = codec.decode(codec.read(places))
        return apply_affine(invert_affine(batch.to_crop), xy.cpu().numpy()), score.cpu().numpy()

    return way


def _apart(theirs: list[Any], predictor: Predictor, people: list[PersonCrop]) -> float:
    """Median distance of both answers in photo pixels; maps of random weights have odd peaks."""
    ours = predictor.predict_many(people)
    both = zip(ours, theirs, strict=True)
    off = [np.linalg.norm(a.xy_image_px - b["keypoints"].numpy(), axis=-1) for a, b in both]
    return float(np.median(off))


def heads(machine: Machine) -> dict[str, Any]:
    """What papers' heads add to the time of the network they stand on, forward alone."""
    found = {}
    for base, names in HEADS.items():
        alone = machine.base_of(names[0])
        networks = {base: machine.network(alone)}
        networks |= {name: machine.network(machine.model(name)) for name in names}
        for count in machine.batches:
            crops = machine.crops(alone, count)
            done = machine.compared({n: look(each, crops) for n, each in networks.items()})
            found[f"{base}, {count} persons"] = done
            verdicts = [
                f"\n    {name}{machine.verdict(done.ratio[name][1], MOST[name])}"
                for name in names
                if name in MOST and count == BATCHES[-1]
            ]
            _print(machine, f"{base}, {count} persons", {"": done}, "".join(verdicts))
    return found


def decoding(machine: Machine) -> dict[str, Any]:
    """Maps to places in the photo, held against the forward pass that made the maps."""
    found = {}
    count = machine.batches[-1]
    people = people_of_a_photo(count)
    for name in DECODED:
        model = machine.model(name)
        network = machine.network(model)
        ways = {
            "forward": look(network, machine.crops(model, count)),
            "decoding": _decoding(network, model, people, machine),
        }
        done = found[f"{name}, {count} persons"] = machine.compared(ways)
        verdict = machine.verdict(done.ratio["decoding"][1], MOST_DECODING)
        _print(machine, f"{name}, {count} persons", {"": done}, verdict)
    return found


def options(machine: Machine) -> dict[str, Any]:
    """The plain network in other layouts and precisions, and compiled; forward alone."""
    model = machine.model(SBL)
    last = machine.network(model)
    first = copy.deepcopy(last).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    found: dict[str, Any] = {}
    compiled, words = _compiled(last, machine.crops(model, 2), quick=machine.quick)
    for count in machine.batches:
        crops = machine.crops(model, count)
        ways = {
            "channels last": look(last, crops),
            "channels first": look(first, crops.contiguous()),
            "bfloat16": look(last, crops, bfloat16=True),
        }
        if compiled is not None:
            ways["compiled"] = look(compiled, crops)
        done = found[f"{SBL}, {count} persons"] = machine.compared(ways)
        _print(machine, f"{SBL}, {count} persons", {"": done}, f", {words}" if words else "")
    return {**found, "compiling": words or "works"}


def _compiled(network: nn.Module, crops: Tensor, *, quick: bool) -> tuple[nn.Module | None, str]:
    """The compiled network; else why there is none."""
    if quick:
        return None, "not compiled"
    compiled = torch.compile(network, dynamic=True)
    try:
        with torch.inference_mode():
            compiled(crops)
    except torch._dynamo.exc.TorchDynamoException as error:
        return None, f"not compiled: {str(error).strip().splitlines()[0]}"
    return compiled, ""  # type: ignore[return-value]


def throughput(machine: Machine) -> dict[str, Any]:
    """Persons a second, and on a GPU that is known the share of its peak."""
    cuda = machine.device.type == "cuda"
    found: dict[str, Any] = {"device_name": machine.name}
    for name in (SBL, VIT):
        model = machine.model(name)
        network, flops = machine.network(model), 2 * macs_of(model)
        count = 128 if cuda and not machine.quick else machine.batches[-1]
        crops = machine.crops(model, count)
        for precision in ("float32", "bfloat16") if cuda else ("float32",):
            way = look(network, crops, bfloat16=precision == "bfloat16")
            per_s = count / machine.compared({precision: way}).median_s[precision]
            share = machine.share_of_peak(flops * per_s, precision)
            found[f"{name}, {precision}, {count} persons"] = {
                "persons_per_s": per_s, "flops_per_s": flops * per_s, "share_of_peak": share,
            }  # fmt: skip
            print(
                f"  {name}, {precision}: {per_s:.1f} persons/s, {flops * per_s / 1e9:.0f} GFLOP/s; "
                f"share of the device's peak: {share}"
            )
    return found


def _about(model: ModelConfig) -> CheckpointConfig:
    return CheckpointConfig("random", model, "", "", "", "", 0, "")


def _print(machine: Machine, title: str, done: Mapping[str, Compared], verdict: str) -> None:
    print(f"  {title}{verdict}")
    for what, each in done.items():
        first = next(iter(each.median_s))
        print(f"    {what}{' of ' if what else ''}{first}: {each.median_s[first] * 1e3:.2f} ms")
        for name, (low, mid, high) in each.ratio.items():
            print(
                f"      {name}: {mid:.3f} of it [{low:.3f}, {high:.3f}], by processor time "
                f"{each.cpu_ratio[name]:.3f}; {each.rounds} rounds, load {each.load:.1f}"
            )


SECTIONS: Mapping[str, Callable[[Machine], dict[str, Any]]] = {
    "beside transformers": beside_transformers,
    "heads": heads,
    "decoding": decoding,
    "options": options,
    "throughput": throughput,
}


def main() -> None:
    """Measure, print, and keep it unless it was quick."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--batches", nargs="+", type=int, default=BATCHES, metavar="PERSONS")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--only", nargs="+", choices=list(SECTIONS), default=list(SECTIONS))
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    machine = Machine(torch.device(given.device), given.rounds, tuple(given.batches))
    if given.quick:
        machine = replace(machine, rounds=1, batches=(1, 2), quick=True)
    about = f"{platform.processor() or platform.machine()}, PyTorch {torch.__version__}"
    print(f"{about}, {given.threads} threads, {machine.device}")
    found = json.loads(RESULTS.read_text()) if RESULTS.is_file() else {}
    for name in given.only:
        print(f"\n{name}: {(SECTIONS[name].__doc__ or '').splitlines()[0]}", flush=True)
        done = SECTIONS[name](machine)
        found[name] = {"machine": about, "threads": given.threads, "device": given.device, **done}
        if not given.quick:
            RESULTS.parent.mkdir(exist_ok=True)
            RESULTS.write_text(json.dumps(found, indent=1, default=asdict) + "\n")


if __name__ == "__main__":
    main()
