"""The documents name what there is, and nothing that is not."""

import ast
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator
from importlib import metadata
from pathlib import Path

import pytest
import typer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer.core import TyperCommand, TyperGroup

from app.command_line import cli
from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
BANNED = re.compile(r"\b(joints?|landmarks?|bboxe?s?)\b", re.IGNORECASE)
EXAMPLE = re.compile(r"`(?:\w+=\S+ )?python -m app ([^`]+)`")


def documents() -> list[Path]:
    return [ROOT / "README.md", *sorted(DOCS.glob("*.md"))]


def verbs(group: TyperGroup, before: str = "") -> Iterator[tuple[str, TyperCommand | TyperGroup]]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from verbs(command, f"{before}{name} ")
            if command.invoke_without_command:
                yield f"{before}{name}", command
        elif not command.hidden:
            yield f"{before}{name}", command


def the_verbs() -> dict[str, TyperCommand | TyperGroup]:
    root = typer.main.get_command(cli)
    assert isinstance(root, TyperGroup)
    return dict(verbs(root))


def table(document: Path) -> list[list[str]]:
    """The rows of all tables of a document, headers and rulers among them."""
    lines = document.read_text().splitlines()
    return [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines
        if line.startswith("|")
    ]


def test_every_verb_is_listed_with_an_example() -> None:
    listed = {row[0].strip("`"): row[2] for row in table(DOCS / "command_line.md") if len(row) == 3}
    for name in the_verbs():
        assert name in listed, f"{name} has no line in docs/command_line.md"
        assert re.search(rf"python -m app {re.escape(name)}\b", listed[name]), name


def test_every_example_in_the_documents_is_a_verb_with_options_it_has() -> None:
    commands = the_verbs()
    for document in documents():
        for found in EXAMPLE.finditer(document.read_text()):
            words = shlex.split(found[1])
            if words[0].isupper():
                continue  # VERB itself
            name = next((n for n in (" ".join(words[:2]), words[0]) if n in commands), words[0])
            assert name in commands, f"{document.name}: {found[0]}"
            known = {option for parameter in commands[name].params for option in parameter.opts}
            options = {word for word in words if word.startswith("--")} - {"--help"}
            assert options <= known, f"{document.name}: {found[0]}"


@pytest.mark.parametrize("name", list(the_verbs()))
def test_every_verb_has_help_with_an_example(name: str) -> None:
    command = the_verbs()[name]
    assert command.help, f"{name} has no help"
    assert f"python -m app {name}" in command.help + (command.epilog or "")


def test_every_setting_is_listed_with_its_default() -> None:
    listed = {row[0].strip("`") for row in table(DOCS / "command_line.md")}
    for name, setting in Settings.model_fields.items():
        alias = setting.validation_alias or f"HALFSEEN_{name.upper()}"
        assert alias in listed, f"{alias} is not in docs/command_line.md"


def test_every_page_is_listed_and_in_the_navigation() -> None:
    rows = table(ROOT / "README.md")
    listed = [row[0] for row in rows[rows.index(["page", "for"]) + 2 :]]
    pages = {path.stem for path in (ROOT / "pages").glob("*.py")}
    assert {title.lower().replace(" ", "_") for title in listed} == pages
    navigation = (ROOT / "app" / "screens.py").read_text()
    assert {page for page in pages if f'"{page}.py"' not in navigation} == set()


def rules_of_the_checks() -> set[str]:
    """The first words given to whatever files a finding, whole strings only."""
    rules = set()
    for path in (ROOT / "core" / "data").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = node.func
                name = called.attr if isinstance(called, ast.Attribute) else ""
                name = called.id if isinstance(called, ast.Name) else name
                if name.lstrip("_") in {"error", "remark"}:
                    words = [a.value for a in node.args if isinstance(a, ast.Constant)]
                    rules |= {w for w in words if re.fullmatch(r"[a-z]+(_[a-z]+)+", str(w))}
    return rules


def test_every_check_is_explained() -> None:
    text = (DOCS / "data_format.md").read_text()
    rules = rules_of_the_checks()
    assert len(rules) > 20
    assert {rule for rule in rules if f"`{rule}`" not in text} == set()


def test_every_explained_check_is_one_of_the_program() -> None:
    firsts = [row[0] for row in table(DOCS / "data_format.md") if len(row) == 2]
    explained = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", " ".join(firsts)))
    code = "".join(path.read_text() for path in (ROOT / "core" / "data").glob("*.py"))
    made_of_a_key = {"bad_id", "bad_image_id", "bad_category_id"}
    assert {rule for rule in explained - made_of_a_key if f'"{rule}"' not in code} == set()


def test_every_word_of_the_glossary_stands_there_once() -> None:
    words = [row[0] for row in table(DOCS / "glossary.md")][2:]
    assert len(words) == len(set(words))
    assert all(words)


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_documents_use_the_words_of_the_glossary(document: Path) -> None:
    assert BANNED.findall(document.read_text()) == []


@pytest.mark.parametrize("document", documents(), ids=lambda path: path.name)
def test_links_and_paths_lead_somewhere(document: Path) -> None:
    text = document.read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []
    paths = re.findall(r"`((?:core|db|app|pages|tests|docs|benchmarks)/[\w/.]*)`", text)
    made_up = {"pages/counts.py"}  # the example of docs/add_a_page.md
    assert [path for path in paths if path not in made_up and not (ROOT / path).exists()] == []
    names = re.findall(r"`((?:core|db|app)(?:\.\w+)+)`", text)
    assert [name for name in names if not is_there(name)] == []


def is_there(dotted: str) -> bool:
    """Whether a module, or something defined in one, has this name."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        path = ROOT.joinpath(*parts[:length])
        if path.with_suffix(".py").is_file():
            text = path.with_suffix(".py").read_text()
            return all(re.search(rf"(def|class) {name}\b", text) for name in parts[length:])
        if path.is_dir():
            return length == len(parts)
    return False


def test_the_two_commands_of_the_readme_are_commands() -> None:
    block = (ROOT / "README.md").read_text().split("```")[1].split()
    assert block[:2] == ["git", "clone"]
    assert block[-2:] == ["make", "run"]
    assert re.search(r"^run:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_procfile_names_commands_one_a_line() -> None:
    lines = (ROOT / "Procfile").read_text().splitlines()
    processes = dict(line.split(": ", 1) for line in lines)
    assert list(processes) == ["release", "web", "worker"]
    assert shlex.split(processes["worker"]) == ["python", "-m", "app", "worker"]
    assert shlex.split(processes["release"]) == ["python", "-m", "app", "db", "upgrade"]
    web = shlex.split(processes["web"])
    assert web[:5] == ["python", "-m", "streamlit", "run", "app/main.py"]
    assert {"--server.port=$PORT", "--server.address=0.0.0.0"} <= set(web)


def requirements(name: str) -> list[Requirement]:
    lines = (line.split("#")[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-r")]


def test_requirements_are_pinned_and_agree_with_the_constraints() -> None:
    constrained = {canonicalize_name(r.name): r.specifier for r in requirements("constraints.txt")}
    for file in ("requirements.txt", "requirements-onnx.txt", "requirements-dev.txt"):
        for requirement in requirements(file):
            assert re.fullmatch(r"==[\w.]+", str(requirement.specifier)), requirement
            assert constrained[canonicalize_name(requirement.name)] == requirement.specifier


def brought_along(names: Iterable[str]) -> set[str]:
    """The packages named and all that they need on this machine."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = canonicalize_name(waiting.pop())
        if name in found:
            continue
        found.add(name)
        needs = map(Requirement, metadata.requires(name) or [])
        waiting += [n.name for n in needs if n.marker is None or n.marker.evaluate({"extra": ""})]
    return found


def test_constraints_pin_everything_that_comes_along() -> None:
    constrained = requirements("constraints.txt")
    assert all(re.fullmatch(r"==[\w.]+", str(pin.specifier)) for pin in constrained)
    pinned = {canonicalize_name(pin.name) for pin in constrained}
    named = [*requirements("requirements.txt"), *requirements("requirements-onnx.txt")]
    assert brought_along(r.name for r in named) - pinned == set()


def test_what_the_project_was_asked_for_is_required() -> None:
    asked = {
        "streamlit", "torch", "opencv-python", "plotly", "pycocotools", "numpy", "pandas",
        "sqlalchemy",
    }  # fmt: skip
    names = {canonicalize_name(r.name) for r in requirements("requirements.txt")}
    assert asked <= names
    assert names.isdisjoint({"torchvision", "timm", "opencv-python-headless"})


def imported_packages() -> set[str]:
    found = set()
    for room in ("core", "db", "app", "pages"):
        for path in (ROOT / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Import):
                    found |= {name.name.split(".")[0] for name in node.names}
                elif isinstance(node, ast.ImportFrom):
                    found.add((node.module or "").split(".")[0])
    return found


def test_every_required_package_is_one_the_program_uses_or_says_why() -> None:
    imported_as = {
        "opencv-python": "cv2", "pillow": "PIL", "pydantic-settings": "pydantic_settings",
    }  # fmt: skip
    # Asked for; loaded by SQLAlchemy through its address, by Streamlit to sign in.
    not_imported = {"plotly", "pycocotools", "psycopg", "authlib", "httpx"}
    used = imported_packages()
    names = {canonicalize_name(r.name) for r in requirements("requirements.txt")}
    idle = {name for name in names if imported_as.get(name, name.replace("-", "_")) not in used}
    assert idle <= not_imported


def test_the_project_says_the_same_python_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["requires-python"] == ">=3.11"
    assert project["tool"]["mypy"]["python_version"] == "3.11"
    assert "Python 3.11 or newer" in (ROOT / "README.md").read_text()
    assert "(3, 11)" in (ROOT / "Makefile").read_text()
