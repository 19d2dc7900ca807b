"""What a stage learns from, read once: persons cut out one by one, or whole pictures."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.data.progress import Cancelled, never
from core.training.batches import Batch, augmented_batches, steps_per_epoch
from core.training.config import TrainConfig
from core.training.losses import flag_counts
from core.training.people_data import kept_side_px
from core.training.picture_batches import PictureBatch, picture_batches
from core.training.sources import Source, read_all, read_all_pictures

AnyBatch = Batch | PictureBatch


@dataclass(frozen=True)
class Examples:
    """What an epoch shows.

    Attributes:
        views: of an epoch; a run that goes on has to find as many.
        steps_per_epoch: batches of it.
        batches: those of an epoch from a place on; they depend on these two and the seed alone.
        flag_counts: how often v = 0, 1, 2 occurs among the known flags an epoch shows.
        problems: photos left out, with why.
    """

    views: int
    steps_per_epoch: int
    batches: Callable[[int, int], Iterable[AnyBatch]]
    flag_counts: tuple[int, int, int]
    problems: tuple[str, ...] = ()


# Of the sources, the stage and whether to stop.
ReadExamples = Callable[[Sequence[Source], TrainConfig, Cancelled], Examples]


def persons(
    sources: Sequence[Source], config: TrainConfig, cancelled: Cancelled = never
) -> Examples:
    """Persons cut out by their boxes, for networks that look at one person.

    Raises:
        UserError: a source cannot be used.
        Cancelled: the caller asked to stop.
    """
    people, order, problems = read_all(
        sources,
        config.model.skeleton,
        side_px=kept_side_px(config.model.crop_size_wh_px),
        cancelled=cancelled,
    )
    return Examples(
        len(order),
        steps_per_epoch(order, config.loop.batch_size),
        lambda epoch, first: augmented_batches(people, order, config, epoch=epoch, first=first),
        flag_counts(people[index] for index in order),
        tuple(problems),
    )


def pictures(
    sources: Sequence[Source], config: TrainConfig, cancelled: Cancelled = never
) -> Examples:
    """Whole pictures with everybody on them, for networks that find people by themselves.

    Raises:
        UserError: a source cannot be used, or no photo of it.
        Cancelled: the caller asked to stop.
    """
    found, order, problems = read_all_pictures(sources, config.model.skeleton, cancelled=cancelled)
    return Examples(
        len(order),
        steps_per_epoch(order, config.loop.batch_size),
        lambda epoch, first: picture_batches(found, order, config, epoch=epoch, first=first),
        flag_counts(found[index].people for index in order),
        tuple(problems),
    )


# How a family reads its examples; those not named here look at single persons.
EXAMPLES_BY_FAMILY: Mapping[str, ReadExamples] = {"hybridpose": pictures}


def read_examples(
    sources: Sequence[Source], config: TrainConfig, cancelled: Cancelled = never
) -> Examples:
    """The examples of a stage as its network's family wants them.

    Raises:
        UserError: a source cannot be used.
        Cancelled: the caller asked to stop.
    """
    read = EXAMPLES_BY_FAMILY.get(config.model.family, persons)
    return read(sources, config, cancelled)
