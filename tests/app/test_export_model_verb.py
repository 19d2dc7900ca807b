"""`export-model` as people and scripts meet it; what it writes is tested beside the exporter."""

import json
from pathlib import Path

import pytest
from torch import nn

from app.command_line import main
from core.models import onnx_export
from core.models.checkpoint_config import CheckpointConfig
from core.models.onnx_description import ExportedModel

Said = pytest.CaptureFixture[str]
MODEL = "metamodel_tiny"


@pytest.fixture
def exporter(monkeypatch: pytest.MonkeyPatch) -> None:
    """In place of the real one, which takes its time."""

    def export(network: nn.Module, config: CheckpointConfig, out: Path) -> ExportedModel:
        assert not network.training
        out.write_bytes(b"12345678" * 250_000)
        beside = out.with_name("big.onnx.data") if out.name == "big.onnx" else None
        return ExportedModel(config.name, out, ("xy_crop_px", "flags"), 2_000_000, beside)

    monkeypatch.setattr(onnx_export, "export_model", export)


@pytest.mark.usefixtures("exporter")
def test_what_was_written_is_said_in_words_and_for_machines(tmp_path: Path, capsys: Said) -> None:
    out = tmp_path / "tiny.onnx"
    assert main(["export-model", MODEL, str(out)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Wrote {out}, 2.0 MB: xy_crop_px, flags.",
        "What goes in and what comes out stands in its metadata: docs/onnx.md.",
    ]
    assert main(["export-model", MODEL, str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "name": MODEL,
        "out": str(out),
        "outputs": ["xy_crop_px", "flags"],
        "size_bytes": 2_000_000,
        "data_file": None,
    }


@pytest.mark.usefixtures("exporter")
def test_weights_in_a_second_file_are_spoken_of(tmp_path: Path, capsys: Said) -> None:
    out = tmp_path / "big.onnx"
    assert main(["export-model", MODEL, str(out)]) == 0
    assert f"Its weights are in {out}.data; keep both files together." in capsys.readouterr().out


def test_unknown_models_and_other_names_are_refused_before_anything_is_read(
    tmp_path: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["export-model", "none", str(tmp_path / "a.onnx")]) == 1
    assert "There is no model called 'none'" in capsys.readouterr().err
    assert main(["export-model", MODEL, str(tmp_path / "a.pt")]) == 1
    assert "The file of an exported model ends in .onnx." in capsys.readouterr().err
    monkeypatch.setattr(onnx_export, "find_spec", lambda name: None)
    assert main(["export-model", MODEL, str(tmp_path / "a.onnx")]) == 1
    assert "not installed: onnx, onnxscript. `make setup-onnx`" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
