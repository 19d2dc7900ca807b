"""The recipes by name: what `train` can do. A plain dictionary; no torch."""

from collections.abc import Mapping

from core.errors import UserError
from core.training.paper_recipes import PAPER_RECIPES
from core.training.recipe import Recipe
from core.training.tiny_recipes import TINY_RECIPES

RECIPES: Mapping[str, Recipe] = {**TINY_RECIPES, **PAPER_RECIPES}
SHOWN = 8  # names in a message


def find_recipe(name: str) -> Recipe:
    """The recipe of this name.

    Raises:
        UserError: there is none; names those that begin alike, or the small ones.
    """
    recipe = RECIPES.get(name)
    if recipe is None:
        alike = [known for known in RECIPES if known.startswith(name.split("/")[0] + "/")]
        shown = ", ".join(sorted(alike or TINY_RECIPES)[:SHOWN])
        raise UserError(
            f"There is no recipe {name!r}.",
            remedy=f"Recipes are e.g. {shown}; `python -m app train` lists them all.",
        )
    return recipe
