import pytest
import torch
from torch import nn

from core.errors import UserError
from core.training.config import LoopConfig
from core.training.loop import EpochReport, fit, learning_rate

CONFIG = LoopConfig(epochs=4, batch_size=4, learning_rate=0.05, threads=1)
STEPS = 3


class KilledError(Exception):
    pass


def a_network() -> nn.Module:
    torch.manual_seed(7)
    return nn.Sequential(nn.Linear(3, 8), nn.BatchNorm1d(8), nn.Dropout(0.3), nn.Linear(8, 1))


def batches(epoch: int):
    random = torch.Generator().manual_seed(epoch)
    for _ in range(STEPS):
        inputs = torch.randn(4, 3, generator=random)
        yield inputs, inputs.sum(dim=1, keepdim=True)


def losses_of(model, batch):
    inputs, wanted = batch
    return {"loss": ((model(inputs) - wanted) ** 2).mean()}


def train(model, average, *, state_file=None, batches=batches, on_epoch_end=lambda report: None):
    fit(
        model, average, batches=batches, steps_per_epoch=STEPS, losses_of=losses_of,
        config=CONFIG, state_file=state_file, on_epoch_end=on_epoch_end,
    )  # fmt: skip


def assert_same(one: nn.Module, other: nn.Module) -> None:
    for name, value in one.state_dict().items():
        assert torch.equal(value, other.state_dict()[name]), name


def test_the_same_seed_ends_with_the_same_weights():
    one, two = a_network(), a_network()
    train(one, a_network())
    train(two, a_network())
    assert_same(one, two)


@pytest.mark.parametrize("killed_at", [0, 1, 4, 8, 11])
def test_a_run_killed_at_any_step_and_resumed_ends_with_the_same_weights(tmp_path, killed_at):
    whole, whole_average = a_network(), a_network()
    train(whole, whole_average)

    def cut_short(epoch):
        for place, batch in enumerate(batches(epoch)):
            if epoch * STEPS + place == killed_at:
                raise KilledError
            yield batch

    with pytest.raises(KilledError):
        train(a_network(), a_network(), state_file=tmp_path / "state.pt", batches=cut_short)
    resumed, resumed_average = a_network(), a_network()
    train(resumed, resumed_average, state_file=tmp_path / "state.pt")
    assert_same(resumed, whole)
    assert_same(resumed_average, whole_average)


def test_it_learns_and_says_so_after_each_epoch():
    heard: list[EpochReport] = []
    train(a_network(), a_network(), on_epoch_end=heard.append)
    assert [report.epoch for report in heard] == [0, 1, 2, 3]
    assert heard[-1].losses["loss"] < heard[0].losses["loss"]
    assert not heard[-1].average.training


def test_a_finished_run_does_nothing_more(tmp_path):
    model = a_network()
    train(model, a_network(), state_file=tmp_path / "state.pt")

    def none(epoch):
        raise AssertionError("no more epochs")

    again = a_network()
    train(again, a_network(), state_file=tmp_path / "state.pt", batches=none)
    assert_same(again, model)


def test_a_damaged_state_is_refused_in_words(tmp_path):
    (tmp_path / "state.pt").write_bytes(b"not a state")
    with pytest.raises(UserError, match="state of the training run cannot be read") as refused:
        train(a_network(), a_network(), state_file=tmp_path / "state.pt")
    assert refused.value.where == str(tmp_path / "state.pt")


def test_the_rate_warms_up_then_falls_to_a_hundredth():
    config = LoopConfig(epochs=10, learning_rate=1.0, warmup_epochs=2)
    rates = [learning_rate(epochs_done, config) for epochs_done in (0, 1, 2, 6, 10, 11)]
    assert rates == pytest.approx([0.005, 0.5025, 1.0, 0.505, 0.01, 0.01], abs=1e-3)
