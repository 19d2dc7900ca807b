"""Models as ONNX files, for programs that know neither PyTorch nor this one."""

from pathlib import Path

from app.workflow.models import model_folder
from app.workflow.workspace import Workspace
from core.models.onnx_description import ExportedModel


def export_model(ws: Workspace, model: str, out: Path) -> ExportedModel:
    """Write a model as ONNX, replacing what is at `out`.

    Raises:
        UserError: no such model, packages that are not installed, a network that cannot be
            translated, or a place that cannot be written to.
    """
    folder = model_folder(ws, model)
    from core.models.checkpoint import load_checkpoint
    from core.models.onnx_export import export_model as export
    from core.models.onnx_export import require_ready

    require_ready(out)  # said before the weights are read
    network, config = load_checkpoint(folder)
    return export(network, config, out)
