from pathlib import Path

import pytest

from app.settings import Settings
from core.errors import UserError


def test_settings_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HALFSEEN_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("PORT", "9000")
    settings = Settings()
    assert (settings.data_dir, settings.port) == (tmp_path, 9000)


def test_a_relative_data_directory_is_meant_from_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HALFSEEN_DATA_DIR", "mine")
    assert Settings().data_dir == tmp_path / "mine"


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALFSEEN_DATA_DIR", "")
    monkeypatch.setenv("PORT", "")
    settings = Settings()
    assert (settings.data_dir, settings.port) == (Path(".halfseen").resolve(), 8501)


def test_settings_that_cannot_be_used_are_listed_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    with pytest.raises(UserError) as error:
        Settings()
    assert str(error.value) == (
        "The settings cannot be used. Change or unset these variables of the environment.\n"
        "  - PORT: Input should be a valid integer, unable to parse string as an integer"
    )


@pytest.mark.parametrize(
    ("given", "understood"),
    [
        ("postgres://me:secret@host/halfseen", "postgresql+psycopg://me:secret@host/halfseen"),
        ("postgresql://host/halfseen", "postgresql+psycopg://host/halfseen"),
        ("postgresql+psycopg://host/halfseen", "postgresql+psycopg://host/halfseen"),
        ("sqlite:////folder/other.db", "sqlite:////folder/other.db"),
    ],
)
def test_database_addresses_are_taken_as_platforms_write_them(
    monkeypatch: pytest.MonkeyPatch, given: str, understood: str
) -> None:
    monkeypatch.setenv("DATABASE_URL", given)
    assert Settings().sqlalchemy_url == understood


def test_without_a_database_address_it_is_a_file_in_the_data_directory(own_data_dir: Path) -> None:
    assert Settings().sqlalchemy_url == f"sqlite:///{own_data_dir / 'halfseen.db'}"
