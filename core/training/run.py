"""A whole training: its stages one after the other, each resumable, then the figures."""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import torch
from torch import nn

from core.data.progress import Cancelled, never
from core.data.whole_file import words_for_disk_errors, write_whole
from core.models.card_text import Figure
from core.models.checkpoint import load_checkpoint
from core.models.checkpoint_config import CheckpointConfig
from core.training.config import NETWORK, RUN_DIR, STATE_FILE, TrainConfig, described
from core.training.device import training_device, view_threads
from core.training.examples import read_examples
from core.training.export import About, export_model
from core.training.loop import EpochReport, StepReport
from core.training.measure import measured
from core.training.people_data import kept_side_px
from core.training.run_state import RunState
from core.training.sources import TrainingData, data_hash
from core.training.stages import StageRun, train_stage
from core.training.start import begun_with, begun_with_backbone

CURVE_FILE = "losses.json"
PART_COSTS = 0.5  # of an epoch of the whole network, for the bar

OnWords = Callable[[float, str], None]  # fraction done, and what is at work


@dataclass(frozen=True)
class TrainingReport:
    """What became of a training.

    Attributes:
        losses: mean of the last epoch, by stage.
        left_out: photos that could not be read, with why.
        taken: what of the weights it began with was taken, where not all was.
    """

    name: str
    recipe: str
    folder: Path
    trained_on: str
    num_parameters: int
    losses: Mapping[str, float]
    figures: tuple[Figure, ...]
    left_out: tuple[str, ...]
    taken: str


class Training:
    """A training in a folder: a checkpoint, and beside it what is needed to go on.

    `start` is the checkpoint folder of a model to begin with, or a file with a public backbone.
    `device` is a word of `training_device`; a run that goes on elsewhere ends with other last
    digits.

    Raises:
        UserError: everywhere, in words: data that cannot be used, a full disk, another run.
        Cancelled: the caller asked to stop; the state is saved.
    """

    def __init__(
        self,
        stages: Sequence[TrainConfig],
        data: TrainingData,
        folder: Path,
        *,
        about: About,
        start: Path | None = None,
        device: str = "auto",
        on_words: OnWords = lambda fraction, words: None,
        cancelled: Cancelled = never,
    ) -> None:
        self._device = training_device(device)
        threads = view_threads(self._device)
        self._stages = [replace(s, loop=replace(s.loop, view_threads=threads)) for s in stages]
        self._data, self._folder = data, folder
        self._about, self._start = about, start
        self._on_words, self._cancelled = on_words, cancelled
        self._left_out: dict[str, None] = {}
        self._losses: dict[str, float] = {}

    def run(self) -> TrainingReport:
        """Train from where it stands to the end, and measure."""
        start, data_sha256 = self._start, ""
        for number, config in enumerate(self._stages):
            folder = self._folder / RUN_DIR / config.stage
            data_sha256 = self._run_stage(number, folder, start)
            start = folder
        assert start is not None
        return self._finish(start, data_sha256)

    def _run_stage(self, number: int, folder: Path, start: Path | None) -> str:
        """Train one stage, or see that it is done; gives the hash of its labels."""
        config = self._stages[number]
        torch.set_num_threads(config.loop.threads)
        cv2.setNumThreads(1)  # views are made in threads of their own already
        chosen = self._data.learn(config.sets)
        self._on_words(self._fraction(number, 0.0), f"reading persons for {config.stage}")
        sha256 = data_hash([source.json_file for source in chosen])
        network, began_sha256 = self._begun(config, start)
        about = {**described(config), "labels": sha256, "start": began_sha256}
        curve = _Curve(folder / CURVE_FILE, about)
        if curve.finished:
            self._losses[config.stage] = curve.last_loss
            return sha256
        examples = read_examples(chosen, config, self._cancelled)
        self._left_out.update(dict.fromkeys(examples.problems))
        with words_for_disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
        state = RunState(folder / STATE_FILE, {**about, "views": examples.views})

        def on_network(network: nn.Module, epoch: EpochReport) -> None:
            for target in (folder, self._folder):
                self._export(network, self._stages[: number + 1], target, sha256)
            self._losses[config.stage] = epoch.losses["loss"]
            curve.write(epoch)

        train_stage(
            StageRun(
                config,
                network,
                examples,
                state,
                device=self._device,
                on_step=partial(self._say_step, number),
                on_network=on_network,
                cancelled=self._cancelled,
            )
        )
        return sha256

    def _begun(
        self, config: TrainConfig, start: Path | None
    ) -> tuple[nn.Module | None, str | None]:
        """The network a stage begins with and the hash of where it comes from."""
        if start is None:
            return None, None
        if start.is_file():
            return self._begun_with_backbone(config, start)
        network, checkpoint = load_checkpoint(start)
        taken = begun_with(config.model, network, name=checkpoint.name)
        if taken.words and start == self._start:  # what stages leave each other is no news
            self._about = replace(self._about, taken=taken.words)
        return taken.network, checkpoint.weights_sha256

    def _begun_with_backbone(self, config: TrainConfig, file: Path) -> tuple[nn.Module, str]:
        taken = begun_with_backbone(config.model, file, seed=config.loop.seed)
        with file.open("rb") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
        backbone = f"{file.name} (`{sha256[:12]}`)"
        self._about = replace(self._about, backbone=backbone, taken=taken.words)
        return taken.network, sha256

    def _say_step(self, number: int, step: StepReport) -> None:
        stage = self._stages[number].stage
        words = f"{stage} {step.done:,} of {step.total:,}, loss {step.loss:.3f}"
        self._on_words(self._fraction(number, step.done / step.total), words)

    def _finish(self, last: Path, data_sha256: str) -> TrainingReport:
        network, config = load_checkpoint(last)
        figures: list[Figure] = []
        for source in self._data.measure:
            self._on_words(0.99, f"measuring on {source.what}")
            people = source.read(
                config.model.skeleton,
                side_px=kept_side_px(config.model.crop_size_wh_px),
                cancelled=self._cancelled,
            )
            self._left_out.update(dict.fromkeys(people.problems))
            what = f"{len(people.people):,} {source.what}"
            figures += measured(
                network,
                people,
                config,
                what=what,
                device=self._device,
                cancelled=self._cancelled,
            )
        written = self._export(network, self._stages, self._folder, data_sha256, figures)
        self._on_words(1.0, "done")
        return TrainingReport(
            written.name,
            self._about.recipe,
            self._folder,
            written.trained_on,
            written.num_parameters,
            self._losses,
            tuple(figures),
            tuple(self._left_out),
            self._about.taken,
        )

    def _export(
        self,
        network: nn.Module,
        stages: Sequence[TrainConfig],
        folder: Path,
        data_sha256: str,
        figures: Sequence[Figure] = (),
    ) -> CheckpointConfig:
        return export_model(
            network,
            stages,
            folder,
            about=self._about,
            data=self._data,
            data_sha256=data_sha256,
            figures=figures,
        )

    def _fraction(self, number: int, done: float) -> float:
        """How far the whole training is."""
        costs = [
            stage.loop.epochs * (1.0 if stage.trained == NETWORK else PART_COSTS)
            for stage in self._stages
        ]
        return 0.99 * (sum(costs[:number]) + costs[number] * done) / sum(costs)


class _Curve:
    """The losses of a stage by epoch, for curves, and whether it is done."""

    def __init__(self, file: Path, about: Mapping[str, Any]) -> None:
        self._file = file
        self._about = json.loads(json.dumps(about))
        found: Any = None
        with suppress(OSError, ValueError):  # not there, or not ours: written anew
            found = json.loads(file.read_bytes())
        self._found: dict[str, Any] = found if isinstance(found, dict) else {}

    @property
    def finished(self) -> bool:
        """Whether this very stage was trained to its end."""
        found = self._found
        same = bool(found.get("about") == self._about)
        return same and len(found["epochs"]) == self._about["loop"]["epochs"]

    @property
    def last_loss(self) -> float:
        """Of the last epoch."""
        return float(self._found["epochs"][-1]["loss"])

    def write(self, report: EpochReport) -> None:
        """Note an epoch."""
        found = {"about": self._about, "epochs": list(map(dict, report.history))}
        write_whole(self._file, json.dumps(found, indent=1).encode())
