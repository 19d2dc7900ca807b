import resource
from dataclasses import replace
from itertools import pairwise

import pytest
import torch
from torch import nn

from core.errors import Cancelled, UserError
from core.training.config import LoopConfig
from core.training.loop import EpochReport, StepReport, fit
from core.training.run_state import RunState

CONFIG = LoopConfig(epochs=4, batch_size=4, learning_rate=0.05, threads=1, save_every_s=0.0)
STEPS = 3
ABOUT = {"loop": {"seed": 0}, "labels": "abc"}


class KilledError(Exception):
    pass


def a_network() -> nn.Module:
    torch.manual_seed(7)
    return nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout(0.3), nn.Linear(8, 1))


def batches(epoch: int, first: int = 0):
    for place in range(first, STEPS):
        random = torch.Generator().manual_seed(100 * epoch + place)
        inputs = torch.randn(4, 3, generator=random)
        yield inputs, inputs.sum(dim=1, keepdim=True)


def losses_of(model, batch, epoch):
    inputs, wanted = batch
    return {"loss": ((model(inputs) - wanted) ** 2).mean()}


def train(model, average, *, file=None, about=ABOUT, config=CONFIG, **more):
    fit(
        model, average, steps_per_epoch=STEPS, config=config,
        state=RunState(file, about) if file else None,
        **{"batches": batches, "losses_of": losses_of, **more},
    )  # fmt: skip


def assert_same(one: nn.Module, other: nn.Module) -> None:
    for name, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[name]), name


def killed_before(step: int):
    def cut_short(epoch, first):
        for place, batch in enumerate(batches(epoch, first), first):
            if epoch * STEPS + place == step:
                raise KilledError
            yield batch

    return cut_short


def test_the_same_seed_ends_with_the_same_weights():
    one, two, other = a_network(), a_network(), a_network()
    train(one, a_network())
    train(two, a_network())
    train(other, a_network(), config=replace(CONFIG, seed=1))
    assert_same(one, two)
    assert not torch.equal(one[0].weight, other[0].weight)  # dropout is of the seed, too


@pytest.mark.parametrize("save_every_s", [0.0, 3600.0])
@pytest.mark.parametrize("killed_at", range(12))
def test_a_run_killed_before_any_step_and_resumed_ends_with_the_same_weights(
    tmp_path, killed_at, save_every_s
):
    config = replace(CONFIG, save_every_s=save_every_s)
    heard: list[EpochReport] = []
    whole, whole_average = a_network(), a_network()
    train(whole, whole_average, on_epoch_end=heard.append)
    file = tmp_path / "state.pt"
    with pytest.raises(KilledError):
        train(a_network(), a_network(), file=file, config=config, batches=killed_before(killed_at))
    torch.manual_seed(99)  # a new process knows nothing of the random numbers before
    again: list[EpochReport] = []
    resumed, resumed_average = a_network(), a_network()
    train(resumed, resumed_average, file=file, config=config, on_epoch_end=again.append)
    assert_same(resumed, whole)
    assert_same(resumed_average, whole_average)
    assert again[-1].history == heard[-1].history


def test_a_resumed_run_asks_only_for_the_batches_that_are_left(tmp_path):
    with pytest.raises(KilledError):
        train(a_network(), a_network(), file=tmp_path / "s.pt", batches=killed_before(4))
    asked = []

    def noted(epoch, first):
        asked.append((epoch, first))
        return batches(epoch, first)

    train(a_network(), a_network(), file=tmp_path / "s.pt", batches=noted)
    assert asked == [(1, 1), (2, 0), (3, 0)]


def test_between_two_saves_lies_the_time_that_was_asked_for(tmp_path, monkeypatch):
    saved = []
    monkeypatch.setattr(
        RunState, "save", lambda self, at, *rest: saved.append((at.epoch, at.place))
    )
    now = iter(range(0, 1000, 10))  # every look at the clock is ten seconds later
    monkeypatch.setattr("core.training.loop.time.monotonic", lambda: next(now))
    config = replace(CONFIG, epochs=1, save_every_s=15.0)
    train(a_network(), a_network(), file=tmp_path / "s.pt", config=config)
    assert saved == [(0, 2), (0, 3)]  # after 20 s, and at the epoch's end


def test_a_kill_while_an_epoch_is_reported_repeats_the_report(tmp_path):
    def killed(report):
        raise KilledError

    with pytest.raises(KilledError):
        train(a_network(), a_network(), file=tmp_path / "s.pt", on_epoch_end=killed)
    heard: list[EpochReport] = []
    train(a_network(), a_network(), file=tmp_path / "s.pt", on_epoch_end=heard.append)
    assert [report.epoch for report in heard] == [0, 1, 2, 3]
    assert [len(report.history) for report in heard] == [1, 2, 3, 4]


def test_who_asks_it_to_stop_finds_the_state_of_that_very_step(tmp_path):
    steps: list[StepReport] = []
    config = replace(CONFIG, save_every_s=3600.0)
    with pytest.raises(Cancelled):
        train(
            a_network(), a_network(), file=tmp_path / "s.pt", config=config,
            on_step=steps.append, cancelled=lambda: len(steps) == 4,
        )  # fmt: skip
    assert [step.done for step in steps] == [1, 2, 3, 4, 5]
    train(a_network(), a_network(), file=tmp_path / "s.pt", config=config, on_step=steps.append)
    assert [step.done for step in steps] == list(range(1, 13))
    assert {step.total for step in steps} == {12}


def test_it_learns_and_says_so_after_each_epoch():
    heard: list[EpochReport] = []
    train(
        a_network(), a_network(), config=replace(CONFIG, epochs=40),
        batches=lambda epoch, first: batches(0, first), on_epoch_end=heard.append,
    )  # fmt: skip
    assert [report.epoch for report in heard] == list(range(40))
    assert heard[-1].losses["loss"] < 0.5 * heard[0].losses["loss"]
    assert not heard[-1].average.training


def test_a_finished_run_makes_no_more_batches_and_reports_its_end_again(tmp_path):
    model = a_network()
    train(model, a_network(), file=tmp_path / "s.pt")

    def none(epoch, first):
        raise AssertionError("no more epochs")

    again = a_network()
    heard: list[EpochReport] = []
    train(again, a_network(), file=tmp_path / "s.pt", batches=none, on_epoch_end=heard.append)
    assert_same(again, model)
    assert [report.epoch for report in heard] == [3]


@pytest.mark.parametrize("content", [b"not a state", b""])
def test_a_damaged_state_is_refused_in_words(tmp_path, content):
    (tmp_path / "s.pt").write_bytes(content)
    with pytest.raises(UserError, match="state of the training run cannot be read") as refused:
        train(a_network(), a_network(), file=tmp_path / "s.pt")
    assert refused.value.where == str(tmp_path / "s.pt")
    assert refused.value.remedy == "Delete it to start afresh, or choose another folder."


def test_the_state_of_another_network_is_refused_in_words(tmp_path):
    train(a_network(), a_network(), file=tmp_path / "s.pt")
    with pytest.raises(UserError, match="state of the training run cannot be read"):
        train(nn.Linear(3, 1), nn.Linear(3, 1), file=tmp_path / "s.pt")


def test_the_state_of_other_settings_is_refused_with_what_differs(tmp_path):
    train(a_network(), a_network(), file=tmp_path / "s.pt")
    about = {"loop": {"seed": 1}, "labels": "x" * 70}
    with pytest.raises(UserError, match="was begun with other settings") as refused:
        train(a_network(), a_network(), file=tmp_path / "s.pt", about=about)
    assert refused.value.problems == (
        "loop.seed was 0, is 1",
        f"labels was abc, is {'x' * 57}...",
    )


def test_the_state_of_another_version_is_refused(tmp_path, monkeypatch):
    train(a_network(), a_network(), file=tmp_path / "s.pt")
    monkeypatch.setattr("core.training.run_state.FORMAT", 99)
    with pytest.raises(UserError, match="of another version of the program"):
        train(a_network(), a_network(), file=tmp_path / "s.pt")


def test_a_full_disk_ends_the_run_in_words_and_leaves_the_state_before(tmp_path):
    whole = a_network()
    train(whole, a_network())
    with pytest.raises(KilledError):
        train(a_network(), a_network(), file=tmp_path / "s.pt", batches=killed_before(5))
    before = (tmp_path / "s.pt").read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(UserError, match="The disk is full; nothing was written"):
            train(a_network(), a_network(), file=tmp_path / "s.pt")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (tmp_path / "s.pt").read_bytes() == before
    assert list(tmp_path.iterdir()) == [tmp_path / "s.pt"]
    resumed = a_network()
    train(resumed, a_network(), file=tmp_path / "s.pt")
    assert_same(resumed, whole)


def test_losses_know_the_epoch_they_are_of(tmp_path):
    heard = []

    def noted(model, batch, epoch):
        heard.append(epoch)
        return losses_of(model, batch, epoch)

    train(a_network(), a_network(), losses_of=noted)
    assert heard == [0] * 3 + [1] * 3 + [2] * 3 + [3] * 3


def test_a_schedule_that_looks_at_losses_is_the_same_after_a_kill(tmp_path):
    config = replace(CONFIG, epochs=6, schedule="plateau", patience_epochs=1, learning_rate=0.5)
    whole, resumed = a_network(), a_network()
    train(whole, a_network(), config=config)
    with pytest.raises(KilledError):
        train(
            a_network(), a_network(), file=tmp_path / "s.pt", config=config,
            batches=killed_before(13),
        )  # fmt: skip
    train(resumed, a_network(), file=tmp_path / "s.pt", config=config)
    assert_same(resumed, whole)


def test_a_plateau_is_told_by_the_losses_of_the_epochs_before():
    def never_lower(model, batch, epoch):
        said = model(batch[0]).sum()
        return {"loss": said - said.detach() + 1}  # always 1, with a gradient

    config = replace(
        CONFIG, epochs=5, schedule="plateau", patience_epochs=2, factor=0.0, warmup_epochs=0.0
    )
    seen = []
    model = a_network()
    train(
        model, a_network(), config=config, losses_of=never_lower,
        on_epoch_end=lambda report: seen.append(model[0].weight.detach().clone()),
    )  # fmt: skip
    moved = [not torch.equal(a, b) for a, b in pairwise(seen)]
    # The first epoch sets the lowest loss, two more bring no lower one; then nothing moves.
    assert moved == [True, True, False, False]


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_every_optimizer_is_resumed_bit_for_bit(tmp_path, optimizer):
    config = replace(CONFIG, optimizer=optimizer)
    whole, resumed = a_network(), a_network()
    train(whole, a_network(), config=config)
    with pytest.raises(KilledError):
        train(
            a_network(), a_network(), file=tmp_path / "s.pt", config=config,
            batches=killed_before(5),
        )  # fmt: skip
    train(resumed, a_network(), file=tmp_path / "s.pt", config=config)
    assert_same(resumed, whole)
    assert not torch.equal(whole[0].weight, a_network()[0].weight)
