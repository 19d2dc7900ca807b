"""How fast people are drawn, and how often each flag occurs: `python benchmarks/drawn.py`.

Pictures per second on one core at 640x480. Every picture is drawn three times and the fastest
counts, for the machine may be busy with other things. `--sheet FILE` also writes a contact sheet
of `--seeds` (four a row).
"""

import argparse
import sys
import time
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from core.data.drawn import DrawnPerson, Scene, draw_scene
from core.data.visibility import Visibility

BUDGET_PER_S = 30.0
SHEET_SEEDS = (65, 60, 68, 77, 75, 50, 57, 83, 55, 63, 78, 74)
COCO_SHARES = (0.355, 0.073, 0.572)  # flags 0, 1, 2 of train2017
_GREEN, _ORANGE, _GREY = (0x73, 0x9E, 0x00), (0x00, 0x9F, 0xE6), (0x99, 0x99, 0x99)  # BGR


def measure(count: int) -> tuple[float, list[Scene]]:
    """Pictures per second of one core, and the scenes."""
    draw_scene(0)  # fills the tables that are made once per process
    seconds, scenes = 0.0, []
    for seed in range(count):
        times = []
        for _ in range(3):
            start = time.process_time()
            scene = draw_scene(seed)
            times.append(time.process_time() - start)
        seconds += min(times)
        scenes.append(scene)
    return count / seconds, scenes


def flag_shares(scenes: list[Scene]) -> NDArray[np.float64]:
    """(3,) share of flags 0, 1 and 2 over persons with any labelled keypoint."""
    people = [person for scene in scenes for person in scene.persons if person.visibility.any()]
    counts = np.bincount(np.concatenate([person.visibility for person in people]), minlength=3)
    return counts / counts.sum()


def draw_glyphs(photo: NDArray[np.uint8], person: DrawnPerson) -> None:
    """The project's glyphs: disc, ring with a dot, cross."""
    height, width = photo.shape[:2]
    for (x, y), flag in zip(person.xy_image_px, person.visibility, strict=True):
        at = (round(float(x)), round(float(y)))
        if flag == Visibility.VISIBLE:
            cv2.circle(photo, at, 4, _GREEN, -1, cv2.LINE_AA)
        elif flag == Visibility.OCCLUDED:
            cv2.circle(photo, at, 5, _ORANGE, 2, cv2.LINE_AA)
            cv2.circle(photo, at, 1, _ORANGE, -1, cv2.LINE_AA)
        elif 0 <= at[0] < width and 0 <= at[1] < height:
            cv2.drawMarker(photo, at, _GREY, cv2.MARKER_TILTED_CROSS, 8, 2)


def write_sheet(seeds: list[int], file: Path, *, columns: int = 4) -> None:
    """A contact sheet with the true flags, each picture at half size."""
    tiles = []
    for scene in map(draw_scene, seeds):
        photo = scene.photo_bgr.copy()
        for person in scene.persons:
            draw_glyphs(photo, person)
        tiles.append(cv2.resize(photo, (320, 240), interpolation=cv2.INTER_AREA))
    whole = len(tiles) // columns * columns
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, whole, columns)]
    cv2.imwrite(str(file), np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 85])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=120)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SHEET_SEEDS))
    args = parser.parse_args()
    cv2.setNumThreads(1)
    per_second, scenes = measure(args.count)
    verdict = "ok" if per_second >= BUDGET_PER_S else "too slow"
    print(f"drawn pictures per second and core: {per_second:.1f} (budget {BUDGET_PER_S}) {verdict}")
    for flag, (ours, coco) in enumerate(zip(flag_shares(scenes), COCO_SHARES, strict=True)):
        print(f"flag {flag}: {ours:.1%} (COCO train2017 {coco:.1%})")
    if args.sheet:
        write_sheet(args.seeds, args.sheet)


if __name__ == "__main__":
    main()
