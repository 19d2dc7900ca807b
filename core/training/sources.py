"""Where persons to learn from come from, and which are kept for measuring. No torch."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.augment import LabelledPerson
from core.data.coco_json import read_coco
from core.data.dataset import PoseDataset
from core.data.pictures import LabelledPicture
from core.data.progress import Cancelled, never
from core.data.skeleton import Skeleton
from core.data.visibility import Visibility
from core.errors import UserError
from core.training.config import SetsConfig
from core.training.people_data import LEAST_SIDE_PX, ReadPeople, read_people, usable_rows
from core.training.picture_data import ReadPictures, read_pictures

HELD_OUT_EVERY = 9  # LSPET images whose id divides by it are never trained on: 1,000 of 9,000
OWN_HELD_OUT_EVERY = 5  # of one's own dataset, one of so many image ids in a row
LSPET_LICENCE = "research use only (Leeds Sports Pose Extended); COCO annotations CC BY 4.0"


@dataclass(frozen=True)
class Source:
    """One set of labelled photos.

    Attributes:
        zero_is_known: False where flag 0 means "nobody labelled it" and teaches nothing.
        repeats: how often an epoch shows each person.
        keep: which image ids to take.
    """

    json_file: Path
    images_dir: Path
    what: str
    zero_is_known: bool = True
    repeats: int = 1
    keep: Callable[[int], bool] = lambda image_id: True

    def read(
        self, skeleton: Skeleton, *, side_px: int = LEAST_SIDE_PX, cancelled: Cancelled = never
    ) -> ReadPeople:
        """Its persons on the model's keypoints; `side_px` of `kept_side_px`.

        Raises:
            UserError: the file is damaged, or none of its photos can be read.
        """
        found = read_people(
            read_coco(self.json_file, cancelled=cancelled),
            self.images_dir,
            skeleton,
            zero_is_known=self.zero_is_known,
            keep=self.keep,
            side_px=side_px,
            cancelled=cancelled,
        )
        self._require(found.people, found.problems)
        return found

    def read_pictures(self, skeleton: Skeleton, *, cancelled: Cancelled = never) -> ReadPictures:
        """Its pictures with everybody on them, on the model's keypoints.

        Raises:
            UserError: the file is damaged, or none of its photos can be read.
        """
        found = read_pictures(
            read_coco(self.json_file, cancelled=cancelled),
            self.images_dir,
            skeleton,
            zero_is_known=self.zero_is_known,
            keep=self.keep,
            cancelled=cancelled,
        )
        self._require(found.pictures, found.problems)
        return found

    def _require(self, found: Sequence[object], problems: Sequence[str]) -> None:
        if not found:
            raise UserError(
                "Nobody to learn from: no person of these photos has a labelled keypoint that "
                "the network knows, or no photo could be read.",
                where=str(self.json_file),
                remedy="Check the labels and the photo folder.",
                problems=problems[:10],
            )


@dataclass(frozen=True)
class TrainingData:
    """What a training learns from, and what it is measured on and never learns from.

    Attributes:
        learn: the sources of a stage.
        measure: read once, at the end of the last stage.
        what: in words, for the card.
        licence: of the weights that come of it.
    """

    learn: Callable[[SetsConfig], list[Source]]
    measure: tuple[Source, ...]
    what: str
    licence: str


def held_out(image_id: int) -> bool:
    """Whether an LSPET image is kept for measuring."""
    return image_id % HELD_OUT_EVERY == 0


def public_sets(folder: Path, drawn: Path | None) -> TrainingData:
    """LSPET, photos of COCO train2017 and drawn people; never an image that is measured on.

    Args:
        folder: with lspet/ and coco_photos/.
        drawn: folder of drawn people, as `write_drawn_dataset` makes them.

    Raises:
        UserError: one of the files is missing.
    """
    coco = folder / "coco_photos"
    val = coco / "person_keypoints_val2017.json"
    _require_files([_lspet(folder).json_file, coco / "person_keypoints_train2017.json"])
    measured = [_lspet(folder, held_out, "persons of Leeds Sports Pose Extended held out")]
    if val.is_file():
        measured.append(Source(val, coco / "val2017", "persons of COCO val2017"))
    what = "Leeds Sports Pose Extended without every ninth image, photos of COCO train2017"
    return TrainingData(
        lambda sets: _public_sources(folder, drawn if sets.drawn_pictures else None, sets),
        tuple(measured),
        what + (", drawn people" if drawn else ""),
        LSPET_LICENCE,
    )


def _public_sources(folder: Path, drawn: Path | None, sets: SetsConfig) -> list[Source]:
    coco = folder / "coco_photos"
    one_in = sets.one_lspet_person_in

    def learned(image_id: int) -> bool:
        return not held_out(image_id) and image_id % one_in == 1 % one_in

    found = [
        _lspet(folder, learned),
        Source(
            coco / "person_keypoints_train2017.json",
            coco / "train2017",
            "photos of COCO train2017",
            repeats=sets.coco_repeats,
        ),
    ]
    if drawn is not None:
        found.append(
            Source(drawn / "person_keypoints_drawn.json", drawn / "images", "drawn people")
        )
    return found


def _lspet(
    folder: Path,
    keep: Callable[[int], bool] = lambda image_id: True,
    what: str = "Leeds Sports Pose Extended",
) -> Source:
    """Leeds Sports Pose Extended: flag 0 means "not labelled" there."""
    return Source(
        folder / "lspet/lspet.json", folder / "lspet/images", what, zero_is_known=False, keep=keep
    )


def own_set(dataset: PoseDataset, json_file: Path, images_dir: Path, what: str) -> TrainingData:
    """One COCO keypoint file with photos; about a fifth of its images is kept for measuring.

    Args:
        dataset: the file as read.

    Raises:
        UserError: fewer than two images have somebody to learn from.
    """
    kept = own_held_out(dataset)
    known = is_three_way(dataset)
    learn = Source(json_file, images_dir, what, known, keep=lambda i: i not in kept)
    measure = Source(
        json_file, images_dir, f"persons of {what} held out", known, keep=lambda i: i in kept
    )
    licence = (
        "; ".join(words[:200] for words in dataset.licences[:5]) or "not stated by the dataset"
    )
    return TrainingData(
        lambda sets: [learn], (measure,), f"{what} without about a fifth of its images", licence
    )


def own_held_out(dataset: PoseDataset) -> frozenset[int]:
    """Ids of the images kept for measuring: one of every five in a row, which one by a hash.

    It depends on the id alone, so an image stays on its side when a newer version of the file
    brings more of them.

    Raises:
        UserError: fewer than two images have somebody to learn from.
    """
    rows = usable_rows(dataset.annotations)
    ids = sorted(set(dataset.annotations.image_id[rows].tolist()))
    if len(ids) < 2:
        raise UserError(
            "Two photos at least need a person with a labelled keypoint: one to learn from and "
            "one to measure on.",
            where=dataset.source.name if dataset.source else "",
        )
    held = [i for i in ids if i % OWN_HELD_OUT_EVERY == _drawn(i // OWN_HELD_OUT_EVERY)]
    return frozenset(held[: len(ids) - 1] or ids[:1])


def is_three_way(dataset: PoseDataset) -> bool:
    """Whether a file tells hidden from not labelled: where nothing is hidden, 0 says nothing."""
    return bool((dataset.annotations.visibility == Visibility.OCCLUDED).any())


def own_skeleton(dataset: PoseDataset) -> Skeleton:
    """Every keypoint of a file, by name, with the edges of its categories.

    Raises:
        UserError: the keypoints have no names.
    """
    skeletons = [c.skeleton for c in dataset.categories if c.skeleton is not None]
    if not skeletons or not all(skeleton.named for skeleton in skeletons):
        raise UserError(
            "The keypoints of this file have no names, so no model can learn which is which.",
            where=dataset.source.name if dataset.source else "",
            remedy='Add "keypoints": ["nose", …] to its category.',
        )
    names = tuple(dict.fromkeys(name for skeleton in skeletons for name in skeleton.names))
    edges = [
        (names.index(skeleton.names[a]), names.index(skeleton.names[b]))
        for skeleton in skeletons
        for a, b in skeleton.edges
    ]
    return Skeleton(names, tuple(dict.fromkeys(edges)))


def read_all(
    found: Sequence[Source],
    skeleton: Skeleton,
    *,
    side_px: int = LEAST_SIDE_PX,
    cancelled: Cancelled = never,
) -> tuple[list[LabelledPerson], list[int], list[str]]:
    """Every person, the order of one epoch before it is shuffled, and photos left out."""
    people: list[LabelledPerson] = []
    order: list[int] = []
    problems: list[str] = []
    for source in found:
        new = source.read(skeleton, side_px=side_px, cancelled=cancelled)
        order += list(range(len(people), len(people) + len(new.people))) * source.repeats
        people += new.people
        problems += new.problems
    return people, order, problems


def read_all_pictures(
    found: Sequence[Source], skeleton: Skeleton, *, cancelled: Cancelled = never
) -> tuple[list[LabelledPicture], list[int], list[str]]:
    """As `read_all`, of whole pictures."""
    pictures: list[LabelledPicture] = []
    order: list[int] = []
    problems: list[str] = []
    for source in found:
        new = source.read_pictures(skeleton, cancelled=cancelled)
        order += list(range(len(pictures), len(pictures) + len(new.pictures))) * source.repeats
        pictures += new.pictures
        problems += new.problems
    return pictures, order, problems


def data_hash(files: Sequence[Path]) -> str:
    """SHA-256 over label files; says which data a model saw."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _drawn(number: int) -> int:
    """One of 0..4, as good as random, that depends on the number alone."""
    return hashlib.sha256(str(number).encode()).digest()[0] % OWN_HELD_OUT_EVERY


def _require_files(files: Sequence[Path]) -> None:
    missing = [str(file) for file in files if not file.is_file()]
    if missing:
        raise UserError(
            "The public sets are not complete.",
            remedy="--sets names a folder with lspet/ and coco_photos/; --data trains on a "
            "dataset of your own.",
            problems=[f"There is no file {file}." for file in missing],
        )
