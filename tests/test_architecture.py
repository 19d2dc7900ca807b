"""The walls between the rooms, and how large and how named a file may be."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("core", "db", "app", "pages", "tests", "benchmarks")
TOP_LEVEL = {
    ".ci", ".dockerignore", ".gitignore", ".streamlit", "Dockerfile", "Makefile", "Procfile",
    "README.md", "alembic.ini", "app", "benchmarks", "constraints.txt", "core", "db", "docs",
    "pages", "pyproject.toml", "requirements-dev.txt", "requirements-onnx.txt",
    "requirements.txt", "tests", "weights",
}  # fmt: skip
MOST_LINES = 350
HOMELESS = {"utils.py", "util.py", "helpers.py", "common.py", "misc.py", "core.py"}
# `streamlit run app/main.py` puts app/ first on the path: these would hide a package.
HIDING = {"app.py", "core.py", "db.py", "pages.py", "tests.py", "streamlit.py", "torch.py"}
NO_TORCH = ("core.data", "core.metrics", "core.filtering", "core.errors", "db", "pages")
TORCH = {"torch", "core.inference", "core.models", "core.training"}
# These describe networks and their training without loading one.
TORCH_FREE_PARTS = {
    "core.models.bases.config",
    "core.models.card_text",
    "core.models.cards",
    "core.models.checkpoint_config",
    "core.models.codecs.config",
    "core.models.codecs.map_frame",
    "core.models.config_bounds",
    "core.models.config_json",
    "core.models.detector_cards",
    "core.models.detector_config",
    "core.models.entries",
    "core.models.entry",
    "core.models.families",
    "core.models.fields",
    "core.models.format_one",
    "core.models.hpcvnet.config",
    "core.models.hpcvnet.entries",
    "core.models.hybridpose.config",
    "core.models.hybridpose.entries",
    "core.models.hub_folder",
    "core.models.metamodel.config",
    "core.models.metamodel.entries",
    "core.models.model_config",
    "core.models.oahpe.config",
    "core.models.oahpe.entries",
    "core.models.onnx_description",
    "core.models.plain.config",
    "core.models.plain.entries",
    "core.models.visaware.config",
    "core.models.visaware.entries",
    "core.models.vitpose.config",
    "core.models.vitpose.entries",
    "core.models.vitpose.sizes",
    "core.training.begun_model",
    "core.training.config",
    "core.training.default_loss",
    "core.training.loss_config",
    "core.training.paper_recipes",
    "core.training.recipe",
    "core.training.recipes",
    "core.training.schedules",
    "core.training.sources",
    "core.training.strategies",
    "core.training.tiny_recipes",
}
MAY_REACH_TORCH = {
    "app.worker.device",
    "app.worker.loaded_models",
    "app.worker.one_photo",
    "app.worker.predict_job",
    "app.workflow.dataset_pass",
    "app.workflow.export_model",
    "app.workflow.finders",
    "app.workflow.lookout",
    "app.workflow.model_sources",
    "app.workflow.photo_files",
    "app.workflow.predict",
    "app.workflow.train",
}


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    names = listed.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def sources(*rooms: str) -> list[Path]:
    return sorted(path for room in rooms for path in (ROOT / room).rglob("*.py"))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    """(line, module) of every import of a file; `from a import b` gives a and a.b."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are written in full"
            yield node.lineno, node.module or ""
            yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)


def is_in(module: str, packages: set[str]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def crossings(
    room: str, forbidden: set[str], *, allowed: frozenset[str] = frozenset()
) -> list[str]:
    found = []
    for path in sources(*[room.split(".")[0]]):
        if not is_in(module_of(path), {room}):
            continue
        for line, module in imports(path):
            if is_in(module, forbidden) and not is_in(module, set(allowed)):
                found.append(f"{path.relative_to(ROOT)}:{line} imports {module}")
    return sorted(set(found))


def test_core_needs_no_database_no_streamlit_and_no_app() -> None:
    assert crossings("core", {"app", "db", "pages", "streamlit", "sqlalchemy", "alembic"}) == []


def test_db_knows_only_the_types_and_errors_of_core() -> None:
    others = {f"core.{path.name}" for path in (ROOT / "core").iterdir() if path.is_dir()}
    assert crossings("db", {"app", "pages", "streamlit"} | others - {"core.data"}) == []


def test_pages_see_the_database_and_the_models_only_through_the_app() -> None:
    assert crossings("pages", {"db", "sqlalchemy", "core.inference", "torch"} | TORCH) == []


def test_workflows_know_no_streamlit() -> None:
    assert crossings("app.workflow", {"streamlit", "pages", "app.ui"}) == []
    assert crossings("app.commands", {"streamlit", "pages", "app.ui"}) == []


def test_nothing_but_pages_and_the_entry_knows_pages() -> None:
    assert crossings("app", {"pages"}) == []


def test_screens_see_the_database_only_through_workflows() -> None:
    assert crossings("app.ui", {"db", "sqlalchemy"}) == []


@pytest.mark.parametrize("room", NO_TORCH)
def test_torch_is_not_imported_where_it_need_not_be(room: str) -> None:
    assert crossings(room, {"torch", "safetensors.torch"}) == []


def test_only_what_predicts_reaches_torch_and_only_inside_functions() -> None:
    found = [
        line
        for line in crossings("app", TORCH, allowed=frozenset(TORCH_FREE_PARTS))
        if line.split(" imports ")[1] not in {"core.models", "core.training"}
    ]
    reaching = {line.split(":")[0] for line in found}
    assert {module_of(ROOT / name) for name in reaching} <= MAY_REACH_TORCH


IMPORT_EVERYTHING_THE_WEB_DOES = """
import ast, importlib, sys
from pathlib import Path

def modules_of(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)

importlib.import_module("app.main")
# A page draws when it is imported, so what it imports is imported instead of it.
for script in [Path("app/screens.py"), *sorted(Path("pages").glob("*.py"))]:
    for module in modules_of(script):
        try:
            importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name != module:  # else it is a name inside a module that was found
                raise
print(*sorted({"torch", "torchvision", "transformers"} & sys.modules.keys()))
"""


def test_the_web_process_never_loads_torch() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IMPORT_EVERYTHING_THE_WEB_DOES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_what_describes_networks_loads_no_torch() -> None:
    program = "import importlib, sys\n"
    program += f"for name in {sorted(TORCH_FREE_PARTS)}: importlib.import_module(name)\n"
    program += "print(*sorted({'torch', 'transformers'} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_files_stay_below_the_wall() -> None:
    endings = {".py", ".js", ".css"}
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text().splitlines())
        for path in tracked()
        if path.suffix in endings
    }
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_every_file_has_a_home_in_its_name() -> None:
    assert [path for path in tracked() if path.name in HOMELESS] == []


def test_no_file_of_app_hides_a_package() -> None:
    assert [path for path in (ROOT / "app").iterdir() if path.name in HIDING] == []


@pytest.mark.parametrize("room", ROOMS[:3])
def test_every_folder_says_what_it_is(room: str) -> None:
    silent = [
        path
        for path in sources(room)
        if path.name == "__init__.py" and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in sources("core", "db", "app")}
    bare = {folder for folder in folders if not (folder / "__init__.py").exists()}
    # Alembic runs its folder; it is not imported.
    assert {folder for folder in bare if "migrations" not in folder.parts} == set()


def test_tests_need_no_package() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []


def test_the_top_level_is_fixed() -> None:
    listed = {path.relative_to(ROOT).parts[0] for path in tracked()}
    if not listed:
        pytest.skip("not a git checkout: nothing says which files belong to the project")
    assert listed - TOP_LEVEL == set()


def licences_of(package: metadata.Distribution) -> str:
    about = package.metadata
    classifiers = [c for c in about.get_all("Classifier") or [] if c.startswith("License")]
    # The field may hold the whole text of a licence, which mentions others.
    first_line = (about.get("License") or "").split("\n")[0][:80]
    return "; ".join([about.get("License-Expression") or "", first_line, *classifiers])


def test_no_installed_package_is_under_gpl_or_agpl() -> None:
    strong = re.compile(r"(?<![A-Z])A?GPL|Affero|(?<!Lesser )General Public", re.IGNORECASE)
    found = {
        package.name: licences_of(package)
        for package in metadata.distributions()
        if strong.search(licences_of(package).replace("LGPL", "").replace("Lesser General", ""))
    }
    assert found == {}
