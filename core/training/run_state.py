"""The state of a training run on disk: whole or not at all, and never that of another run."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.data.whole_file import forget_halves, written_whole
from core.errors import UserError
from core.training.config import differences

FORMAT = 3  # raised when the meaning of a field changes


@dataclass
class Progress:
    """How far a run is.

    Attributes:
        epoch: the one at work, from 0.
        place: batches of it that are done.
        sums: of the losses over these batches, each divided by the epoch's steps.
        history: mean losses of every whole epoch before.
    """

    epoch: int = 0
    place: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    history: list[dict[str, float]] = field(default_factory=list)

    def count(self, losses: Mapping[str, Tensor], steps_per_epoch: int) -> None:
        """Note that one more batch is done."""
        self.place += 1
        for name, value in losses.items():
            self.sums[name] = self.sums.get(name, 0.0) + float(value.detach()) / steps_per_epoch


class RunState:
    """A state file, and what has to fit it.

    Attributes:
        file: where it is.
        about: everything that decides the result; a state that was made with another is refused.
    """

    def __init__(self, file: Path, about: Mapping[str, Any]) -> None:
        self.file = file
        self.about = about

    def save(
        self,
        progress: Progress,
        model: nn.Module,
        average: nn.Module,
        optimizer: torch.optim.Optimizer,
    ) -> None:
        """Replace the file; a kill or a full disk leaves the state before.

        Raises:
            UserError: the disk is full or may not be written to.
        """
        state = {
            "format": FORMAT,
            "about": json.dumps(self.about),
            "progress": vars(progress),
            "model": model.state_dict(),
            "average": average.state_dict(),
            "optimizer": optimizer.state_dict(),
            "random": torch.get_rng_state(),
            "random_cuda": torch.cuda.get_rng_state_all(),  # empty without such a device
        }
        packed = io.BytesIO()
        torch.save(state, packed)
        with written_whole(self.file) as out:
            out.write(packed.getbuffer())

    def load(
        self, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer
    ) -> Progress:
        """Go back to what `save` wrote; the very beginning without a file.

        Raises:
            UserError: the file is damaged or belongs to another run.
        """
        forget_halves(self.file)
        if not self.file.exists():
            return Progress()
        state = self._read()
        self._require_same(state)
        try:
            model.load_state_dict(state["model"])
            average.load_state_dict(state["average"])
            optimizer.load_state_dict(state["optimizer"])
            torch.set_rng_state(state["random"])
            if len(state["random_cuda"]) == torch.cuda.device_count():
                torch.cuda.set_rng_state_all(state["random_cuda"])
            return Progress(**state["progress"])
        except Exception as error:
            raise self._unreadable() from error

    def _read(self) -> dict[str, Any]:
        try:
            state = torch.load(self.file, map_location="cpu", weights_only=True)
            assert isinstance(state, dict)
            assert isinstance(json.loads(state.get("about", "{}")), dict)
        except Exception as error:
            raise self._unreadable() from error
        return state

    def _require_same(self, state: dict[str, Any]) -> None:
        if state.get("format") != FORMAT:
            raise UserError(
                "The state of this training run is of another version of the program.",
                where=str(self.file),
                remedy="Delete it to start afresh, or choose another folder.",
            )
        problems = differences(json.loads(state["about"]), self.about)
        if problems:
            raise UserError(
                "The training run in this folder was begun with other settings.",
                where=str(self.file.parent),
                remedy="Go on with those, or choose another folder.",
                problems=problems,
            )

    def _unreadable(self) -> UserError:
        return UserError(
            "The state of the training run cannot be read.",
            where=str(self.file),
            remedy="Delete it to start afresh, or choose another folder.",
        )
