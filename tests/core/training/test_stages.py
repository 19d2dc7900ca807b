from dataclasses import replace

import pytest
import torch

from core.models.catalog import build_model
from core.training.batches import augmented_batches, steps_per_epoch
from core.training.config import LoopConfig, TrainConfig
from core.training.examples import Examples
from core.training.loss_config import COUNTED, MetamodelLoss
from core.training.run_state import RunState
from core.training.stages import StageRun, loss_of_epoch, losses_of_stage, train_stage
from tests.core.training.small_networks import SMALL_METAMODEL, a_person

PEOPLE = [a_person(n) for n in range(4)]
ORDER = [0, 1, 2, 3]
CPU = torch.device("cpu")
LOOP = LoopConfig(epochs=2, batch_size=2, learning_rate=1e-2, warmup_epochs=0)
CONFIG = TrainConfig(SMALL_METAMODEL, loop=LOOP)


class KilledError(Exception):
    pass


def examples_of(config: TrainConfig, *, killed_at: int | None = None) -> Examples:
    def batches(epoch, first):
        found = augmented_batches(PEOPLE, ORDER, config, epoch=epoch, first=first)
        for place, batch in enumerate(found, first):
            if 2 * epoch + place == killed_at:
                raise KilledError
            yield batch

    return Examples(4, steps_per_epoch(ORDER, 2), batches, (10, 5, 20))


def trained(tmp_path, config, *, start=None, killed_at=None, name="state.pt"):
    """The networks as they would ship after each epoch."""
    heard = []

    def on_network(network, report):
        heard.append({key: value.clone() for key, value in network.state_dict().items()})

    train_stage(
        StageRun(
            config, start, examples_of(config, killed_at=killed_at),
            RunState(tmp_path / name, {}), CPU,
            on_step=lambda report: None, on_network=on_network, cancelled=lambda: False,
        )
    )  # fmt: skip
    return heard


@pytest.mark.parametrize("part", ["flag_branch", "base.head+flag_branch"])
def test_a_stage_changes_the_part_it_trains_and_no_bit_of_the_rest(tmp_path, part):
    start = build_model(SMALL_METAMODEL)
    before = {key: value.clone() for key, value in start.state_dict().items()}
    after = trained(tmp_path, replace(CONFIG, trained=part), start=start)[-1]
    changed = {key for key in after if not torch.equal(after[key], before[key])}
    assert changed
    assert all(key.startswith(tuple(part.split("+"))) for key in changed)
    assert any("running_var" in key for key in changed)


@pytest.mark.parametrize("trained_part", ["network", "flag_branch", "base.head+flag_branch"])
@pytest.mark.parametrize("killed_at", [1, 2, 3])
def test_a_stage_killed_anywhere_ends_bit_for_bit_as_one_that_was_not(
    tmp_path, trained_part, killed_at
):
    loop = replace(LOOP, save_every_s=0.0)
    config = replace(CONFIG, trained=trained_part, loop=loop)
    whole = trained(tmp_path, config, name="whole.pt")[-1]
    with pytest.raises(KilledError):
        trained(tmp_path, config, killed_at=killed_at)
    resumed = trained(tmp_path, config)[-1]
    assert all(torch.equal(whole[key], resumed[key]) for key in whole)


def test_the_mean_of_the_weights_ships_and_the_network_goes_its_own_way(tmp_path):
    slow = replace(CONFIG, loop=replace(LOOP, epochs=1, average_decay=1.0))
    quick = replace(CONFIG, loop=replace(LOOP, epochs=1, average_decay=0.0))
    one, two = trained(tmp_path, slow)[-1], trained(tmp_path, quick, name="two.pt")[-1]
    assert not torch.equal(one["base.head.to_maps.weight"], two["base.head.to_maps.weight"])


def test_bfloat16_learns_too(tmp_path):
    config = replace(CONFIG, loop=replace(LOOP, bfloat16=True))
    (first, last) = trained(tmp_path, config)
    assert all(value.isfinite().all() for value in last.values())
    assert not torch.equal(first["base.head.to_maps.weight"], last["base.head.to_maps.weight"])


def test_counted_weights_are_of_the_persons_learned_from():
    loss = MetamodelLoss(flag_weights=COUNTED)
    assert loss_of_epoch(loss, 0, (10, 5, 20)).flag_weights == (2.0, 4.0, 1.0)
    assert loss_of_epoch(MetamodelLoss(), 0, (10, 5, 20)) == MetamodelLoss()


def test_alpha_follows_its_schedule_from_epoch_to_epoch():
    loss = MetamodelLoss(alpha=0.0, alpha_step=0.1, alpha_epochs=20)
    alphas = [loss_of_epoch(loss, epoch, (1, 1, 1)).alpha for epoch in (0, 19, 20, 40, 60, 79)]
    assert alphas == pytest.approx([0, 0, 0.1, 0.2, 0.3, 0.3])


def test_an_objective_hears_the_loss_of_its_epoch():
    loss = MetamodelLoss(alpha=0.0, alpha_step=0.5, alpha_epochs=1, flag_weights=COUNTED)
    config = replace(CONFIG, loss=loss)
    torch.manual_seed(0)
    network = build_model(SMALL_METAMODEL).eval()
    (batch, _) = examples_of(config).batches(0, 0)
    losses_of = losses_of_stage(config, network, (10, 5, 20), device=CPU)
    for epoch, alpha in ((0, 0.0), (1, 0.5), (2, 1.0)):
        parts = losses_of(network, batch, epoch)
        mixed = (1 - alpha) * parts["places"] + alpha * parts["flags"]
        assert parts["loss"].item() == pytest.approx(mixed.item(), rel=1e-5)


def test_where_alpha_is_zero_and_the_base_frozen_nothing_moves(tmp_path):
    """Paper 000, S3 as printed: the first block of epochs teaches nothing."""
    loss = MetamodelLoss(alpha=0.0, alpha_step=0.1, alpha_epochs=20)
    loop = replace(LOOP, optimizer="adam", weight_decay=0.0)
    config = replace(CONFIG, trained="flag_branch", loss=loss, loop=loop)
    start = build_model(SMALL_METAMODEL)
    before = dict(start.flag_branch.named_parameters())
    after = trained(tmp_path, config, start=start)[-1]
    for name, value in before.items():
        torch.testing.assert_close(after[f"flag_branch.{name}"], value, rtol=1e-5, atol=1e-7)
