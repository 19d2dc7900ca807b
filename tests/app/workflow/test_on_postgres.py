"""The whole story on a Postgres server, by the command line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.command_line import main
from app.workflow.claims import sweep
from app.workflow.workspace import open_workspace
from core.errors import UserError
from tests.app.own_postgres import own_postgres
from tests.app.workflow.coco_files import a_coco, a_file, a_person
from tests.app.workflow.test_import_dataset import NOTHING, traces
from tests.app.workflow.test_relabel_table import a_table

pytestmark = pytest.mark.postgres


@pytest.fixture
def _on_postgres(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with own_postgres() as address:
        monkeypatch.setenv("DATABASE_URL", address)
        yield


@pytest.mark.usefixtures("_on_postgres")
def test_import_relabel_export_update_and_delete(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UserError, match="python -m app db upgrade"):
        open_workspace()
    assert main(["db", "upgrade"]) == 0
    file = a_file(tmp_path, a_coco(images=300))
    assert main(["import", "val", str(file)]) == 0
    assert main(["import", "bad", str(a_table(tmp_path))]) == 1
    table = a_table(tmp_path, "101,nose,1,,,,Zoë,", "102,left_ear,0,,,,,")
    assert main(["relabel", "val", "--from", str(table), "--annotator", "Bo"]) == 0
    out = tmp_path / "out.json"
    assert main(["export", "val", str(out)]) == 0
    wanted = json.loads(file.read_text())
    wanted["annotations"][0]["keypoints"][2] = 1
    wanted["annotations"][1]["keypoints"][9:12] = [0, 0, 0]
    wanted["annotations"][1]["num_keypoints"] = 2
    assert json.loads(out.read_text()) == wanted
    newer = a_file(tmp_path, a_coco(annotations=[a_person(101, 1)]), name="newer.json")
    capsys.readouterr()
    assert main(["update", "val", str(newer), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["carried"] == 1
    assert main(["backup", str(tmp_path / "b.zip")]) == 1
    assert "pg_dump" in capsys.readouterr().err
    assert main(["delete", "val", "--yes"]) == 0
    ws = open_workspace()
    sweep(ws)
    assert traces(ws) == NOTHING
    ws.engine.dispose()
