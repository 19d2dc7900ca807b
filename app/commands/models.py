"""Verbs about models and detectors: models, add-model, export-model."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.frame import AsJson, frame_of, table
from app.workflow import add_model as adding
from app.workflow import export_model as exporting
from app.workflow.catalogue import PEOPLE, Listed, list_everything
from app.workflow.model_sources import AddAsked
from core.errors import UserError

MOST_NAMES_BYTES = 1 << 20


def add_to(cli: typer.Typer) -> None:
    """Add the verbs to the command line."""
    cli.command("models", epilog="Example: python -m app models vitpose_base")(models)
    cli.command(
        "add-model",
        epilog="Example: python -m app add-model usyd-community/vitpose-base-simple",
    )(add_model)
    cli.command(
        "export-model",
        epilog="Example: python -m app export-model metamodel_tiny metamodel_tiny.onnx",
    )(export_model)


def models(
    ctx: typer.Context,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Only this one, with all that is known.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the models and detectors: those that are here, those one could get, and how."""
    frame = frame_of(ctx)
    found = list_everything(frame.open())
    if name is not None:
        chosen = [each for each in found if each.name == name]
        if not chosen:
            known = ", ".join(each.name for each in found)
            raise UserError(f"There is no model called {name!r}.", remedy=f"Known: {known}.")
        frame.say("\n\n".join(map(_in_full, chosen)), chosen, as_json=as_json)
        return
    here = [each for each in found if each.folder is not None]
    away = [each for each in found if each.folder is None]
    parts = [_in_full(each) for each in here]
    parts.append(
        "Not here; `models NAME` says how to get one:\n"
        + table(("name", "finds", "looks at", "weights"), [_row(each) for each in away])
    )
    frame.say("\n\n".join(parts), found, as_json=as_json)


def add_model(
    ctx: typer.Context,
    source: Annotated[
        str,
        typer.Argument(metavar="FILE|FOLDER|HUB-NAME", help="Weights, a folder, or owner/model."),
    ],
    name: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="How to call it.")
    ] = None,
    crop: Annotated[
        str | None, typer.Option(metavar="WxH", help="Of a file: the crops it was trained on.")
    ] = None,
    keypoints: Annotated[
        str | None,
        typer.Option(metavar="FILE|NAMES", help="Their names in order, by line or by comma."),
    ] = None,
    alignment: Annotated[
        str | None,
        typer.Option(
            metavar="classic|udp|centres", help="Of a file: how crops and maps lie on each other."
        ),
    ] = None,
    licence: Annotated[str, typer.Option(metavar="TEXT", help="Of the weights.")] = "",
    as_json: AsJson = False,
) -> None:
    """Take in a model or a person detector that others made."""
    asked = AddAsked(
        source,
        name,
        _size(crop) if crop else None,
        _names(keypoints) if keypoints else None,
        alignment,
        licence,
    )
    frame = frame_of(ctx)
    ws = frame.open()
    added = adding.add_model(ws, asked)
    listed = added.listed
    use = (
        f"Use it: predict NAME --model M --boxes detected --detector {listed.name}"
        if listed.finds == (PEOPLE,)
        else f"Use it: predict NAME --model {listed.name}"
    )
    lines = [f"Added {listed.name}: {listed.folder}", *(f"  {line}" for line in added.lines), use]
    frame.say("\n".join(lines), added, as_json=as_json)


def export_model(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The model.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write, .onnx.")],
    as_json: AsJson = False,
) -> None:
    """Write a model as ONNX: for programs that know neither PyTorch nor this one."""
    frame = frame_of(ctx)
    ws = frame.open()
    with frame.working(f"Exporting {name}"):
        written = exporting.export_model(ws, name, out)
    lines = [
        f"Wrote {written.out}, {written.size_bytes / 1e6:.1f} MB: {', '.join(written.outputs)}.",
    ]
    if written.data_file is not None:
        lines.append(f"Its weights are in {written.data_file}; keep both files together.")
    lines.append("What goes in and what comes out stands in its metadata: docs/onnx.md.")
    frame.say("\n".join(lines), written, as_json=as_json)


def _in_full(listed: Listed) -> str:
    lines = [listed.name]
    if listed.what:
        lines.append(f"  what      {listed.what}")
    lines.append(f"  weights   {_where(listed)}")
    lines += [f"  to get it {way}" for way in listed.ways]
    lines += _network(listed)
    about = (
        ("from", listed.source),
        ("trained", listed.trained_on),
        ("licence", listed.licence),
        ("note", listed.note),
    )
    lines += [f"  {word:<9} {text}" for word, text in about if text]
    if listed.problem:
        lines.append(f"  cannot be used as it is: {listed.problem}")
    return "\n".join(lines)


def _where(listed: Listed) -> str:
    if listed.folder is None:
        return f"not here; {listed.weights}"
    whose = "shipped with the program" if listed.is_shipped else "of this data directory"
    size = f"{listed.size_bytes / 1e6:.1f} MB" if listed.size_bytes else "missing"
    return f"{size}, {whose}: {listed.folder}"


def _network(listed: Listed) -> list[str]:
    size = listed.num_parameters
    parts = [f"{size:,} parameters"] if size else []
    if listed.crop_size_wh_px:
        width, height = listed.crop_size_wh_px
        parts.append(f"looks at {width} x {height} pixels")
    lines = [f"  network   {', '.join(parts)}"] if parts else []
    if listed.keypoint_names:
        names = listed.keypoint_names
        lines.append(f"  predicts  {len(names)} keypoints: {', '.join(names)}")
    return lines


def _row(listed: Listed) -> tuple[str, str, str, str]:
    size = listed.crop_size_wh_px
    looks_at = f"{size[0]} x {size[1]}" if size else "-"
    return listed.name, " and ".join(listed.finds), looks_at, listed.weights


def _size(text: str) -> tuple[int, int]:
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise typer.BadParameter(f"{text!r} is not WxH in pixels, e.g. 192x256.")
    return int(width), int(height)


def _names(text: str) -> tuple[str, ...]:
    """Names by comma; or those of a file, one a line."""
    try:
        path = Path(text)
        if path.is_file() and path.stat().st_size <= MOST_NAMES_BYTES:
            text = path.read_text().replace("\n", ",")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError("The names of the keypoints cannot be read.", where=text) from error
    names = tuple(name.strip() for name in text.split(",") if name.strip())
    if not names:
        raise UserError("These are no names of keypoints.", where=text)
    return names
