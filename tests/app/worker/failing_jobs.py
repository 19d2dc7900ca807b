"""Jobs made to fail, for a real worker to run; every step leaves a line in the file `steps`."""

import os
from typing import Any

from dbos import DBOS

from app.worker.job_queue import job, say_progress
from app.worker.process import the_worker
from core.errors import UserError


@DBOS.step(name="step")
def step(number: int, fails: str) -> int:
    """Fails in the way asked for, as long as the file `mended` is not there."""
    with (the_worker().ws.data_dir / "steps").open("a") as steps:
        steps.write(f"{number}\n")
    if fails and not (the_worker().ws.data_dir / "mended").exists():
        if fails == "words":
            raise UserError("The disk is full.", remedy="Free some space.")
        if fails == "death":
            os.kill(os.getpid(), 9)
        raise ZeroDivisionError
    return number


@job("run_verb")
def failing(asked: dict[str, Any]) -> dict[str, Any]:
    """Three steps of which the third fails; `verb` is `fail` and the way."""
    done = [step(number, asked["verb"][1] if number == 3 else "") for number in (1, 2, 3, 4)]
    say_progress(1.0)
    return {"message": f"Steps {done}."}
