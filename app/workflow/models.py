"""The models and detectors that are here, and how to get those that are not."""

from pathlib import Path

from app.workflow.workspace import Workspace
from core.errors import UserError
from core.models.cards import WEIGHTS_DIR, ModelCard, find_checkpoint, list_cards, read_card
from core.models.detector_cards import KNOWN_DETECTORS, DetectorCard, list_detectors
from core.models.entries import ENTRIES
from core.models.hub_folder import WEIGHTS_FILE
from core.models.vitpose.sizes import VITPOSES
from core.training.recipes import RECIPES

DEFAULT_MODEL = "metamodel_tiny"  # ships with the program
CHECKPOINTS, DETECTORS = "checkpoints", "detectors"  # in the data directory
TRAIN = "`train {recipe} --data NAME` trains it"
ADD_FILE = "`add-model FILE --as {name}` takes weights of a file"
ADD_HUB = "`add-model {hub}` gets public weights from the Hub"
_PUBLIC = ("plain", "vitpose")  # families whose weights others have published whole


def list_models(ws: Workspace) -> list[ModelCard]:
    """Every model of the program's own folder and of the data directory, by name."""
    return list_cards(_folders(ws))


def detectors_here(ws: Workspace) -> list[DetectorCard]:
    """Every person detector of the data directory, by name, also broken ones."""
    return list_detectors([detectors_dir(ws)])


def model_card(ws: Workspace, model: str) -> ModelCard:
    """What one model says of itself.

    Raises:
        UserError: there is no such model, or its folder is broken.
    """
    return read_card(model_folder(ws, model))


def model_folder(ws: Workspace, model: str) -> Path:
    """Where a model is.

    Args:
        model: a name of `list_models`, or a checkpoint folder.

    Raises:
        UserError: there is no such model here; said is how to get it, or which there are.
    """
    if not any(card.name == model for card in list_models(ws)):
        _refuse_known(model)
    return find_checkpoint(model, _folders(ws))


def ways_to_get(name: str) -> list[str]:
    """What one can do for the weights of a network or a detector of the catalogue."""
    known = KNOWN_DETECTORS.get(name)
    if known is not None:
        return [ADD_HUB.format(hub=known.hub)]
    ways = [TRAIN.format(recipe=recipe) for recipe in recipes_of(name)]
    if name in VITPOSES and VITPOSES[name].hub:
        return [ADD_HUB.format(hub=VITPOSES[name].hub), *ways]
    # Of other families files hold no more than the base.
    of_file = ENTRIES[name].model.family in _PUBLIC and "add-model" in ENTRIES[name].weights
    return [ADD_FILE.format(name=name), *ways] if of_file else ways


def recipes_of(name: str) -> list[str]:
    """The recipes that train a network of the catalogue from the start."""
    model = ENTRIES[name].model
    return [
        recipe
        for recipe, entry in sorted(RECIPES.items())
        if entry.stages[-1].model == model and not entry.needs_start
    ]


def checkpoints_dir(ws: Workspace) -> Path:
    """Where models that were trained or added here are."""
    return ws.data_dir / CHECKPOINTS


def detectors_dir(ws: Workspace) -> Path:
    """Where detectors that were added here are."""
    return ws.data_dir / DETECTORS


def _refuse_known(model: str) -> None:
    """Say of what is known, but not here as it is, how to get it."""
    if (Path(model) / WEIGHTS_FILE).is_file():
        raise UserError(
            "This folder is laid out as on the Hub; it is not a checkpoint of this program.",
            where=model,
            remedy=f"`add-model {model}` makes one of it.",
        )
    of_hub = [name for name, known in VITPOSES.items() if model and known.hub == model]
    if model in KNOWN_DETECTORS:
        raise UserError(
            f"{model} finds people; it says nothing of their keypoints.",
            remedy="Name it with --detector, beside a model.",
        )
    if model in ENTRIES or of_hub:
        name = of_hub[0] if of_hub else model
        ways = "; ".join(ways_to_get(name))
        raise UserError(
            f"The weights of {name} are not here.",
            remedy=f"{ways}." if ways else f"They can come from: {ENTRIES[name].weights}.",
        )


def _folders(ws: Workspace) -> list[Path]:
    return [WEIGHTS_DIR, checkpoints_dir(ws)]
