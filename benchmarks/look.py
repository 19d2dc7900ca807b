"""Sheets of real photos with what the model says, to look at: `python benchmarks/look.py`.

Eight persons to a sheet, in local/sheets, which is never committed: the photos are other people's.
Half come from held-out persons of Leeds Sports Pose Extended, half from COCO val2017. Drawn as the
app draws them: a disc is seen, a ring with a dot hidden, a cross not there; thin lines are edges
between keypoints that are there. Below each the share of labelled keypoints found within a tenth
of the box and of flags told right.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.data.coco_json import read_coco
from core.data.crops import BOX_PADDING, apply_affine, crop_affine, cut_out
from core.data.prediction import Prediction
from core.data.skeleton import Skeleton
from core.data.visibility import Visibility
from core.inference.pose_predictor import PersonCrop, PosePredictor
from core.inference.predictor import load_predictor
from core.training.people_data import box_to_cut, read_image, usable_rows
from core.training.sources import held_out

DATA = ROOT.parent / "shared" / "data"
SHEETS = ROOT / "local" / "sheets"
TILE_WH_PX, FOOT_PX = (320, 384), 22
COLUMNS, ROWS = 4, 2
GREEN, ORANGE, GREY = (0x73, 0x9E, 0x00), (0x00, 0x9F, 0xE6), (0x99, 0x99, 0x99)  # BGR
RIM = (255, 255, 255)


def draw_prediction(
    tile: NDArray[np.uint8], xy_px: NDArray[np.floating], said: Prediction, skeleton: Skeleton
) -> None:
    """Disc, ring with a dot, cross, each with a white rim; edges between those that are there."""
    assert said.vis3 is not None
    flags = said.vis3.argmax(axis=-1)
    places = [tuple(map(int, np.round(xy))) for xy in xy_px]
    for a, b in skeleton.edges:
        if flags[a] and flags[b]:
            cv2.line(tile, places[a], places[b], GREY, 1, cv2.LINE_AA)
    for at, flag in zip(places, flags, strict=True):
        if flag == Visibility.VISIBLE:
            cv2.circle(tile, at, 6, RIM, -1, cv2.LINE_AA)
            cv2.circle(tile, at, 5, GREEN, -1, cv2.LINE_AA)
        elif flag == Visibility.OCCLUDED:
            cv2.circle(tile, at, 6, RIM, 4, cv2.LINE_AA)
            cv2.circle(tile, at, 6, ORANGE, 2, cv2.LINE_AA)
            cv2.circle(tile, at, 2, ORANGE, -1, cv2.LINE_AA)
        else:
            cv2.drawMarker(tile, at, RIM, cv2.MARKER_TILTED_CROSS, 9, 4)
            cv2.drawMarker(tile, at, GREY, cv2.MARKER_TILTED_CROSS, 8, 2)


def persons(predictor: PosePredictor, count: int, seed: int) -> Iterator[NDArray[np.uint8]]:
    """Tiles of persons chosen by the seed, half from each set."""
    sets = [
        ("lspet/lspet.json", "lspet/images", held_out),
        ("coco_photos/person_keypoints_val2017.json", "coco_photos/val2017", lambda image_id: True),
    ]
    rng = np.random.default_rng(seed)
    for number, (json_name, photos, keep) in enumerate(sets):
        dataset = read_coco(DATA / json_name)
        people = dataset.annotations
        place = {image_id: n for n, image_id in enumerate(dataset.images.id.tolist())}
        rows = [row for row in usable_rows(people) if keep(int(people.image_id[row]))]
        for row in rng.choice(rows, (count + 1 - number) // 2, replace=False):
            photo = read_image(dataset, place[int(people.image_id[row])], DATA / photos)
            labelled = people.visibility[row] > 0
            box = box_to_cut(people.box_xywh_px[row], people.xy_image_px[row][labelled])
            own = dataset.skeleton_of(int(people.category_id[row]))
            assert own is not None
            places = predictor.skeleton.places_in(own)
            flags = np.where(places >= 0, people.visibility[row][places], -1)
            yield tile_of(predictor, photo, box, people.xy_image_px[row][places], flags)


def tile_of(
    predictor: PosePredictor,
    photo: NDArray[np.uint8],
    box: NDArray[np.float64],
    label_xy_px: NDArray[np.float64],
    flags: NDArray[np.int64],
) -> NDArray[np.uint8]:
    """One person, cut out as the network sees it, with the prediction and how good it is."""
    (said,) = predictor.predict_many([PersonCrop(photo, box)])
    assert said.vis3 is not None
    affine = crop_affine(box, TILE_WH_PX)
    tile = cut_out(photo, affine, TILE_WH_PX)
    draw_prediction(tile, apply_affine(affine, said.xy_image_px), said, predictor.skeleton)
    side_px = TILE_WH_PX[1] / BOX_PADDING / affine[0, 0]
    off_px = np.linalg.norm(said.xy_image_px - label_xy_px, axis=1)
    found, counted = ((off_px <= 0.1 * side_px) & (flags > 0)).sum(), (flags > 0).sum()
    told, flagged = (said.vis3.argmax(axis=1) == flags)[flags > 0].sum(), (flags > 0).sum()
    foot = np.full((FOOT_PX, TILE_WH_PX[0], 3), 32, np.uint8)
    words = f"found {found} of {counted}, flags right {told} of {flagged}"
    cv2.putText(foot, words, (6, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.45, RIM, 1, cv2.LINE_AA)
    return np.vstack([tile, foot])


def main() -> None:
    """Write the sheets, or say that the data is not here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="metamodel_tiny")
    parser.add_argument("--count", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=SHEETS)
    given = parser.parse_args()
    if not DATA.is_dir():
        print(f"{DATA} is not here: nothing was drawn.")
        return
    given.out.mkdir(parents=True, exist_ok=True)
    tiles = list(persons(load_predictor(given.model), given.count, given.seed))
    empty = np.zeros_like(tiles[0])
    for number, start in enumerate(range(0, len(tiles), COLUMNS * ROWS), start=1):
        sheet = tiles[start : start + COLUMNS * ROWS]
        sheet += [empty] * (COLUMNS * ROWS - len(sheet))
        rows = [np.hstack(sheet[row * COLUMNS :][:COLUMNS]) for row in range(ROWS)]
        file = given.out / f"{given.model.replace('/', '_')}-{number}.png"
        cv2.imwrite(str(file), np.vstack(rows))
        print(file)


if __name__ == "__main__":
    main()
