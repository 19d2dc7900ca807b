"""Settings of the program: one typed class, read from the environment."""

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from core.errors import UserError


class Settings(BaseSettings):
    """Read from the environment; every field has a default that works on one machine."""

    model_config = SettingsConfigDict(
        env_prefix="HALFSEEN_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    data_dir: Path = Path(".halfseen")  # database, sources, uploads, resized photos
    database_url: str = Field(
        default="", validation_alias="DATABASE_URL"
    )  # empty: SQLite in data_dir
    device: str = "auto"  # auto | cpu | cuda[:n] | mps
    secret: str = ""  # signs image addresses; empty: made in data_dir, mode 600
    annotator: str = ""  # name kept with verdicts from the command line; empty: the login name
    worker_url: str = ""  # where the worker's endpoint is; empty: a free port of this machine
    address: str = "127.0.0.1"  # where `serve` listens; 0.0.0.0: everywhere, for other machines
    port: int = Field(default=8501, validation_alias="PORT")

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise UserError(
                "The settings cannot be used.",
                remedy="Change or unset these variables of the environment.",
                problems=[f"{_variable(e['loc'])}: {e['msg']}" for e in error.errors()],
            ) from error

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().resolve()

    @property
    def sqlalchemy_url(self) -> str:
        """The database address in SQLAlchemy's spelling."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir / 'halfseen.db'}"
        # Platforms hand out postgres://, which SQLAlchemy does not know.
        scheme, _, rest = self.database_url.partition("://")
        if scheme in {"postgres", "postgresql"}:
            return f"postgresql+psycopg://{rest}"
        return self.database_url


def _variable(place: tuple[int | str, ...]) -> str:
    """The environment variable of a field; pydantic names those with an alias by it already."""
    name = str(place[0])
    return f"HALFSEEN_{name.upper()}" if name in Settings.model_fields else name
