"""Twenty kills of the processes behind the editor while somebody labels by key.

    python benchmarks/editor_kills.py [KILLS]

The program is started as people start it (`python -m app serve`); the web process, the worker or
both are killed without a warning, a browser goes on labelling. Counted: decisions the editor took,
those that were acknowledged and are not on disk (none may be), whether the editor said that
something is not saved while nobody answered, and how long it took until something was saved again.
"""

import os
import random
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright

from app.settings import Settings
from app.workflow.workspace import open_workspace
from tests.browser.harness import FLAGS, free_port, new_visitor
from tests.browser.kills import (
    WEB,
    WORKER,
    Labeller,
    Tally,
    by_place,
    killed_at_work,
    serving,
)
from tests.browser.people import People, import_people
from tests.machine import NO_CHROMIUM, find_chromium

KILLS, SEED = 20, 7
WHICH = ((WEB,), (WORKER,), (WEB, WORKER))


def main() -> int:
    """Kill and count; 1 if anything was lost, or unsaved without a word."""
    chromium = find_chromium()
    if chromium is None:
        print(f"{NO_CHROMIUM} Nothing was measured.")
        return 0
    for name in [name for name in os.environ if name.startswith(("HALFSEEN_", "STREAMLIT_"))]:
        del os.environ[name]
    os.environ.pop("DATABASE_URL", None)
    number = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    chance = random.Random(SEED)
    kills = [WHICH[n % len(WHICH)] for n in range(number)]
    with tempfile.TemporaryDirectory(prefix="halfseen-kills-") as name:
        folder = Path(name)
        ws = open_workspace(Settings(data_dir=folder / "data"))
        import_people(ws, "people", folder)
        with (
            serving(folder / "data", folder / "serve.log", free_port()) as served,
            sync_playwright() as started,
        ):
            browser = started.chromium.launch(executable_path=str(chromium), args=list(FLAGS))
            labeller = Labeller(new_visitor(browser, served.app, "Ada"), People(ws, "people"))
            labeller.begin()
            tally = killed_at_work(served, labeller, kills, chance=chance)
            decided = labeller.look()["decided"]
            in_order = by_place(labeller.written()) == by_place(decided)
            browser.close()
        ws.close()
    return report(tally, in_order=in_order)


def report(tally: Tally, *, in_order: bool) -> int:
    """Print what came of it."""
    web = len(tally.back_s)
    print(f"kills                              {len(tally.kills)}")
    print(f"  of these with the web process    {web}")
    print(f"decisions                          {tally.decided}")
    print(f"decisions acknowledged             {tally.acknowledged}")
    print(f"decisions lost                     {len(tally.lost)} (budget 0)")
    print(f"each keypoint's in their order     {'yes' if in_order else 'NO'}")
    print(f"'not saved' said while away        {tally.said_unsaved} of {web}")
    if tally.back_s:
        # A restart waits up to 30 s after many deaths.
        times = f"median {median(tally.back_s):.1f} s, slowest {max(tally.back_s):.1f} s"
        print(f"until saved again                  {times}")
    fine = not tally.lost and in_order and tally.said_unsaved >= web
    print("fine" if fine else "NOT FINE")
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
